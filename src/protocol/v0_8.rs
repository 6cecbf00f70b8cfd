//! AMQP 0-8 as the connection layer sees it.

use crate::v0_8::{Method, V0_8, basic, channel, connection};

crate::protocol::common::protocol!(V0_8);

/// RabbitMQ honours both, though it announces nothing on 0-8.
const CAPABILITIES: &[&str] = &["authentication_failure_close", "consumer_cancel_notify"];

fn own_replace_secret(_: LongStr, _: ShortStr) -> Option<SecretCall<V0_8>> {
    None
}

fn own_signal(method: Method) -> Signal<V0_8> {
    match method {
        Method::Connection(connection::Method::Redirect(redirect)) => Signal::Redirect {
            host: redirect.host,
            known_hosts: redirect.known_hosts,
        },
        Method::Channel(channel::Method::Alert(alert)) => Signal::Alert {
            code: alert.reply_code,
            text: alert.reply_text,
            details: alert.details,
        },
        other => Signal::Reply(other),
    }
}
