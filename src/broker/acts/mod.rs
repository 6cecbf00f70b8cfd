//! What the broker does when a frame comes in.

mod consume;
mod content;
mod exchange;
mod leave;
mod letters;
mod names;
mod queue;
mod settle;

use bytes::Bytes;

use super::dialect::{Named, Reply, Request};
use super::ids::{At, ConnectionId};
use super::machine::Broker;
use super::refusal::{Refusal, binary, octets};
use super::session::{Channel, Session, State};
use super::settings::User;
use super::store::Vhost;
use super::trace::Side;
use crate::frame::{Frame, FrameError, FrameErrorKind, Frames, ProtocolHeader};
use crate::wire::{DecodeError, DecodeErrorKind, MethodId, Reader, ReplyCode, ShortStr};

impl Broker {
    /// Takes one frame.
    pub(super) fn frame(&mut self, id: ConnectionId, chunk: &Bytes) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let Some(now) = self.now else { return };
        let frame = match Frames::new(chunk).next() {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return self.bad_frame(id, &error, chunk),
            None => return,
        };
        if session.state == State::Header {
            let header = match frame {
                Frame::ProtocolHeader(header) => header,
                // What is no header at all is answered like a wrong one.
                _ => ProtocolHeader::new([0; 4]),
            };
            session.greet(header, now);
            return;
        }
        match frame {
            Frame::ProtocolHeader(_) => {
                let error = FrameErrorKind::UnknownType(b'A');
                self.frame_error(id, ReplyCode::FRAME_ERROR, &frame_text(error, chunk));
            }
            Frame::Heartbeat => {}
            Frame::Method { channel, payload } => self.method(id.at(channel.0), payload.reader()),
            Frame::Header { channel, header } => {
                let properties = Bytes::copy_from_slice(header.properties.as_bytes());
                let announced = (header.class, header.body_size);
                self.content_frame(id.at(channel.0), chunk, |broker, at| {
                    broker.header(at, announced, properties)
                });
            }
            Frame::Body { channel, payload } => {
                let piece = payload.to_bytes();
                self.content_frame(id.at(channel.0), chunk, |broker, at| broker.body(at, piece));
            }
        }
    }

    /// Takes a method on any channel.
    fn method(&mut self, at: At, payload: Reader<'_>) {
        let Some(session) = self.sessions.get_mut(&at.connection) else {
            return;
        };
        let Some(dialect) = session.dialect else {
            return;
        };
        let mut arguments = payload.clone();
        let received = match (dialect.decode)(&mut payload.strict()) {
            Ok(received) => received,
            Err(error) => {
                let _ids = arguments.bytes(4);
                let rest = arguments.bytes(arguments.remaining()).unwrap_or_default();
                let (refusal, method) = undecodable(&error, rest);
                return self.refused(at, refusal, method);
            }
        };
        let Named { id: method, name } = received.method;
        session.note(at.channel, Side::Received, received.method);
        if session.plan.ignores(name) {
            return;
        }
        let texts = received.request.texts();
        if texts.iter().any(|text| text.as_str().is_err()) {
            let text = "Malformed UTF-8 in shortstr";
            return self.frame_error(at.connection, ReplyCode::FRAME_ERROR, text);
        }
        if self.interrupts_content(at) {
            return;
        }
        if let Err(refusal) = self.perform(at, method, received.request) {
            self.refused(at, refusal, method);
        }
    }

    fn perform(&mut self, at: At, method: MethodId, request: Request) -> Result<(), Refusal> {
        let now = self.now.ok_or(Refusal::Gone)?;
        let session = self.sessions.get_mut(&at.connection).ok_or(Refusal::Gone)?;
        match session.state {
            State::Running => {}
            State::Closing => return self.answered(at, &request),
            _ if at.channel == 0 => return session.shake_hands(request, &self.settings, now),
            _ => return Err(Refusal::Reset),
        }
        if at.channel == 0 {
            return self.on_connection(at, request);
        }
        if matches!(request, Request::ChannelOpen) {
            return self.open_channel(at);
        }
        let Some(channel) = session.channels.get_mut(&at.channel) else {
            return Err(Refusal::channel_error("expected 'channel.open'"));
        };
        if channel.is_closing {
            return self.on_closing(at, &request);
        }
        self.on_channel(at, method, request)
    }

    /// The connection is being closed by the broker: all that counts is the answer.
    fn answered(&mut self, at: At, request: &Request) -> Result<(), Refusal> {
        match request {
            Request::CloseOk if at.channel == 0 => {
                self.session(at)?.end(super::Ending::Close);
                Ok(())
            }
            Request::Close if at.channel == 0 => self.reply(at, Reply::CloseOk),
            _ => Ok(()),
        }
    }

    fn on_connection(&mut self, at: At, request: Request) -> Result<(), Refusal> {
        match request {
            Request::Close => {
                let now = self.now.ok_or(Refusal::Gone)?;
                self.leave(at.connection);
                self.reply(at, Reply::CloseOk)?;
                self.session(at)?.closed(now);
                Ok(())
            }
            Request::UpdateSecret => self.reply(at, Reply::UpdateSecretOk),
            _ => Err(Refusal::channel_error(
                "unexpected method in connection state running",
            )),
        }
    }

    fn open_channel(&mut self, at: At) -> Result<(), Refusal> {
        let session = self.session(at)?;
        if session.channels.contains_key(&at.channel) {
            return Err(Refusal::channel_error("second 'channel.open' seen"));
        }
        let (open, most) = (session.channels.len(), usize::from(session.channel_max));
        if open >= most {
            return Err(Refusal::not_allowed(format!(
                "number of channels opened ({open}) has reached the negotiated channel_max ({most})"
            )));
        }
        session.channels.insert(at.channel, Channel::new());
        self.reply(at, Reply::ChannelOpenOk)
    }

    /// The broker has closed the channel; only the end of that is of interest.
    fn on_closing(&mut self, at: At, request: &Request) -> Result<(), Refusal> {
        match request {
            Request::ChannelCloseOk => {
                self.session(at)?.channels.remove(&at.channel);
                Ok(())
            }
            Request::ChannelClose => self.reply(at, Reply::ChannelCloseOk),
            _ => Ok(()),
        }
    }

    fn on_channel(&mut self, at: At, method: MethodId, request: Request) -> Result<(), Refusal> {
        match request {
            Request::ChannelClose => {
                self.confirm_now(at);
                self.leave_channel(at);
                self.session(at)?.channels.remove(&at.channel);
                self.reply(at, Reply::ChannelCloseOk)
            }
            Request::Flow { active: true } => self.reply(at, Reply::FlowOk { active: true }),
            Request::Flow { active: false } => Err(Refusal::not_implemented("active=false")),
            // RabbitMQ refuses it; here a fault may have asked for it.
            Request::FlowOk => Ok(()),
            Request::Access => self.reply(at, Reply::AccessOk),
            Request::ExchangeDeclare(declare) => self.declare_exchange(at, declare),
            Request::ExchangeDelete(delete) => self.delete_exchange(at, &delete),
            Request::ExchangeBind(bind) => self.bind_exchange(at, bind, true),
            Request::ExchangeUnbind(bind) => self.bind_exchange(at, bind, false),
            Request::QueueDeclare(declare) => self.declare_queue(at, declare),
            Request::QueueBind(bind) => self.bind_queue(at, bind, true),
            Request::QueueUnbind(bind) => self.bind_queue(at, bind, false),
            Request::QueuePurge { queue, no_wait } => self.purge_queue(at, queue, no_wait),
            Request::QueueDelete(delete) => self.delete_queue(at, delete),
            Request::Publish(publish) => self.begin_content(at, method, publish),
            Request::Consume(consume) => self.consume(at, consume),
            Request::Cancel { tag, no_wait } => self.cancel(at, tag, no_wait),
            Request::Get { queue, no_ack } => self.get(at, queue, no_ack),
            other => self.on_flow_of_messages(at, other),
        }
    }

    fn on_flow_of_messages(&mut self, at: At, request: Request) -> Result<(), Refusal> {
        match request {
            Request::Qos {
                size,
                count,
                global,
            } => self.qos(at, size, count, global),
            Request::Settle(settle) => self.settle(at, settle),
            Request::Recover { requeue, answered } => self.recover(at, requeue, answered),
            Request::ConfirmSelect { no_wait } => self.confirm_select(at, no_wait),
            Request::TxSelect => self.tx_select(at),
            Request::TxCommit => self.tx_commit(at),
            Request::TxRollback => self.tx_rollback(at),
            Request::Unimplemented => Err(Refusal::command_invalid("unimplemented method")),
            _ => Err(Refusal::command_invalid("unimplemented method")),
        }
    }

    /// The bytes of a connection cannot be cut into frames.
    pub(super) fn bad_frame(&mut self, id: ConnectionId, error: &FrameError, bytes: &[u8]) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let Some(now) = self.now else { return };
        session.decoder_failed = true;
        if session.state == State::Header {
            session.greet(ProtocolHeader::new([0; 4]), now);
            return;
        }
        if let FrameErrorKind::Weight(_) = error.kind() {
            let channel = bytes.get(1..3).and_then(|it| it.try_into().ok());
            let at = id.at(channel.map_or(0, u16::from_be_bytes));
            if self.interrupts_content(at) {
                return;
            }
        }
        self.frame_error(id, error.reply_code(), &frame_text(error.kind(), bytes));
    }

    fn frame_error(&mut self, id: ConnectionId, code: ReplyCode, text: &str) {
        let refusal = Refusal::Connection(code, text.to_owned());
        self.refused(id.at(0), refusal, MethodId::default());
    }

    /// Does what a refusal says.
    fn refused(&mut self, at: At, refusal: Refusal, method: MethodId) {
        let silence = self.settings.silence;
        let Some(now) = self.now else { return };
        match refusal {
            Refusal::Channel(code, text) if at.channel != 0 => {
                self.close_channel(at, code, &text, method);
            }
            refusal => {
                let Ok(session) = self.session(at) else {
                    return;
                };
                if session.state == State::Closing {
                    return;
                }
                session.refuse(refusal, method, silence, now);
                if !matches!(session.state, State::Running | State::Open) {
                    self.leave(at.connection);
                }
            }
        }
    }

    pub(super) fn session(&mut self, at: At) -> Result<&mut Session, Refusal> {
        self.sessions.get_mut(&at.connection).ok_or(Refusal::Gone)
    }

    pub(super) fn channel(&mut self, at: At) -> Result<&mut Channel, Refusal> {
        let channels = &mut self.session(at)?.channels;
        channels.get_mut(&at.channel).ok_or(Refusal::Gone)
    }

    /// The name of the vhost that a connection is in.
    pub(super) fn host(&mut self, at: At) -> Result<ShortStr, Refusal> {
        Ok(self.session(at)?.virtual_host.clone())
    }

    pub(super) fn vhost(&mut self, name: &ShortStr) -> Result<&mut Vhost, Refusal> {
        self.virtual_hosts.get_mut(name).ok_or(Refusal::Gone)
    }

    pub(super) fn reply(&mut self, at: At, reply: Reply) -> Result<(), Refusal> {
        self.session(at)?.say(at.channel, reply);
        Ok(())
    }

    /// Answers unless the client declined an answer.
    pub(super) fn reply_unless(
        &mut self,
        no_wait: bool,
        at: At,
        reply: Reply,
    ) -> Result<(), Refusal> {
        if no_wait {
            return Ok(());
        }
        self.reply(at, reply)
    }

    /// Checks that a user may have to do with a name.
    pub(super) fn may(&mut self, at: At, what: &str, name: &ShortStr) -> Result<(), Refusal> {
        let user = self.session(at)?.user.clone();
        let host = self.host(at)?;
        let forbidden = |known: &&User| {
            let prefix = known.prefix.as_ref();
            known.name == user
                && prefix.is_some_and(|prefix| !name.as_bytes().starts_with(prefix.as_bytes()))
        };
        match self.settings.users.iter().find(forbidden) {
            None => Ok(()),
            Some(_) => Err(Refusal::access(format!(
                "access to {what} '{name}' in vhost '{host}' refused for user '{user}'"
            ))),
        }
    }

    /// Remembers that messages of a queue may have to be handed out.
    pub(super) fn stir(&mut self, host: &ShortStr, queue: &ShortStr) {
        self.stirred.insert((host.clone(), queue.clone()));
    }

    /// Closes a channel, as an error on it does.
    pub(super) fn close_channel(&mut self, at: At, code: ReplyCode, text: &str, method: MethodId) {
        self.confirm_now(at);
        self.leave_channel(at);
        let close = super::dialect::Close {
            code,
            text: super::refusal::reply_text(code, text),
            method,
        };
        let Ok(channel) = self.channel(at) else {
            return;
        };
        *channel = Channel::new();
        channel.is_closing = true;
        let _ = self.reply(at, Reply::ChannelClose(close));
        self.is_disturbed = true;
    }

    /// Closes a connection, as an error on it does.
    pub(super) fn close_connection(
        &mut self,
        id: ConnectionId,
        (code, text): (ReplyCode, &str),
        method: MethodId,
    ) {
        let Some(now) = self.now else { return };
        self.leave(id);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.close(code, text, method, now);
        }
        self.is_disturbed = true;
    }
}

/// What a method does that cannot be read.
fn undecodable(error: &DecodeError, arguments: &[u8]) -> (Refusal, MethodId) {
    let method = error.method().unwrap_or_default();
    let refusal = match error.kind() {
        DecodeErrorKind::Truncated { .. } | DecodeErrorKind::Trailing { .. } => {
            let text = format!("cannot decode {}", octets(arguments));
            Refusal::Connection(ReplyCode::FRAME_ERROR, text)
        }
        // RabbitMQ does not survive these, nor does it find words for them.
        _ => Refusal::Reset,
    };
    (refusal, method)
}

/// The text over bytes that are no frame, in the shape RabbitMQ gives it.
fn frame_text(error: FrameErrorKind, bytes: &[u8]) -> String {
    const OVERHEAD: u64 = crate::frame::OVERHEAD as u64;
    let frame_type = bytes.first().copied().unwrap_or_default();
    let size = bytes.get(3..7).and_then(|it| it.try_into().ok());
    let size = size.map_or(0, u32::from_be_bytes) as usize;
    let rest = bytes.get(crate::frame::HEAD_LEN..).unwrap_or_default();
    let payload = rest.get(..size).unwrap_or_default();
    let reason = match error {
        FrameErrorKind::TooLarge { size, limit } => {
            // RabbitMQ allows for more than it admits.
            let limit = u64::from(limit).saturating_sub(2 * OVERHEAD);
            let size = size.saturating_sub(OVERHEAD);
            format!("{{frame_too_large,{size},{limit}}}")
        }
        FrameErrorKind::End(found) => format!("{{invalid_frame_end_marker,{found}}}"),
        FrameErrorKind::Weight(_) | FrameErrorKind::HeartbeatChannel(_) => {
            return unexpected_text(frame_type, payload);
        }
        _ => "unknown_frame".into(),
    };
    let (part, snippet) = snippet(payload);
    format!("type {frame_type}, {part} octets = {snippet}: {reason}")
}

/// The text over a frame that came where another was due.
fn unexpected_text(frame_type: u8, payload: &[u8]) -> String {
    let (part, snippet) = snippet(payload);
    format!("type {frame_type}, {part} octets = {snippet}")
}

fn snippet(payload: &[u8]) -> (&'static str, String) {
    match payload.get(..16).filter(|_| payload.len() > 16) {
        Some(start) => ("first 16", binary(start)),
        None => ("all", binary(payload)),
    }
}
