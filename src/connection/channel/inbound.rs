use std::sync::Arc;
use std::time::Instant;

use super::consumers::{Consumer, ConsumerState};
use super::content::{Assembly, Carrier, SizeLimit, Whole};
use super::fingerprint::Fingerprint;
use super::{Channel, Fate, State};
use crate::connection::calls::Effect;
use crate::connection::event::{Answer, CancelledBy, Event, Outcome};
use crate::connection::ids::DeliveryToken;
use crate::connection::message::{Content, Delivery, Returned};
use crate::connection::shared::Shared;
use crate::error::{Cause, Closed, Expected, Forbidden, ProtocolError};
use crate::frame::{ContentHeader, Payload};
use crate::method::{Args, Call, Reply};
use crate::protocol::{Close, Deliver, DeliverParts, GetOk, Protocol, Signal};
use crate::wire::{DeliveryTag, MethodId, Reader, Scope, ShortStr};

impl<P: Protocol> Channel<P> {
    /// Takes a method that came on this channel.
    pub(in crate::connection) fn method(
        &mut self,
        (id, name): (MethodId, &'static str),
        signal: Signal<P>,
        shared: &mut Shared<P>,
        now: Instant,
    ) -> Result<Fate, ProtocolError> {
        if let State::Stuck(reason) = &self.state {
            // Of a channel that was given up only closes matter: the late close-ok frees the number.
            if let Signal::ChannelClose(close) = signal {
                return Ok(self.closed_by_server(close, shared));
            }
            let confirms = <P::ChannelClose as Call>::Reply::IDS.contains(&id);
            return Ok(if confirms {
                Fate::Ends(reason.clone())
            } else {
                Fate::Lives
            });
        }
        if !matches!(self.assembly, Assembly::Idle) {
            return Err(self.unexpected(name, self.assembly.expected()));
        }
        match signal {
            Signal::Deliver(deliver) => self.begin_delivery(deliver)?,
            Signal::GetOk(got) => self.begin_get(id, got, shared)?,
            Signal::Return(back) => self.assembly = Assembly::Header(Carrier::Return(back)),
            Signal::Ack { tag, multiple } => {
                self.confirmed(tag, multiple, true, shared)?;
            }
            Signal::Nack { tag, multiple } => {
                self.confirmed(tag, multiple, false, shared)?;
            }
            Signal::Cancel {
                consumer_tag,
                no_wait,
            } => {
                self.cancelled_by_server(&consumer_tag, no_wait, (shared, now));
            }
            Signal::Flow { active } => self.flow_changed(active, shared),
            Signal::Alert {
                code,
                text,
                details,
            } => {
                shared.emit(Event::Alert {
                    channel: self.key,
                    code,
                    text,
                    details,
                });
            }
            Signal::ChannelClose(close) => return Ok(self.closed_by_server(close, shared)),
            Signal::Reply(method) => return self.reply(method, shared, now),
            _ => return Err(self.unexpected(name, Expected::Method)),
        }
        Ok(Fate::Lives)
    }

    /// Whether methods are taken for what they say.
    const fn is_receptive(&self) -> bool {
        matches!(self.assembly, Assembly::Idle) && !matches!(self.state, State::Stuck(_))
    }

    /// Takes a delivery that is whole, if nothing about it is unusual. Returns `false` if the frames
    /// must go through the state machine.
    #[inline]
    pub(in crate::connection) fn whole_delivery(
        &mut self,
        mut arguments: Reader<'_>,
        header: &ContentHeader<'_>,
        body: Option<Payload<'_>>,
        shared: &mut Shared<P>,
    ) -> bool {
        let usual =
            header.class == P::DELIVER.class && header.body_size <= shared.config.max_message_size;
        if !self.is_receptive() || !usual {
            return false;
        }
        let Ok(deliver) = DeliverParts::find(&mut arguments) else {
            return false;
        };
        let Some(consumer) = self.consumers.find_bytes(deliver.consumer_tag) else {
            return false;
        };
        if !consumer.state.is_wanted() {
            return false;
        }
        let Some(content) = Content::in_one(deliver.route, header.properties, body) else {
            return false;
        };
        self.unsettled.delivered(deliver.delivery_tag);
        let delivered = (deliver.delivery_tag, deliver.redelivered);
        self.deliver(consumer, delivered, content, shared);
        true
    }

    /// Hands a message out to its consumer.
    #[inline]
    fn deliver(
        &self,
        consumer: Consumer,
        (tag, redelivered): (DeliveryTag, bool),
        content: Content<P>,
        shared: &mut Shared<P>,
    ) {
        let delivery = Delivery {
            token: self.token(tag, consumer.no_ack, shared),
            redelivered,
            message_count: None,
            content,
        };
        shared.events.deliver(self.key, consumer.id, delivery);
    }

    /// Takes a content header that came on this channel.
    pub(in crate::connection) fn header(
        &mut self,
        header: &ContentHeader<'_>,
        shared: &mut Shared<P>,
    ) -> Result<(), ProtocolError> {
        if matches!(self.state, State::Stuck(_)) {
            return Ok(());
        }
        let limit = SizeLimit(shared.config.max_message_size);
        let whole = self.assembly.header::<P>(self.key.id, header, limit);
        self.content(whole?, shared);
        Ok(())
    }

    /// Takes a body frame that came on this channel.
    pub(in crate::connection) fn body(
        &mut self,
        payload: Payload<'_>,
        shared: &mut Shared<P>,
    ) -> Result<(), ProtocolError> {
        if matches!(self.state, State::Stuck(_)) {
            return Ok(());
        }
        let whole = self.assembly.body(self.key.id, payload)?;
        self.content(whole, shared);
        Ok(())
    }

    pub(super) fn unexpected(&self, found: &'static str, expected: Expected) -> ProtocolError {
        ProtocolError::UnexpectedMethod {
            channel: self.key.id,
            found,
            expected,
        }
    }

    fn begin_delivery(&mut self, deliver: Deliver) -> Result<(), ProtocolError> {
        let Some(consumer) = self.consumers.find(&deliver.consumer_tag) else {
            return Err(ProtocolError::UnknownConsumer(deliver.consumer_tag));
        };
        self.unsettled.delivered(deliver.delivery_tag);
        self.assembly = Assembly::Header(Carrier::Deliver(deliver, consumer));
        Ok(())
    }

    fn begin_get(
        &mut self,
        id: MethodId,
        got: GetOk,
        shared: &Shared<P>,
    ) -> Result<(), ProtocolError> {
        if shared.calls.replied(self.key, id, None).is_none() {
            return Err(self.unexpected("basic.get-ok", self.expected_reply(shared)));
        }
        self.unsettled.delivered(got.delivery_tag);
        self.assembly = Assembly::Header(Carrier::GetOk(id, got));
        Ok(())
    }

    fn content(&mut self, whole: Option<Whole>, shared: &mut Shared<P>) {
        let Some(Whole {
            carrier,
            properties,
            body,
        }) = whole
        else {
            return;
        };
        match carrier {
            Carrier::Deliver(deliver, consumer) => {
                // The consumer may have ended after the message had begun to come.
                let wanted = consumer.state.is_wanted();
                if !wanted || !self.consumers.is_wanted(&deliver.consumer_tag) {
                    return self.requeue(deliver.delivery_tag, consumer.no_ack, shared);
                }
                let (exchange, key) = (&deliver.exchange, &deliver.routing_key);
                let content = Content::routed(exchange, key, &properties, body);
                let delivered = (deliver.delivery_tag, deliver.redelivered);
                self.deliver(consumer, delivered, content, shared);
            }
            Carrier::Return(back) => {
                let message = Box::new(Returned {
                    code: back.code,
                    text: back.text,
                    exchange: back.exchange,
                    routing_key: back.routing_key,
                    content: Content::new(&properties, body),
                });
                self.returned(message, shared);
            }
            Carrier::GetOk(id, got) => {
                let (exchange, key) = (&got.exchange, &got.routing_key);
                let content = Content::routed(exchange, key, &properties, body);
                self.got((id, got), content, shared);
            }
        }
    }

    fn returned(&mut self, message: Box<Returned<P>>, shared: &mut Shared<P>) {
        let unknown = match &mut self.confirms {
            Some(ledger) => {
                let route = (&message.exchange, &message.routing_key);
                let properties = message.content.properties().unwrap_or_default();
                let print = Fingerprint::new::<P>(route, &properties, message.content.body());
                ledger.returned(print, message)
            }
            None => Err(message),
        };
        if let Err(message) = unknown {
            let channel = self.key;
            shared.emit(Event::Returned { channel, message });
        }
    }

    fn got(&mut self, (id, got): (MethodId, GetOk), content: Content<P>, shared: &mut Shared<P>) {
        let Some(call) = shared.calls.replied(self.key, id, None) else {
            return;
        };
        let no_ack = call.effect == Effect::Get { no_ack: true };
        if call.abandoned {
            self.requeue(got.delivery_tag, no_ack, shared);
        }
        let delivery = Box::new(Delivery {
            token: self.token(got.delivery_tag, no_ack, shared),
            redelivered: got.redelivered,
            message_count: Some(got.message_count),
            content,
        });
        shared.answer(call.id, Ok(Answer::Message(delivery)));
    }

    fn token(&self, tag: DeliveryTag, no_ack: bool, shared: &Shared<P>) -> DeliveryToken {
        DeliveryToken::new(shared.identity, self.key, tag, no_ack)
    }

    /// Puts a message back that has no taker; one that needs no acknowledgement is gone already.
    fn requeue(&self, tag: DeliveryTag, no_ack: bool, shared: &mut Shared<P>) {
        if !no_ack && self.closed().is_none() && self.unsettled.contains(tag) {
            shared
                .output
                .answer(self.key.id, &P::reject(tag, true).into_method());
        }
    }

    /// Takes a confirm, if it is for publishes that are open.
    #[inline]
    pub(in crate::connection) fn confirm(
        &mut self,
        mut arguments: Reader<'_>,
        shared: &mut Shared<P>,
    ) -> bool {
        let (Ok(tag), Ok([multiple])) = (arguments.get(), arguments.bits()) else {
            return false;
        };
        self.is_receptive()
            && arguments.is_empty()
            && self.confirmed(tag, multiple, true, shared).is_ok()
    }

    fn confirmed(
        &mut self,
        tag: DeliveryTag,
        multiple: bool,
        is_ack: bool,
        shared: &mut Shared<P>,
    ) -> Result<(), ProtocolError> {
        let channel = self.key;
        let is_closing = self.closed().is_some();
        let Some(ledger) = &mut self.confirms else {
            return Err(ProtocolError::UnknownConfirm(tag));
        };
        let known = ledger.confirm(tag, multiple, |range| {
            let outcome = match range.returned {
                Some(message) => Outcome::Returned(message),
                None if is_ack => Outcome::Acked,
                None => Outcome::Nacked,
            };
            let (first, last) = (range.first, range.last);
            shared.emit(Event::Confirmed {
                channel,
                first,
                last,
                outcome,
            });
        });
        let base = ledger.base();
        shared.tickets.confirmed(channel, base, &mut shared.events);
        // Where the channel failed, what was open was reported as lost before the server heard of it.
        if known || is_closing {
            Ok(())
        } else {
            Err(ProtocolError::UnknownConfirm(tag))
        }
    }

    fn cancelled_by_server(
        &mut self,
        tag: &ShortStr,
        no_wait: bool,
        (shared, now): (&mut Shared<P>, Instant),
    ) {
        // RabbitMQ sets no-wait and takes an answer for an error.
        if !no_wait {
            self.respond(&P::cancel_ok(tag.clone()), shared);
        }
        let Some(Consumer { id, state, .. }) = self.consumers.find(tag) else {
            return;
        };
        match state {
            // RabbitMQ 4.3 revives a consumer that it cancelled over a late acknowledgement, and
            // delivers to it again. Only the answer to a cancel of our own is an end that holds.
            ConsumerState::Active => {
                self.emit_cancelled(id, CancelledBy::Server, shared);
                self.leave(id, shared, now);
            }
            ConsumerState::Gone => _ = self.consumers.remove_gone(tag),
            // The answer to our own cancel ends it.
            ConsumerState::Leaving | ConsumerState::Returning | ConsumerState::Unwanted => {}
        }
    }

    fn flow_changed(&mut self, active: bool, shared: &mut Shared<P>) {
        self.respond(&P::flow_ok(active), shared);
        self.flow = mutant!("a stopped channel is not stopped", active, true);
        let channel = self.key;
        shared.emit(Event::Flow { channel, active });
        if active {
            let (tickets, events) = (&mut shared.tickets, &mut shared.events);
            tickets.permitted(Some(channel), Forbidden::Flow, events);
        }
    }

    /// Answers the server, unless our close is on its way: nothing may follow that.
    fn respond(&self, answer: &P::Method, shared: &mut Shared<P>) {
        if self.closed().is_none() {
            shared.output.answer(self.key.id, answer);
        }
    }

    fn closed_by_server(&mut self, close: Close, shared: &mut Shared<P>) -> Fate {
        mutant!(
            "a channel.close is not answered",
            shared.output.answer(self.key.id, &P::channel_close_ok()),
            ()
        );
        let method = Some(close.method).filter(|method| *method != MethodId::default());
        let cause = Cause::Server {
            code: close.code,
            text: close.text,
            method,
        };
        let reason = Arc::new(Closed::new(Scope::Channel, cause));
        match &self.state {
            State::Open => return Fate::Ends(reason),
            // Closes crossed: ours is answered too, and only then is the number free. The server
            // closed first, and has done nothing of what was sent since.
            State::Closing(ours) if ours.is_normal() => self.state = State::Closing(reason),
            State::Closing(_) | State::Stuck(_) => {}
        }
        Fate::Lives
    }
}
