//! Consumers that take nothing, and everything that waits beside them.
//!
//! Each waiting function has a broker and a connection of its own: while one of them reads, it
//! would read for the others too.

use std::future::Future;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use pika::broker::{Ending, Server};
use pika::config::Config;
use pika::error::Error;
use pika::method::Spec as _;
use pika::wire::ChannelId;

use super::amqp::Version;
use super::desk::{first, ms, patient, queue_of};
use super::{V, basic, queue};
use crate::runner::fault;

/// How long a wait may take that has a reason to end.
const LIMIT: Duration = Duration::from_secs(2);

const CONSUMER: ChannelId = ChannelId(1);

/// A function that waits without a limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    NextReturned,
    FlowChanges,
    BlockedChanges,
    NextNotice,
    ConnectionClosed,
    ChannelClosed,
}

const ALL: [Wait; 6] = [
    Wait::NextReturned,
    Wait::FlowChanges,
    Wait::BlockedChanges,
    Wait::NextNotice,
    Wait::ConnectionClosed,
    Wait::ChannelClosed,
];

/// What happens while the inbox is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happens {
    /// The server sends what the function waits for.
    News,
    /// The server ends the transport.
    End,
}

impl Wait {
    /// Whether the server can send what the function waits for.
    fn has_news(self) -> bool {
        match self {
            Self::NextReturned | Self::FlowChanges | Self::NextNotice => true,
            // 0-8 has no `connection.blocked`.
            Self::BlockedChanges => V::NAME == pika::v0_9_1::V0_9_1::NAME,
            Self::ConnectionClosed | Self::ChannelClosed => false,
        }
    }
}

/// Sets the bounds of an inbox.
type Bound = fn(Config) -> Config;

/// Reading stops here, and goes on for a caller that waits for an answer.
fn few_messages(config: Config) -> Config {
    config.incoming(10, 1 << 30)
}

/// Reading stops here, whatever waits.
fn few_bytes(config: Config) -> Config {
    config.incoming(1_000_000, 40_000)
}

/// A broker whose queue `q` has more messages than an inbox takes.
fn filled() -> Server {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let filler = pika::blocking::Connection::<Version>::open_as(patient(&server)).unwrap();
    let channel = filler.channel().unwrap();
    channel.queue_declare(queue::Declare::new("q")).unwrap();
    // So many that the end of the transport still reaches the client's system behind them.
    for _ in 0..20 {
        channel.publish("", "q", vec![0; 5000]).unwrap();
    }
    // Its reply comes behind the messages.
    channel.queue_declare(queue::Declare::new("q")).unwrap();
    filler.close().unwrap();
    server
}

/// Says what happens, once the client does not read any more.
fn happen(server: &Server, what: Happens, wait: Wait) {
    server.with(|broker| {
        let id = first(broker);
        let mut faults = broker.faults();
        match (what, wait) {
            // A close in good order would wait behind what the client does not read.
            (Happens::End, _) => _ = faults.end(id, Ending::Reset),
            (_, Wait::FlowChanges | Wait::NextNotice) => _ = faults.flow(id, CONSUMER, false),
            (_, Wait::BlockedChanges) => _ = faults.blocked(id, "low on memory"),
            _ => {}
        }
    });
}

/// An unroutable message, which comes back.
fn unroutable() -> basic::Publish {
    basic::Publish::new("", "no such queue").mandatory(true)
}

/// Runs the scene of each wait at the same time, and fails with those that did not end.
#[track_caller]
fn all_end(what: Happens, scene: fn(Happens, Wait, Bound) -> bool) {
    let mut scenes = Vec::new();
    for wait in ALL {
        if what == Happens::End || wait.has_news() {
            scenes.push((wait, "few messages", few_messages as Bound));
        }
        if what == Happens::End {
            scenes.push((wait, "few bytes", few_bytes));
        }
    }
    let (ended, ends) = mpsc::channel();
    let count = scenes.len();
    for (wait, name, bound) in scenes {
        let ended = ended.clone();
        thread::spawn(move || ended.send((wait, name, scene(what, wait, bound))));
    }
    drop(ended);
    let ends: Vec<_> = ends.iter().collect();
    assert_eq!(ends.len(), count, "a scene panicked");
    let waiting = ends.iter().filter(|(.., ended)| !ended);
    let mut waiting: Vec<_> = waiting
        .map(|(wait, bound, _)| format!("{wait:?} ({bound})"))
        .collect();
    waiting.sort_unstable();
    assert!(
        waiting.is_empty(),
        "of {count}, {} wait on: {waiting:?}",
        waiting.len()
    );
}

/// Whether a future ends in time.
async fn ends<T>(future: impl Future<Output = T>) -> bool {
    tokio::time::timeout(LIMIT, future).await.is_ok()
}

fn on_tokio(what: Happens, wait: Wait, bound: Bound) -> bool {
    let server = filled();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let config = bound(patient(&server));
        let connection = pika::tokio::Connection::<Version>::open_as(config)
            .await
            .unwrap();
        let channel = connection.channel().await.unwrap();
        let mut flow = channel.flow_changes();
        let mut blocked = connection.blocked_changes();
        // The first is the state now.
        flow.next().await.unwrap();
        blocked.next().await.unwrap();
        let _full = channel.consume(basic::Consume::new("q")).await.unwrap();
        let mut before = 0;
        while connection.traffic().0 > before {
            before = connection.traffic().0;
            tokio::time::sleep(ms(50)).await;
        }
        if wait == Wait::NextReturned {
            let properties = basic::Properties::new();
            channel
                .basic_publish(&unroutable(), &properties, "back")
                .await
                .unwrap();
        }
        happen(&server, what, wait);
        match wait {
            Wait::NextReturned => ends(channel.next_returned()).await,
            Wait::FlowChanges => ends(flow.next()).await,
            Wait::BlockedChanges => ends(blocked.next()).await,
            Wait::NextNotice => ends(connection.next_notice()).await,
            Wait::ConnectionClosed => ends(connection.wait_closed()).await,
            Wait::ChannelClosed => ends(channel.wait_closed()).await,
        }
    })
}

fn on_threads(what: Happens, wait: Wait, bound: Bound) -> bool {
    let server = filled();
    let config = bound(patient(&server));
    let connection = pika::blocking::background::open_as::<Version, _>(config).unwrap();
    let channel = connection.channel().unwrap();
    let (mut flow, mut blocked) = (channel.flow_changes(), connection.blocked_changes());
    // The first is the state now.
    flow.next().unwrap();
    blocked.next().unwrap();
    let _full = channel.consume(basic::Consume::new("q")).unwrap();
    let mut before = 0;
    while connection.traffic().0 > before {
        before = connection.traffic().0;
        thread::sleep(ms(50));
    }
    if wait == Wait::NextReturned {
        let properties = basic::Properties::new();
        channel
            .basic_publish(&unroutable(), &properties, "back")
            .unwrap();
    }
    happen(&server, what, wait);
    let (ended, end) = mpsc::channel();
    thread::spawn(move || {
        match wait {
            Wait::NextReturned => drop(channel.next_returned_within(LIMIT * 2)),
            Wait::FlowChanges => drop(flow.next()),
            Wait::BlockedChanges => drop(blocked.next()),
            Wait::NextNotice => drop(connection.next_notice_within(LIMIT * 2)),
            Wait::ConnectionClosed => drop(connection.wait_closed()),
            Wait::ChannelClosed => drop(channel.wait_closed()),
        }
        let _ = ended.send(());
    });
    end.recv_timeout(LIMIT).is_ok()
}

/// The socket is read for those that wait for news.
#[test]
fn news_arrive_behind_a_full_inbox_on_tokio() {
    fault(|| all_end(Happens::News, on_tokio));
}

/// The socket is read for those that wait for news.
#[test]
fn news_arrive_behind_a_full_inbox_on_threads() {
    fault(|| all_end(Happens::News, on_threads));
}

/// Nothing is read for these waits; that the server is gone is known of the socket all the same.
#[test]
fn every_wait_ends_with_its_server_on_tokio() {
    fault(|| all_end(Happens::End, on_tokio));
}

/// Nothing is read for these waits; that the server is gone is known of the socket all the same.
#[test]
fn every_wait_ends_with_its_server_on_threads() {
    fault(|| all_end(Happens::End, on_threads));
}

/// A misuse promises that nothing was sent.
#[test]
fn a_call_that_is_a_misuse_was_not_sent() {
    fault(|| {
        let server = filled();
        let config = few_bytes(patient(&server)).blocked_timeout(ms(50));
        let connection = pika::blocking::Connection::<Version>::open_as(config).unwrap();
        let channel = connection.channel().unwrap();
        let mut full = channel.consume(basic::Consume::new("q")).unwrap();
        connection.process_events(ms(50)).unwrap();
        let late = channel.queue_declare(queue::Declare::new("late"));
        let is_misuse = matches!(late, Err(Error::Misuse(_)));
        assert!(late.is_err(), "its reply stands behind what is not read");
        full.until_idle(ms(50)).for_each(drop);
        let exists = queue_of(&server, "late").is_some();
        assert!(!(is_misuse && exists), "{late:?}, and the queue exists");
    });
}
