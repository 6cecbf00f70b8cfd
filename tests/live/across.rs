//! Programs of both versions with each other; the broker writes properties anew in between.

use pika::blocking::Connection;
use pika::bytes::Bytes;
use pika::wire::{Array, Decimal, Table, Timestamp, Value};
use pika::{v0_8, v0_9_1};

use crate::support::{SOON, config, eventually, noise, unique};

fn table() -> Table {
    Table::new()
        .with("V", ())
        .with("t", true)
        .with("b", -1_i8)
        .with("B", 1_u8)
        .with("s", -2_i16)
        .with("u", 2_u16)
        .with("I", -3_i32)
        .with("i", 3_u32)
        .with("l", i64::MIN)
        .with("f", 0.5_f32)
        .with("d", 0.25_f64)
        .with("D", Decimal { scale: 1, value: 5 })
        .with("S", "text")
        .with("x", vec![0_u8, 255])
        .with("T", Timestamp(9))
        .with("A", Array::from([1, 2]))
        .with("F", Table::new().with("inner", "table"))
}

#[test]
fn what_0_8_publishes_0_9_1_receives_with_every_tag() {
    use v0_8::basic;
    use v0_9_1::queue;

    let new = Connection::<v0_9_1::Version>::open_as(config()).unwrap();
    let old = Connection::<v0_8::Version>::open_as(config()).unwrap();
    let (receiver, sender) = (new.channel().unwrap(), old.channel().unwrap());
    let declare = queue::Declare::new(unique("across")).exclusive(true);
    let queue = receiver.queue_declare(declare).unwrap().queue;
    let consume = v0_9_1::basic::Consume::new(&queue).no_ack(true);
    let mut consumer = receiver.consume(consume).unwrap();

    let publish = basic::Publish::new("", &queue);
    let properties = basic::Properties::new().headers(table()).type_("order");
    let body = Bytes::from(noise(300_000));
    sender
        .basic_publish(&publish, &properties, body.clone())
        .unwrap();
    let message = consumer.next_within(SOON).unwrap().unwrap();
    assert!(*message.body() == body);
    let found = message.properties().unwrap();
    let expected = v0_9_1::basic::Properties::new()
        .headers(table())
        .type_("order");
    assert_eq!(found, expected);
}

#[test]
fn what_0_9_1_publishes_0_8_receives_with_every_tag() {
    use v0_8::queue;
    use v0_9_1::basic;

    let new = Connection::<v0_9_1::Version>::open_as(config()).unwrap();
    let old = Connection::<v0_8::Version>::open_as(config()).unwrap();
    let (receiver, sender) = (old.channel().unwrap(), new.channel().unwrap());
    let declare = queue::Declare::new(unique("across")).exclusive(true);
    let queue = receiver.queue_declare(declare).unwrap().queue;

    let publish = basic::Publish::new("", &queue);
    let properties = basic::Properties::new().headers(table()).type_("order");
    sender.basic_publish(&publish, &properties, "body").unwrap();
    let get = v0_8::basic::Get::new(&queue).no_ack(true);
    let message = eventually("the message", || receiver.get(get.clone()).unwrap());
    assert_eq!(message.body(), b"body");
    let found = message.properties().unwrap();
    let expected = v0_8::basic::Properties::new()
        .headers(table())
        .type_("order");
    assert_eq!(found, expected);
}

#[test]
fn the_broker_writes_the_tag_of_64_bits_its_own_way() {
    let new = Connection::<v0_9_1::Version>::open_as(config()).unwrap();
    let old = Connection::<v0_8::Version>::open_as(config()).unwrap();
    let (receiver, sender) = (new.channel().unwrap(), old.channel().unwrap());
    let queue = {
        use v0_9_1::queue;
        let declare = queue::Declare::new(unique("across")).exclusive(true);
        receiver.queue_declare(declare).unwrap().queue
    };
    let sent = Table::from_wire(Bytes::from_static(
        b"\x01nL\xff\xff\xff\xff\xff\xff\xff\xfe",
    ));
    let publish = v0_8::basic::Publish::new("", &queue);
    let properties = v0_8::basic::Properties::new().headers(sent);
    sender.basic_publish(&publish, &properties, "").unwrap();
    let get = v0_9_1::basic::Get::new(&queue).no_ack(true);
    let message = eventually("the message", || receiver.get(get.clone()).unwrap());
    let headers = message.properties().unwrap().headers.unwrap();
    assert_eq!(headers, Table::new().with("n", -2_i64));
    assert_eq!(headers.get("n").unwrap(), Value::I64(-2));
}
