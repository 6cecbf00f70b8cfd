//! A client made of the frame codec alone that talks to the broker's state machine.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use pika::broker::{Broker, ConnectionId, Settings};
use pika::bytes::{Buf, Bytes, BytesMut};
use pika::frame::{self, Decoder, Frame, Frames, Limits};
use pika::method::{Args, ContentArgs, Properties, Spec, decode_method};
use pika::wire::ChannelId;

/// Several clients of one broker, and a time of their own.
pub(crate) struct World {
    pub(crate) broker: Broker,
    pub(crate) now: Instant,
}

/// What one client has heard and not looked at yet.
#[derive(Default)]
pub(crate) struct Ear {
    heard: BytesMut,
    unread: BytesMut,
}

/// A frame, read.
#[derive(Debug, PartialEq)]
pub(crate) enum Heard<V: Spec> {
    Method(u16, V::Method),
    Header(u16, u64, Bytes),
    Body(u16, Bytes),
    Heartbeat,
}

impl World {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            broker: Broker::new(settings),
            now: Instant::now(),
        }
    }

    pub(crate) fn accept(&mut self) -> ConnectionId {
        self.broker.accept(self.now)
    }

    /// Hands bytes to the broker.
    pub(crate) fn gives(&mut self, id: ConnectionId, ear: &mut Ear, bytes: &[u8]) {
        ear.unread.extend_from_slice(bytes);
        self.broker.receive(id, &mut ear.unread, self.now);
    }

    /// Lets time pass, with every timeout at its moment.
    pub(crate) fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.broker.poll_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.broker.handle_timeout(self.now);
        }
        self.now = end;
    }

    /// Everything the broker has to say to a client.
    pub(crate) fn raw(&mut self, id: ConnectionId) -> Bytes {
        while self
            .broker
            .poll_timeout()
            .is_some_and(|due| due <= self.now)
        {
            self.broker.handle_timeout(self.now);
        }
        match self.broker.outgoing(id) {
            Some(output) => output.copy_to_bytes(output.remaining()),
            None => Bytes::new(),
        }
    }

    /// The next frame, if one is there.
    pub(crate) fn next<V: Spec>(&mut self, id: ConnectionId, ear: &mut Ear) -> Option<Heard<V>> {
        let more = self.raw(id);
        ear.heard.extend_from_slice(&more);
        let mut decoder = Decoder::new();
        decoder.set_limits(Limits::agreed(1 << 20));
        let chunk = decoder.split_one(&mut ear.heard).unwrap();
        let frame = Frames::new(&chunk).next()?.unwrap();
        Some(match frame {
            Frame::Method { channel, payload } => Heard::Method(
                channel.0,
                decode_method::<V>(&mut payload.reader().strict()).unwrap(),
            ),
            Frame::Header { channel, header } => {
                Heard::Header(channel.0, header.body_size, header.properties.to_bytes())
            }
            Frame::Body { channel, payload } => Heard::Body(channel.0, payload.to_bytes()),
            Frame::Heartbeat => Heard::Heartbeat,
            Frame::ProtocolHeader(header) => panic!("expected a frame, heard {header}"),
        })
    }

    pub(crate) fn says<M: Args>(
        &mut self,
        id: ConnectionId,
        ear: &mut Ear,
        (channel, method): (u16, &M),
    ) {
        let mut bytes = BytesMut::new();
        frame::put_method(&mut bytes, ChannelId(channel), method);
        self.gives(id, ear, &bytes);
    }

    pub(crate) fn publishes<M: ContentArgs>(
        &mut self,
        id: ConnectionId,
        ear: &mut Ear,
        (channel, method, properties, body): (u16, &M, &M::Properties, &[u8]),
    ) {
        let mut bytes = BytesMut::new();
        let content = (method, properties, body);
        frame::put_content(&mut bytes, ChannelId(channel), content, 4096);
        self.gives(id, ear, &bytes);
    }

    #[track_caller]
    pub(crate) fn hears<V: Spec, M: Args<Spec = V>>(
        &mut self,
        id: ConnectionId,
        ear: &mut Ear,
        channel: u16,
    ) -> M {
        match self.next::<V>(id, ear) {
            Some(Heard::Method(at, method)) if at == channel => match M::from_method(method) {
                Ok(method) => method,
                Err(other) => panic!("expected {}, heard {other:?}", M::NAME),
            },
            other => panic!("expected {} on channel {channel}, heard {other:?}", M::NAME),
        }
    }

    /// The header and the body of a message.
    #[track_caller]
    pub(crate) fn hears_content<V: Spec, P: Properties<Spec = V>>(
        &mut self,
        id: ConnectionId,
        ear: &mut Ear,
    ) -> (P, Vec<u8>) {
        let Some(Heard::Header(_, size, bytes)) = self.next::<V>(id, ear) else {
            panic!("expected a content header");
        };
        let properties =
            pika::method::decode_properties::<P>(&mut pika::wire::Reader::new(&bytes)).unwrap();
        let mut body = Vec::new();
        while (body.len() as u64) < size {
            match self.next::<V>(id, ear) {
                Some(Heard::Body(_, piece)) => body.extend_from_slice(&piece),
                other => panic!("expected more of the body, heard {other:?}"),
            }
        }
        (properties, body)
    }
}
