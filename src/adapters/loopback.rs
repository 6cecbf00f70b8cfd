//! The one place where the client and the embedded broker meet: a connection in the broker's world
//! in memory.

use std::io::ErrorKind;
use std::time::Instant;

use bytes::{Buf, BufMut, BytesMut};

use crate::broker::Ending;
use crate::broker::loopback::Peer;
use crate::connection::{Connection, Event};
use crate::error::TransportEnd;
use crate::protocol::Protocol;

impl<P: Protocol> Peer for Connection<P> {
    type Event = Event<P>;

    fn poll_event(&mut self) -> Option<Event<P>> {
        Self::poll_event(self)
    }

    fn receive(&mut self, input: &mut BytesMut, now: Instant) {
        Self::receive(self, input, now);
    }

    fn send(&mut self, wire: &mut BytesMut, now: Instant) {
        let output = self.outgoing(now);
        wire.reserve(output.remaining());
        wire.put(output);
    }

    fn poll_timeout(&self) -> Option<Instant> {
        Self::poll_timeout(self)
    }

    fn handle_timeout(&mut self, now: Instant) {
        Self::handle_timeout(self, now);
    }

    fn transport_ended(&mut self, ending: Ending, now: Instant) {
        let end = match ending {
            Ending::Close => TransportEnd::Eof,
            Ending::Reset => TransportEnd::Failed(ErrorKind::ConnectionReset),
        };
        Self::transport_ended(self, end, now);
    }

    fn is_finished(&self) -> bool {
        Self::is_finished(self)
    }
}
