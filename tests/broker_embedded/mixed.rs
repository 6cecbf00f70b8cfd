//! Clients of both versions in one world: whatever is a peer can be in it.

use std::time::{Duration, Instant};

use pika::broker::loopback::{Loopback, Peer};
use pika::broker::{ConnectionId, Ending, Settings};
use pika::bytes::BytesMut;
use pika::config::Config;
use pika::connection::{Connection, Event};
use pika::v0_8::{self, V0_8};
use pika::v0_9_1::{self, V0_9_1};

/// A client of either version that tells the bodies it gets.
enum Client {
    Old(Connection<V0_8>),
    New(Connection<V0_9_1>),
}

/// Does the same with a client of either version.
macro_rules! either {
    ($client:expr, $it:ident => $what:expr) => {
        match $client {
            Client::Old($it) => $what,
            Client::New($it) => $what,
        }
    };
}

impl Peer for Client {
    type Event = String;

    fn poll_event(&mut self) -> Option<String> {
        either!(self, it => loop {
            if let Event::Deliveries { .. } = it.poll_event()? {
                let delivery = it.next_delivery()?;
                let body = delivery.content().body().to_vec();
                return String::from_utf8(body).ok();
            }
        })
    }

    fn receive(&mut self, input: &mut BytesMut, now: Instant) {
        either!(self, it => it.receive(input, now));
    }

    fn send(&mut self, wire: &mut BytesMut, now: Instant) {
        either!(self, it => it.send(wire, now));
    }

    fn poll_timeout(&self) -> Option<Instant> {
        either!(self, it => it.poll_timeout())
    }

    fn handle_timeout(&mut self, now: Instant) {
        either!(self, it => it.handle_timeout(now));
    }

    fn transport_ended(&mut self, ending: Ending, now: Instant) {
        either!(self, it => Peer::transport_ended(it, ending, now));
    }

    fn is_finished(&self) -> bool {
        either!(self, it => it.is_finished())
    }
}

/// Declares and consumes the queue `to` of a client, and publishes to the queue `from`.
macro_rules! exchanges {
    ($world:expr, $id:expr, $version:ident::$kind:ident, $own:literal, $other:literal) => {{
        let now = $world.now();
        let Client::$kind(client) = $world.peer($id) else {
            unreachable!("a client stays what it is")
        };
        let (key, _) = client.open_channel(now).unwrap();
        let mut on = client.channel(key).unwrap();
        on.call($version::queue::Declare::new($own), now).unwrap();
        on.call($version::queue::Declare::new($other), now).unwrap();
        let consume = $version::basic::Consume::new($own).no_ack(true);
        on.consume(consume, now).unwrap();
        let publish = $version::basic::Publish::new("", $other);
        let properties = $version::basic::Properties::new();
        on.publish(&publish, &properties, concat!("to ", $other))
            .unwrap();
    }};
}

#[test]
fn an_old_and_a_new_client_exchange_messages() {
    let mut world = Loopback::new(Settings::new(), Instant::now());
    let now = world.now();
    let old = world.connect(Client::Old(Connection::new(Config::new(), now)));
    let new = world.connect(Client::New(Connection::new(Config::new(), now)));
    world.settle();
    exchanges!(world, old, v0_8::Old, "old", "new");
    exchanges!(world, new, v0_9_1::New, "new", "old");
    let mut hears = |id: ConnectionId| world.wait(id, Duration::ZERO, Some);
    assert_eq!(hears(old).as_deref(), Some("to old"));
    assert_eq!(hears(new).as_deref(), Some("to new"));
}
