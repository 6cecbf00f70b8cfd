//! Messages to and from programs of other clients.

use std::process::Command;

use pika::wire::{Array, ShortStr, Table};

use super::amqp::{basic, queue};
use super::{Channel, Delivery, connect};
use crate::support::{eventually, is_4, output, own_node, stranger, unique};

/// A queue that others can use too; it is deleted in the end.
struct Shared {
    channel: Channel,
    queue: ShortStr,
}

impl Shared {
    fn new() -> Self {
        let channel = connect().channel().unwrap();
        let queue = unique("shared");
        // Should a test fail, the queue goes by itself.
        let declare = queue::Declare::new(&queue).arguments([("x-expires", 60_000)]);
        channel.queue_declare(declare).unwrap();
        Self { channel, queue }
    }

    fn name(&self) -> &str {
        self.queue.as_str().unwrap()
    }

    fn send(&self, headers: Table) {
        let publish = basic::Publish::new("", &self.queue);
        let properties = basic::Properties::new()
            .content_type("text/plain")
            .delivery_mode(1)
            .message_id("from-rust")
            .headers(headers);
        let body = "from Rust";
        self.channel
            .basic_publish(&publish, &properties, body)
            .unwrap();
        let flow = super::amqp::channel::Flow::new().active(true);
        // Once this is answered the message is in the queue.
        self.channel.channel_flow(flow).unwrap();
    }

    fn receive(&self) -> Delivery {
        let get = basic::Get::new(&self.queue).no_ack(true);
        eventually("the message", || self.channel.get(get.clone()).unwrap())
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let delete = queue::Delete::new(&self.queue);
        let _cleaned_up = self.channel.queue_delete(delete);
    }
}

/// The properties that both Python programs set, and their headers.
fn from_python(message: &Delivery) -> Table {
    assert_eq!(message.body(), b"from python");
    let properties = message.properties().unwrap();
    assert_eq!(properties.content_type.unwrap(), "text/plain");
    assert_eq!(properties.delivery_mode, Some(2));
    assert_eq!(properties.message_id.unwrap(), "from-python");
    properties.headers.unwrap()
}

#[test]
fn python3_pika_reads_what_we_send() {
    let shared = Shared::new();
    let inner = Table::new()
        .with("nothing", ())
        .with("row", Array::from([1, 2]));
    shared.send(
        Table::new()
            .with("text", "grüße")
            .with("short", -2_i16)
            .with("number", 1_i64 << 40)
            .with("truth", true)
            .with("inner", inner),
    );
    let printed = stranger("pika_0_9_1.py", &["receive", shared.name()]);
    let lines: Vec<&str> = printed.lines().collect();
    let headers = r#"{"inner": {"nothing": null, "row": [1, 2]}, "number": 1099511627776, "short": -2, "text": "gr\u00fc\u00dfe", "truth": true}"#;
    assert_eq!(lines, ["from Rust", "text/plain 1 from-rust", headers]);
}

#[test]
fn we_read_what_python3_pika_sends() {
    let shared = Shared::new();
    stranger("pika_0_9_1.py", &["send", shared.name()]);
    let headers = from_python(&shared.receive());
    assert_eq!(headers.get("text").unwrap().as_str(), Some("grüße"));
    assert_eq!(headers.get("number").unwrap().as_i64(), Some(1 << 40));
    assert_eq!(headers.get("truth").unwrap().as_bool(), Some(true));
    let row = headers.get("row").unwrap().as_array().unwrap();
    assert_eq!(row.get(0).unwrap().as_i64(), Some(1));
    assert_eq!(row.get(1).unwrap().as_str(), Some("two"));
    let inner = headers.get("inner").unwrap().as_table().unwrap();
    assert!(inner.get("nothing").unwrap().is_void());
}

/// RabbitMQ 4 does not speak 0-8.
fn is_refused(script: &str, arguments: &[&str]) {
    let refused = std::panic::catch_unwind(|| stranger(script, arguments));
    assert!(refused.is_err(), "{script} was served");
}

#[test]
fn python3_amqplib_reads_what_we_send() {
    let shared = Shared::new();
    if is_4() {
        return is_refused("amqplib_0_8.py", &["receive", shared.name()]);
    }
    let headers = Table::new()
        .with("text", "plain")
        .with("number", 7)
        .with("inner", Table::new().with("a", 1));
    shared.send(headers);
    let printed = stranger("amqplib_0_8.py", &["receive", shared.name()]);
    let lines: Vec<&str> = printed.lines().collect();
    let headers = r#"{"inner": {"a": 1}, "number": 7, "text": "plain"}"#;
    assert_eq!(lines, ["from Rust", "text/plain 1 from-rust", headers]);
}

#[test]
fn we_read_what_python3_amqplib_sends() {
    let shared = Shared::new();
    if is_4() {
        return is_refused("amqplib_0_8.py", &["send", shared.name()]);
    }
    stranger("amqplib_0_8.py", &["send", shared.name()]);
    let headers = from_python(&shared.receive());
    assert_eq!(headers.get("text").unwrap().as_str(), Some("plain"));
    assert_eq!(headers.get("number").unwrap().as_i64(), Some(7));
    let inner = headers.get("inner").unwrap().as_table().unwrap();
    let a = inner.get("a").unwrap();
    assert_eq!(a.as_i64(), Some(1));
}

#[test]
fn amqp_tools_read_what_we_send_and_send_what_we_read() {
    let shared = Shared::new();
    let (host, port) = own_node();
    let tool = |name: &str, arguments: &[&str]| {
        let server = ["--server", &host, "--port", &port.to_string()].map(str::to_owned);
        output(Command::new(name).args(server).args(arguments))
    };
    shared.send(Table::new());
    let printed = tool("amqp-get", &["--queue", shared.name()]);
    assert_eq!(printed, "from Rust");

    let key = ["--routing-key", shared.name()];
    let rest = [
        "--content-type",
        "text/x-tool",
        "--header",
        "who: tool",
        "--body",
        "a tool's",
    ];
    tool("amqp-publish", &[&key[..], &rest[..]].concat());
    let message = shared.receive();
    assert_eq!(message.body(), b"a tool's");
    let properties = message.properties().unwrap();
    assert_eq!(properties.content_type.unwrap(), "text/x-tool");
    let headers = properties.headers.unwrap();
    let who = headers.get("who").unwrap();
    assert_eq!(who.as_bytes(), Some(&b"tool"[..]));
}
