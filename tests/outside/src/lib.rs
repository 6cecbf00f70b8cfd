//! A filter as a proxy would have it, outside the crate `pika` and without the standard library: it
//! lets a client's frames through, and sends what is published to one exchange to another.
//!
//! `cargo tree -p pika-outside -e normal` shows what it takes: `pika` and `bytes`.
#![no_std]

extern crate alloc;

use alloc::string::{String, ToString};

use pika::bytes::BytesMut;
use pika::frame::{self, Decoder, Frame, Frames, Payload};
use pika::method::{Args, Properties, decode_method};
use pika::v0_9_1::{Method, V0_9_1, basic};
use pika::wire::{ChannelId, ShortStr};

/// Moves publications from one exchange to another.
#[derive(Clone, Debug)]
pub struct Filter {
    from: ShortStr,
    to: ShortStr,
    decoder: Decoder,
    /// The channel whose next content header belongs to a message that was moved.
    moved: Option<ChannelId>,
}

impl Filter {
    /// A filter between these exchanges.
    #[must_use]
    pub fn new(from: impl Into<ShortStr>, to: impl Into<ShortStr>) -> Self {
        Self {
            from: from.into(),
            to: to.into(),
            decoder: Decoder::new(),
            moved: None,
        }
    }

    /// Takes the whole frames off `input` and appends what becomes of them to `output`.
    ///
    /// Messages that were moved carry the header `x-moved-from`.
    ///
    /// # Errors
    /// When the input is no AMQP 0-9-1; the text says where.
    pub fn pass(&mut self, input: &mut BytesMut, output: &mut BytesMut) -> Result<(), String> {
        let chunk = self.decoder.split(input).map_err(|e| e.to_string())?;
        let mut frames = Frames::new(&chunk);
        loop {
            let before = frames.rest();
            let Some(frame) = frames.next() else {
                return Ok(());
            };
            let frame = frame.map_err(|e| e.to_string())?;
            let (as_it_is, _) = before.split_at(before.len() - frames.rest().len());
            match frame {
                Frame::Method { channel, payload } => {
                    let method = decode_method::<V0_9_1>(&mut payload.reader());
                    let method = method.map_err(|e| e.to_string())?;
                    self.method(channel, method, as_it_is, output);
                }
                Frame::Header { channel, header } if self.moved.take() == Some(channel) => {
                    let properties = self.properties(header.properties)?;
                    frame::put_header(output, channel, header.body_size, &properties);
                }
                _ => output.extend_from_slice(as_it_is),
            }
        }
    }

    fn method(&mut self, channel: ChannelId, method: Method, bytes: &[u8], out: &mut BytesMut) {
        match basic::Publish::from_method(method) {
            Ok(publish) if publish.exchange == self.from => {
                self.moved = Some(channel);
                let publish = publish.exchange(&self.to);
                frame::put_method(out, channel, &publish);
            }
            _ => out.extend_from_slice(bytes),
        }
    }

    fn properties(&self, list: Payload<'_>) -> Result<basic::Properties, String> {
        let properties: basic::Properties =
            pika::method::decode_properties(&mut list.reader()).map_err(|e| e.to_string())?;
        let from = pika::wire::LongStr::new(&self.from);
        let headers = properties.headers.clone().unwrap_or_default();
        let properties = properties.headers(headers.with("x-moved-from", from));
        debug_assert!(properties.encoded_len() > list.as_bytes().len());
        Ok(properties)
    }
}
