//! The example `relay` between brokers that fail: nothing is lost, and nothing goes round.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic, and its helpers with it"
)]

#[path = "../examples/relay/relay.rs"]
mod relay;
#[path = "../examples/relay/source.rs"]
mod source;
#[path = "../examples/relay/target.rs"]
mod target;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::{Duration, Instant};

use pika::amqp::{basic, queue};
use pika::blocking;
use pika::broker::{ConnectionId, Ending, Moment, Plan, Refuse, Server};
use pika::callbacks::{Channel, Connection, Loop};
use pika::wire::{ChannelId, ReplyCode, ShortStr};

use self::relay::{Options, Place, Relay};

/// How long to wait for what comes in milliseconds when all is well.
const SOON: Duration = Duration::from_secs(10);

/// Who reads at a target.
const QUEUE: &str = "orders";

/// The relay's own queue.
const RELAY: &str = "relay";

const COUNT: usize = 200;

/// Messages on their way at once.
const WINDOW: usize = 10;

/// Few messages at a time and short waits.
fn options() -> Options {
    Options {
        prefetch: WINDOW as u16,
        delays: Some((Duration::from_millis(5), Duration::from_millis(20))),
        ..Options::default()
    }
}

fn server() -> Server {
    Server::bind("127.0.0.1:0").unwrap()
}

/// Serves everything until `done`. Nothing may go wrong in handlers.
#[track_caller]
fn until(events: &Loop, what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + SOON;
    while !done() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        events.step(Duration::from_millis(5)).unwrap();
    }
}

/// A channel of a connection of its own.
fn channel(events: &Loop, server: &Server) -> Channel {
    let connection = Connection::connect(&*server.url()).unwrap();
    events.add(&connection).unwrap();
    let opened = Rc::new(RefCell::new(None));
    let noting = opened.clone();
    connection.open_channel().then(move |channel| {
        noting.replace(Some(channel.unwrap()));
    });
    until(events, "a channel", || opened.borrow().is_some());
    opened.take().unwrap()
}

/// Puts numbered messages into the queue that the relay has at a server.
fn fill(server: &Server) {
    let connection = blocking::Connection::open(server.url()).unwrap();
    let channel = connection.channel().unwrap();
    let options = options();
    channel.exchange_declare(options.exchange()).unwrap();
    channel.queue_declare(options.queue()).unwrap();
    channel.queue_bind(options.bind()).unwrap();
    for number in 0..COUNT {
        let message = number.to_string();
        channel.publish(&options.exchange, "", message).unwrap();
    }
    connection.close().unwrap();
    assert_eq!(ready(server, RELAY), COUNT);
}

/// Binds a queue to the exchange of a target.
fn read_at(server: &Server) {
    let connection = blocking::Connection::open(server.url()).unwrap();
    let channel = connection.channel().unwrap();
    let options = options();
    channel.exchange_declare(options.exchange()).unwrap();
    let declare = queue::Declare::new(QUEUE).durable(true);
    channel.queue_declare(declare).unwrap();
    let bind = queue::Bind::new(QUEUE, &options.exchange, "");
    channel.queue_bind(bind).unwrap();
    connection.close().unwrap();
}

/// A target with a reader.
fn target() -> Server {
    let server = server();
    read_at(&server);
    server
}

/// A relay from a server to others.
fn relay(events: &Loop, source: &Server, targets: &[String], options: &Options) -> Relay {
    let places: Vec<_> = (1..)
        .zip(targets)
        .map(|(at, url)| Place::new(url, &format!("target {at}")))
        .collect();
    Relay::start(
        events,
        &Place::new(&source.url(), "source"),
        &places,
        options,
    )
    .unwrap()
}

/// All bodies in a queue.
fn bodies(events: &Loop, server: &Server, queue: &str) -> Vec<String> {
    let (channel, count) = (channel(events, server), ready(server, queue));
    let bodies = Rc::new(RefCell::new(Vec::new()));
    let noting = bodies.clone();
    let consume = basic::Consume::new(ShortStr::new(queue).unwrap());
    let begun = channel.consume(consume.no_ack(true), move |delivery| {
        let body = String::from_utf8(delivery.body().to_vec()).unwrap();
        noting.borrow_mut().push(body);
    });
    begun.then(|tag| tag.map(drop));
    until(events, "all bodies", || bodies.borrow().len() == count);
    channel.connection().close().then(|closed| closed);
    bodies.take()
}

fn ready(server: &Server, queue: &str) -> usize {
    server.with(|broker| broker.queue("/", queue).map_or(0, |queue| queue.ready))
}

/// Whether a queue is empty and nobody has to acknowledge anything.
fn is_settled(server: &Server, queue: &str) -> bool {
    server.with(|broker| {
        let queue = broker.queue("/", queue).unwrap();
        queue.ready == 0 && queue.unacked == 0
    })
}

fn unacked(server: &Server) -> usize {
    server.with(|broker| broker.queue("/", RELAY).map_or(0, |queue| queue.unacked))
}

/// Lets something go wrong on all connections.
fn disturb(server: &Server, plan: &Plan) {
    server.with(|broker| {
        let connections: Vec<ConnectionId> = broker.connections().collect();
        for connection in connections {
            broker.faults().on(connection, plan.clone());
        }
    });
}

/// Ends all connections at once and refuses the next ones.
fn strike(server: &Server, refusals: usize) {
    server.with(|broker| {
        let connections: Vec<ConnectionId> = broker.connections().collect();
        assert!(!connections.is_empty(), "nobody to strike");
        let mut faults = broker.faults();
        for connection in connections {
            faults.end(connection, Ending::Reset);
        }
        for at in 0..refusals {
            let (moment, how) = match at % 2 {
                0 => (Moment::Header, Refuse::Reset),
                _ => (Moment::Open, Refuse::Eof),
            };
            faults.on_next(Plan::new().refuse_at(moment, how));
        }
    });
}

#[track_caller]
fn assert_nothing_is_missing(bodies: &[String]) {
    let distinct: BTreeSet<usize> = bodies.iter().map(|body| body.parse().unwrap()).collect();
    assert_eq!(distinct, (0..COUNT).collect());
}

#[test]
fn a_target_that_dies_and_comes_back_misses_nothing() {
    let (events, source) = (Loop::new().unwrap(), server());
    let targets = [target(), target()];
    fill(&source);
    let urls = targets.each_ref().map(Server::url);
    let relay = relay(&events, &source, &urls, &options());
    let [first, second] = &targets;
    until(&events, "some have arrived", || {
        ready(second, QUEUE) >= COUNT / 4
    });
    // What it has is not confirmed.
    disturb(second, &Plan::new().withhold("basic.ack"));
    until(&events, "all on their way have arrived", || {
        let all = usize::try_from(relay.counts().0).unwrap();
        let is_there = |target| ready(target, QUEUE) == all;
        unacked(&source) == WINDOW && is_there(first) && is_there(second)
    });
    strike(second, 4);
    until(&events, "more have arrived", || {
        ready(second, QUEUE) >= COUNT / 2
    });
    // What is sent to it does not arrive.
    disturb(second, &Plan::new().stop_reading());
    until(&events, "all on their way are at the other", || {
        let all = usize::try_from(relay.counts().0).unwrap();
        unacked(&source) == WINDOW && ready(first, QUEUE) == all
    });
    strike(second, 4);
    until(&events, "the source has got rid of all", || {
        is_settled(&source, RELAY)
    });
    assert_eq!(relay.counts(), (COUNT as u64, 0), "taken once");
    assert_eq!(bodies(&events, &targets[0], QUEUE).len(), COUNT, "once");
    assert_nothing_is_missing(&bodies(&events, &targets[1], QUEUE));
    relay.close();
    until(&events, "all is closed", || events.is_done());
}

#[test]
fn a_target_that_is_not_there_yet_gets_all_in_order() {
    let (events, source, first) = (Loop::new().unwrap(), server(), target());
    let late = server();
    let (address, urls) = (late.local_addr(), [first.url(), late.url()]);
    drop(late);
    fill(&source);
    let relay = relay(&events, &source, &urls, &options());
    until(&events, "as many as may be on their way", || {
        ready(&first, QUEUE) == WINDOW
    });
    let held = (ready(&source, RELAY), unacked(&source));
    assert_eq!(held, (COUNT - WINDOW, WINDOW), "none is lost");
    let late = Server::bind(address).unwrap();
    // Nothing is served meanwhile.
    read_at(&late);
    until(&events, "the source has got rid of all", || {
        is_settled(&source, RELAY)
    });
    let expected: Vec<String> = (0..COUNT).map(|number| number.to_string()).collect();
    assert_eq!(bodies(&events, &late, QUEUE), expected);
    assert_eq!(bodies(&events, &first, QUEUE), expected);
    relay.close();
}

#[test]
fn a_channel_that_a_server_closes_is_opened_anew() {
    let (events, source, target) = (Loop::new().unwrap(), server(), target());
    fill(&source);
    let relay = relay(&events, &source, &[target.url()], &options());
    for (server, reached) in [(&target, COUNT / 4), (&source, COUNT / 2)] {
        until(&events, "some have arrived", || {
            ready(&target, QUEUE) >= reached
        });
        server.with(|broker| {
            let connection = broker.connections().next().unwrap();
            let (id, code) = (ChannelId(1), ReplyCode::PRECONDITION_FAILED);
            broker.faults().close_channel(connection, id, code, "no");
        });
    }
    until(&events, "the source has got rid of all", || {
        is_settled(&source, RELAY)
    });
    assert_nothing_is_missing(&bodies(&events, &target, QUEUE));
    relay.close();
    until(&events, "all is closed", || events.is_done());
}

#[test]
fn a_source_that_dies_sends_again_what_no_target_confirmed() {
    let (events, source) = (Loop::new().unwrap(), server());
    let targets = [target(), target()];
    fill(&source);
    let urls = targets.each_ref().map(Server::url);
    let relay = relay(&events, &source, &urls, &options());
    until(&events, "some have arrived", || {
        ready(&targets[0], QUEUE) >= COUNT / 2
    });
    strike(&source, 3);
    until(&events, "the source has got rid of all", || {
        is_settled(&source, RELAY)
    });
    for target in &targets {
        assert_nothing_is_missing(&bodies(&events, target, QUEUE));
    }
    relay.close();
}

#[test]
fn a_message_that_went_round_is_not_relayed_again() {
    let (events, one, other) = (Loop::new().unwrap(), target(), target());
    // Whatever they are called.
    let relay = |name: &str, from: &Server, to: &Server| {
        let (from, to) = (Place::new(&from.url(), name), Place::new(&to.url(), "to"));
        Relay::start(&events, &from, &[to], &options()).unwrap()
    };
    let relays = [relay("one", &one, &other), relay("other", &other, &one)];
    until(&events, "both have begun", || {
        let begun = |server: &Server| server.with(|broker| broker.queue("/", RELAY).is_some());
        begun(&one) && begun(&other)
    });
    let channels = [&one, &other].map(|server| channel(&events, server));
    for channel in &channels {
        for number in 0..COUNT / 2 {
            channel.publish(RELAY, "key", number.to_string()).unwrap();
        }
    }
    let mut was_there = false;
    until(&events, "every reader has all", || {
        let is_there = [&one, &other]
            .iter()
            .all(|server| ready(server, QUEUE) >= COUNT && is_settled(server, RELAY));
        // Once more, for what might still go round.
        std::mem::replace(&mut was_there, is_there) && is_there
    });
    for (server, relay) in [&one, &other].into_iter().zip(&relays) {
        assert_eq!(ready(server, QUEUE), COUNT);
        assert_eq!(relay.counts(), (COUNT as u64 / 2, COUNT as u64 / 2));
        relay.close();
    }
}

#[test]
fn what_is_relayed_stays_as_it_was_and_no_other_queue_is_touched() {
    let (events, source, target) = (Loop::new().unwrap(), target(), target());
    fill(&source);
    // A reader at the source keeps all of it: the relay has a queue of its own.
    let connection = blocking::Connection::open(source.url()).unwrap();
    let channel = connection.channel().unwrap();
    let mut headers = pika::wire::Table::new();
    headers.insert("x-own", "kept");
    let properties = basic::Properties::new()
        .app_id("the program's")
        .headers(headers);
    channel
        .publish(RELAY, "a.key", (&properties, "last"))
        .unwrap();
    let relay = relay(&events, &source, &[target.url()], &options());
    until(&events, "all is relayed", || {
        is_settled(&source, RELAY) && ready(&target, QUEUE) == COUNT + 1
    });
    assert_eq!(ready(&source, QUEUE), COUNT + 1);
    let reader = blocking::Connection::open(target.url()).unwrap();
    let reading = reader.channel().unwrap();
    let mut last = None;
    while let Some(delivery) = reading.get(basic::Get::new(QUEUE)).unwrap() {
        last = Some(delivery);
    }
    let last = last.unwrap();
    let found = last.properties().unwrap();
    assert_eq!(
        (last.body(), last.routing_key()),
        (&b"last"[..], "a.key".into())
    );
    assert_eq!(found.app_id, Some("the program's".into()));
    let headers = found.headers.unwrap();
    assert_eq!(headers.get("x-own").unwrap().as_str(), Some("kept"));
    assert!(headers.contains(source::MARK));
    relay.close();
}

#[test]
fn a_transient_queue_goes_with_its_relay_and_a_durable_one_stays() {
    for is_durable in [false, true] {
        let (events, source, target) = (Loop::new().unwrap(), server(), target());
        let options = Options {
            is_durable,
            ..options()
        };
        let relay = relay(&events, &source, &[target.url()], &options);
        let exists = || source.with(|broker| broker.queue("/", RELAY).is_some());
        until(&events, "it has its queue", exists);
        relay.close();
        until(&events, "all is closed", || events.is_done());
        until(&events, "the queue is gone or not", || {
            exists() == is_durable
        });
    }
}

#[test]
fn a_relay_that_may_not_connect_again_ends_with_its_first_connection() {
    let (events, source, target) = (Loop::new().unwrap(), server(), target());
    fill(&source);
    let options = Options {
        delays: None,
        ..options()
    };
    let urls = [target.url()];
    let relay = relay(&events, &source, &urls, &options);
    until(&events, "some have arrived", || {
        ready(&target, QUEUE) >= COUNT / 4
    });
    assert!(!relay.is_over());
    strike(&target, 0);
    until(&events, "it gives up", || relay.is_over());
    relay.close();
    until(&events, "nothing is left to do", || events.is_done());
    let held = source.with(|broker| broker.queue("/", RELAY).unwrap());
    assert_eq!(held.unacked, 0);
    assert!(held.ready + ready(&target, QUEUE) >= COUNT, "none is lost");
}
