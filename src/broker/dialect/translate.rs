use bytes::BytesMut;

use super::Named;
use crate::frame;
use crate::method::Args;
use crate::wire::ChannelId;

/// Writes a method frame and names the method.
pub(crate) fn put<M: Args>(channel: ChannelId, method: &M, out: &mut BytesMut) -> Named {
    frame::put_method(out, channel, method);
    Named {
        id: M::ID,
        name: M::NAME,
    }
}

/// Writes a method frame whose fields are all empty.
pub(crate) fn put_plain<M: Args>(channel: ChannelId, out: &mut BytesMut) -> Named {
    put(channel, &M::default(), out)
}

/// The part of a dialect that reads alike in every version: `decode`, `encode` and what they need.
///
/// The file that uses it names the version's module `version` and adds `rest_of_requests` and
/// `rest_of_replies` for what its version alone has, and `consume_arguments`.
macro_rules! dialect {
    () => {
        use bytes::BytesMut;

        use crate::broker::dialect::{
            Bind, Consume, Delete, Delivery, Dialect, ExchangeDeclare, Named, Outcome, Publish,
            QueueDeclare, Received, Reply, Request, Settle, Tune, put, put_plain,
        };
        use crate::method::{MethodSet as _, Spec as _, decode_method};
        use crate::wire::{ChannelId, DecodeError, DeliveryTag, Reader, Table};
        use version::{Method, Version, access, basic, channel, connection, exchange, queue, tx};

        fn decode(payload: &mut Reader<'_>) -> Result<Received, DecodeError> {
            let method = decode_method::<Version>(payload)?;
            let named = Named {
                id: method.id(),
                name: method.name(),
            };
            let request = match method {
                Method::Connection(method) => connection_request(method),
                Method::Channel(method) => channel_request(method),
                Method::Access(access::Method::Request(_)) => Request::Access,
                Method::Exchange(method) => exchange_request(method),
                Method::Queue(method) => queue_request(method),
                Method::Basic(method) => basic_request(method),
                Method::Tx(tx::Method::Select(_)) => Request::TxSelect,
                Method::Tx(tx::Method::Commit(_)) => Request::TxCommit,
                Method::Tx(tx::Method::Rollback(_)) => Request::TxRollback,
                other => rest_of_requests(other),
            };
            Ok(Received {
                method: named,
                request,
            })
        }

        fn connection_request(method: connection::Method) -> Request {
            match method {
                connection::Method::StartOk(it) => Request::StartOk {
                    client_properties: it.client_properties,
                    mechanism: it.mechanism,
                    response: it.response,
                },
                connection::Method::SecureOk(_) => Request::SecureOk,
                connection::Method::TuneOk(it) => Request::TuneOk(Tune {
                    channel_max: it.channel_max,
                    frame_max: it.frame_max,
                    heartbeat: it.heartbeat,
                }),
                connection::Method::Open(it) => Request::Open {
                    virtual_host: it.virtual_host,
                },
                connection::Method::Close(_) => Request::Close,
                connection::Method::CloseOk(_) => Request::CloseOk,
                other => rest_of_requests(Method::Connection(other)),
            }
        }

        fn channel_request(method: channel::Method) -> Request {
            match method {
                channel::Method::Open(_) => Request::ChannelOpen,
                channel::Method::Close(_) => Request::ChannelClose,
                channel::Method::CloseOk(_) => Request::ChannelCloseOk,
                channel::Method::Flow(it) => Request::Flow { active: it.active },
                channel::Method::FlowOk(_) => Request::FlowOk,
                other => rest_of_requests(Method::Channel(other)),
            }
        }

        fn exchange_request(method: exchange::Method) -> Request {
            match method {
                exchange::Method::Declare(it) => Request::ExchangeDeclare(ExchangeDeclare {
                    exchange: it.exchange,
                    kind: it.type_,
                    passive: it.passive,
                    durable: it.durable,
                    auto_delete: it.auto_delete,
                    internal: it.internal,
                    no_wait: it.no_wait,
                    arguments: it.arguments,
                }),
                exchange::Method::Delete(it) => Request::ExchangeDelete(Delete {
                    name: it.exchange,
                    if_unused: it.if_unused,
                    if_empty: false,
                    no_wait: it.no_wait,
                }),
                other => rest_of_requests(Method::Exchange(other)),
            }
        }

        fn queue_request(method: queue::Method) -> Request {
            match method {
                queue::Method::Declare(it) => Request::QueueDeclare(QueueDeclare {
                    queue: it.queue,
                    passive: it.passive,
                    durable: it.durable,
                    exclusive: it.exclusive,
                    auto_delete: it.auto_delete,
                    no_wait: it.no_wait,
                    arguments: it.arguments,
                }),
                queue::Method::Bind(it) => Request::QueueBind(Bind {
                    destination: it.queue,
                    source: it.exchange,
                    routing_key: it.routing_key,
                    no_wait: it.no_wait,
                    arguments: it.arguments,
                }),
                queue::Method::Unbind(it) => Request::QueueUnbind(Bind {
                    destination: it.queue,
                    source: it.exchange,
                    routing_key: it.routing_key,
                    no_wait: false,
                    arguments: it.arguments,
                }),
                queue::Method::Purge(it) => Request::QueuePurge {
                    queue: it.queue,
                    no_wait: it.no_wait,
                },
                queue::Method::Delete(it) => Request::QueueDelete(Delete {
                    name: it.queue,
                    if_unused: it.if_unused,
                    if_empty: it.if_empty,
                    no_wait: it.no_wait,
                }),
                _ => Request::Unimplemented,
            }
        }

        fn basic_request(method: basic::Method) -> Request {
            match method {
                basic::Method::Qos(it) => Request::Qos {
                    size: it.prefetch_size,
                    count: it.prefetch_count,
                    global: it.global,
                },
                basic::Method::Consume(mut it) => Request::Consume(Consume {
                    arguments: consume_arguments(&mut it),
                    queue: it.queue,
                    tag: it.consumer_tag,
                    no_ack: it.no_ack,
                    exclusive: it.exclusive,
                    no_wait: it.no_wait,
                }),
                basic::Method::Cancel(it) => Request::Cancel {
                    tag: it.consumer_tag,
                    no_wait: it.no_wait,
                },
                basic::Method::CancelOk(_) => Request::CancelOk,
                basic::Method::Publish(it) => Request::Publish(Publish {
                    exchange: it.exchange,
                    routing_key: it.routing_key,
                    mandatory: it.mandatory,
                    immediate: it.immediate,
                }),
                basic::Method::Get(it) => Request::Get {
                    queue: it.queue,
                    no_ack: it.no_ack,
                },
                basic::Method::Ack(it) => Request::Settle(Settle {
                    tag: it.delivery_tag,
                    multiple: it.multiple,
                    outcome: Outcome::Accepted,
                }),
                basic::Method::Reject(it) => Request::Settle(Settle {
                    tag: it.delivery_tag,
                    multiple: false,
                    outcome: if it.requeue {
                        Outcome::Requeued
                    } else {
                        Outcome::Rejected
                    },
                }),
                basic::Method::RecoverAsync(it) => Request::Recover {
                    requeue: it.requeue,
                    answered: false,
                },
                basic::Method::Recover(it) => Request::Recover {
                    requeue: it.requeue,
                    answered: true,
                },
                other => rest_of_requests(Method::Basic(other)),
            }
        }

        fn encode(at: ChannelId, reply: Reply, out: &mut BytesMut) -> Option<Named> {
            Some(match reply {
                Reply::ChannelOpenOk => put_plain::<channel::OpenOk>(at, out),
                Reply::ChannelClose(close) => put(
                    at,
                    &channel::Close {
                        reply_code: close.code,
                        reply_text: close.text,
                        class_id: close.method.class,
                        method_id: close.method.method,
                    },
                    out,
                ),
                Reply::ChannelCloseOk => put_plain::<channel::CloseOk>(at, out),
                Reply::Flow { active } => put(at, &channel::Flow { active }, out),
                Reply::FlowOk { active } => put(at, &channel::FlowOk { active }, out),
                Reply::AccessOk => put(at, &access::RequestOk { ticket: 1 }, out),
                Reply::ExchangeDeclareOk => put_plain::<exchange::DeclareOk>(at, out),
                Reply::ExchangeDeleteOk => put_plain::<exchange::DeleteOk>(at, out),
                Reply::QueueDeclareOk {
                    queue,
                    messages,
                    consumers,
                } => put(
                    at,
                    &queue::DeclareOk {
                        queue,
                        message_count: messages,
                        consumer_count: consumers,
                    },
                    out,
                ),
                Reply::QueueBindOk => put_plain::<queue::BindOk>(at, out),
                Reply::QueueUnbindOk => put_plain::<queue::UnbindOk>(at, out),
                Reply::QueuePurgeOk { messages } => put(
                    at,
                    &queue::PurgeOk {
                        message_count: messages,
                    },
                    out,
                ),
                Reply::QueueDeleteOk { messages } => put(
                    at,
                    &queue::DeleteOk {
                        message_count: messages,
                    },
                    out,
                ),
                Reply::TxSelectOk => put_plain::<tx::SelectOk>(at, out),
                Reply::TxCommitOk => put_plain::<tx::CommitOk>(at, out),
                Reply::TxRollbackOk => put_plain::<tx::RollbackOk>(at, out),
                other => return encode_connection(at, other, out),
            })
        }

        fn encode_connection(at: ChannelId, reply: Reply, out: &mut BytesMut) -> Option<Named> {
            Some(match reply {
                Reply::Start {
                    version,
                    server_properties,
                    mechanisms,
                } => put(
                    at,
                    &connection::Start {
                        version_major: version.0,
                        version_minor: version.1,
                        server_properties,
                        mechanisms,
                        locales: "en_US".into(),
                    },
                    out,
                ),
                Reply::Tune(tune) => put(
                    at,
                    &connection::Tune {
                        channel_max: tune.channel_max,
                        frame_max: tune.frame_max,
                        heartbeat: tune.heartbeat,
                    },
                    out,
                ),
                Reply::OpenOk => put_plain::<connection::OpenOk>(at, out),
                Reply::Close(close) => put(
                    at,
                    &connection::Close {
                        reply_code: close.code,
                        reply_text: close.text,
                        class_id: close.method.class,
                        method_id: close.method.method,
                    },
                    out,
                ),
                Reply::CloseOk => put_plain::<connection::CloseOk>(at, out),
                other => return encode_basic(at, other, out),
            })
        }

        fn encode_basic(at: ChannelId, reply: Reply, out: &mut BytesMut) -> Option<Named> {
            Some(match reply {
                Reply::QosOk => put_plain::<basic::QosOk>(at, out),
                Reply::ConsumeOk { tag } => put(at, &basic::ConsumeOk { consumer_tag: tag }, out),
                // RabbitMQ sends its own cancel with no-wait set and expects no answer.
                Reply::Cancel { tag } => put(
                    at,
                    &basic::Cancel {
                        consumer_tag: tag,
                        no_wait: true,
                    },
                    out,
                ),
                Reply::CancelOk { tag } => put(at, &basic::CancelOk { consumer_tag: tag }, out),
                Reply::Return {
                    code,
                    text,
                    exchange,
                    routing_key,
                } => put(
                    at,
                    &basic::Return {
                        reply_code: code,
                        reply_text: text,
                        exchange,
                        routing_key,
                    },
                    out,
                ),
                Reply::Deliver { consumer, delivery } => put(at, &deliver(consumer, delivery), out),
                Reply::GetOk { delivery, messages } => put(at, &get_ok(delivery, messages), out),
                Reply::GetEmpty => put_plain::<basic::GetEmpty>(at, out),
                Reply::RecoverOk => put_plain::<basic::RecoverOk>(at, out),
                Reply::Ack { tag, multiple } => put(
                    at,
                    &basic::Ack {
                        delivery_tag: DeliveryTag(tag),
                        multiple,
                    },
                    out,
                ),
                other => return rest_of_replies(at, other, out),
            })
        }

        fn deliver(consumer_tag: crate::wire::ShortStr, delivery: Delivery) -> basic::Deliver {
            basic::Deliver {
                consumer_tag,
                delivery_tag: delivery.tag,
                redelivered: delivery.redelivered,
                exchange: delivery.exchange,
                routing_key: delivery.routing_key,
            }
        }

        fn get_ok(delivery: Delivery, messages: u32) -> basic::GetOk {
            basic::GetOk {
                delivery_tag: delivery.tag,
                redelivered: delivery.redelivered,
                exchange: delivery.exchange,
                routing_key: delivery.routing_key,
                message_count: messages,
            }
        }
    };
}

pub(crate) use dialect;
