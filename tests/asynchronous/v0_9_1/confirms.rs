//! Publisher confirms: what became of each publish is told once, to whoever is to know.

use std::pin::{Pin, pin};
use std::time::Duration;

use pika::Error;
use pika::broker::Plan;
use pika::connection::{Outcome, PublishSeq};
use pika::error::Waiting;
use pika::tokio::{Confirm, NotAcked, Unconfirmed};
use pika::wire::ReplyCode;

use super::amqp::{Version, basic};
use super::suite::stage::{Stage, patient, soon};
use crate::flavour::{Flavour, sleep};
use crate::task::{MOMENTS, Moment, drop_at, poll_once, spawn, waits};

type Confirming = pika::tokio::ConfirmingChannel<Version>;

/// A stage whose first channel is in confirm mode; the broker confirms nothing by itself.
async fn confirming<F: Flavour>() -> (Stage<F>, Confirming) {
    let stage = Stage::<F>::with(patient()).await;
    let confirming = stage.channel.confirming().await.unwrap();
    stage.hosted.now(Plan::new().withhold("basic.ack"));
    (stage, confirming)
}

async fn track(channel: &Confirming, body: &'static str) -> Confirm<Version> {
    channel.publish("", "q", body).await.unwrap()
}

impl<F: Flavour> Stage<F> {
    async fn acks(&self, tag: u64, multiple: bool) {
        self.says(&basic::Ack::new(tag).multiple(multiple)).await;
    }

    async fn nacks(&self, tag: u64, multiple: bool) {
        self.says(&basic::Nack::new(tag).multiple(multiple)).await;
    }

    async fn says<M: pika::method::Args>(&self, method: &M) {
        let channel = self.channel.id();
        self.hosted.faults(|faults, id| {
            faults.method(id, channel, method);
        });
        self.settled().await;
    }

    fn closes_channel(&self) {
        let (channel, code) = (self.channel.id(), ReplyCode::PRECONDITION_FAILED);
        self.hosted.faults(|faults, id| {
            faults.close_channel(id, channel, code, "no more");
        });
    }
}

/// The publishes that failed, and how.
fn told(failed: &[Unconfirmed]) -> Vec<(u64, u64, &'static str)> {
    let told = failed
        .iter()
        .map(|range| (range.first.0, range.last.0, why(&range.reason)));
    told.collect()
}

fn fate(outcome: &Outcome<Version>) -> &'static str {
    match outcome {
        Outcome::Acked => "acked",
        Outcome::Nacked => "nacked",
        Outcome::Returned(_) => "returned",
        Outcome::Lost(_) => "lost",
    }
}

fn why(reason: &NotAcked) -> &'static str {
    match reason {
        NotAcked::Nacked => "nacked",
        NotAcked::Returned => "returned",
        NotAcked::Lost(_) => "lost",
    }
}

const SHORT: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(10);

in_each_runtime! {
    async fn confirms_come_out_of_order_and_several_at_once() {
        let (stage, confirming) = confirming::<F>().await;
        let mut confirms = Vec::new();
        for _ in 0..6 {
            confirms.push(Box::pin(track(&confirming, "x").await));
        }
        stage.acks(5, false).await;
        stage.nacks(2, true).await;
        let mut known = Vec::new();
        for confirm in &mut confirms {
            known.push(match poll_once(confirm.as_mut()).await {
                std::task::Poll::Ready(outcome) => fate(&outcome),
                std::task::Poll::Pending => "unknown",
            });
        }
        assert_eq!(known, ["nacked", "nacked", "unknown", "unknown", "acked", "unknown"]);
        stage.acks(6, true).await;
        for number in [2, 3, 5] {
            assert!(confirms[number].as_mut().await.is_acked());
        }
        assert!(confirming.wait_for_confirms(LONG).await.unwrap().is_empty());
    }

    async fn each_task_hears_of_its_own_publish() {
        let (stage, confirming) = confirming::<F>().await;
        let tasks: Vec<_> = (0..30)
            .map(|_| {
                let channel = confirming.clone();
                spawn::<F, _>(async move {
                    let confirm = track(&channel, "x").await;
                    (confirm.seq().0, fate(&confirm.await))
                })
            })
            .collect();
        stage.hosted.hears("basic.publish", 30).await;
        for tag in 1..=30 {
            match tag % 3 {
                0 => stage.nacks(tag, false).await,
                _ => stage.acks(tag, false).await,
            }
        }
        for task in tasks {
            let (seq, outcome) = soon::<F, _>(task).await.unwrap();
            assert_eq!(outcome, if seq % 3 == 0 { "nacked" } else { "acked" });
        }
        assert!(confirming.wait_for_confirms(LONG).await.unwrap().is_empty());
    }

    async fn what_was_returned_is_the_outcome_of_its_own_publish() {
        let (stage, confirming) = confirming::<F>().await;
        stage.hosted.now(Plan::new());
        let (found, lost) = (basic::Publish::new("", "q"), basic::Publish::new("", "nowhere"));
        let properties = basic::Properties::new();
        for publish in [found, lost] {
            let publish = publish.mandatory(true);
            let outcome = confirming.basic_publish_confirmed(&publish, &properties, "x").await.unwrap();
            let expected = if publish.routing_key == "q" { "acked" } else { "returned" };
            assert_eq!(fate(&outcome), expected);
            if let Outcome::Returned(message) = outcome {
                assert_eq!(message.routing_key, "nowhere");
                assert_eq!(message.content.body(), b"x");
            }
        }
    }

    async fn waiting_for_confirms_tells_what_nobody_asked_for_one_by_one() {
        let (stage, confirming) = confirming::<F>().await;
        for _ in 0..3 {
            stage.channel.publish("", "q", "unwatched").await.unwrap();
        }
        let watched = track(&confirming, "watched").await;
        let channel = confirming.clone();
        let waiting = spawn::<F, _>(async move { channel.wait_for_confirms(LONG).await });
        stage.hosted.hears("basic.publish", 4).await;
        stage.nacks(2, false).await;
        stage.nacks(4, false).await;
        stage.acks(1, false).await;
        assert!(waiting.is_running());
        stage.acks(3, false).await;
        let failed = soon::<F, _>(waiting).await.unwrap().unwrap();
        assert_eq!(told(&failed), [(2, 2, "nacked")]);
        assert_eq!(fate(&watched.await), "nacked");
        assert!(confirming.wait_for_confirms(LONG).await.unwrap().is_empty());
    }

    async fn the_failure_of_a_dropped_confirm_is_told_by_waiting_for_confirms() {
        let (stage, confirming) = confirming::<F>().await;
        for (number, moment) in (1..).zip([Moment::Unpolled, Moment::Polled, Moment::Answered]) {
            let confirm = track(&confirming, "x").await;
            drop_at(moment, confirm, stage.nacks(number, false)).await;
            if moment != Moment::Answered {
                stage.nacks(number, false).await;
            }
            let failed = confirming.wait_for_confirms(LONG).await.unwrap();
            assert_eq!(told(&failed), [(number, number, "nacked")], "{moment:?}");
        }
    }

    async fn a_confirm_that_was_told_tells_the_same_again() {
        let (stage, confirming) = confirming::<F>().await;
        let (mut nacked, mut acked) =
            (pin!(track(&confirming, "x").await), pin!(track(&confirming, "x").await));
        stage.nacks(1, false).await;
        stage.acks(2, false).await;
        for _ in 0..2 {
            assert_eq!(fate(&nacked.as_mut().await), "nacked");
            assert_eq!(fate(&acked.as_mut().await), "acked");
        }
        assert!(confirming.wait_for_confirms(LONG).await.unwrap().is_empty());
    }

    async fn a_confirmed_publish_that_is_dropped_is_told_by_waiting_for_confirms() {
        let (stage, confirming) = confirming::<F>().await;
        let (publish, properties) = (basic::Publish::new("", "q"), basic::Properties::new());
        let call = || confirming.basic_publish_confirmed(&publish, &properties, "x");
        drop(call());
        assert!(confirming.wait_for_confirms(LONG).await.unwrap().is_empty());
        for (number, moment) in [(1, Moment::Polled), (2, Moment::Answered)] {
            drop_at(moment, call(), stage.nacks(number, false)).await;
            if moment == Moment::Polled {
                stage.hosted.hears("basic.publish", 1).await;
                stage.nacks(number, false).await;
            }
            let failed = confirming.wait_for_confirms(LONG).await.unwrap();
            assert_eq!(told(&failed), [(number, number, "nacked")]);
        }
    }

    async fn waiting_for_confirms_can_be_dropped_at_any_time() {
        let (stage, confirming) = confirming::<F>().await;
        for (number, moment) in (1..).zip(MOMENTS) {
            if moment == Moment::Done {
                continue;
            }
            stage.channel.publish("", "q", "x").await.unwrap();
            stage.hosted.hears("basic.publish", number).await;
            let tag = number as u64;
            drop_at(moment, confirming.wait_for_confirms(LONG), stage.nacks(tag, false)).await;
            if moment != Moment::Answered {
                stage.nacks(tag, false).await;
            }
            let failed = confirming.wait_for_confirms(LONG).await.unwrap();
            assert_eq!(told(&failed), [(tag, tag, "nacked")], "{moment:?}");
        }
    }

    async fn a_tracked_publish_that_is_dropped_while_it_waits_has_no_number() {
        let (stage, confirming) = confirming::<F>().await;
        stage.flow(false).await;
        let (publish, properties) = (basic::Publish::new("", "q"), basic::Properties::new());
        let tracked = confirming.basic_publish(&publish, &properties, "x");
        let mut tracked = Box::pin(tracked);
        waits(tracked.as_mut(), "a publish while flow is off").await;
        drop(tracked);
        stage.flow(true).await;
        assert_eq!(track(&confirming, "x").await.seq(), PublishSeq(1));
    }

    async fn publishes_of_a_channel_that_closed_are_lost() {
        let (stage, confirming) = confirming::<F>().await;
        stage.channel.publish("", "q", "unwatched").await.unwrap();
        let confirm = track(&confirming, "watched").await;
        let dropped = track(&confirming, "dropped").await;
        let channel = confirming.clone();
        let waiting = spawn::<F, _>(async move { channel.wait_for_confirms(LONG).await });
        stage.hosted.hears("basic.publish", 3).await;
        drop(dropped);
        stage.closes_channel();
        let failed = soon::<F, _>(waiting).await.unwrap().unwrap();
        assert_eq!(told(&failed), [(1, 1, "lost"), (3, 3, "lost")]);
        let Outcome::Lost(reason) = confirm.await else {
            panic!("the channel closed");
        };
        assert_eq!(reason.code(), Some(ReplyCode::PRECONDITION_FAILED));
        assert!(confirming.wait_for_confirms(LONG).await.is_err());
    }

    async fn publishes_of_a_connection_that_ended_are_lost() {
        for end in [pika::broker::Ending::Close, pika::broker::Ending::Reset] {
            let (stage, confirming) = confirming::<F>().await;
            stage.channel.publish("", "q", "unwatched").await.unwrap();
            let confirm = track(&confirming, "watched").await;
            stage.hosted.hears("basic.publish", 2).await;
            stage.hosted.faults(|faults, id| { faults.end(id, end); });
            assert_eq!(fate(&soon::<F, _>(confirm).await.unwrap()), "lost");
            let failed = confirming.wait_for_confirms(LONG).await.unwrap();
            assert_eq!(told(&failed), [(1, 1, "lost")]);
        }
    }

    async fn publishes_of_our_own_close_are_lost_unless_they_are_confirmed_before() {
        let (stage, confirming) = confirming::<F>().await;
        let first = track(&confirming, "x").await;
        let second = track(&confirming, "x").await;
        stage.hosted.hears("basic.publish", 2).await;
        stage.acks(1, false).await;
        stage.channel.close().await.unwrap();
        assert_eq!(fate(&first.await), "acked");
        assert_eq!(fate(&soon::<F, _>(second).await.unwrap()), "lost");
    }

    async fn a_plain_publish_has_no_confirm_and_reports_failures_to_the_confirming_channel() {
        let (stage, confirming) = confirming::<F>().await;
        confirming.channel().publish("", "q", "plain").await.unwrap();
        stage.channel.publish("", "q", "plain").await.unwrap();
        stage.hosted.hears("basic.publish", 2).await;
        stage.nacks(2, true).await;
        let failed = confirming.wait_for_confirms(LONG).await.unwrap();
        assert_eq!(told(&failed), [(1, 2, "nacked")]);
    }

    async fn sequence_numbers_are_in_the_order_of_the_wire() {
        let (stage, confirming) = confirming::<F>().await;
        stage.hosted.now(Plan::new());
        stage.hosted.frames();
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let channel = confirming.clone();
                spawn::<F, _>(async move {
                    let mut sent = Vec::new();
                    for _ in 0..30 {
                        let body = format!("{:p}-{}", &sent, sent.len());
                        let confirm = channel.publish("", "q", body.as_bytes()).await.unwrap();
                        sent.push((confirm.seq().0, body));
                    }
                    sent
                })
            })
            .collect();
        let mut sent = Vec::new();
        for task in tasks {
            sent.extend(task.await);
        }
        assert!(confirming.wait_for_confirms(LONG).await.unwrap().is_empty());
        sent.sort();
        let numbers: Vec<u64> = sent.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(numbers, (1..=300).collect::<Vec<_>>());
        let bodies = stage.hosted.frames().into_iter().filter_map(|(_, seen)| match seen {
            crate::hosted::Seen::Body(body) => Some(String::from_utf8(body.to_vec()).unwrap()),
            _ => None,
        });
        assert!(bodies.eq(sent.into_iter().map(|(_, body)| body)));
    }
}

in_simulated_time! {
    async fn confirms_that_do_not_come_are_a_timeout() {
        let (stage, confirming) = confirming::<F>().await;
        let start = tokio::time::Instant::now();
        let (publish, properties) = (basic::Publish::new("", "q"), basic::Properties::new());
        let confirmed = confirming.basic_publish_confirmed(&publish, &properties, "x").await;
        let rpc_timeout = patient().rpc_timeout.unwrap();
        assert_eq!(start.elapsed().as_secs(), rpc_timeout.as_secs());
        let waited = confirming.wait_for_confirms(SHORT).await;
        for error in [confirmed.map(drop).unwrap_err(), waited.map(drop).unwrap_err()] {
            let Error::TimedOut(late) = error else {
                panic!("expected a timeout, found {error:?}");
            };
            assert_eq!(late.waiting_for, Waiting::Confirms);
        }
        // The channel is as usable as before, and a late refusal is told.
        stage.nacks(1, false).await;
        let failed = confirming.wait_for_confirms(SHORT).await.unwrap();
        assert_eq!(told(&failed), [(1, 1, "nacked")]);
    }

    async fn a_confirm_waits_for_hours() {
        let (stage, confirming) = confirming::<F>().await;
        let mut confirm = pin!(track(&confirming, "x").await);
        waits(Pin::as_mut(&mut confirm), "a confirm").await;
        sleep::<F>(Duration::from_secs(10_000)).await;
        waits(Pin::as_mut(&mut confirm), "a confirm").await;
        stage.acks(1, false).await;
        assert!(confirm.await.is_acked());
    }
}
