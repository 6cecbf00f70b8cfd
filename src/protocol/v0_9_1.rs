//! AMQP 0-9-1 with RabbitMQ's extensions as the connection layer sees it.

use crate::method::{Call, Reply as _};
use crate::protocol::Confirming;
use crate::v0_9_1::{Method, V0_9_1, basic, channel, confirm, connection};

crate::protocol::common::protocol!(V0_9_1);

const CAPABILITIES: &[&str] = &[
    "publisher_confirms",
    "exchange_exchange_bindings",
    "basic.nack",
    "consumer_cancel_notify",
    "connection.blocked",
    "authentication_failure_close",
];

impl Confirming for V0_9_1 {
    type ConfirmSelect = confirm::Select;
    type Nack = basic::Nack;
    type UpdateSecret = connection::UpdateSecret;

    fn confirm_select() -> confirm::Select {
        confirm::Select::new()
    }

    fn update_secret(secret: LongStr, reason: ShortStr) -> connection::UpdateSecret {
        connection::UpdateSecret::new(secret, reason)
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

fn own_replace_secret(secret: LongStr, reason: ShortStr) -> Option<SecretCall<V0_9_1>> {
    type Ok = <connection::UpdateSecret as Call>::Reply;
    Some(SecretCall {
        method: connection::UpdateSecret::new(secret, reason).into(),
        name: connection::UpdateSecret::NAME,
        replies: Ok::IDS,
    })
}

fn own_signal(method: Method) -> Signal<V0_9_1> {
    match method {
        Method::Connection(connection::Method::Blocked(blocked)) => Signal::Blocked {
            reason: blocked.reason,
        },
        Method::Connection(connection::Method::Unblocked(_)) => Signal::Unblocked,
        Method::Basic(basic::Method::Ack(ack)) => Signal::Ack {
            tag: ack.delivery_tag,
            multiple: ack.multiple,
        },
        Method::Basic(basic::Method::Nack(nack)) => Signal::Nack {
            tag: nack.delivery_tag,
            multiple: nack.multiple,
        },
        other => Signal::Reply(other),
    }
}
