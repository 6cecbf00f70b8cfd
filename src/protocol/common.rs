//! What all versions have in common as the connection layer sees them.
//!
//! Their types are different ones with the same names and the same fields, so that no function can
//! serve them; this macro does. A version adds what only it has.

/// Implements [`Protocol`](super::Protocol) for the marker of a version. Around it there have to be
/// `Method` and the classes `basic`, `channel` and `connection` of that version, its `CAPABILITIES`,
/// `own_signal` for the methods that the versions do not share, and `own_replace_secret`.
macro_rules! protocol {
    ($marker:ident) => {
        use std::hash::{Hash as _, Hasher};
        use $crate::method::{Args, ContentArgs};
        use $crate::protocol::{
            Close, Deliver, GetOk, Protocol, Return, SecretCall, Signal, Start, StartOk, Tune,
        };
        use $crate::wire::{DeliveryTag, LongStr, MethodId, ShortStr, Table};

        impl $crate::protocol::sealed::Sealed for $marker {}

        impl Protocol for $marker {
            type BasicProperties = <basic::Publish as ContentArgs>::Properties;
            type Publish = basic::Publish;
            type Consume = basic::Consume;
            type Get = basic::Get;
            type Cancel = basic::Cancel;
            type Ack = basic::Ack;
            type Reject = basic::Reject;
            type Qos = basic::Qos;
            type ChannelOpen = channel::Open;
            type ChannelClose = channel::Close;

            const CAPABILITIES: &'static [&'static str] = CAPABILITIES;

            const DELIVER: MethodId = basic::Deliver::ID;
            const ACK: MethodId = basic::Ack::ID;

            fn signal(method: Method) -> Signal<Self> {
                match method {
                    Method::Connection(method) => connection_signal(method),
                    Method::Channel(method) => channel_signal(method),
                    Method::Basic(method) => basic_signal(method),
                    other => own_signal(other),
                }
            }

            fn answered_consumer(method: &Method) -> Option<&ShortStr> {
                match method {
                    Method::Basic(basic::Method::ConsumeOk(answer)) => Some(&answer.consumer_tag),
                    Method::Basic(basic::Method::CancelOk(answer)) => Some(&answer.consumer_tag),
                    _ => None,
                }
            }

            fn is_cancel_ok(method: &Method) -> bool {
                matches!(method, Method::Basic(basic::Method::CancelOk(_)))
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

            fn prefetch(count: u16) -> basic::Qos {
                basic::Qos::new(count)
            }

            #[inline]
            fn publish(
                exchange: ShortStr,
                routing_key: ShortStr,
                mandatory: bool,
            ) -> basic::Publish {
                basic::Publish::new(exchange, routing_key).mandatory(mandatory)
            }

            #[inline]
            fn mandatory(publish: &basic::Publish) -> bool {
                publish.mandatory
            }

            fn route(publish: &basic::Publish) -> (&ShortStr, &ShortStr) {
                (&publish.exchange, &publish.routing_key)
            }

            fn replace_secret(secret: LongStr, reason: ShortStr) -> Option<SecretCall<Self>> {
                own_replace_secret(secret, reason)
            }

            fn lifetime(properties: &Self::BasicProperties) -> (Option<&ShortStr>, Option<u8>) {
                (properties.expiration.as_ref(), properties.delivery_mode)
            }

            fn message_id_mut(properties: &mut Self::BasicProperties) -> &mut Option<ShortStr> {
                &mut properties.message_id
            }

            fn identify<'a>(
                properties: &'a Self::BasicProperties,
                hasher: &mut impl Hasher,
            ) -> Option<&'a Table> {
                let it = properties;
                (&it.content_type, &it.content_encoding).hash(hasher);
                (it.delivery_mode, it.priority, &it.correlation_id).hash(hasher);
                (&it.reply_to, &it.expiration, &it.message_id).hash(hasher);
                (it.timestamp, &it.type_, &it.user_id, &it.app_id).hash(hasher);
                it.headers.as_ref()
            }
        }

        fn connection_signal(method: connection::Method) -> Signal<$marker> {
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
                connection::Method::Close(close) => Signal::Close(Close {
                    code: close.reply_code,
                    text: close.reply_text,
                    method: MethodId::new(close.class_id, close.method_id),
                }),
                connection::Method::CloseOk(_) => Signal::CloseOk,
                other => own_signal(Method::Connection(other)),
            }
        }

        fn channel_signal(method: channel::Method) -> Signal<$marker> {
            match method {
                channel::Method::Flow(flow) => Signal::Flow {
                    active: flow.active,
                },
                channel::Method::Close(close) => Signal::ChannelClose(Close {
                    code: close.reply_code,
                    text: close.reply_text,
                    method: MethodId::new(close.class_id, close.method_id),
                }),
                other => own_signal(Method::Channel(other)),
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
        fn basic_signal(method: basic::Method) -> Signal<$marker> {
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
                other => own_signal(Method::Basic(other)),
            }
        }
    };
}

pub(crate) use protocol;
