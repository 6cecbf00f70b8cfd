//! What the connection layer has to know of a protocol version.
//!
//! Generated types say how every method looks; a [`Protocol`] says which of them the connection
//! layer acts upon and which it sends by itself. One file per version implements it, and nothing
//! above this room names a version.

use std::hash::Hasher;

use crate::method::{
    Call, ChannelMethod, ConnectionCall, ContentArgs, NoWait, OneWay, Properties, SimpleMethod,
    Spec, ToServer,
};
use crate::wire::{
    DecodeError, DeliveryTag, LongStr, MethodId, Reader, ReplyCode, ShortStr, Table,
};

pub(crate) mod common;

pub(crate) mod sealed {
    /// Keeps [`Protocol`](super::Protocol) to the versions of this crate.
    pub trait Sealed {}
}

/// A version that connections can speak.
///
/// It is sealed: adding methods to it breaks nobody.
pub trait Protocol: Spec + sealed::Sealed {
    /// `basic`'s property list.
    type BasicProperties: Properties<Spec = Self>;
    /// `basic.publish`.
    type Publish: ContentArgs<Spec = Self, Properties = Self::BasicProperties> + ToServer;
    /// `basic.consume`.
    type Consume: NoWait<Spec = Self> + ChannelMethod;
    /// `basic.get`.
    type Get: Call<Spec = Self> + ChannelMethod;
    /// `basic.cancel`.
    type Cancel: NoWait<Spec = Self> + SimpleMethod;
    /// `basic.ack`.
    type Ack: OneWay<Spec = Self>;
    /// `basic.reject`.
    type Reject: OneWay<Spec = Self>;
    /// `basic.qos`.
    type Qos: Call<Spec = Self> + SimpleMethod;
    /// `channel.open`.
    type ChannelOpen: Call<Spec = Self> + ToServer;
    /// `channel.close`.
    type ChannelClose: Call<Spec = Self> + ToServer;

    /// Capabilities that clients of this version announce to the server.
    ///
    /// `connection.blocked` is never among them on 0-8: its id means something else there, and
    /// RabbitMQ fails when it tries to send it.
    const CAPABILITIES: &'static [&'static str];

    /// The id of `basic.deliver`.
    const DELIVER: MethodId;
    /// The id of `basic.ack`.
    const ACK: MethodId;

    /// Sorts a received method by what the connection layer has to do about it.
    #[doc(hidden)]
    fn signal(method: Self::Method) -> Signal<Self>;

    /// The consumer that an answer is about: a `basic.consume-ok` or a `basic.cancel-ok`.
    #[doc(hidden)]
    fn answered_consumer(method: &Self::Method) -> Option<&ShortStr>;

    /// Whether it is `basic.cancel-ok`.
    #[doc(hidden)]
    fn is_cancel_ok(method: &Self::Method) -> bool;

    /// `connection.start-ok`.
    #[doc(hidden)]
    fn start_ok(answer: StartOk) -> Self::Method;
    /// `connection.secure-ok`.
    #[doc(hidden)]
    fn secure_ok(response: LongStr) -> Self::Method;
    /// `connection.tune-ok`.
    #[doc(hidden)]
    fn tune_ok(tune: Tune) -> Self::Method;
    /// `connection.open`.
    #[doc(hidden)]
    fn open(virtual_host: ShortStr) -> Self::Method;
    /// `connection.close`.
    #[doc(hidden)]
    fn close(close: Close) -> Self::Method;
    /// `connection.close-ok`.
    #[doc(hidden)]
    fn close_ok() -> Self::Method;
    /// `channel.open`.
    #[doc(hidden)]
    fn channel_open() -> Self::ChannelOpen;
    /// `channel.close`.
    #[doc(hidden)]
    fn channel_close(close: Close) -> Self::ChannelClose;
    /// `channel.close-ok`.
    #[doc(hidden)]
    fn channel_close_ok() -> Self::Method;
    /// `channel.flow-ok`.
    #[doc(hidden)]
    fn flow_ok(active: bool) -> Self::Method;
    /// `basic.cancel`.
    #[doc(hidden)]
    fn cancel(consumer_tag: ShortStr) -> Self::Cancel;
    /// `basic.cancel-ok`.
    #[doc(hidden)]
    fn cancel_ok(consumer_tag: ShortStr) -> Self::Method;
    /// `basic.get`.
    #[doc(hidden)]
    fn get(queue: ShortStr, no_ack: bool) -> Self::Get;
    /// `basic.ack`.
    #[doc(hidden)]
    fn ack(delivery_tag: DeliveryTag, multiple: bool) -> Self::Ack;
    /// `basic.reject`.
    #[doc(hidden)]
    fn reject(delivery_tag: DeliveryTag, requeue: bool) -> Self::Reject;

    /// `basic.qos` with this count for each consumer of a channel.
    #[doc(hidden)]
    fn prefetch(count: u16) -> Self::Qos;
    /// `basic.publish`.
    #[doc(hidden)]
    fn publish(exchange: ShortStr, routing_key: ShortStr, mandatory: bool) -> Self::Publish;
    /// Whether `publish` asks for the message back when it reaches no queue.
    #[doc(hidden)]
    fn mandatory(publish: &Self::Publish) -> bool;
    /// The call that replaces the secret of an open connection, where the version has one.
    #[doc(hidden)]
    fn replace_secret(secret: LongStr, reason: ShortStr) -> Option<SecretCall<Self>>;
    /// Exchange and routing key of `publish`.
    #[doc(hidden)]
    fn route(publish: &Self::Publish) -> (&ShortStr, &ShortStr);
    /// Expiration and delivery mode.
    #[doc(hidden)]
    fn lifetime(properties: &Self::BasicProperties) -> (Option<&ShortStr>, Option<u8>);
    /// The message id.
    #[doc(hidden)]
    fn message_id_mut(properties: &mut Self::BasicProperties) -> &mut Option<ShortStr>;
    /// Hashes what tells messages apart of their properties, but not the headers, which it returns.
    #[doc(hidden)]
    fn identify<'a>(
        properties: &'a Self::BasicProperties,
        hasher: &mut impl Hasher,
    ) -> Option<&'a Table>;
}

/// A call that replaces the secret of a connection.
#[doc(hidden)]
#[derive(Debug)]
pub struct SecretCall<P: Spec> {
    /// The method.
    pub method: P::Method,
    /// Its name.
    pub name: &'static str,
    /// The ids of its replies.
    pub replies: &'static [MethodId],
}

/// A version with publisher confirms and negative acknowledgements: 0-9-1 with RabbitMQ's
/// extensions.
pub trait Confirming: Protocol {
    /// `confirm.select`.
    type ConfirmSelect: NoWait<Spec = Self> + ChannelMethod;
    /// `basic.nack`.
    type Nack: OneWay<Spec = Self>;
    /// `connection.update-secret`.
    type UpdateSecret: ConnectionCall<Spec = Self>;

    /// `confirm.select`.
    #[doc(hidden)]
    fn confirm_select() -> Self::ConfirmSelect;
    /// `connection.update-secret`.
    #[doc(hidden)]
    fn update_secret(secret: LongStr, reason: ShortStr) -> Self::UpdateSecret;
    /// `basic.nack`.
    #[doc(hidden)]
    fn nack(delivery_tag: DeliveryTag, multiple: bool, requeue: bool) -> Self::Nack;
}

/// A received method, sorted by what the connection layer does about it.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq)]
pub enum Signal<P: Spec> {
    /// `connection.start`.
    Start(Start),
    /// `connection.secure`.
    Secure {
        /// The challenge.
        challenge: LongStr,
    },
    /// `connection.tune`.
    Tune(Tune),
    /// `connection.open-ok`.
    Opened,
    /// `connection.redirect` of 0-8.
    Redirect {
        /// The server to go to.
        host: ShortStr,
        /// Other servers that would do.
        known_hosts: ShortStr,
    },
    /// `connection.close`.
    Close(Close),
    /// `connection.close-ok`.
    CloseOk,
    /// `connection.blocked`.
    Blocked {
        /// Why the server accepts no messages.
        reason: ShortStr,
    },
    /// `connection.unblocked`.
    Unblocked,
    /// `channel.close`.
    ChannelClose(Close),
    /// `channel.flow`.
    Flow {
        /// Whether content may be sent.
        active: bool,
    },
    /// `channel.alert` of 0-8.
    Alert {
        /// What it is about.
        code: ReplyCode,
        /// The same in words.
        text: ShortStr,
        /// Details.
        details: Table,
    },
    /// `basic.deliver`.
    Deliver(Deliver),
    /// `basic.return`.
    Return(Return),
    /// `basic.get-ok`.
    GetOk(GetOk),
    /// `basic.cancel`.
    Cancel {
        /// The consumer.
        consumer_tag: ShortStr,
        /// Whether no answer is wanted.
        no_wait: bool,
    },
    /// `basic.ack`, a confirm.
    Ack {
        /// The publish.
        tag: DeliveryTag,
        /// Whether all publishes before it are meant too.
        multiple: bool,
    },
    /// `basic.nack`, a refusal.
    Nack {
        /// The publish.
        tag: DeliveryTag,
        /// Whether all publishes before it are meant too.
        multiple: bool,
    },
    /// Anything else is the answer to a call.
    Reply(P::Method),
}

/// `connection.start`.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Major and minor number of the version that the server starts.
    pub version: (u8, u8),
    /// What the server says of itself.
    pub server_properties: Table,
    /// SASL mechanisms, separated by spaces.
    pub mechanisms: LongStr,
    /// Locales, separated by spaces.
    pub locales: LongStr,
}

/// `connection.start-ok`. It holds the password, so it cannot be shown.
#[doc(hidden)]
#[derive(Clone, PartialEq, Eq)]
pub struct StartOk {
    /// What the client says of itself.
    pub client_properties: Table,
    /// The SASL mechanism chosen.
    pub mechanism: ShortStr,
    /// Its initial response.
    pub response: LongStr,
    /// The locale chosen.
    pub locale: ShortStr,
}

/// `connection.tune` and `connection.tune-ok`.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tune {
    /// The highest channel number; 0 says nothing.
    pub channel_max: u16,
    /// The largest frame, overhead included; 0 says nothing.
    pub frame_max: u32,
    /// Seconds between signs of life; 0 wants none.
    pub heartbeat: u16,
}

/// `connection.close` and `channel.close`.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// Why.
    pub code: ReplyCode,
    /// Why, in words.
    pub text: ShortStr,
    /// The method that was the cause, 0/0 if none was.
    pub method: MethodId,
}

/// `basic.deliver`.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliver {
    /// The consumer.
    pub consumer_tag: ShortStr,
    /// The number to acknowledge with.
    pub delivery_tag: DeliveryTag,
    /// Whether it was delivered before.
    pub redelivered: bool,
    /// Where it was published.
    pub exchange: ShortStr,
    /// The routing key it was published with.
    pub routing_key: ShortStr,
}

/// Where the arguments of `basic.deliver` lie in received memory.
///
/// It comes in masses, and has had the same arguments in all versions; what is made of it here costs
/// no copy. [`Protocol::signal`] makes the same of the generated type.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliverParts<'a> {
    /// The consumer.
    pub consumer_tag: &'a [u8],
    /// The number to acknowledge with.
    pub delivery_tag: DeliveryTag,
    /// Whether it was delivered before.
    pub redelivered: bool,
    /// Two short strings: where it was published, and the routing key.
    pub route: &'a [u8],
}

impl<'a> DeliverParts<'a> {
    /// Finds the arguments.
    ///
    /// # Errors
    /// When they do not fill `arguments` exactly.
    #[inline]
    pub fn find(arguments: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let len: u8 = arguments.get()?;
        let consumer_tag = arguments.bytes(len.into())?;
        let delivery_tag = DeliveryTag(arguments.get()?);
        let [redelivered] = arguments.bits()?;
        let route = arguments.rest();
        for _ in 0..2 {
            let len: u8 = arguments.get()?;
            arguments.bytes(len.into())?;
        }
        arguments.finish()?;
        Ok(Self {
            consumer_tag,
            delivery_tag,
            redelivered,
            route,
        })
    }
}

/// `basic.return`.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return {
    /// Why it came back.
    pub code: ReplyCode,
    /// Why, in words.
    pub text: ShortStr,
    /// Where it was published.
    pub exchange: ShortStr,
    /// The routing key it was published with.
    pub routing_key: ShortStr,
}

/// `basic.get-ok`.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetOk {
    /// The number to acknowledge with.
    pub delivery_tag: DeliveryTag,
    /// Whether it was delivered before.
    pub redelivered: bool,
    /// Where it was published.
    pub exchange: ShortStr,
    /// The routing key it was published with.
    pub routing_key: ShortStr,
    /// Messages left in the queue.
    pub message_count: u32,
}
