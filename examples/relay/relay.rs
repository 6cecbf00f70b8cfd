//! One source and its targets, put together.

use std::rc::Rc;
use std::time::Duration;

use pika::amqp::{exchange, queue};
use pika::callbacks::{Connection, Loop};
use pika::config::Config;
use pika::recovery::Recovery;
use pika::wire::ShortStr;

use super::source::Source;
use super::target::Target;

/// What is relayed, and how.
#[derive(Clone)]
pub(crate) struct Options {
    /// The exchange whose messages are relayed, to the exchange of the same name at each target.
    pub(crate) exchange: ShortStr,
    /// Its type.
    pub(crate) kind: ShortStr,
    /// The key with which the relay's queue is bound to it.
    pub(crate) key: ShortStr,
    /// The relay's own queue at the source.
    pub(crate) queue: ShortStr,
    /// Whether that outlives the relay, so that it gets what comes while the relay is away.
    pub(crate) is_durable: bool,
    pub(crate) prefetch: u16,
    /// The shortest and the longest wait before another attempt; none for one attempt only.
    pub(crate) delays: Option<(Duration, Duration)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            exchange: ShortStr::from_static("relay"),
            kind: ShortStr::from_static("fanout"),
            key: ShortStr::EMPTY,
            queue: ShortStr::from_static("relay"),
            is_durable: true,
            prefetch: 100,
            delays: Some((Duration::from_secs(1), Duration::from_secs(30))),
        }
    }
}

impl Options {
    /// Declares the exchange, which a source and a target have alike.
    pub(crate) fn exchange(&self) -> exchange::Declare {
        exchange::Declare::new(&self.exchange, &self.kind).durable(true)
    }

    /// Declares the relay's own queue. One that is not durable goes with its connection.
    pub(crate) fn queue(&self) -> queue::Declare {
        let declare = queue::Declare::new(&self.queue).durable(self.is_durable);
        declare.exclusive(!self.is_durable)
    }

    /// Binds it.
    pub(crate) fn bind(&self) -> queue::Bind {
        queue::Bind::new(&self.queue, &self.exchange, &self.key)
    }
}

/// A server: how it is called in what is printed, and where it is.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) id: String,
    pub(crate) url: String,
}

impl Place {
    /// From `ID=URL`, or from a URL alone.
    pub(crate) fn new(text: &str, otherwise: &str) -> Self {
        let named = text.split_once('=').filter(|(id, _)| !id.contains(':'));
        let (id, url) = named.unwrap_or((otherwise, text));
        let (id, url) = (id.to_owned(), url.to_owned());
        Self { id, url }
    }
}

/// N targets and one source: N + 1 connections in one loop.
pub(crate) struct Relay {
    connections: Vec<Connection>,
    source: Rc<Source>,
}

impl Relay {
    /// Begins to relay in a loop.
    pub(crate) fn start(
        events: &Loop,
        source: &Place,
        targets: &[Place],
        options: &Options,
    ) -> pika::Result<Self> {
        let (mut connections, mut ends) = (Vec::new(), Vec::new());
        for place in targets {
            let connection = connect(events, place, options)?;
            connections.push(connection.clone());
            ends.push(Target::start(&place.id, options, (events, connection)));
        }
        let connection = connect(events, source, options)?;
        let source = Source::start(&source.id, options, (&connection, ends));
        connections.push(connection);
        Ok(Self {
            connections,
            source,
        })
    }

    /// Whether one of the connections has ended for good.
    pub(crate) fn is_over(&self) -> bool {
        let mut connections = self.connections.iter();
        connections.any(|connection| connection.status().is_stopped())
    }

    /// How many messages were taken from the source, and how many passed over since they were
    /// relayed before.
    pub(crate) fn counts(&self) -> (u64, u64) {
        self.source.counts.get()
    }

    /// Closes all connections in good order.
    pub(crate) fn close(&self) {
        for connection in &self.connections {
            // It ends however it ends; what was not confirmed, its server sends again.
            connection.close().then(|_closed| ());
        }
    }
}

/// Begins to connect. Heartbeats and all else are as the URL says.
fn connect(events: &Loop, place: &Place, options: &Options) -> pika::Result<Connection> {
    let recovery = match options.delays {
        Some((first, longest)) => Recovery::new().including_first().delays(first, longest),
        None => Recovery::new().attempts(0),
    };
    let name = place.id.clone();
    let recovery = recovery.observer(move |event| println!("{name}: {event}"));
    let config = Config::from_uri(&place.url)?;
    let connection = Connection::connect(config.connection_name("relay").recovery(recovery))?;
    // The observer tells why.
    connection.on_closed(|_, _| ());
    events.add(&connection)?;
    Ok(connection)
}
