//! Frames: how methods, content headers and bodies lie in the stream of bytes.
//!
//! ```text
//!  0      1         3             7                  7+size
//!  +------+---------+-------------+------------------+------+
//!  | type | channel | size        | payload          | 0xCE |
//!  +------+---------+-------------+------------------+------+
//! ```
//!
//! [`Decoder::split`] takes all whole frames off the front of a read buffer in one piece, and
//! [`Frames`] walks them without another copy or reference count; a body of one frame is a slice of
//! the buffer. The `put_…` functions write frames, and [`content_len`] tells beforehand what a
//! message will take.
//!
//! ```
//! # #[cfg(feature = "amqp0-9-1")] {
//! use pika::bytes::BytesMut;
//! use pika::frame::{self, Decoder, Frame, Frames};
//! use pika::method::decode_method;
//! use pika::v0_9_1::{V0_9_1, queue};
//! use pika::wire::ChannelId;
//!
//! let mut stream = BytesMut::new();
//! frame::put_method(&mut stream, ChannelId(1), &queue::Declare::new("orders").durable(true));
//!
//! let chunk = Decoder::new().split(&mut stream)?;
//! for frame in Frames::new(&chunk) {
//!     if let Frame::Method { channel, payload } = frame? {
//!         let method = decode_method::<V0_9_1>(&mut payload.reader())?;
//!         println!("{channel} {method:?}");
//!     }
//! }
//! # }
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod decode;
mod encode;
mod error;
mod header;

pub use decode::{ContentHeader, Decoder, Frame, Frames, Limits, Payload};
#[cfg(feature = "client")]
pub(crate) use encode::{append_method, body_room, put_before_body};
pub use encode::{
    content_len, header_frame_len, method_frame_len, put_any_header, put_any_method, put_body,
    put_body_head, put_content, put_header, put_heartbeat, put_method, put_raw_method,
};
pub use error::{FrameError, FrameErrorKind};
pub use header::ProtocolHeader;

/// Bytes of a frame before its payload: type, channel and size.
pub const HEAD_LEN: usize = 7;

/// Bytes of a frame besides its payload: the head and the end octet.
pub const OVERHEAD: usize = HEAD_LEN + 1;

/// The octet that ends every frame.
pub const END: u8 = 0xce;

/// The smallest frame-max that peers may agree on, overhead included (AMQP 0-9-1, 4.2.3).
pub const MIN_FRAME_MAX: u32 = 4096;

/// The types of frames that are used. Both versions agree on them; 0-8 also names the
/// out-of-band frames 4 to 6 and the trace frame 7, which RabbitMQ refuses like any other octet.
pub(crate) mod kind {
    pub(crate) const METHOD: u8 = 1;
    pub(crate) const HEADER: u8 = 2;
    pub(crate) const BODY: u8 = 3;
    pub(crate) const HEARTBEAT: u8 = 8;
}
