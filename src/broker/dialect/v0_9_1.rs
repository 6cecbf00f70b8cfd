//! AMQP 0-9-1 with RabbitMQ's extensions, as the broker speaks it.

use crate::v0_9_1 as version;
use crate::v0_9_1::confirm;

crate::broker::dialect::dialect!();

/// AMQP 0-9-1.
pub(crate) const DIALECT: Dialect = Dialect {
    name: Version::NAME,
    header: Version::PROTOCOL_HEADER,
    // 0-9 clients send this one and get 0-9-1, which calls itself 0.9 as well.
    alias: *b"AMQP\x01\x01\x00\x09",
    version: (0, 9),
    capabilities: &[
        "publisher_confirms",
        "exchange_exchange_bindings",
        "basic.nack",
        "consumer_cancel_notify",
        "connection.blocked",
        "consumer_priorities",
        "authentication_failure_close",
        "per_consumer_qos",
        "direct_reply_to",
    ],
    decode,
    encode,
};

fn rest_of_requests(method: Method) -> Request {
    match method {
        Method::Connection(connection::Method::UpdateSecret(_)) => Request::UpdateSecret,
        Method::Exchange(exchange::Method::Bind(it)) => Request::ExchangeBind(Bind {
            destination: it.destination,
            source: it.source,
            routing_key: it.routing_key,
            no_wait: it.no_wait,
            arguments: it.arguments,
        }),
        Method::Exchange(exchange::Method::Unbind(it)) => Request::ExchangeUnbind(Bind {
            destination: it.destination,
            source: it.source,
            routing_key: it.routing_key,
            no_wait: it.no_wait,
            arguments: it.arguments,
        }),
        Method::Basic(basic::Method::Nack(it)) => Request::Settle(Settle {
            tag: it.delivery_tag,
            multiple: it.multiple,
            outcome: if it.requeue {
                Outcome::Requeued
            } else {
                Outcome::Rejected
            },
        }),
        Method::Confirm(confirm::Method::Select(it)) => Request::ConfirmSelect {
            no_wait: it.no_wait,
        },
        _ => Request::Unimplemented,
    }
}

fn rest_of_replies(at: ChannelId, reply: Reply, out: &mut BytesMut) -> Option<Named> {
    Some(match reply {
        Reply::Blocked { reason } => put(at, &connection::Blocked { reason }, out),
        Reply::Unblocked => put_plain::<connection::Unblocked>(at, out),
        Reply::UpdateSecretOk => put_plain::<connection::UpdateSecretOk>(at, out),
        Reply::ExchangeBindOk => put_plain::<exchange::BindOk>(at, out),
        Reply::ExchangeUnbindOk => put_plain::<exchange::UnbindOk>(at, out),
        Reply::Nack { tag, multiple } => put(
            at,
            &basic::Nack {
                delivery_tag: DeliveryTag(tag),
                multiple,
                requeue: false,
            },
            out,
        ),
        Reply::ConfirmSelectOk => put_plain::<confirm::SelectOk>(at, out),
        _ => return None,
    })
}

fn consume_arguments(consume: &mut basic::Consume) -> Table {
    std::mem::take(&mut consume.arguments)
}
