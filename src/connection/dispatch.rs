use std::time::Instant;

use bytes::{Bytes, BytesMut};

use super::channel::Fate;
use super::shared::Shared;
use super::{Answer, ChannelKey, Connection, Event, Phase};
use crate::error::{Cause, Expected, Forbidden, ProtocolError};
use crate::frame::{ContentHeader, Frame, Frames, Payload};
use crate::method::{MethodSet, decode_method};
use crate::protocol::{Protocol, Signal};
use crate::wire::{ChannelId, MethodId, Reader};

/// How many bytes of answers may wait for a peer that does not read: some 80 000 of them.
const OWED_MAX: usize = 1 << 20;

impl<P: Protocol> Connection<P> {
    /// Takes what was received. All whole frames are handled and taken out of `buffer`; an
    /// incomplete one stays, to be completed by what is appended later.
    ///
    /// Memory of `buffer` may be shared with the events that come of it, so it should be a buffer
    /// that is kept for the connection and grows by [`BytesMut::reserve`].
    pub fn receive(&mut self, buffer: &mut BytesMut, now: Instant) {
        let fresh = buffer.len().saturating_sub(self.unread);
        self.received += fresh as u64;
        if let Some(heartbeat) = self.heartbeat.as_mut().filter(|_| fresh > 0) {
            heartbeat.received(now);
        }
        loop {
            let chunk = match self.phase {
                Phase::Closed { .. } => {
                    buffer.clear();
                    break;
                }
                // Limits change with connection.tune.
                Phase::Handshake { .. } => self.decoder.split_one(buffer),
                Phase::Open | Phase::Closing { .. } => self.decoder.split(buffer),
            };
            match chunk {
                Ok(chunk) if chunk.is_empty() => break,
                Ok(chunk) => self.frames(&chunk, now),
                Err(error) => self.fail(Cause::Protocol(error.into()), now),
            }
        }
        self.unread = buffer.len();
        self.drop_answered_deadlines();
    }

    fn frames(&mut self, chunk: &Bytes, now: Instant) {
        let mut frames = Frames::new(chunk);
        while let Some(frame) = frames.next() {
            let handled = match frame {
                Ok(Frame::Method { channel, payload })
                    if self.fast_path(channel, payload, &mut frames) =>
                {
                    continue;
                }
                Ok(frame) => self.frame(frame, now),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = handled {
                self.fail(Cause::Protocol(error), now);
            }
            if matches!(self.phase, Phase::Closed { .. }) {
                return;
            }
        }
    }

    /// Fast path for `basic.deliver` and `basic.ack`, from the read buffer to the event. Returns
    /// `false` if the frame must go through the state machine.
    #[inline]
    fn fast_path<'a>(
        &mut self,
        channel: ChannelId,
        method: Payload<'a>,
        frames: &mut Frames<'a>,
    ) -> bool {
        let mut method = method.reader();
        let (Ok(class), Ok(id)) = (method.get(), method.get()) else {
            return false;
        };
        if !matches!(self.phase, Phase::Open) {
            return false;
        }
        match MethodId::new(class, id) {
            id if id == P::DELIVER => self.whole_delivery(channel, method, frames),
            id if id == P::ACK => {
                let target = self.channels.by_id(channel);
                target.is_some_and(|target| target.confirm(method, &mut self.shared))
            }
            _ => false,
        }
    }

    /// Handles a delivery all of whose frames are there and as usual.
    #[inline]
    fn whole_delivery<'a>(
        &mut self,
        channel: ChannelId,
        method: Reader<'a>,
        frames: &mut Frames<'a>,
    ) -> bool {
        let Some(target) = self.channels.by_id(channel) else {
            return false;
        };
        let mut ahead = frames.clone();
        let Some(Ok(Frame::Header {
            channel: of,
            header,
        })) = ahead.next()
        else {
            return false;
        };
        let body = match header.body_size {
            0 => None,
            size => match ahead.next() {
                Some(Ok(Frame::Body {
                    channel: of,
                    payload,
                })) if of == channel && payload.as_bytes().len() as u64 == size => Some(payload),
                _ => return false,
            },
        };
        let whole = of == channel && target.whole_delivery(method, &header, body, &mut self.shared);
        if whole {
            *frames = ahead;
        }
        whole
    }

    #[inline]
    fn frame(&mut self, frame: Frame<'_>, now: Instant) -> Result<(), ProtocolError> {
        match frame {
            Frame::Method { channel, payload } => self.method(channel, payload, now),
            Frame::Header { channel, header } => self.content_header(channel, &header),
            Frame::Body { channel, payload } => self.content_body(channel, payload),
            Frame::Heartbeat => Ok(()),
            Frame::ProtocolHeader(header) => match self.phase {
                Phase::Handshake { step, .. } => {
                    self.refused(step, header, now);
                    Ok(())
                }
                _ => Err(ProtocolError::Header(header)),
            },
        }
    }

    #[inline]
    fn method(
        &mut self,
        channel: ChannelId,
        payload: Payload<'_>,
        now: Instant,
    ) -> Result<(), ProtocolError> {
        let method = decode_method::<P>(&mut payload.reader())?;
        let (id, name) = (method.id(), method.name());
        let signal = P::signal(method);
        let on_connection = channel == ChannelId::CONNECTION;
        match self.phase {
            Phase::Handshake { step, .. } if on_connection => {
                self.handshake(step, (name, signal), now);
                return Ok(());
            }
            Phase::Handshake { .. } => return Err(ProtocolError::UnknownChannel(channel)),
            Phase::Closing { .. } => {
                if on_connection {
                    self.closing(signal, now);
                } else if matches!(signal, Signal::Reply(method) if P::is_cancel_ok(&method)) {
                    self.consumer_left();
                }
                return Ok(());
            }
            Phase::Open | Phase::Closed { .. } => {}
        }
        if on_connection {
            return self.connection_method(name, signal, now);
        }
        let owed = self.shared.output.owed();
        if owed > OWED_MAX {
            return Err(ProtocolError::NotReading { unread: owed });
        }
        let Some(target) = self.channels.by_id(channel) else {
            return Err(ProtocolError::UnknownChannel(channel));
        };
        match target.method((id, name), signal, &mut self.shared, now)? {
            Fate::Lives => {}
            Fate::Ends(reason) => self.channels.release(channel, &reason, &mut self.shared),
        }
        Ok(())
    }

    fn connection_method(
        &mut self,
        name: &'static str,
        signal: Signal<P>,
        now: Instant,
    ) -> Result<(), ProtocolError> {
        let unexpected = |expected| ProtocolError::UnexpectedMethod {
            channel: ChannelId::CONNECTION,
            found: name,
            expected,
        };
        match signal {
            Signal::Close(close) => self.closed_by_server(close, now),
            Signal::Blocked { reason } => {
                if self.shared.blocked.replace(reason.clone()).is_none() {
                    self.shared.block_changed = Some(now);
                }
                self.shared.emit(Event::Blocked { reason });
            }
            Signal::Unblocked => {
                if self.shared.blocked.take().is_some() {
                    self.shared.block_changed = Some(now);
                }
                self.shared.emit(Event::Unblocked);
                let Shared {
                    tickets, events, ..
                } = &mut self.shared;
                tickets.permitted(None, Forbidden::Blocked, events);
            }
            Signal::Reply(method) => {
                let calls = &self.shared.calls;
                let Some(call) = calls.replied(ChannelKey::CONNECTION, method.id(), None) else {
                    return Err(unexpected(match calls.oldest(ChannelKey::CONNECTION) {
                        Some(call) => Expected::Reply(call.name),
                        None => Expected::NoReply,
                    }));
                };
                self.shared.answer(call.id, Ok(Answer::Method(method)));
            }
            _ => return Err(unexpected(Expected::Method)),
        }
        Ok(())
    }

    /// While our close is on its way only closes count.
    fn closing(&mut self, signal: Signal<P>, now: Instant) {
        match signal {
            Signal::Close(close) => self.closed_by_server(close, now),
            Signal::CloseOk => self.close_confirmed(now),
            _ => {}
        }
    }

    #[inline]
    fn content_header(
        &mut self,
        channel: ChannelId,
        header: &ContentHeader<'_>,
    ) -> Result<(), ProtocolError> {
        if matches!(self.phase, Phase::Closing { .. }) {
            return Ok(());
        }
        let Some(target) = self.channels.by_id(channel) else {
            return Err(ProtocolError::UnknownChannel(channel));
        };
        match target.header(header, &mut self.shared) {
            Err(error @ ProtocolError::MessageTooLarge { .. }) => {
                target.refuse(error, &mut self.shared);
                Ok(())
            }
            other => other,
        }
    }

    #[inline]
    fn content_body(
        &mut self,
        channel: ChannelId,
        payload: Payload<'_>,
    ) -> Result<(), ProtocolError> {
        if matches!(self.phase, Phase::Closing { .. }) {
            return Ok(());
        }
        let Some(target) = self.channels.by_id(channel) else {
            return Err(ProtocolError::UnknownChannel(channel));
        };
        target.body(payload, &mut self.shared)
    }
}
