//! The one-line way to an open channel.

use std::time::{Duration, Instant};

use pika::amqp::queue;
use pika::broker::Server;
use pika::wire::ReplyCode;

#[test]
fn a_channel_opened_in_one_line_keeps_its_connection_until_it_is_dropped() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let channel = pika::open_channel(server.url()).unwrap();
    // It lives as long as the connection that declares it.
    let own = queue::Declare::new("own").exclusive(true);
    channel.queue_declare(own).unwrap();
    channel.publish("", "own", "one").unwrap();
    let own = channel.queue_declare(queue::Declare::new("own").passive(true));
    assert_eq!(own.unwrap().message_count, 1);
    assert_eq!(refusal(&server), Some(ReplyCode::RESOURCE_LOCKED));

    drop(channel);
    let end = Instant::now() + Duration::from_secs(10);
    while refusal(&server) == Some(ReplyCode::RESOURCE_LOCKED) && Instant::now() < end {}
    assert_eq!(refusal(&server), Some(ReplyCode::NOT_FOUND));
}

/// Why another connection may not use the queue.
fn refusal(server: &Server) -> Option<ReplyCode> {
    let other = pika::open_channel(server.url()).unwrap();
    let error = other.queue_declare(queue::Declare::new("own").passive(true));
    error.unwrap_err().closed().unwrap().code()
}
