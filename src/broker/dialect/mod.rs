//! What clients ask and what the broker says, without a protocol version.
//!
//! A [`Dialect`] translates the generated methods of one version both ways; nothing else in the
//! broker sees them. The two versions differ in ids and in a handful of fields, so most of the
//! translation is written once, as a macro over the version's module.

mod neutral;
mod translate;

use bytes::BytesMut;

use crate::wire::{ChannelId, DecodeError, MethodId, Reader};

pub(crate) use neutral::{
    Bind, Close, Consume, Delete, Delivery, ExchangeDeclare, Outcome, Publish, QueueDeclare, Reply,
    Request, Settle, Tune,
};
pub(crate) use translate::{dialect, put, put_plain};

/// One protocol version, as the broker speaks it.
#[derive(Debug)]
pub(crate) struct Dialect {
    /// The usual name, `0-9-1`.
    pub(crate) name: &'static str,
    /// The protocol header to answer a wrong one with.
    pub(crate) header: [u8; 8],
    /// Another header that RabbitMQ takes for this version.
    pub(crate) alias: [u8; 8],
    /// The numbers in `connection.start`.
    pub(crate) version: (u8, u8),
    /// What `connection.start` announces.
    pub(crate) capabilities: &'static [&'static str],
    /// Reads a method.
    pub(crate) decode: fn(&mut Reader<'_>) -> Result<Received, DecodeError>,
    /// Writes a method frame and gives the method, if the version has it.
    pub(crate) encode: fn(ChannelId, Reply, &mut BytesMut) -> Option<Named>,
}

/// The versions of this build; the first is what a wrong protocol header is answered with.
pub(crate) static DIALECTS: &[Dialect] = crate::versions::broker_dialects!();

/// A method that came in.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) method: Named,
    pub(crate) request: Request,
}

/// A method's id and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) id: MethodId,
    pub(crate) name: &'static str,
}
