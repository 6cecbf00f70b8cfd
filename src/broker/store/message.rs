use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use super::{Properties, kind_of};
use crate::broker::meter::Share;
use crate::wire::{ShortStr, Value, ValueRef};

/// Pieces of a body below this are copied together, so that a small message does not keep a large
/// read buffer alive.
const COPIED_BELOW: usize = 4096;

/// What is counted for a message besides its properties and body.
const FIXED_COST: usize = 256;

/// A message as it was published. It does not change; what happens to it in a queue is in the
/// queue's [`Entry`].
#[derive(Debug)]
pub(crate) struct Message {
    /// The name of the version that the publisher speaks.
    pub(crate) version: &'static str,
    pub(crate) exchange: ShortStr,
    pub(crate) routing_key: ShortStr,
    /// The property list, byte for byte as the publisher wrote it.
    pub(crate) properties: Bytes,
    pub(crate) body: Body,
    pub(crate) priority: u8,
    pub(crate) expiration: Option<Duration>,
    /// What it takes of the memory that is limited, until it is dropped.
    pub(crate) _share: Share,
}

impl Message {
    /// The properties, decoded again. They were decoded when the message came in.
    pub(crate) fn decoded(&self) -> Properties {
        Properties::decode(&self.properties).unwrap_or_default()
    }

    /// The property list for a client that speaks `version`: the publisher's own bytes, unless
    /// they have to be translated.
    pub(crate) fn properties_for(&self, version: &str) -> Bytes {
        if self.version == version {
            return self.properties.clone();
        }
        self.decoded().encode()
    }

    /// What a message counts for where memory is limited.
    pub(crate) fn cost(properties: &Bytes, body: &Body) -> usize {
        FIXED_COST + properties.len() + body.len()
    }

    /// The routing keys in the header `CC` or `BCC`, or the type of a value that is no list.
    pub(crate) fn copies(
        properties: &Properties,
        header: &str,
    ) -> Result<Vec<ShortStr>, &'static str> {
        let keys = match properties.header(header) {
            None => return Ok(Vec::new()),
            Some(Value::Array(keys)) => keys,
            Some(other) => return Err(kind_of(&other)),
        };
        let key = |value: ValueRef<'_>| ShortStr::new(value.as_bytes()?).ok();
        Ok(keys.iter().filter_map(key).collect())
    }
}

/// Whether the message goes to queues that its receivers are not to know of.
pub(crate) fn has_hidden_copies(properties: &Properties) -> bool {
    properties.header("BCC").is_some()
}

/// Takes the header `BCC` away.
pub(crate) fn hide_copies(properties: &mut Properties) {
    if let Some(headers) = &mut properties.headers {
        let kept = headers.iter();
        *headers = kept.filter(|(name, _)| *name != "BCC").collect();
    }
}

/// The bytes of a message, in the pieces they came in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    pieces: Vec<Bytes>,
    tail: BytesMut,
    len: usize,
}

impl Body {
    /// Appends what a frame brought.
    pub(crate) fn push(&mut self, piece: Bytes) {
        self.len += piece.len();
        if piece.len() < COPIED_BELOW {
            self.tail.extend_from_slice(&piece);
            return;
        }
        self.close();
        self.pieces.push(piece);
    }

    /// Ends the body; nothing is pushed afterwards.
    pub(crate) fn close(&mut self) {
        if !self.tail.is_empty() {
            let tail = std::mem::take(&mut self.tail);
            self.pieces.push(tail.freeze());
        }
    }

    /// Bytes in all.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The bytes, in order.
    pub(crate) fn pieces(&self) -> &[Bytes] {
        &self.pieces
    }
}

/// A message in a queue, or on its way out of it and not acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The place in the queue's order; a message that is requeued gets it back.
    pub(crate) position: u64,
    pub(crate) message: Arc<Message>,
    pub(crate) redelivered: bool,
    pub(crate) expires: Option<Instant>,
    /// The priority the queue gave it, at most its own maximum.
    pub(crate) priority: u8,
}
