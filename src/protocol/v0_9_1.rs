//! AMQP 0-9-1 with RabbitMQ's extensions as the connection layer sees it.

use crate::method::{Args, ContentArgs};
use crate::protocol::sealed::Sealed;
use crate::protocol::{
    Close, Confirming, Deliver, GetOk, Intent, Protocol, Return, Signal, Start, StartOk, Tune,
};
use crate::v0_9_1::{Method, V0_9_1, basic, channel, confirm, connection};
use crate::wire::{DecodeError, DeliveryTag, LongStr, MethodId, Reader, ShortStr};

impl Sealed for V0_9_1 {}

impl Protocol for V0_9_1 {
    type BasicProperties = <basic::Publish as ContentArgs>::Properties;
    type Publish = basic::Publish;
    type Consume = basic::Consume;
    type Get = basic::Get;
    type Cancel = basic::Cancel;
    type Ack = basic::Ack;
    type Reject = basic::Reject;
    type ChannelOpen = channel::Open;
    type ChannelClose = channel::Close;

    const CAPABILITIES: &'static [&'static str] = &[
        "publisher_confirms",
        "exchange_exchange_bindings",
        "basic.nack",
        "consumer_cancel_notify",
        "connection.blocked",
        "authentication_failure_close",
    ];

    const DELIVER: MethodId = basic::Deliver::ID;

    #[inline]
    fn deliver(arguments: &mut Reader<'_>) -> Result<Deliver, DecodeError> {
        let deliver = basic::Deliver::decode(arguments)?;
        arguments.finish()?;
        Ok(neutral(deliver))
    }

    fn signal(method: Method) -> Signal<Self> {
        match method {
            Method::Connection(method) => connection_signal(method),
            Method::Channel(method) => channel_signal(method),
            Method::Basic(method) => basic_signal(method),
            other => Signal::Reply(other),
        }
    }

    fn intent(method: &mut Method) -> Intent<'_> {
        match method {
            Method::Connection(method) => match method {
                connection::Method::UpdateSecret(_) => Intent::Connection,
                _ => Intent::Internal,
            },
            Method::Channel(method) => match method {
                channel::Method::Open(_) => Intent::ChannelOpen,
                channel::Method::Close(_) => Intent::ChannelClose,
                channel::Method::Flow(_) => Intent::Plain,
                _ => Intent::Internal,
            },
            Method::Basic(method) => basic_intent(method),
            Method::Confirm(confirm::Method::Select(_)) => Intent::ConfirmSelect,
            _ => Intent::Plain,
        }
    }

    fn start_ok(answer: StartOk) -> Method {
        let StartOk {
            client_properties,
            mechanism,
            response,
            locale,
        } = answer;
        connection::StartOk {
            client_properties,
            mechanism,
            response,
            locale,
        }
        .into()
    }

    fn secure_ok(response: LongStr) -> Method {
        connection::SecureOk { response }.into()
    }

    fn tune_ok(tune: Tune) -> Method {
        let Tune {
            channel_max,
            frame_max,
            heartbeat,
        } = tune;
        connection::TuneOk {
            channel_max,
            frame_max,
            heartbeat,
        }
        .into()
    }

    fn open(virtual_host: ShortStr) -> Method {
        connection::Open::new(virtual_host).into()
    }

    fn close(close: Close) -> Method {
        connection::Close {
            reply_code: close.code,
            reply_text: close.text,
            class_id: close.method.class,
            method_id: close.method.method,
        }
        .into()
    }

    fn close_ok() -> Method {
        connection::CloseOk::new().into()
    }

    fn channel_open() -> channel::Open {
        channel::Open::new()
    }

    fn channel_close(close: Close) -> channel::Close {
        channel::Close {
            reply_code: close.code,
            reply_text: close.text,
            class_id: close.method.class,
            method_id: close.method.method,
        }
    }

    fn channel_close_ok() -> Method {
        channel::CloseOk::new().into()
    }

    fn flow_ok(active: bool) -> Method {
        channel::FlowOk { active }.into()
    }

    fn cancel(consumer_tag: ShortStr) -> basic::Cancel {
        basic::Cancel::new(consumer_tag)
    }

    fn cancel_ok(consumer_tag: ShortStr) -> Method {
        basic::CancelOk { consumer_tag }.into()
    }

    fn get(queue: ShortStr, no_ack: bool) -> basic::Get {
        basic::Get::new(queue).no_ack(no_ack)
    }

    #[inline]
    fn ack(delivery_tag: DeliveryTag, multiple: bool) -> basic::Ack {
        basic::Ack {
            delivery_tag,
            multiple,
        }
    }

    #[inline]
    fn reject(delivery_tag: DeliveryTag, requeue: bool) -> basic::Reject {
        basic::Reject {
            delivery_tag,
            requeue,
        }
    }

    fn publish(exchange: ShortStr, routing_key: ShortStr) -> basic::Publish {
        basic::Publish::new(exchange, routing_key)
    }

    #[inline]
    fn mandatory(publish: &basic::Publish) -> bool {
        publish.mandatory
    }

    fn route(publish: &basic::Publish) -> (&ShortStr, &ShortStr) {
        (&publish.exchange, &publish.routing_key)
    }
}

impl Confirming for V0_9_1 {
    type ConfirmSelect = confirm::Select;
    type Nack = basic::Nack;

    fn confirm_select() -> confirm::Select {
        confirm::Select::new()
    }

    #[inline]
    fn nack(delivery_tag: DeliveryTag, multiple: bool, requeue: bool) -> basic::Nack {
        basic::Nack {
            delivery_tag,
            multiple,
            requeue,
        }
    }
}

fn connection_signal(method: connection::Method) -> Signal<V0_9_1> {
    match method {
        connection::Method::Start(start) => Signal::Start(Start {
            version: (start.version_major, start.version_minor),
            server_properties: start.server_properties,
            mechanisms: start.mechanisms,
            locales: start.locales,
        }),
        connection::Method::Secure(secure) => Signal::Secure {
            challenge: secure.challenge,
        },
        connection::Method::Tune(tune) => Signal::Tune(Tune {
            channel_max: tune.channel_max,
            frame_max: tune.frame_max,
            heartbeat: tune.heartbeat,
        }),
        connection::Method::OpenOk(_) => Signal::Opened,
        connection::Method::Blocked(blocked) => Signal::Blocked {
            reason: blocked.reason,
        },
        connection::Method::Unblocked(_) => Signal::Unblocked,
        connection::Method::Close(close) => Signal::Close(Close {
            code: close.reply_code,
            text: close.reply_text,
            method: MethodId::new(close.class_id, close.method_id),
        }),
        connection::Method::CloseOk(_) => Signal::CloseOk,
        other => Signal::Reply(Method::Connection(other)),
    }
}

fn channel_signal(method: channel::Method) -> Signal<V0_9_1> {
    match method {
        channel::Method::Flow(flow) => Signal::Flow {
            active: flow.active,
        },
        channel::Method::Close(close) => Signal::ChannelClose(Close {
            code: close.reply_code,
            text: close.reply_text,
            method: MethodId::new(close.class_id, close.method_id),
        }),
        other => Signal::Reply(Method::Channel(other)),
    }
}

#[inline]
fn neutral(deliver: basic::Deliver) -> Deliver {
    Deliver {
        consumer_tag: deliver.consumer_tag,
        delivery_tag: deliver.delivery_tag,
        redelivered: deliver.redelivered,
        exchange: deliver.exchange,
        routing_key: deliver.routing_key,
    }
}

#[inline]
fn basic_signal(method: basic::Method) -> Signal<V0_9_1> {
    match method {
        basic::Method::Deliver(deliver) => Signal::Deliver(neutral(deliver)),
        basic::Method::Return(back) => Signal::Return(Return {
            code: back.reply_code,
            text: back.reply_text,
            exchange: back.exchange,
            routing_key: back.routing_key,
        }),
        basic::Method::GetOk(got) => Signal::GetOk(GetOk {
            delivery_tag: got.delivery_tag,
            redelivered: got.redelivered,
            exchange: got.exchange,
            routing_key: got.routing_key,
            message_count: got.message_count,
        }),
        basic::Method::Cancel(cancel) => Signal::Cancel {
            consumer_tag: cancel.consumer_tag,
            no_wait: cancel.no_wait,
        },
        basic::Method::Ack(ack) => Signal::Ack {
            tag: ack.delivery_tag,
            multiple: ack.multiple,
        },
        basic::Method::Nack(nack) => Signal::Nack {
            tag: nack.delivery_tag,
            multiple: nack.multiple,
        },
        other => Signal::Reply(Method::Basic(other)),
    }
}

fn basic_intent(method: &mut basic::Method) -> Intent<'_> {
    match method {
        basic::Method::Consume(consume) => Intent::Consume {
            no_ack: consume.no_ack,
            consumer_tag: &mut consume.consumer_tag,
        },
        basic::Method::Cancel(cancel) => Intent::Cancel {
            consumer_tag: &cancel.consumer_tag,
        },
        basic::Method::Get(get) => Intent::Get { no_ack: get.no_ack },
        basic::Method::Recover(_) | basic::Method::RecoverAsync(_) => Intent::Recover,
        basic::Method::Publish(_) | basic::Method::CancelOk(_) => Intent::Internal,
        _ => Intent::Plain,
    }
}
