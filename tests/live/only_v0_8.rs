//! What 0-8 alone has, most of which RabbitMQ knows and refuses.

use pika::Error;
use pika::wire::{ReplyCode, Table};

use super::amqp::{basic, channel, file, queue, stream, test as echo};
use super::suite::{Channel, connect};
use crate::support::Refusal;

/// The server closes the connection, saying that it has no such method.
#[track_caller]
fn unimplemented(error: &Error, method: (u16, u16)) {
    Refusal::connection(ReplyCode::COMMAND_INVALID, method, "unimplemented method").is(error);
}

fn channel() -> Channel {
    connect().channel().unwrap()
}

#[test]
fn classes_that_rabbitmq_does_not_serve_are_503() {
    let error = channel().file_qos(file::Qos::new(1)).unwrap_err();
    unimplemented(&error, (70, 10));
    let error = channel().stream_qos(stream::Qos::new(1)).unwrap_err();
    unimplemented(&error, (80, 10));
    let error = channel()
        .dtx_select(super::amqp::dtx::Select::new())
        .unwrap_err();
    unimplemented(&error, (100, 10));
    let integers = echo::Integer::default();
    let error = channel().test_integer(integers).unwrap_err();
    unimplemented(&error, (120, 10));
}

#[test]
fn the_server_announces_nothing_to_0_8() {
    let properties = connect().server_properties();
    let capabilities = properties.get("capabilities").unwrap();
    assert_eq!(capabilities.as_table(), Some(Table::new()));
}

#[test]
fn the_old_marks_of_access_are_ignored() {
    let channel = channel();
    for ticket in [0, 1, 2, 65_535] {
        let declare = queue::Declare::new("").exclusive(true).ticket(ticket);
        let queue = channel.queue_declare(declare).unwrap().queue;
        let publish = basic::Publish::new("", &queue).ticket(ticket);
        let properties = basic::Properties::new();
        channel
            .basic_publish(&publish, &properties, "open")
            .unwrap();
        let get = basic::Get::new(&queue).ticket(ticket).no_ack(true);
        let flow = channel::Flow::new().active(true);
        channel.channel_flow(flow).unwrap();
        assert_eq!(channel.get(get).unwrap().unwrap().body(), b"open");
    }
}
