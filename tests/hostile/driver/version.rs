//! What the driver needs of a protocol version.

use std::sync::OnceLock;
use std::time::Instant;

use pika::bytes::Bytes;
use pika::connection::{CallId, ChannelMut, DeliveryToken, Settled};
use pika::method::{MethodSet, Spec};
use pika::protocol::Protocol;
use pika::wire::{DecodeErrorKind, LongStr, MethodId, Reader, Table};
use pika::{Result, v0_8, v0_9_1};

pub(crate) trait Version: Protocol {
    /// The ids of all methods.
    fn ids() -> &'static [MethodId];

    fn start(version: (u8, u8), mechanisms: LongStr, properties: Table) -> Self::Method;
    fn tune(channel_max: u16, frame_max: u32, heartbeat: u16) -> Self::Method;
    fn open_ok() -> Self::Method;

    fn declare(on: &mut ChannelMut<'_, Self>, passive: bool, now: Instant) -> Result<CallId>;
    fn qos(on: &mut ChannelMut<'_, Self>, now: Instant) -> Result<CallId>;
    fn confirm(on: &mut ChannelMut<'_, Self>, now: Instant) -> Option<Result<CallId>>;
    fn recover(on: &mut ChannelMut<'_, Self>, now: Instant) -> Result<CallId>;
    fn publish_to(queue: &'static str, mandatory: bool) -> Self::Publish;
    fn consume(no_ack: bool) -> Self::Consume;
    fn nack(on: &mut ChannelMut<'_, Self>, token: DeliveryToken) -> Result<Settled>;
}

/// The queue that is there.
pub(crate) const QUEUE: &str = "q";

macro_rules! version {
    ($marker:ty, $amqp:ident, $confirm:expr, $nack:expr) => {
        impl Version for $marker {
            fn ids() -> &'static [MethodId] {
                static IDS: OnceLock<Vec<MethodId>> = OnceLock::new();
                IDS.get_or_init(all_ids::<$marker>)
            }

            fn start((major, minor): (u8, u8), mechanisms: LongStr, own: Table) -> Self::Method {
                $amqp::connection::Start::new(major, minor, mechanisms, "en_US")
                    .server_properties(own)
                    .into()
            }

            fn tune(channel_max: u16, frame_max: u32, heartbeat: u16) -> Self::Method {
                $amqp::connection::Tune::new(channel_max, frame_max, heartbeat).into()
            }

            fn open_ok() -> Self::Method {
                $amqp::connection::OpenOk::new().into()
            }

            fn declare(
                on: &mut ChannelMut<'_, Self>,
                passive: bool,
                now: Instant,
            ) -> Result<CallId> {
                let name = if passive { "nowhere" } else { QUEUE };
                let declare = $amqp::queue::Declare::new(name).passive(passive);
                on.call(declare, now)
            }

            fn qos(on: &mut ChannelMut<'_, Self>, now: Instant) -> Result<CallId> {
                on.call($amqp::basic::Qos::new(3), now)
            }

            fn confirm(on: &mut ChannelMut<'_, Self>, now: Instant) -> Option<Result<CallId>> {
                let confirm: fn(&mut ChannelMut<'_, Self>, Instant) -> Option<Result<CallId>> =
                    $confirm;
                confirm(on, now)
            }

            fn recover(on: &mut ChannelMut<'_, Self>, now: Instant) -> Result<CallId> {
                on.call($amqp::basic::Recover::new().requeue(true), now)
            }

            fn publish_to(queue: &'static str, mandatory: bool) -> Self::Publish {
                $amqp::basic::Publish::new("", queue).mandatory(mandatory)
            }

            fn consume(no_ack: bool) -> Self::Consume {
                $amqp::basic::Consume::new(QUEUE).no_ack(no_ack)
            }

            fn nack(on: &mut ChannelMut<'_, Self>, token: DeliveryToken) -> Result<Settled> {
                let nack: fn(&mut ChannelMut<'_, Self>, DeliveryToken) -> Result<Settled> = $nack;
                nack(on, token)
            }
        }
    };
}

version!(v0_8::V0_8, v0_8, |_, _| None, |on, token| on
    .reject(token, false));
version!(
    v0_9_1::V0_9_1,
    v0_9_1,
    |on, now| Some(on.call(v0_9_1::confirm::Select::new(), now)),
    |on, token| on.nack(token, true, true)
);

/// Asks for every id that there could be.
fn all_ids<S: Spec>() -> Vec<MethodId> {
    let pairs = (0..=130).flat_map(|class| (0..=130).map(move |method| (class, method)));
    let known = |id: &MethodId| {
        let none = Bytes::new();
        let found = S::Method::decode(*id, &mut Reader::new(&none));
        !found.is_err_and(|error| error.kind() == DecodeErrorKind::UnknownMethod)
    };
    pairs
        .map(|(class, method)| MethodId::new(class, method))
        .filter(known)
        .collect()
}
