//! AMQP 0-8 as the broker speaks it: what RabbitMQ made of it.

use crate::v0_8 as version;

crate::broker::dialect::dialect!();

/// AMQP 0-8.
pub(crate) const DIALECT: Dialect = Dialect {
    name: Version::NAME,
    header: Version::PROTOCOL_HEADER,
    // RabbitMQ takes this one for 0-8 as well; old clients of its own sent it.
    alias: *b"AMQP\x01\x01\x09\x01",
    version: (8, 0),
    capabilities: &[],
    decode,
    encode,
};

fn rest_of_requests(_: Method) -> Request {
    Request::Unimplemented
}

fn rest_of_replies(_: ChannelId, _: Reply, _: &mut BytesMut) -> Option<Named> {
    None
}

/// There are none in 0-8.
fn consume_arguments(_: &mut basic::Consume) -> Table {
    Table::new()
}
