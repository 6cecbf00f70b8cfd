//! The peer's side of a conversation: what it says and what it hears.

use super::*;

impl<P: Version> Dialogue<P> {
    /// The peer sends these bytes.
    pub(crate) fn says_bytes(&mut self, bytes: &[u8]) {
        self.turn();
        self.incoming.extend_from_slice(bytes);
        self.client.receive(&mut self.incoming, self.now);
        self.turn();
    }

    /// The peer sends a method.
    pub(crate) fn says(&mut self, channel: u16, method: impl Into<P::Method>) {
        self.says_bytes(&method_frame::<P>(channel, method));
    }

    /// The peer sends a message, in frames as large as agreed on.
    pub(crate) fn says_content<M: ContentArgs<Spec = P>>(
        &mut self,
        channel: u16,
        (method, properties): (&M, &M::Properties),
        body: &[u8],
    ) {
        let mut bytes = BytesMut::new();
        let content = (method, properties, body);
        let frame_max = self.client.tuning().frame_max;
        frame::put_content(&mut bytes, ChannelId(channel), content, frame_max);
        self.says_bytes(&bytes);
    }

    /// The peer ends the transport.
    pub(crate) fn hangs_up(&mut self) {
        self.turn();
        self.client.transport_ended(TransportEnd::Eof, self.now);
        self.turn();
    }

    /// The next frame that the client wrote.
    pub(crate) fn hears_frame(&mut self) -> Heard<P> {
        self.turn();
        let mut decoder = Decoder::new();
        decoder.set_limits(Limits {
            body: self.peer_frame_max,
            other: self.peer_frame_max,
        });
        let chunk = decoder.split_one(&mut self.written).unwrap();
        let frame = Frames::new(&chunk).next();
        match frame.expect("the client wrote nothing").unwrap() {
            Frame::ProtocolHeader(header) => Heard::ProtocolHeader(header),
            Frame::Method { channel, payload } => Heard::Method(
                channel.0,
                decode_method::<P>(&mut payload.reader()).unwrap(),
            ),
            Frame::Header { channel, header } => {
                let properties = header.properties.to_bytes();
                Heard::Header(channel.0, header.class, header.body_size, properties)
            }
            Frame::Body { channel, payload } => Heard::Body(channel.0, payload.to_bytes()),
            Frame::Heartbeat => Heard::Heartbeat,
        }
    }

    /// All methods that the client wrote.
    pub(crate) fn methods(&mut self) -> Vec<P::Method> {
        self.turn();
        let mut methods = Vec::new();
        while !self.written.is_empty() {
            match self.hears_frame() {
                Heard::Method(_, method) => methods.push(method),
                other => panic!("expected a method, heard {other:?}"),
            }
        }
        methods
    }

    /// The client wrote exactly this method next.
    pub(crate) fn hears(&mut self, channel: u16, method: impl Into<P::Method>) {
        assert_eq!(self.hears_frame(), Heard::Method(channel, method.into()));
    }

    /// The client wrote a method of this kind next.
    pub(crate) fn hears_any<M: Args<Spec = P>>(&mut self, channel: u16) -> M {
        let heard = self.hears_frame();
        let Heard::Method(found, method) = heard else {
            panic!("expected {}, heard {heard:?}", M::NAME)
        };
        assert_eq!(found, channel, "{method:?}");
        M::from_method(method).unwrap_or_else(|other| panic!("expected {}: {other:?}", M::NAME))
    }

    /// The client wrote a message next; gives its body.
    pub(crate) fn hears_content<M: ContentArgs<Spec = P>>(
        &mut self,
        channel: u16,
        method: &M,
    ) -> Vec<u8> {
        self.hears(channel, method.clone().into_method());
        let heard = self.hears_frame();
        let Heard::Header(found, class, size, _) = heard else {
            panic!("expected a header, heard {heard:?}")
        };
        assert_eq!((found, class), (channel, M::ID.class));
        let mut body = Vec::new();
        while (body.len() as u64) < size {
            let heard = self.hears_frame();
            let Heard::Body(found, piece) = heard else {
                panic!("expected a body, heard {heard:?}")
            };
            assert_eq!(found, channel);
            assert!(!piece.is_empty());
            body.extend_from_slice(&piece);
        }
        assert_eq!(body.len() as u64, size);
        body
    }

    /// The client has written nothing more.
    pub(crate) fn hears_nothing(&mut self) {
        self.turn();
        let written = self.written.split();
        if !written.is_empty() {
            let chunk = written.freeze();
            let frames: Vec<_> = Frames::new(&chunk).collect();
            panic!("expected nothing, heard {frames:?}");
        }
    }

    /// All the bytes that the client wrote.
    pub(crate) fn hears_bytes(&mut self) -> Vec<u8> {
        self.turn();
        self.written.split().to_vec()
    }

    /// What the peer does not look at.
    pub(crate) fn ignores(&mut self) {
        self.turn();
        self.written.clear();
        self.events.clear();
        self.deliveries.clear();
    }

    /// The transport takes no bytes any more.
    pub(crate) fn stalls(&mut self) {
        self.turn();
        self.stalled = true;
    }

    /// The transport takes bytes again.
    pub(crate) fn resumes(&mut self) {
        self.stalled = false;
        self.turn();
    }
}
