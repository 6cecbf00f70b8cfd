use bytes::BufMut;

use super::{END, OVERHEAD, kind};
use crate::method::{Args, ContentArgs, MethodSet, Properties, PropertySet, encode_method};
use crate::wire::{ChannelId, MethodId};

/// Bytes of class and method id in front of a method's arguments.
const IDS_LEN: usize = 4;

/// Bytes of class, weight and body size in front of a content header's properties.
const HEADER_FIXED_LEN: usize = 12;

/// Bytes that [`put_method`] writes.
#[must_use]
#[inline]
pub fn method_frame_len<M: Args>(method: &M) -> usize {
    OVERHEAD + IDS_LEN + method.encoded_len()
}

/// Bytes that [`put_header`] writes.
#[must_use]
#[inline]
pub fn header_frame_len<P: Properties>(properties: &P) -> usize {
    OVERHEAD + HEADER_FIXED_LEN + properties.encoded_len()
}

/// Bytes that [`put_content`] writes.
///
/// `frame_max` counts whole frames and is at least [`MIN_FRAME_MAX`](super::MIN_FRAME_MAX).
#[must_use]
#[inline]
pub fn content_len<M: ContentArgs>(
    method: &M,
    properties: &M::Properties,
    body_len: usize,
    frame_max: u32,
) -> usize {
    let header = header_frame_len(properties);
    let frames = body_len.div_ceil(body_room(frame_max));
    (method_frame_len(method) + header)
        .saturating_add(body_len)
        .saturating_add(frames * OVERHEAD)
}

/// Bytes of body that fit in one frame.
#[inline]
pub(crate) fn body_room(frame_max: u32) -> usize {
    let size = frame_max.max(super::MIN_FRAME_MAX) as usize;
    mutant!("body frames are too large", size - OVERHEAD, size + 1)
}

/// Writes a method frame.
#[inline]
pub fn put_method<M: Args, B: BufMut>(out: &mut B, channel: ChannelId, method: &M) {
    put_head(out, kind::METHOD, channel, IDS_LEN + method.encoded_len());
    encode_method(method, out);
    out.put_u8(END);
}

/// Writes a method frame for a method that is known only as one of all.
pub fn put_any_method<M: MethodSet, B: BufMut>(out: &mut B, channel: ChannelId, method: &M) {
    put_method_head(out, channel, method.id(), method.encoded_len());
    method.encode(out);
    out.put_u8(END);
}

/// Writes a method frame for a method of which only the id and the bytes of the arguments are
/// known.
///
/// For those who pass on methods of extensions that the version's file lacks; the
/// [`UnknownMethod`](crate::wire::DecodeErrorKind::UnknownMethod) error names the id.
pub fn put_raw_method<B: BufMut>(out: &mut B, channel: ChannelId, id: MethodId, arguments: &[u8]) {
    put_method_head(out, channel, id, arguments.len());
    out.put_slice(arguments);
    out.put_u8(END);
}

/// Writes what stands before the arguments of a method frame.
fn put_method_head<B: BufMut>(out: &mut B, channel: ChannelId, id: MethodId, arguments_len: usize) {
    put_head(out, kind::METHOD, channel, IDS_LEN + arguments_len);
    out.put_u16(id.class);
    out.put_u16(id.method);
}

/// Writes a content header frame.
#[inline]
pub fn put_header<P: Properties, B: BufMut>(
    out: &mut B,
    channel: ChannelId,
    body_size: u64,
    properties: &P,
) {
    let len = HEADER_FIXED_LEN + properties.encoded_len();
    put_head(out, kind::HEADER, channel, len);
    put_header_fixed(out, P::CLASS, body_size);
    properties.encode(out);
    out.put_u8(END);
}

/// Writes a content header frame for properties that are known only as those of some class.
pub fn put_any_header<P: PropertySet, B: BufMut>(
    out: &mut B,
    channel: ChannelId,
    body_size: u64,
    properties: &P,
) {
    let len = HEADER_FIXED_LEN + properties.encoded_len();
    put_head(out, kind::HEADER, channel, len);
    put_header_fixed(out, properties.class(), body_size);
    properties.encode(out);
    out.put_u8(END);
}

/// Writes a body frame.
#[inline]
pub fn put_body<B: BufMut>(out: &mut B, channel: ChannelId, body: &[u8]) {
    put_body_head(out, channel, body.len());
    out.put_slice(body);
    out.put_u8(END);
}

/// Appends what stands in front of a body: the method frame and the content header frame; or
/// nothing where one of them exceeds `frame_max`, giving its length.
///
/// Room for both is made at once, since looking for room at each field takes longer than the
/// fields.
#[cfg(feature = "client")]
#[inline]
pub(crate) fn put_before_body<M: ContentArgs>(
    out: &mut alloc::vec::Vec<u8>,
    channel: ChannelId,
    (method, properties): (&M, &M::Properties),
    body_size: u64,
    frame_max: u32,
) -> Result<(), usize> {
    let (first, second) = (method_frame_len(method), header_frame_len(properties));
    let largest = first.max(second);
    if largest > frame_max as usize {
        return Err(largest);
    }
    let mut space = make_space(out, first + second);
    put_head(&mut space, kind::METHOD, channel, first - OVERHEAD);
    encode_method(method, &mut space);
    space.put_u8(END);
    put_head(&mut space, kind::HEADER, channel, second - OVERHEAD);
    put_header_fixed(&mut space, M::Properties::CLASS, body_size);
    properties.encode(&mut space);
    space.put_u8(END);
    Ok(())
}

/// Appends a method frame, for which room is made at once.
#[cfg(feature = "client")]
#[inline]
pub(crate) fn append_method<M: Args>(
    out: &mut alloc::vec::Vec<u8>,
    channel: ChannelId,
    method: &M,
) {
    let mut space = make_space(out, method_frame_len(method));
    put_method(&mut space, channel, method);
}

/// Room for `len` bytes at the end.
#[cfg(feature = "client")]
#[inline]
fn make_space(out: &mut alloc::vec::Vec<u8>, len: usize) -> &mut [u8] {
    let start = out.len();
    out.resize(start + len, 0);
    out.get_mut(start..).unwrap_or_default()
}

/// Writes what stands before the payload of a body frame; the payload and the octet
/// [`END`] have to follow.
///
/// For those who send a large body from where it lies.
#[inline]
pub fn put_body_head<B: BufMut>(out: &mut B, channel: ChannelId, len: usize) {
    put_head(out, kind::BODY, channel, len);
}

/// Writes a heartbeat frame.
pub fn put_heartbeat<B: BufMut>(out: &mut B) {
    put_head(out, kind::HEARTBEAT, ChannelId::CONNECTION, 0);
    out.put_u8(END);
}

/// Writes a whole message: method, content header and as many body frames as `frame_max` makes of
/// the body.
///
/// `frame_max` counts whole frames and is at least [`MIN_FRAME_MAX`](super::MIN_FRAME_MAX). The
/// method and the header must fit in a frame each; see [`content_len`].
#[inline]
pub fn put_content<M: ContentArgs, B: BufMut>(
    out: &mut B,
    channel: ChannelId,
    (method, properties, body): (&M, &M::Properties, &[u8]),
    frame_max: u32,
) {
    put_method(out, channel, method);
    put_header(out, channel, body.len() as u64, properties);
    for piece in body.chunks(body_room(frame_max)) {
        put_body(out, channel, piece);
    }
}

/// Writes class, weight 0 and body size.
#[inline]
fn put_header_fixed<B: BufMut>(out: &mut B, class: u16, body_size: u64) {
    let [c0, c1] = class.to_be_bytes();
    out.put_slice(&[c0, c1, 0, 0]);
    out.put_slice(&body_size.to_be_bytes());
}

/// Writes a frame's head. Lengths come from values in memory that were compared with frame-max, a
/// 32-bit number.
#[inline]
fn put_head<B: BufMut>(out: &mut B, frame_type: u8, channel: ChannelId, len: usize) {
    let [c0, c1] = channel.0.to_be_bytes();
    let [s0, s1, s2, s3] = u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes();
    out.put_slice(&[frame_type, c0, c1, s0, s1, s2, s3]);
}
