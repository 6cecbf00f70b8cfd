//! A consumer that is ended more than once, in every order: it ends once, and its tag is free again.

use pika::connection::{ChannelKey, ConsumerId, Event, Leave};
use pika::method::{Args as _, NoWait as _};

use super::*;

/// Something that ends a consumer.
#[derive(Clone, Copy, Debug)]
enum End {
    Cancel(Leave),
    CancelByTag,
    CancelWithoutWaiting,
    Drop,
    Server,
}

const ENDS: [End; 6] = [
    End::Cancel(Leave::HandOver),
    End::Cancel(Leave::Requeue),
    End::CancelByTag,
    End::CancelWithoutWaiting,
    End::Drop,
    End::Server,
];

/// Ends the consumer with tag `t`; what is refused because it has ended changes nothing.
fn end(it: &mut Dialogue, (key, id): (ChannelKey, ConsumerId), how: End) {
    let now = it.now();
    match how {
        End::Cancel(leave) => _ = it.on(key).cancel(id, leave, now),
        End::CancelByTag => _ = it.on(key).call(basic::Cancel::new("t"), now),
        End::CancelWithoutWaiting => _ = it.on(key).no_wait(basic::Cancel::new("t")),
        End::Drop => it.on(key).drop_consumer(id, now),
        End::Server => {
            let mut cancel = basic::Cancel::new("t");
            cancel.set_no_wait(true);
            it.says(1, cancel);
        }
    }
}

/// The server answers all that it has heard, in order and as RabbitMQ does: it confirms every cancel,
/// whether there is such a consumer or not.
fn answers(it: &mut Dialogue) {
    for method in it.methods() {
        if basic::Consume::from_method(method.clone()).is_ok() {
            it.says(1, basic::ConsumeOk::new("t"));
        } else {
            let cancel = basic::Cancel::from_method(method).expect("it consumes and cancels");
            if !cancel.no_wait {
                it.says(1, basic::CancelOk::new("t"));
            }
        }
    }
}

/// A channel with a consumer whose tag is `t`.
fn consuming() -> (Dialogue, ChannelKey, ConsumerId) {
    let (mut it, key) = Dialogue::with_channel();
    let now = it.now();
    let consume = basic::Consume::new("q").consumer_tag("t");
    let (id, call) = it.on(key).consume(consume, now).unwrap();
    answers(&mut it);
    it.replies(call);
    (it, key, id)
}

/// How often the program hears that each consumer has ended, and for which one a message came.
fn heard(it: &mut Dialogue, consumer: ConsumerId) -> (usize, Vec<ConsumerId>) {
    let (mut ends, mut fed) = (0, Vec::new());
    while let Some(event) = it.next_event() {
        match event {
            Event::ConsumerCancelled {
                consumer: ended, ..
            } => {
                assert_eq!(ended, consumer);
                ends += 1;
            }
            Event::Deliveries { consumer, .. } => {
                fed.push(consumer);
                it.delivered();
            }
            Event::Reply { call } => _ = it.client.take_reply(call).unwrap().unwrap(),
            other => panic!("{other:?}"),
        }
    }
    (ends, fed)
}

#[test]
fn a_consumer_ends_once_whatever_ends_it_and_how_often() {
    for first in ENDS {
        for second in ENDS {
            for third in ENDS {
                let (mut it, key, id) = consuming();
                for how in [first, second, third] {
                    end(&mut it, (key, id), how);
                }
                answers(&mut it);
                let (ends, fed) = heard(&mut it, id);
                // One that is dropped is not heard of, unless it had ended before.
                let dropped = [first, second, third].map(|how| matches!(how, End::Drop));
                let expected = if dropped.contains(&true) {
                    0..=1
                } else {
                    1..=1
                };
                assert!(
                    expected.contains(&ends),
                    "{first:?} {second:?} {third:?}: {ends}"
                );
                assert!(fed.is_empty());
                assert!(it.client.is_open());
            }
        }
    }
}

#[test]
fn the_tag_goes_to_the_next_consumer_once_every_cancel_is_answered() {
    for first in ENDS {
        for second in ENDS {
            let (mut it, key, id) = consuming();
            end(&mut it, (key, id), first);
            end(&mut it, (key, id), second);
            let now = it.now();
            let again = basic::Consume::new("q").consumer_tag("t");
            let Ok((next, _)) = it.on(key).consume(again, now) else {
                // Nothing tells when the last message of the first has come.
                let unknown = [first, second].map(|how| matches!(how, End::CancelWithoutWaiting));
                assert!(unknown[0], "{first:?} {second:?}");
                it.ignores();
                continue;
            };
            answers(&mut it);
            let deliver = basic::Deliver::new("t", 1, "", "q");
            it.says_content(1, (&deliver, &basic::Properties::new()), b"for the second");
            let (ends, fed) = heard(&mut it, id);
            assert!(ends <= 1 && it.client.is_open(), "{first:?} {second:?}");
            assert_eq!(fed, [next], "{first:?} {second:?}");
        }
    }
}
