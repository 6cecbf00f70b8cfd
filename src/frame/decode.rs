use core::fmt;

use bytes::{Bytes, BytesMut};

use super::{
    END, FrameError, FrameErrorKind as Kind, HEAD_LEN, MIN_FRAME_MAX, OVERHEAD, ProtocolHeader,
    kind,
};
use crate::wire::{ChannelId, Reader};

/// Where the channel stands in a frame.
const CHANNEL_AT: usize = 1;

/// Where the size stands in a frame.
const SIZE_AT: usize = 3;

/// Where the weight stands in a content header frame.
const WEIGHT_AT: usize = HEAD_LEN + 2;

/// The largest frames that are accepted, in bytes with the 8 of overhead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Body frames: the agreed frame-max.
    pub body: u32,
    /// Method and content header frames.
    ///
    /// RabbitMQ 3.10 relays content headers and methods that exceed the frame-max agreed with the
    /// receiver, so this has to be larger than [`body`](Self::body) where frame-max is small.
    pub other: u32,
}

impl Limits {
    /// What holds until frame-max is agreed on: 8192 bytes for any frame, twice the smallest
    /// frame-max there is, so that no peer can make us buffer more before it is known.
    pub const HANDSHAKE: Self = Self {
        body: 8192,
        other: 8192,
    };

    /// The least that is accepted of method and header frames whatever frame-max is: 128 KiB, the
    /// frame-max that nearly all publishers use, since their headers are relayed to everybody.
    pub const LEAST_OTHER: u32 = 131_072;

    /// The limits that follow from an agreed frame-max.
    #[must_use]
    pub fn agreed(frame_max: u32) -> Self {
        let body = frame_max.max(MIN_FRAME_MAX);
        Self {
            body,
            other: body.max(Self::LEAST_OTHER),
        }
    }

    const fn of(self, frame_type: u8) -> u32 {
        if frame_type == kind::BODY {
            self.body
        } else {
            self.other
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::HANDSHAKE
    }
}

/// Finds the frames in a growing read buffer.
///
/// It keeps no bytes of its own: whoever reads appends to a [`BytesMut`] and calls
/// [`split`](Self::split). A frame's size is compared with the limits as soon as its head is there,
/// before the rest is waited for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decoder {
    limits: Limits,
}

impl Decoder {
    /// A decoder with the limits of the handshake.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            limits: Limits::HANDSHAKE,
        }
    }

    /// The limits in force.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// Changes the limits, for frames split off from now on.
    pub const fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Takes all whole frames off the front of `buffer`, to be walked with [`Frames`].
    ///
    /// Gives an empty chunk when not even one frame is whole; what is incomplete stays.
    ///
    /// # Errors
    /// When the buffer begins with something that is no frame or is too large. Frames before it
    /// are given out first, and the error at the next call.
    pub fn split(&self, buffer: &mut BytesMut) -> Result<Bytes, FrameError> {
        let whole = self.whole(buffer, usize::MAX)?;
        Ok(if whole == 0 {
            Bytes::new()
        } else {
            buffer.split_to(whole).freeze()
        })
    }

    /// As [`split`](Self::split), but takes one frame only.
    ///
    /// For times when the limits may change with the next frame, as in the handshake.
    ///
    /// # Errors
    /// When the buffer begins with something that is no frame or is too large.
    pub fn split_one(&self, buffer: &mut BytesMut) -> Result<Bytes, FrameError> {
        let whole = self.whole(buffer, 1)?;
        Ok(if whole == 0 {
            Bytes::new()
        } else {
            buffer.split_to(whole).freeze()
        })
    }

    /// How many bytes the frame at the front of `buffer` still lacks, as far as is known.
    ///
    /// A reader may reserve so much; it never exceeds the limits.
    #[must_use]
    pub fn missing(&self, buffer: &[u8]) -> usize {
        match self.frame_len(buffer) {
            Ok(Some(len)) => len.saturating_sub(buffer.len()),
            Ok(None) => OVERHEAD.saturating_sub(buffer.len()).max(1),
            Err(_) => 0,
        }
    }

    /// The length of the whole frames at the front, at most `count` of them.
    fn whole(&self, buffer: &[u8], count: usize) -> Result<usize, FrameError> {
        let mut end = 0;
        let mut left = count;
        while let Some(rest) = buffer
            .get(end..)
            .filter(|rest| !rest.is_empty() && left > 0)
        {
            match self.frame_len(rest) {
                Ok(Some(len)) if len <= rest.len() => end += len,
                Ok(_) => break,
                Err(_) if end > 0 => break,
                Err(error) => return Err(error),
            }
            left -= 1;
        }
        Ok(end)
    }

    /// The length of the frame that begins here, once its head is there.
    #[inline]
    fn frame_len(&self, bytes: &[u8]) -> Result<Option<usize>, FrameError> {
        let Some(first) = bytes.first() else {
            return Ok(None);
        };
        if !matches!(
            *first,
            kind::METHOD | kind::HEADER | kind::BODY | kind::HEARTBEAT
        ) {
            return protocol_header_len(bytes);
        }
        let Some(head) = bytes.first_chunk::<HEAD_LEN>() else {
            return Ok(None);
        };
        let (_, _, size) = parse_head(*head);
        let limit = self.limits.of(*first);
        let total = u64::from(size) + OVERHEAD as u64;
        match usize::try_from(total) {
            Ok(len) if total <= u64::from(limit) => Ok(Some(len)),
            _ => Err(FrameError::new(
                Kind::TooLarge { size: total, limit },
                SIZE_AT,
            )),
        }
    }
}

#[cold]
fn protocol_header_len(bytes: &[u8]) -> Result<Option<usize>, FrameError> {
    let common = bytes
        .iter()
        .zip(ProtocolHeader::MAGIC)
        .take_while(|(a, b)| **a == *b)
        .count();
    match bytes.first_chunk::<{ ProtocolHeader::LEN }>() {
        _ if common == 0 => {
            let first = bytes.first().copied().unwrap_or_default();
            Err(FrameError::new(Kind::UnknownType(first), 0))
        }
        Some(all) if common < ProtocolHeader::MAGIC.len() => {
            Err(FrameError::new(Kind::ProtocolHeader(*all), common))
        }
        Some(_) => Ok(Some(ProtocolHeader::LEN)),
        None => Ok(None),
    }
}

#[inline]
fn parse_head(head: [u8; HEAD_LEN]) -> (u8, ChannelId, u32) {
    let [frame_type, c0, c1, s0, s1, s2, s3] = head;
    (
        frame_type,
        ChannelId(u16::from_be_bytes([c0, c1])),
        u32::from_be_bytes([s0, s1, s2, s3]),
    )
}

/// One frame in received memory.
#[derive(Clone, Copy, Debug)]
pub enum Frame<'a> {
    /// A protocol header, which stands only at the start of a stream.
    ProtocolHeader(ProtocolHeader),
    /// A method; read it with [`decode_method`](crate::method::decode_method).
    Method {
        /// The channel.
        channel: ChannelId,
        /// Class id, method id and arguments.
        payload: Payload<'a>,
    },
    /// The header of a content.
    Header {
        /// The channel.
        channel: ChannelId,
        /// Class, body size and properties.
        header: ContentHeader<'a>,
    },
    /// A piece of a content's body.
    Body {
        /// The channel.
        channel: ChannelId,
        /// The bytes.
        payload: Payload<'a>,
    },
    /// A sign of life.
    Heartbeat,
}

/// The header of a content, its properties not yet read.
#[derive(Clone, Copy, Debug)]
pub struct ContentHeader<'a> {
    /// The class of the method before it.
    pub class: u16,
    /// Bytes of body that follow, in as many body frames as it takes; 0 means no body frame.
    pub body_size: u64,
    /// Property flags and values; read them with
    /// [`PropertySet::decode`](crate::method::PropertySet::decode).
    pub properties: Payload<'a>,
}

/// A part of the received memory. `Debug` shows its length only, since passwords and bodies lie in it.
#[derive(Clone, Copy)]
pub struct Payload<'a> {
    owner: &'a Bytes,
    bytes: &'a [u8],
}

impl<'a> Payload<'a> {
    /// The bytes.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The bytes as a slice that shares the received memory and keeps it alive.
    #[must_use]
    pub fn to_bytes(self) -> Bytes {
        self.owner.slice_ref(self.bytes)
    }

    /// The received memory from `start` to the end of this, if it lies there in this order; and
    /// where in it `part` is.
    #[cfg(feature = "client")]
    #[inline]
    pub(crate) fn shared_from(
        self,
        start: &[u8],
        part: Self,
    ) -> Option<(Bytes, core::ops::Range<usize>)> {
        let begin = self.owner.as_ptr().addr();
        let from = start.as_ptr().addr().checked_sub(begin)?;
        let to = self.bytes.as_ptr().addr().checked_sub(begin)? + self.bytes.len();
        let at = part.bytes.as_ptr().addr().checked_sub(begin + from)?;
        let both = self.owner.get(from..to)?;
        Some((self.owner.slice_ref(both), at..at + part.bytes.len()))
    }

    /// A reader over the bytes.
    #[must_use]
    pub fn reader(self) -> Reader<'a> {
        Reader::within(self.owner, self.bytes)
    }
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.bytes.len())
    }
}

/// Walks the frames of a chunk that [`Decoder::split`] took off.
///
/// An incomplete frame at the end, which no decoder leaves there, is not yielded. After an error
/// the walk is over.
#[derive(Clone)]
pub struct Frames<'a> {
    chunk: &'a Bytes,
    rest: &'a [u8],
}

impl<'a> Frames<'a> {
    /// The frames in `chunk`.
    #[must_use]
    pub fn new(chunk: &'a Bytes) -> Self {
        Self { chunk, rest: chunk }
    }

    /// The bytes not walked over yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[inline(always)]
    fn read(&mut self, bytes: &'a [u8]) -> Option<Result<Frame<'a>, FrameError>> {
        let (head, rest) = bytes.split_first_chunk::<HEAD_LEN>()?;
        let (frame_type, channel, size) = parse_head(*head);
        if frame_type == b'A' {
            let (header, rest) = bytes.split_first_chunk()?;
            self.rest = rest;
            let frame = ProtocolHeader::parse(header).map(Frame::ProtocolHeader);
            return Some(frame.ok_or(FrameError::new(Kind::ProtocolHeader(*header), 0)));
        }
        let (payload, rest) = rest.split_at_checked(usize::try_from(size).ok()?)?;
        let (end, rest) = rest.split_first()?;
        self.rest = rest;
        if *end != END {
            return Some(Err(FrameError::new(
                Kind::End(*end),
                HEAD_LEN + payload.len(),
            )));
        }
        Some(self.frame(frame_type, channel, payload))
    }

    #[inline(always)]
    fn frame(
        &self,
        frame_type: u8,
        channel: ChannelId,
        bytes: &'a [u8],
    ) -> Result<Frame<'a>, FrameError> {
        let payload = Payload {
            owner: self.chunk,
            bytes,
        };
        let len = bytes.len();
        match frame_type {
            kind::METHOD if len < 4 => Err(FrameError::new(Kind::ShortMethod { len }, SIZE_AT)),
            kind::METHOD => Ok(Frame::Method { channel, payload }),
            kind::HEADER => self
                .header(bytes)
                .map(|header| Frame::Header { channel, header }),
            kind::BODY => Ok(Frame::Body { channel, payload }),
            kind::HEARTBEAT if channel != ChannelId::CONNECTION => {
                Err(FrameError::new(Kind::HeartbeatChannel(channel), CHANNEL_AT))
            }
            kind::HEARTBEAT if len > 0 => {
                Err(FrameError::new(Kind::HeartbeatPayload { len }, SIZE_AT))
            }
            kind::HEARTBEAT => Ok(Frame::Heartbeat),
            _ => Err(FrameError::new(Kind::UnknownType(frame_type), 0)),
        }
    }

    #[inline(always)]
    fn header(&self, bytes: &'a [u8]) -> Result<ContentHeader<'a>, FrameError> {
        let Some((fixed, properties)) = bytes.split_first_chunk::<12>() else {
            return Err(FrameError::new(
                Kind::ShortHeader { len: bytes.len() },
                SIZE_AT,
            ));
        };
        let [c0, c1, w0, w1, size @ ..] = *fixed;
        let weight = u16::from_be_bytes([w0, w1]);
        if weight != 0 {
            return Err(FrameError::new(Kind::Weight(weight), WEIGHT_AT));
        }
        Ok(ContentHeader {
            class: u16::from_be_bytes([c0, c1]),
            body_size: u64::from_be_bytes(size),
            properties: Payload {
                owner: self.chunk,
                bytes: properties,
            },
        })
    }
}

impl fmt::Debug for Frames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frames({} bytes left)", self.rest.len())
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Frame<'a>, FrameError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let frame = self.read(self.rest);
        if !matches!(frame, Some(Ok(_))) {
            self.rest = &[];
        }
        frame
    }
}

impl core::iter::FusedIterator for Frames<'_> {}
