//! Clients and the broker joined in memory, in simulated time.

use std::time::{Duration, Instant};

use pika::broker::loopback::Loopback;
use pika::broker::{ConnectionId, Ending, Plan, QueueState, Settings};
use pika::config::{Config, Heartbeat};
use pika::connection::{
    Answer, CallId, CancelledBy, ChannelKey, ChannelMut, Connection, Delivery, Event, Leave,
};
use pika::error::{Cause, Closed, Error, Forbidden, TimedOut, TransportEnd, Waiting};
use pika::wire::{ReplyCode, ShortStr};

use super::{SECOND, amqp, basic, queue};

type Client = Connection<amqp::Version>;

/// A world whose clients have a channel each.
struct World(Loopback<Client>);

impl World {
    fn new(settings: Settings) -> Self {
        Self(Loopback::new(settings, Instant::now()))
    }

    fn with_client(config: Config) -> (Self, ConnectionId, ChannelKey) {
        let mut it = Self::new(Settings::new());
        let (id, key) = it.connects(config);
        (it, id, key)
    }

    fn connects(&mut self, config: Config) -> (ConnectionId, ChannelKey) {
        let id = self.0.connect(Client::new(config, self.0.now()));
        self.0.settle();
        let now = self.0.now();
        let (key, _) = self.0.peer(id).open_channel(now).unwrap();
        self.0.settle();
        (id, key)
    }

    /// Does something on a channel, with what comes of it.
    #[track_caller]
    fn on<T>(
        &mut self,
        (id, key): (ConnectionId, ChannelKey),
        act: impl FnOnce(&mut ChannelMut<'_, amqp::Version>, Instant) -> Result<T, Error>,
    ) -> T {
        let now = self.0.now();
        let mut channel = self.0.peer(id).channel(key).unwrap();
        let done = act(&mut channel, now).unwrap();
        self.0.settle();
        done
    }

    fn publishes(&mut self, at: (ConnectionId, ChannelKey), to: &str, body: &str) {
        let publish = basic::Publish::new("", ShortStr::new(to).unwrap());
        self.on(at, |on, _| {
            on.publish(&publish, &basic::Properties::new(), body)
        });
    }

    #[track_caller]
    fn declares(&mut self, at: (ConnectionId, ChannelKey), name: &'static str) {
        let call = self.on(at, |on, now| on.call(queue::Declare::new(name), now));
        self.answer(at.0, call).unwrap();
    }

    #[track_caller]
    fn answer(&mut self, id: ConnectionId, of: CallId) -> Result<Answer<amqp::Version>, Error> {
        let answered = self.0.wait(id, 100 * SECOND, |event| match event {
            Event::Reply { call } if call == of => Some(()),
            _ => None,
        });
        answered.expect("an answer, of whatever kind");
        self.0.peer(id).take_reply(of).unwrap()
    }

    fn delivery(&mut self, id: ConnectionId) -> Option<Delivery<amqp::Version>> {
        self.delivery_within(id, Duration::ZERO)
    }

    fn delivery_within(
        &mut self,
        id: ConnectionId,
        time: Duration,
    ) -> Option<Delivery<amqp::Version>> {
        // The run that was announced last may have more.
        if let Some(delivery) = self.0.peer(id).next_delivery() {
            return Some(delivery);
        }
        self.0.wait(id, time, |event| match event {
            Event::Deliveries { .. } => Some(()),
            _ => None,
        })?;
        self.0.peer(id).next_delivery()
    }

    #[track_caller]
    fn closed(&mut self, id: ConnectionId) -> Closed {
        let closed = self.0.wait(id, 1000 * SECOND, |event| match event {
            Event::Closed(reason) => Some(reason),
            _ => None,
        });
        (*closed.expect("the connection ends")).clone()
    }

    fn queue(&mut self, name: &str) -> QueueState {
        self.0.broker().queue("/", name).unwrap()
    }
}

#[test]
fn a_message_is_published_and_consumed_in_no_time() {
    let (mut it, id, key) = World::with_client(Config::new());
    let (at, start) = ((id, key), it.0.now());
    it.declares(at, "q");
    it.publishes(at, "q", "hello");
    let consume = basic::Consume::new("q");
    let (consumer, _) = it.on(at, |on, now| on.consume(consume, now));
    let delivery = it.delivery(id).unwrap();
    assert_eq!(delivery.content().body(), b"hello");
    assert_eq!(it.queue("q").unacked, 1);
    it.on(at, |on, _| on.ack(delivery.into_token(), false));
    assert_eq!(it.queue("q").unacked, 0);
    it.on(at, |on, now| on.cancel(consumer, Leave::HandOver, now));
    let ended = it.0.wait(id, Duration::ZERO, |event| match event {
        Event::ConsumerCancelled { by, .. } => Some(by),
        _ => None,
    });
    assert_eq!(ended, Some(CancelledBy::Us));
    assert_eq!(it.0.now(), start);
}

#[test]
fn two_clients_ask_and_answer_each_other() {
    let mut it = World::new(Settings::new());
    let (asks, answers) = (it.connects(Config::new()), it.connects(Config::new()));
    it.declares(asks, "questions");
    it.declares(answers, "answers");
    it.on(answers, |on, now| {
        on.consume(basic::Consume::new("questions").no_ack(true), now)
    });
    it.on(asks, |on, now| {
        on.consume(basic::Consume::new("answers").no_ack(true), now)
    });
    for n in ["1", "2", "3"] {
        it.publishes(asks, "questions", n);
        let question = it.delivery(answers.0).unwrap();
        assert_eq!(question.content().body(), n.as_bytes());
        it.publishes(answers, "answers", &format!("{n}{n}"));
        let answer = it.delivery(asks.0).unwrap();
        assert_eq!(answer.content().body(), format!("{n}{n}").as_bytes());
    }
}

#[test]
fn hours_of_heartbeats_keep_connections_open_and_wake_nobody_else() {
    let config = || Config::new().heartbeat(Heartbeat::AtMost(10 * SECOND));
    let mut it = World::new(Settings::new());
    let (one, other) = (it.connects(config()).0, it.connects(config()).0);
    let (sent, received) = (it.0.peer(one).bytes_sent(), it.0.peer(one).bytes_received());
    let until = it.0.now() + 6 * 3600 * SECOND;
    let mut stops = 0;
    while let Some(at) = it.0.poll_timeout().filter(|at| *at <= until) {
        it.0.advance(at - it.0.now());
        stops += 1;
    }
    for id in [one, other] {
        assert!(it.0.peer(id).is_open());
    }
    // Each side of each connection speaks every 5 seconds, in frames of 8 bytes.
    let beats = 6 * 3600 / 5;
    assert!(stops <= 4 * beats, "{stops} stops");
    let (more_sent, more_received) = (
        it.0.peer(one).bytes_sent() - sent,
        it.0.peer(one).bytes_received() - received,
    );
    assert!((beats - 2..=beats + 1).contains(&(more_sent / 8)));
    assert!((beats - 2..=beats + 1).contains(&(more_received / 8)));
}

#[test]
fn a_broker_that_falls_silent_is_given_up_after_two_intervals() {
    let heartbeat = 10 * SECOND;
    let config = Config::new().heartbeat(Heartbeat::AtMost(heartbeat));
    let (mut it, id, _) = World::with_client(config);
    it.0.advance(10 * SECOND);
    let last = it.0.now();
    it.0.broker().faults().on(id, Plan::new().stop_writing());
    let reason = it.closed(id);
    assert_eq!(reason.cause, Cause::Silence { heartbeat });
    assert_eq!(it.0.now() - last, 2 * heartbeat);
    assert!(it.0.peer(id).is_finished());
    assert_eq!(it.0.broker().connections().count(), 0);
    assert_eq!(it.0.poll_timeout(), None);
}

#[test]
fn a_call_that_is_not_answered_ends_at_its_deadline() {
    let after = 7 * SECOND;
    let config = Config::new().heartbeat(Heartbeat::Off).rpc_timeout(after);
    let (mut it, id, key) = World::with_client(config);
    let plan = Plan::new().withhold("queue.declare-ok");
    it.0.broker().faults().on(id, plan);
    let start = it.0.now();
    let call = it.on((id, key), |on, now| on.call(queue::Declare::new("q"), now));
    let Err(Error::TimedOut(error)) = it.answer(id, call) else {
        panic!("expected the end of the time");
    };
    let waiting_for = Waiting::Reply("queue.declare");
    assert_eq!(error, TimedOut { waiting_for, after });
    assert_eq!(it.0.now() - start, after);
}

#[test]
fn content_that_is_stopped_goes_on_when_the_broker_says_so() {
    let (mut it, id, key) = World::with_client(Config::new());
    it.declares((id, key), "q");
    it.0.broker().faults().flow(id, key.id(), false);
    it.0.settle();
    let forbidden = |it: &mut World| it.0.peer(id).channel(key).unwrap().forbidden();
    assert_eq!(forbidden(&mut it), Some(Forbidden::Flow));
    it.0.advance(3600 * SECOND);
    assert_eq!(forbidden(&mut it), Some(Forbidden::Flow));
    it.0.broker().faults().flow(id, key.id(), true);
    it.0.settle();
    assert_eq!(forbidden(&mut it), None);
    it.publishes((id, key), "q", "late");
    assert_eq!(it.queue("q").ready, 1);
}

#[test]
fn what_the_broker_does_not_read_piles_up_at_the_client() {
    let config = Config::new().output_water(500, 1000);
    let (mut it, id, key) = World::with_client(config);
    it.declares((id, key), "q");
    it.0.broker().faults().on(id, Plan::new().stop_reading());
    let mut sent = 0;
    while it.0.peer(id).channel(key).unwrap().forbidden().is_none() {
        it.publishes((id, key), "q", "one more");
        sent += 1;
    }
    assert!(it.0.peer(id).outgoing_len() >= 1000);
    assert_eq!(it.queue("q").ready, 0);
    it.0.broker().faults().on(id, Plan::new());
    it.0.settle();
    assert_eq!(it.queue("q").ready, sent);
    assert_eq!(it.0.peer(id).outgoing_len(), 0);
}

#[test]
fn a_full_broker_takes_what_it_held_back_once_there_is_room() {
    let mut it = World::new(Settings::new().limits(2, 1 << 20));
    let (from, to) = (it.connects(Config::new()), it.connects(Config::new()));
    it.declares(from, "q");
    let now = it.0.now();
    let mut on = it.0.peer(from.0).channel(from.1).unwrap();
    for _ in 0..6 {
        let publish = basic::Publish::new("", "q");
        on.publish(&publish, &basic::Properties::new(), "x")
            .unwrap();
    }
    it.0.settle();
    let held = it.queue("q").ready;
    assert!(held < 6, "{held} messages were taken");
    it.on(to, |on, now| {
        on.consume(basic::Consume::new("q").no_ack(true), now)
    });
    let taken = std::iter::from_fn(|| it.delivery(to.0)).count();
    assert_eq!((taken, it.0.now()), (6, now));
}

#[test]
fn the_end_of_the_transport_is_told_as_it_was() {
    let reset = TransportEnd::Failed(std::io::ErrorKind::ConnectionReset);
    for (ending, end) in [(Ending::Close, TransportEnd::Eof), (Ending::Reset, reset)] {
        let (mut it, id, key) = World::with_client(Config::new());
        it.declares((id, key), "q");
        it.0.broker().faults().end(id, ending);
        let cause = Cause::Transport { end, during: None };
        assert_eq!(it.closed(id).cause, cause);
        assert_eq!(it.0.broker().connections().count(), 0);
    }
}

#[test]
fn a_close_in_good_order_ends_the_transport() {
    let (mut it, id, _) = World::with_client(Config::new());
    let now = it.0.now();
    let bye = ShortStr::from("bye");
    it.0.peer(id).close(ReplyCode::REPLY_SUCCESS, bye, now);
    assert!(it.closed(id).is_normal());
    assert!(it.0.peer(id).close_failure().is_none());
    assert_eq!(it.0.broker().connections().count(), 0);
    assert_eq!((it.0.now(), it.0.poll_timeout()), (now, None));
}

#[test]
fn a_client_that_is_gone_leaves_its_messages_to_the_next() {
    let mut it = World::new(Settings::new());
    let one = it.connects(Config::new());
    it.declares(one, "q");
    it.publishes(one, "q", "precious");
    it.on(one, |on, now| on.consume(basic::Consume::new("q"), now));
    assert!(it.delivery(one.0).is_some());
    let gone = it.0.disconnect(one.0).unwrap();
    assert!(gone.is_open(), "nobody has told it");
    assert!(it.0.disconnect(one.0).is_none());
    let next = it.connects(Config::new());
    it.on(next, |on, now| on.consume(basic::Consume::new("q"), now));
    let delivery = it.delivery(next.0).unwrap();
    assert!(delivery.redelivered());
    assert_eq!(delivery.content().body(), b"precious");
}

#[test]
fn deadlines_are_met_in_their_order() {
    let (mut it, id, key) = World::with_client(Config::new().heartbeat(Heartbeat::Off));
    for (queue, ttl) in [("slow", 3000), ("quick", 1000)] {
        let arguments = pika::table! {
            "x-message-ttl" => ttl,
            "x-dead-letter-exchange" => "",
            "x-dead-letter-routing-key" => "dead",
        };
        let declare = queue::Declare::new(queue).arguments(arguments);
        it.on((id, key), |on, now| on.call(declare, now));
        it.publishes((id, key), queue, queue);
    }
    it.declares((id, key), "dead");
    it.on((id, key), |on, now| {
        on.consume(basic::Consume::new("dead").no_ack(true), now)
    });
    let start = it.0.now();
    for (queue, after) in [("quick", SECOND), ("slow", 3 * SECOND)] {
        let dead = it.delivery_within(id, 10 * SECOND);
        assert_eq!(dead.unwrap().content().body(), queue.as_bytes());
        assert_eq!(it.0.now() - start, after);
    }
    assert!(it.0.wait(id, 5 * SECOND, Some).is_none());
    assert_eq!(it.0.now() - start, 8 * SECOND);
}
