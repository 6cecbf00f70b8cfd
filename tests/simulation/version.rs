//! What the simulation needs of a protocol version.

use std::time::Instant;

use pika::connection::{CallId, ChannelMut, DeliveryToken, Settled};
use pika::protocol::Protocol;
use pika::wire::ShortStr;
use pika::{Result, v0_8, v0_9_1};

pub(crate) trait Version: Protocol {
    /// Whether the server may block connections and cancel consumers' queues.
    const EXTENDED: bool;

    fn declare(on: &mut ChannelMut<'_, Self>, queue: &ShortStr, now: Instant) -> Result<CallId>;
    fn declared(reply: &Self::Method) -> Option<&ShortStr>;
    fn qos(on: &mut ChannelMut<'_, Self>, count: u16, now: Instant) -> Result<CallId>;
    fn is_qos_ok(reply: &Self::Method) -> bool;
    fn confirm(on: &mut ChannelMut<'_, Self>, now: Instant) -> Option<Result<CallId>>;
    fn recover(on: &mut ChannelMut<'_, Self>, now: Instant) -> Result<CallId>;
    fn publish_to(queue: &ShortStr, mandatory: bool) -> Self::Publish;
    fn consume(queue: &ShortStr, no_ack: bool) -> Self::Consume;
    fn nack(on: &mut ChannelMut<'_, Self>, token: DeliveryToken, multiple: bool)
    -> Result<Settled>;
}

macro_rules! version {
    ($marker:ty, $amqp:ident, $extended:literal, $confirm:expr, $nack:expr) => {
        impl Version for $marker {
            const EXTENDED: bool = $extended;

            fn declare(
                on: &mut ChannelMut<'_, Self>,
                queue: &ShortStr,
                now: Instant,
            ) -> Result<CallId> {
                on.call($amqp::queue::Declare::new(queue), now)
            }

            fn declared(reply: &Self::Method) -> Option<&ShortStr> {
                match reply {
                    $amqp::Method::Queue($amqp::queue::Method::DeclareOk(ok)) => Some(&ok.queue),
                    _ => None,
                }
            }

            fn qos(on: &mut ChannelMut<'_, Self>, count: u16, now: Instant) -> Result<CallId> {
                on.call($amqp::basic::Qos::new(count), now)
            }

            fn is_qos_ok(reply: &Self::Method) -> bool {
                matches!(reply, $amqp::Method::Basic($amqp::basic::Method::QosOk(_)))
            }

            fn confirm(on: &mut ChannelMut<'_, Self>, now: Instant) -> Option<Result<CallId>> {
                let confirm: fn(&mut ChannelMut<'_, Self>, Instant) -> Option<Result<CallId>> =
                    $confirm;
                confirm(on, now)
            }

            fn recover(on: &mut ChannelMut<'_, Self>, now: Instant) -> Result<CallId> {
                on.call($amqp::basic::Recover::new().requeue(true), now)
            }

            fn publish_to(queue: &ShortStr, mandatory: bool) -> Self::Publish {
                $amqp::basic::Publish::new("", queue).mandatory(mandatory)
            }

            fn consume(queue: &ShortStr, no_ack: bool) -> Self::Consume {
                $amqp::basic::Consume::new(queue).no_ack(no_ack)
            }

            fn nack(
                on: &mut ChannelMut<'_, Self>,
                token: DeliveryToken,
                multiple: bool,
            ) -> Result<Settled> {
                let nack: fn(&mut ChannelMut<'_, Self>, DeliveryToken, bool) -> Result<Settled> =
                    $nack;
                nack(on, token, multiple)
            }
        }
    };
}

version!(v0_8::V0_8, v0_8, false, |_, _| None, |on, token, _| on
    .reject(token, true));
version!(
    v0_9_1::V0_9_1,
    v0_9_1,
    true,
    |on, now| Some(on.call(v0_9_1::confirm::Select::new(), now)),
    |on, token, multiple| on.nack(token, multiple, true)
);
