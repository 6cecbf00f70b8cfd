//! What holds in every version.

mod faults;
mod limits;
mod loopback;
mod machine;
mod server;

use std::time::Duration;

use pika::broker::{ConnectionId, Plan, Settings};
use pika::method::{Args, Spec};
use pika::wire::{LongStr, Table};

use super::amqp::{self, basic, channel, connection, exchange, queue};
use crate::dialogue::{Ear, Heard, World};

const SECOND: Duration = Duration::from_secs(1);

/// One client and its broker.
pub(super) struct Client {
    pub(super) world: World,
    pub(super) id: ConnectionId,
    pub(super) ear: Ear,
}

impl Client {
    /// A client whose connection is open.
    pub(super) fn open() -> Self {
        Self::open_with(Settings::new(), Plan::new())
    }

    pub(super) fn open_with(settings: Settings, plan: Plan) -> Self {
        let mut world = World::new(settings);
        world.broker.faults().on_next(plan);
        Self::on(world, Table::new())
    }

    /// A client that announces capabilities, on a broker that is there.
    pub(super) fn on(world: World, capabilities: Table) -> Self {
        let mut client = Self::greeting(world);
        client.hears::<connection::Start>(0);
        client.logs_in("\0guest\0guest", capabilities);
        let tune = client.hears::<connection::Tune>(0);
        client.says(
            0,
            &connection::TuneOk::new(tune.channel_max, tune.frame_max, tune.heartbeat),
        );
        client.says(0, &connection::Open::new("/"));
        client.hears::<connection::OpenOk>(0);
        client
    }

    /// A client that has sent its protocol header.
    pub(super) fn greeting(mut world: World) -> Self {
        let id = world.accept();
        let mut ear = Ear::default();
        world.gives(id, &mut ear, &amqp::Version::PROTOCOL_HEADER);
        Self { world, id, ear }
    }

    pub(super) fn logs_in(&mut self, response: &'static str, capabilities: Table) {
        let properties = Table::new().with("capabilities", capabilities);
        let response = LongStr::from(response);
        let start_ok =
            connection::StartOk::new("PLAIN", response, "en_US").client_properties(properties);
        self.says(0, &start_ok);
    }

    /// The same with channel 1.
    pub(super) fn with_channel() -> Self {
        let mut client = Self::open();
        client.opens(1);
        client
    }

    pub(super) fn opens(&mut self, number: u16) {
        self.says(number, &channel::Open::new());
        self.hears::<channel::OpenOk>(number);
    }

    pub(super) fn says<M: Args>(&mut self, at: u16, method: &M) {
        self.world.says(self.id, &mut self.ear, (at, method));
    }

    pub(super) fn publishes(&mut self, at: u16, publish: &basic::Publish, body: &[u8]) {
        let content = (at, publish, &basic::Properties::new(), body);
        self.world.publishes(self.id, &mut self.ear, content);
    }

    #[track_caller]
    pub(super) fn hears<M: Args<Spec = amqp::Version>>(&mut self, at: u16) -> M {
        self.world.hears(self.id, &mut self.ear, at)
    }

    #[track_caller]
    pub(super) fn hears_nothing(&mut self) {
        assert_eq!(self.next(), None);
    }

    pub(super) fn next(&mut self) -> Option<Heard<amqp::Version>> {
        self.world.next(self.id, &mut self.ear)
    }

    #[track_caller]
    pub(super) fn hears_message(&mut self) -> (basic::Properties, Vec<u8>) {
        self.world.hears_content(self.id, &mut self.ear)
    }

    /// Declares a queue and tells how many messages it has.
    #[track_caller]
    pub(super) fn declares(&mut self, declare: &queue::Declare) -> u32 {
        self.says(1, declare);
        self.hears::<queue::DeclareOk>(1).message_count
    }

    /// The bodies that are left in a queue, with their marks of redelivery.
    #[track_caller]
    pub(super) fn drains(&mut self, name: &'static str) -> Vec<(String, bool)> {
        let mut bodies = Vec::new();
        loop {
            self.says(1, &basic::Get::new(name).no_ack(true));
            let Some(Heard::Method(1, method)) = self.next() else {
                panic!("expected an answer to basic.get");
            };
            let Ok(got) = basic::GetOk::from_method(method) else {
                return bodies;
            };
            let body = String::from_utf8(self.hears_message().1).unwrap();
            bodies.push((body, got.redelivered));
        }
    }
}
