use std::sync::Arc;
use std::time::Instant;

use super::confirms::Fingerprint;
use super::consumers::{Consumer, ConsumerState};
use super::content::{Assembly, Carrier, Recipient, SizeLimit, Whole};
use super::{Channel, Effect, Fate, Pending, State};
use crate::connection::event::{Answer, CancelledBy, Event, Outcome};
use crate::connection::ids::{CallId, DeliveryToken};
use crate::connection::message::{Content, Delivery, Returned};
use crate::connection::shared::Shared;
use crate::error::{Cause, Closed, Expected, ProtocolError};
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
            Signal::GetOk(got) => self.begin_get(id, got)?,
            Signal::Return(back) => self.assembly = Assembly::Header(Carrier::Return(back)),
            Signal::Ack { tag, multiple } => {
                self.confirmed(tag, multiple, Outcome::Acked, shared)?
            }
            Signal::Nack { tag, multiple } => {
                self.confirmed(tag, multiple, Outcome::Nacked, shared)?;
            }
            Signal::Cancel {
                consumer_tag,
                no_wait,
            } => {
                self.cancelled_by_server(consumer_tag, no_wait, shared);
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

    /// Takes a delivery that is whole, if it is for somebody and nothing about it is unusual.
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
        if !matches!(
            consumer.state,
            ConsumerState::Active | ConsumerState::Leaving
        ) {
            return false;
        }
        let Some(content) = Content::in_one(deliver.route, header.properties, body) else {
            return false;
        };
        self.unsettled.delivered(deliver.delivery_tag);
        let delivery = Delivery {
            token: self.token(deliver.delivery_tag, consumer.no_ack, shared),
            redelivered: deliver.redelivered,
            message_count: None,
            content,
        };
        shared.events.deliver(self.key, consumer.id, delivery);
        true
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
        let fetched = match &self.assembly {
            Assembly::Header(Carrier::GetOk(id, _)) => Some(*id),
            _ => None,
        };
        let whole = self.assembly.header::<P>(self.key.id, header, limit);
        if let Err(error @ ProtocolError::MessageTooLarge { .. }) = &whole {
            if let Some(call) = fetched.and_then(|id| self.calls.answer(id, None)) {
                self.refuse_reply(&call, error.clone(), shared);
            }
        }
        self.content(whole?, shared);
        Ok(())
    }

    /// Tells the caller that its reply cannot be taken.
    fn refuse_reply(&self, call: &Pending, error: ProtocolError, shared: &mut Shared<P>) {
        if !call.abandoned {
            let call = CallId {
                channel: self.key,
                number: call.number,
            };
            let (scope, cause) = (Scope::Channel, Cause::Protocol(error));
            let result = Err(Arc::new(Closed { scope, cause }).into());
            shared.emit(Event::Reply { call, result });
        }
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
        let recipient = match consumer.state {
            ConsumerState::Active | ConsumerState::Leaving => Recipient::Consumer {
                id: consumer.id,
                no_ack: consumer.no_ack,
            },
            ConsumerState::Unwanted | ConsumerState::Gone => Recipient::Nobody {
                no_ack: consumer.no_ack,
            },
        };
        self.assembly = Assembly::Header(Carrier::Deliver(deliver, recipient));
        Ok(())
    }

    fn begin_get(&mut self, id: MethodId, got: GetOk) -> Result<(), ProtocolError> {
        if self.calls.expects(id) {
            self.unsettled.delivered(got.delivery_tag);
            self.assembly = Assembly::Header(Carrier::GetOk(id, got));
            return Ok(());
        }
        let expected = match self.calls.front() {
            Some(call) => Expected::Reply(call.name),
            None => Expected::NoReply,
        };
        Err(self.unexpected("basic.get-ok", expected))
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
            Carrier::Deliver(deliver, Recipient::Nobody { no_ack }) => {
                self.requeue(deliver.delivery_tag, no_ack, shared);
            }
            // The consumer was given up after the message had begun to come.
            Carrier::Deliver(deliver, Recipient::Consumer { no_ack, .. })
                if !self.consumers.is_wanted(&deliver.consumer_tag) =>
            {
                self.requeue(deliver.delivery_tag, no_ack, shared);
            }
            Carrier::Deliver(
                deliver,
                Recipient::Consumer {
                    id: consumer,
                    no_ack,
                },
            ) => {
                let (exchange, key) = (&deliver.exchange, &deliver.routing_key);
                let delivery = Delivery {
                    token: self.token(deliver.delivery_tag, no_ack, shared),
                    redelivered: deliver.redelivered,
                    message_count: None,
                    content: Content::routed(exchange, key, &properties, body),
                };
                shared.events.deliver(self.key, consumer, delivery);
            }
            Carrier::Return(back) => {
                let publish = self.confirms.as_mut().and_then(|ledger| {
                    ledger.returned(Fingerprint::new(&back.exchange, &back.routing_key, &body))
                });
                let message = Box::new(Returned {
                    code: back.code,
                    text: back.text,
                    exchange: back.exchange,
                    routing_key: back.routing_key,
                    publish,
                    content: Content::new(&properties, body),
                });
                let channel = self.key;
                shared.emit(Event::Returned { channel, message });
            }
            Carrier::GetOk(id, got) => {
                let (exchange, key) = (&got.exchange, &got.routing_key);
                let content = Content::routed(exchange, key, &properties, body);
                self.got((id, got), content, shared);
            }
        }
    }

    fn got(&mut self, (id, got): (MethodId, GetOk), content: Content<P>, shared: &mut Shared<P>) {
        let Some(call) = self.calls.answer(id, None) else {
            return;
        };
        let no_ack = call.effect == Effect::Get { no_ack: true };
        if call.abandoned {
            return self.requeue(got.delivery_tag, no_ack, shared);
        }
        let delivery = Box::new(Delivery {
            token: self.token(got.delivery_tag, no_ack, shared),
            redelivered: got.redelivered,
            message_count: Some(got.message_count),
            content,
        });
        self.answer(&call, Answer::Message(delivery), shared);
    }

    fn token(&self, tag: DeliveryTag, no_ack: bool, shared: &Shared<P>) -> DeliveryToken {
        DeliveryToken::new(shared.identity, self.key, tag, no_ack)
    }

    /// Gives a message back that nobody wants; one that needs no acknowledgement is gone already.
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
            && self
                .confirmed(tag, multiple, Outcome::Acked, shared)
                .is_ok()
    }

    fn confirmed(
        &mut self,
        tag: DeliveryTag,
        multiple: bool,
        outcome: Outcome,
        shared: &mut Shared<P>,
    ) -> Result<(), ProtocolError> {
        let channel = self.key;
        let known = self.confirms.as_mut().is_some_and(|ledger| {
            ledger.confirm(tag, multiple, |range| {
                let outcome = if range.returned {
                    Outcome::Returned
                } else {
                    outcome.clone()
                };
                let (first, last) = (range.first, range.last);
                shared.emit(Event::Confirmed {
                    channel,
                    first,
                    last,
                    outcome,
                });
            })
        });
        if known {
            Ok(())
        } else {
            Err(ProtocolError::UnknownConfirm(tag))
        }
    }

    fn cancelled_by_server(&mut self, tag: ShortStr, no_wait: bool, shared: &mut Shared<P>) {
        // RabbitMQ sets no-wait and takes an answer for an error.
        if !no_wait {
            self.respond(&P::cancel_ok(tag.clone()), shared);
        }
        let Some(Consumer { id, state, .. }) = self.consumers.find(&tag) else {
            return;
        };
        if matches!(state, ConsumerState::Leaving | ConsumerState::Unwanted) {
            // The answer to our own cancel ends it.
            return;
        }
        self.consumers.remove(&tag);
        if state == ConsumerState::Active {
            let (channel, by) = (self.key, CancelledBy::Server);
            shared.emit(Event::ConsumerCancelled {
                channel,
                consumer: id,
                by,
            });
        }
    }

    fn flow_changed(&mut self, active: bool, shared: &mut Shared<P>) {
        self.respond(&P::flow_ok(active), shared);
        self.flow = active;
        shared.emit(Event::Flow {
            channel: self.key,
            active,
        });
    }

    /// Answers the server, unless our close is on its way: nothing may follow that.
    fn respond(&self, answer: &P::Method, shared: &mut Shared<P>) {
        if self.closed().is_none() {
            shared.output.answer(self.key.id, answer);
        }
    }

    fn closed_by_server(&mut self, close: Close, shared: &mut Shared<P>) -> Fate {
        shared.output.answer(self.key.id, &P::channel_close_ok());
        let method = Some(close.method).filter(|method| *method != MethodId::default());
        let cause = Cause::Server {
            code: close.code,
            text: close.text,
            method,
        };
        let reason = Arc::new(Closed {
            scope: Scope::Channel,
            cause,
        });
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
