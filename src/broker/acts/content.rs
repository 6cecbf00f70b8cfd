//! Messages that come in: put together, checked, routed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::queue::DIRECT_REPLY;
use super::unexpected_text;
use crate::broker::dialect::{Publish, Reply};
use crate::broker::ids::At;
use crate::broker::machine::Broker;
use crate::broker::refusal::{Refusal, reply_text, resource};
use crate::broker::session::{Content, Header, Mode, Received, State};
use crate::broker::store::{self, Body, Message, Offered, Overflow, Properties};
use crate::wire::{MethodId, ReplyCode, ShortStr};

impl Broker {
    /// Takes a content header or a body frame, which are errors in the same cases.
    pub(super) fn content_frame(
        &mut self,
        at: At,
        chunk: &Bytes,
        take: impl FnOnce(&mut Self, At) -> Result<bool, Refusal>,
    ) {
        let Some(session) = self.sessions.get(&at.connection) else {
            return;
        };
        if session.state == State::Closing {
            return;
        }
        let is_open = match session.channels.get(&at.channel) {
            Some(channel) if channel.is_closing => return,
            open => open.is_some() && session.state == State::Running,
        };
        let expected = self.expected(at);
        let outcome = if is_open { take(self, at) } else { Ok(false) };
        match (outcome, expected) {
            (Ok(true), _) => {}
            (Ok(false), Some((method, text))) => {
                self.refused(at, unexpected(text), method);
            }
            (Ok(false), None) => {
                let frame_type = chunk.first().copied().unwrap_or_default();
                let end = chunk.len().saturating_sub(1);
                let payload = chunk.get(crate::frame::HEAD_LEN..end).unwrap_or_default();
                let text = match at.channel {
                    0 => unexpected_text(frame_type, payload),
                    _ => "expected method frame, got non method frame instead".into(),
                };
                self.refused(at, unexpected(text), MethodId::default());
            }
            (Err(refusal), expected) => {
                let method = match refusal {
                    Refusal::Connection(ReplyCode::INTERNAL_ERROR, _) => MethodId::default(),
                    _ => expected.map_or(MethodId::default(), |(method, _)| method),
                };
                self.refused(at, refusal, method);
            }
        }
    }

    /// Refuses a frame that comes where a part of a content is due; false if none is.
    pub(super) fn interrupts_content(&mut self, at: At) -> bool {
        let Some((method, text)) = self.expected(at) else {
            return false;
        };
        self.refused(at, unexpected(text), method);
        true
    }

    /// The method whose content is coming in, and what to say of any other frame.
    fn expected(&self, at: At) -> Option<(MethodId, String)> {
        let channels = &self.sessions.get(&at.connection)?.channels;
        let content = channels.get(&at.channel)?.content.as_ref()?;
        let text = match content.header {
            None => format!(
                "expected content header for class {}, got non content header frame instead",
                content.method.class
            ),
            Some(_) => "expected content body, got non content body frame instead".into(),
        };
        Some((content.method, text))
    }

    /// A publish has come; its content is to follow.
    pub(super) fn begin_content(
        &mut self,
        at: At,
        method: MethodId,
        publish: Publish,
    ) -> Result<(), Refusal> {
        self.channel(at)?.content = Some(Content {
            method,
            publish,
            header: None,
        });
        Ok(())
    }

    /// Takes a content header; false if none was due.
    pub(super) fn header(
        &mut self,
        at: At,
        (class, size): (u16, u64),
        properties: Bytes,
    ) -> Result<bool, Refusal> {
        let most = self.settings.message_size;
        let channel = self.channel(at)?;
        let Some(content) = &mut channel.content else {
            return Ok(false);
        };
        if content.header.is_some() {
            return Ok(false);
        }
        if class != content.method.class {
            return Err(unexpected(format!(
                "expected content header for class {}, got one for class {class} instead",
                content.method.class
            )));
        }
        if usize::try_from(size).is_ok_and(|size| size <= most) {
            content.header = Some(Header {
                properties,
                left: size,
                body: Body::default(),
            });
            return self.complete(at);
        }
        channel.content = None;
        Err(Refusal::precondition(format!(
            "message size {size} is larger than configured max size {most}"
        )))
    }

    /// Takes a piece of a body; false if none was due.
    pub(super) fn body(&mut self, at: At, piece: Bytes) -> Result<bool, Refusal> {
        let most = self.settings.message_size as u64;
        let channel = self.channel(at)?;
        let Some(content) = &mut channel.content else {
            return Ok(false);
        };
        let Some(header) = &mut content.header else {
            return Ok(false);
        };
        let Some(left) = header.left.checked_sub(piece.len() as u64) else {
            // RabbitMQ only finds out when another frame comes: this content is never whole.
            header.left = u64::MAX;
            header.body = Body::default();
            return Ok(true);
        };
        // After such a surplus nothing is kept.
        if left < most {
            header.body.push(piece);
        }
        header.left = left;
        self.complete(at)
    }

    /// Publishes the content, once it is whole.
    fn complete(&mut self, at: At) -> Result<bool, Refusal> {
        let channel = self.channel(at)?;
        let whole = |content: &mut Content| content.header.as_ref().is_some_and(|it| it.left == 0);
        let Some(content) = channel.content.take_if(whole) else {
            return Ok(true);
        };
        let Some(mut header) = content.header else {
            return Ok(true);
        };
        header.body.close();
        let decoded = Properties::decode(&header.properties).map_err(|_| Refusal::internal())?;
        let version = self.session(at)?.dialect.map_or("", |dialect| dialect.name);
        let received = Received {
            version,
            publish: content.publish,
            properties: header.properties,
            decoded,
            body: header.body,
        };
        self.publish(at, received)?;
        self.block_if_full(at);
        Ok(true)
    }

    /// Checks a message and routes it, or keeps it for `tx.commit`.
    fn publish(&mut self, at: At, mut received: Received) -> Result<(), Refusal> {
        let host = self.host(at)?;
        let publish = &received.publish;
        if publish.immediate {
            return Err(Refusal::not_implemented("immediate=true"));
        }
        let exchange = self.exchange(&host, &publish.exchange)?;
        if exchange.internal {
            let what = resource("exchange", &publish.exchange, &host);
            return Err(Refusal::access(format!(
                "cannot publish to internal {what}"
            )));
        }
        self.check_properties(at, &received.decoded)?;
        self.address_replies(at, &mut received)?;
        match &mut self.channel(at)?.mode {
            Mode::Plain => self.route(at, received).map(|_| ()),
            Mode::Transaction(transaction) => {
                transaction.publishes.push(received);
                Ok(())
            }
            Mode::Confirm(confirms) => {
                let number = confirms.number();
                let accepted = self.route(at, received)?;
                if let Mode::Confirm(confirms) = &mut self.channel(at)?.mode {
                    confirms.settled.push((number, accepted));
                }
                Ok(())
            }
        }
    }

    fn check_properties(&mut self, at: At, properties: &Properties) -> Result<(), Refusal> {
        let user = &self.session(at)?.user;
        let user = user.as_bytes();
        let claimed = properties.user_id.as_ref();
        if let Some(claimed) = claimed.filter(|claimed| claimed.as_bytes() != user) {
            let user = String::from_utf8_lossy(user);
            return Err(Refusal::precondition(format!(
                "user_id property set to '{claimed}' but authenticated user was '{user}'"
            )));
        }
        let expiration = properties.expiration.as_ref();
        if let Some(expiration) = expiration.filter(|it| milliseconds(it).is_none()) {
            return Err(Refusal::precondition(format!(
                "invalid expiration '{expiration}': {}",
                expiration_fault(expiration)
            )));
        }
        if let Some(mode) = properties
            .delivery_mode
            .filter(|mode| !matches!(mode, 1 | 2))
        {
            return Err(Refusal::precondition(format!(
                "invalid message: {{delivery_mode_unknown,{mode}}}"
            )));
        }
        for header in ["CC", "BCC"] {
            if let Err(kind) = Message::copies(properties, header) {
                return Err(Refusal::precondition(format!(
                    "invalid message: {{unacceptable_type_in_header,\"{header}\",{kind}}}"
                )));
            }
        }
        Ok(())
    }

    /// Puts the address of this channel where the message asks for a direct reply.
    fn address_replies(&mut self, at: At, received: &mut Received) -> Result<(), Refusal> {
        let asks = |to: &ShortStr| to.as_bytes() == DIRECT_REPLY;
        if !received.decoded.reply_to.as_ref().is_some_and(asks) {
            return Ok(());
        }
        let Some(replies) = &self.channel(at)?.replies else {
            return Err(Refusal::precondition("fast reply consumer does not exist"));
        };
        received.decoded.reply_to = Some(replies.address.clone());
        received.properties = received.decoded.encode();
        Ok(())
    }

    /// Hands a message to the queues it is for. Gives whether all of them took it.
    pub(super) fn route(&mut self, at: At, received: Received) -> Result<bool, Refusal> {
        let host = self.host(at)?;
        let Received {
            version,
            publish,
            mut properties,
            mut decoded,
            body,
        } = received;
        let keys = store::has_hidden_copies(&decoded);
        let origin = (version, &publish);
        let message = self.message(origin, properties.clone(), &decoded, body.clone());
        let queues = self
            .vhost(&host)?
            .route(&publish.exchange, &message, &decoded);
        let message = if keys {
            // Those who get the message are not told of the others.
            store::hide_copies(&mut decoded);
            properties = decoded.encode();
            self.message(origin, properties, &decoded, body)
        } else {
            message
        };
        let message = Arc::new(message);
        let replied = publish.exchange.is_empty() && self.reply_directly(&message);
        if queues.is_empty() && !replied {
            if publish.mandatory {
                self.send_back(at, &message)?;
            }
            return Ok(true);
        }
        let mut accepted = true;
        for queue in &queues {
            accepted &= self.enqueue(&host, queue, &message);
        }
        Ok(accepted)
    }

    fn message(
        &self,
        (version, publish): (&'static str, &Publish),
        properties: Bytes,
        decoded: &Properties,
        body: Body,
    ) -> Message {
        Message {
            version,
            exchange: publish.exchange.clone(),
            routing_key: publish.routing_key.clone(),
            _share: self.meter.take(Message::cost(&properties, &body)),
            properties,
            priority: decoded.priority.unwrap_or_default(),
            expiration: decoded.expiration.as_ref().and_then(milliseconds),
            body,
        }
    }

    /// Appends a message to a queue; false if the queue is full and refuses.
    pub(super) fn enqueue(
        &mut self,
        host: &ShortStr,
        name: &ShortStr,
        message: &Arc<Message>,
    ) -> bool {
        let Some(now) = self.now else { return false };
        let vhost = self.virtual_hosts.get_mut(host);
        let Some(queue) = vhost.and_then(|vhost| vhost.queues.get_mut(name)) else {
            return true;
        };
        if let Offered::Refused = queue.offer(message, now) {
            if queue.policy.overflow == Overflow::RejectPublishDeadLetter {
                self.bury_published(host, name, message);
            }
            return false;
        }
        self.stir(host, name);
        true
    }

    fn send_back(&mut self, at: At, message: &Message) -> Result<(), Refusal> {
        let code = ReplyCode::NO_ROUTE;
        let reply = Reply::Return {
            code,
            text: reply_text(code, ""),
            exchange: message.exchange.clone(),
            routing_key: message.routing_key.clone(),
        };
        self.session(at)?.say_content(at.channel, reply, message);
        Ok(())
    }
}

fn unexpected(text: impl Into<String>) -> Refusal {
    Refusal::Connection(ReplyCode::UNEXPECTED_FRAME, text.into())
}

/// Milliseconds in decimal digits.
fn milliseconds(text: &ShortStr) -> Option<Duration> {
    let text = text.as_str().ok()?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = text.parse().ok().filter(|_| digits)?;
    (number <= store::LONGEST).then(|| Duration::from_millis(number))
}

/// What is wrong with an expiration, in RabbitMQ's words.
fn expiration_fault(text: &ShortStr) -> String {
    let bytes = text.as_bytes();
    let digits = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    match bytes.get(digits..) {
        Some([]) if digits > 0 => format!("{{value_too_large,{text}}}"),
        Some([b'-', rest @ ..]) if digits == 0 && rest.iter().all(u8::is_ascii_digit) => {
            format!("{{value_negative,{text}}}")
        }
        Some(rest) if digits > 0 => {
            format!("{{leftover_string,\"{}\"}}", String::from_utf8_lossy(rest))
        }
        _ => "no_integer".into(),
    }
}
