//! What the generated types of every protocol version have in common.
//!
//! A method's arguments are a struct that implements [`Args`]; further traits say what can be done
//! with it:
//!
//! ```text
//! Args ── ToServer ── Call { type Reply } ── NoWait      queue::Declare
//!   │        ├─────── ContentArgs { type Properties }    basic::Publish
//!   │        └─────── ChannelMethod { intent } ── SimpleMethod ── OneWay
//!   │                 basic::Consume              queue::Declare    basic::Ack
//!   └──── ToClient                                       basic::Deliver, queue::DeclareOk
//! ```
//!
//! A [`Spec`] ties one version together: its numbers, the enum of all its methods and that of all
//! its property lists. The traits are implemented by generated code only; they are public so that
//! code generated from other specification files into other crates can use them.

use core::fmt::Debug;
use core::hash::Hash;

use bytes::BufMut;

use crate::wire::{
    DecodeError, DecodeErrorKind, DeliveryTag, Field, MethodId, Overlong, Reader, ShortStr,
    Violation,
};

/// One version of the protocol, as a marker type.
pub trait Spec: Copy + Debug + Default + Eq + Hash + Send + Sync + Unpin + 'static {
    /// The usual name, `0-9-1`.
    const NAME: &'static str;
    /// The major number of the specification file.
    const MAJOR: u8;
    /// The minor number of the specification file.
    const MINOR: u8;
    /// The revision of the specification file; 0 where it has none.
    const REVISION: u8;
    /// The TCP port that the specification reserves.
    const PORT: u16;
    /// The eight bytes that a client opens the connection with.
    const PROTOCOL_HEADER: [u8; 8];

    /// Any method of this version.
    type Method: MethodSet<Spec = Self>;
    /// The property list of any content class of this version.
    type Properties: PropertySet<Spec = Self>;
}

/// Any method of a version, an enum over its classes.
pub trait MethodSet: Clone + Debug + PartialEq + Sized + Send + Sync + 'static {
    /// The version.
    type Spec: Spec<Method = Self>;

    /// Reads the arguments of the method with this id.
    ///
    /// # Errors
    /// When the version has no such method or the bytes end inside its arguments.
    fn decode(id: MethodId, input: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// The name in the specification of the method with this id, if the version has it.
    fn name_of(id: MethodId) -> Option<&'static str>;

    /// The class and method id.
    fn id(&self) -> MethodId;

    /// The name in the specification, `queue.declare`.
    fn name(&self) -> &'static str;

    /// Whether a content header and a body follow the method.
    fn has_content(&self) -> bool;

    /// Bytes that [`encode`](Self::encode) writes.
    fn encoded_len(&self) -> usize;

    /// Writes the arguments, without the ids.
    fn encode<B: BufMut>(&self, out: &mut B);

    /// Checks the rules of the specification that the wire does not enforce.
    ///
    /// # Errors
    /// The first rule that is broken.
    fn validate(&self) -> Result<(), Violation>;
}

/// The property list of any content class of a version.
pub trait PropertySet: Clone + Debug + PartialEq + Sized + Send + 'static {
    /// The version.
    type Spec: Spec<Properties = Self>;

    /// Reads the flags and the values of a property list of this class.
    ///
    /// # Errors
    /// When the class carries no content or the bytes end inside the list.
    fn decode(class: u16, input: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// The class id.
    fn class(&self) -> u16;

    /// Bytes that [`encode`](Self::encode) writes.
    fn encoded_len(&self) -> usize;

    /// Writes the flags and the values.
    fn encode<B: BufMut>(&self, out: &mut B);
}

/// The arguments of one method.
pub trait Args: Clone + Debug + Default + PartialEq + Sized + Send + Sync + 'static {
    /// The version that the method belongs to.
    type Spec: Spec;

    /// The class and method id.
    const ID: MethodId;

    /// The name in the specification, `queue.declare`.
    const NAME: &'static str;

    /// Bytes that [`encode`](Self::encode) writes.
    fn encoded_len(&self) -> usize;

    /// Writes the arguments, without the ids.
    fn encode<B: BufMut>(&self, out: &mut B);

    /// Reads the arguments.
    ///
    /// # Errors
    /// When the bytes end inside the arguments.
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// Checks the rules of the specification that the wire does not enforce.
    ///
    /// # Errors
    /// The first rule that is broken.
    fn validate(&self) -> Result<(), Violation> {
        Ok(())
    }

    /// The first argument with a string of more than 255 bytes, which cannot be sent.
    fn overlong(&self) -> Option<Overlong> {
        None
    }

    /// The method as one of all.
    fn into_method(self) -> <Self::Spec as Spec>::Method;

    /// These arguments out of any method.
    ///
    /// # Errors
    /// The method back, when it is another one.
    fn from_method(
        method: <Self::Spec as Spec>::Method,
    ) -> Result<Self, <Self::Spec as Spec>::Method>;
}

/// A method that a server accepts.
pub trait ToServer: Args {}

/// A method that a client accepts.
pub trait ToClient: Args {}

/// A method that a program may send on an open channel.
///
/// Methods that the connection sends by itself, such as `channel.close`, are none, so that sending
/// them by hand does not compile:
///
/// ```compile_fail,E0277
/// use std::time::Instant;
/// use pika::connection::ChannelMut;
/// use pika::v0_9_1::{V0_9_1, channel, queue};
///
/// fn calls(channel: &mut ChannelMut<'_, V0_9_1>, now: Instant) -> pika::Result<()> {
///     channel.call(queue::Declare::new("orders"), now)?;
///     channel.call(channel::Close::new(200, "bye", 0, 0), now)?;
///     Ok(())
/// }
/// ```
pub trait ChannelMethod: ToServer {
    /// What sending the method changes on its channel.
    fn intent(&mut self) -> Intent<'_> {
        Intent::Plain
    }
}

/// A [`ChannelMethod`] from which nothing more comes than its reply, if it has one.
///
/// `basic.consume`, `basic.get` and `confirm.select` are none: they have verbs of their own, which
/// hand out deliveries and confirms.
pub trait SimpleMethod: ChannelMethod {}

/// A [`SimpleMethod`] without a reply, such as `basic.ack`.
pub trait OneWay: SimpleMethod {}

/// A call that a program may make on the connection itself, such as `connection.update-secret`.
pub trait ConnectionCall: Call + ToServer {}

/// What a method changes on the channel that it is sent on.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Intent<'a> {
    /// Nothing that a channel keeps.
    Plain,
    /// It begins a consumer.
    Consume {
        /// The consumer's tag; empty if the server is to choose one.
        consumer_tag: &'a mut ShortStr,
        /// Whether deliveries need no acknowledgement.
        no_ack: bool,
    },
    /// It ends a consumer.
    Cancel {
        /// The consumer's tag.
        consumer_tag: &'a ShortStr,
    },
    /// It fetches a message.
    Get {
        /// Whether the message needs no acknowledgement.
        no_ack: bool,
    },
    /// It turns publisher confirms on.
    ConfirmSelect,
    /// It settles a delivery.
    Settle {
        /// The delivery.
        tag: DeliveryTag,
        /// Whether all deliveries before it are settled too.
        multiple: bool,
    },
    /// It makes all unacknowledged deliveries void.
    Recover,
}

/// What a call is answered with: one method, or one of several.
pub trait Reply: Sized + Send + 'static {
    /// The version.
    type Spec: Spec;

    /// The ids of the methods that can be the answer.
    const IDS: &'static [MethodId];

    /// The reply out of any method.
    ///
    /// # Errors
    /// The method back, when it is none of the answers.
    fn from_method(
        method: <Self::Spec as Spec>::Method,
    ) -> Result<Self, <Self::Spec as Spec>::Method>;
}

/// A method that the peer answers.
pub trait Call: Args {
    /// The answer.
    type Reply: Reply<Spec = Self::Spec>;

    /// Whether these very arguments ask for no answer, with the no-wait bit.
    fn declines_reply(&self) -> bool {
        false
    }
}

/// A call that can ask not to be answered.
pub trait NoWait: Call {
    /// Whether the no-wait bit is set.
    fn no_wait(&self) -> bool;

    /// Sets or clears the no-wait bit.
    fn set_no_wait(&mut self, no_wait: bool);
}

/// A method that is followed by a content header and a body.
pub trait ContentArgs: Args {
    /// The property list in the header.
    type Properties: Properties<Spec = Self::Spec>;
}

/// The property list of one content class.
pub trait Properties: Clone + Debug + Default + PartialEq + Send + Sync + 'static {
    /// The version that the class belongs to.
    type Spec: Spec;

    /// The class id.
    const CLASS: u16;

    /// Bytes that [`encode`](Self::encode) writes.
    fn encoded_len(&self) -> usize;

    /// Writes the flags and the values.
    fn encode<B: BufMut>(&self, out: &mut B);

    /// The first property with a string of more than 255 bytes, which cannot be sent.
    fn overlong(&self) -> Option<Overlong> {
        None
    }

    /// Reads the flags and the values.
    ///
    /// # Errors
    /// When the bytes end inside the list.
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// The list as one of all.
    fn into_set(self) -> <Self::Spec as Spec>::Properties;

    /// This list out of any.
    ///
    /// # Errors
    /// The list back, when it is of another class.
    fn from_set(
        properties: <Self::Spec as Spec>::Properties,
    ) -> Result<Self, <Self::Spec as Spec>::Properties>;
}

/// A channel of some style of programming, as generic code sees it.
///
/// Each implementation has every [`SimpleMethod`] under its specification name, from the generated
/// `Methods` trait of the version; only the shape of the results differs from style to style. The
/// channels of this crate have the same methods without that trait.
pub trait Caller {
    /// The version spoken.
    type Spec: Spec;

    /// What a call returns for the reply `R`: a result, a future, a handle.
    type Ret<R>;

    /// What sending a method without a reply returns.
    type Sent;

    /// Sends a method and arranges for its reply.
    fn call<M: Call<Spec = Self::Spec> + SimpleMethod>(&self, method: M) -> Self::Ret<M::Reply>;

    /// Sends a method that has no reply.
    fn send<M: OneWay<Spec = Self::Spec>>(&self, method: M) -> Self::Sent;
}

/// Reads the payload of a method frame: the ids, the arguments, and nothing behind them.
///
/// # Errors
/// When the version has no such method, or its arguments do not fill `payload` exactly; the error
/// names the method.
pub fn decode_method<S: Spec>(payload: &mut Reader<'_>) -> Result<S::Method, DecodeError> {
    let id = MethodId::new(payload.get()?, payload.get()?);
    let mut arguments = payload.fork();
    payload.end();
    S::Method::decode(id, &mut arguments)
        .and_then(|method| arguments.finish().map(|()| method))
        .map_err(|error| error.in_method(id))
}

/// Reads the payload of a method frame that holds the method `M`, and nothing behind it.
///
/// Use this when the method is known; it skips the enum of all methods.
///
/// # Errors
/// When it is another method, or its arguments do not fill `payload` exactly; the error names the
/// method found.
#[inline]
pub fn decode_args<M: Args>(payload: &mut Reader<'_>) -> Result<M, DecodeError> {
    let id = MethodId::new(payload.get()?, payload.get()?);
    if id != M::ID {
        let kind = DecodeErrorKind::OtherMethod { expected: M::ID };
        return Err(DecodeError::new(kind, 0).in_method(id));
    }
    let args = M::decode(payload).and_then(|args| payload.finish().map(|()| args));
    args.map_err(|error: DecodeError| error.in_method(id))
}

/// Writes the payload of a method frame: the ids and the arguments.
#[inline]
pub fn encode_method<M: Args, B: BufMut>(method: &M, out: &mut B) {
    M::ID.class.encode(out);
    M::ID.method.encode(out);
    method.encode(out);
}

/// Reads a property list that fills `payload` exactly.
///
/// # Errors
/// When it does not, or bytes are missing inside.
pub fn decode_properties<P: Properties>(payload: &mut Reader<'_>) -> Result<P, DecodeError> {
    let properties = P::decode(payload)?;
    payload.finish()?;
    Ok(properties)
}
