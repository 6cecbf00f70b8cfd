// Generated from amqp0-8.xml by pika-codegen 0.1.0; do not edit.

use crate::bytes::BufMut;
use crate::method::{Caller, MethodSet, Properties as _, PropertySet, Spec};
use crate::wire::{DecodeError, MethodId, Reader, Violation};

/// AMQP 0-8, generated from `amqp0-8.xml`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct V0_8;

impl Spec for V0_8 {
    type Method = Method;
    type Properties = Properties;

    const NAME: &'static str = "0-8";
    const MAJOR: u8 = 8;
    const MINOR: u8 = 0;
    const REVISION: u8 = 0;
    const PORT: u16 = 5672;
    const PROTOCOL_HEADER: [u8; 8] = [b'A', b'M', b'Q', b'P', 1, 1, 8, 0];
}

/// Any method of AMQP 0-8.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Class `connection`: the connection as a whole.
    Connection(connection::Method),
    /// Class `channel`: A conversation within the connection.
    Channel(channel::Method),
    /// Class `access`: access tickets.
    Access(access::Method),
    /// Class `exchange`: exchanges.
    Exchange(exchange::Method),
    /// Class `queue`: queues.
    Queue(queue::Method),
    /// Class `basic`: messages.
    Basic(basic::Method),
    /// Class `file`: files.
    File(file::Method),
    /// Class `stream`: streams.
    Stream(stream::Method),
    /// Class `tx`: transactions.
    Tx(tx::Method),
    /// Class `dtx`: distributed transactions.
    Dtx(dtx::Method),
    /// Class `tunnel`: tunnels.
    Tunnel(tunnel::Method),
    /// Class `test`: codec tests.
    Test(test::Method),
}

impl MethodSet for Method {
    type Spec = V0_8;

    fn decode(id: MethodId, input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match id.class {
            connection::CLASS_ID => {
                Ok(Self::Connection(connection::Method::decode(id, input)?))
            }
            channel::CLASS_ID => Ok(Self::Channel(channel::Method::decode(id, input)?)),
            access::CLASS_ID => Ok(Self::Access(access::Method::decode(id, input)?)),
            exchange::CLASS_ID => {
                Ok(Self::Exchange(exchange::Method::decode(id, input)?))
            }
            queue::CLASS_ID => Ok(Self::Queue(queue::Method::decode(id, input)?)),
            basic::CLASS_ID => Ok(Self::Basic(basic::Method::decode(id, input)?)),
            file::CLASS_ID => Ok(Self::File(file::Method::decode(id, input)?)),
            stream::CLASS_ID => Ok(Self::Stream(stream::Method::decode(id, input)?)),
            tx::CLASS_ID => Ok(Self::Tx(tx::Method::decode(id, input)?)),
            dtx::CLASS_ID => Ok(Self::Dtx(dtx::Method::decode(id, input)?)),
            tunnel::CLASS_ID => Ok(Self::Tunnel(tunnel::Method::decode(id, input)?)),
            test::CLASS_ID => Ok(Self::Test(test::Method::decode(id, input)?)),
            _ => Err(DecodeError::unknown_method(id)),
        }
    }

    fn name_of(id: MethodId) -> Option<&'static str> {
        match id.class {
            connection::CLASS_ID => connection::Method::name_of(id),
            channel::CLASS_ID => channel::Method::name_of(id),
            access::CLASS_ID => access::Method::name_of(id),
            exchange::CLASS_ID => exchange::Method::name_of(id),
            queue::CLASS_ID => queue::Method::name_of(id),
            basic::CLASS_ID => basic::Method::name_of(id),
            file::CLASS_ID => file::Method::name_of(id),
            stream::CLASS_ID => stream::Method::name_of(id),
            tx::CLASS_ID => tx::Method::name_of(id),
            dtx::CLASS_ID => dtx::Method::name_of(id),
            tunnel::CLASS_ID => tunnel::Method::name_of(id),
            test::CLASS_ID => test::Method::name_of(id),
            _ => None,
        }
    }

    fn id(&self) -> MethodId {
        match self {
            Self::Connection(method) => method.id(),
            Self::Channel(method) => method.id(),
            Self::Access(method) => method.id(),
            Self::Exchange(method) => method.id(),
            Self::Queue(method) => method.id(),
            Self::Basic(method) => method.id(),
            Self::File(method) => method.id(),
            Self::Stream(method) => method.id(),
            Self::Tx(method) => method.id(),
            Self::Dtx(method) => method.id(),
            Self::Tunnel(method) => method.id(),
            Self::Test(method) => method.id(),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Connection(method) => method.name(),
            Self::Channel(method) => method.name(),
            Self::Access(method) => method.name(),
            Self::Exchange(method) => method.name(),
            Self::Queue(method) => method.name(),
            Self::Basic(method) => method.name(),
            Self::File(method) => method.name(),
            Self::Stream(method) => method.name(),
            Self::Tx(method) => method.name(),
            Self::Dtx(method) => method.name(),
            Self::Tunnel(method) => method.name(),
            Self::Test(method) => method.name(),
        }
    }

    fn has_content(&self) -> bool {
        match self {
            Self::Basic(method) => method.has_content(),
            Self::File(method) => method.has_content(),
            Self::Stream(method) => method.has_content(),
            Self::Tunnel(method) => method.has_content(),
            Self::Test(method) => method.has_content(),
            _ => false,
        }
    }

    fn encoded_len(&self) -> usize {
        match self {
            Self::Connection(method) => method.encoded_len(),
            Self::Channel(method) => method.encoded_len(),
            Self::Access(method) => method.encoded_len(),
            Self::Exchange(method) => method.encoded_len(),
            Self::Queue(method) => method.encoded_len(),
            Self::Basic(method) => method.encoded_len(),
            Self::File(method) => method.encoded_len(),
            Self::Stream(method) => method.encoded_len(),
            Self::Tx(method) => method.encoded_len(),
            Self::Dtx(method) => method.encoded_len(),
            Self::Tunnel(method) => method.encoded_len(),
            Self::Test(method) => method.encoded_len(),
        }
    }

    fn encode<B: BufMut>(&self, out: &mut B) {
        match self {
            Self::Connection(method) => method.encode(out),
            Self::Channel(method) => method.encode(out),
            Self::Access(method) => method.encode(out),
            Self::Exchange(method) => method.encode(out),
            Self::Queue(method) => method.encode(out),
            Self::Basic(method) => method.encode(out),
            Self::File(method) => method.encode(out),
            Self::Stream(method) => method.encode(out),
            Self::Tx(method) => method.encode(out),
            Self::Dtx(method) => method.encode(out),
            Self::Tunnel(method) => method.encode(out),
            Self::Test(method) => method.encode(out),
        }
    }

    fn validate(&self) -> Result<(), Violation> {
        match self {
            Self::Connection(method) => method.validate(),
            Self::Channel(method) => method.validate(),
            Self::Access(method) => method.validate(),
            Self::Exchange(method) => method.validate(),
            Self::Queue(method) => method.validate(),
            Self::Basic(method) => method.validate(),
            Self::File(method) => method.validate(),
            Self::Stream(method) => method.validate(),
            Self::Tx(method) => method.validate(),
            Self::Dtx(method) => method.validate(),
            Self::Tunnel(method) => method.validate(),
            Self::Test(method) => method.validate(),
        }
    }
}

/// The properties of any content of AMQP 0-8.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Properties {
    /// Of class `basic`.
    Basic(basic::Properties),
    /// Of class `file`.
    File(file::Properties),
    /// Of class `stream`.
    Stream(stream::Properties),
    /// Of class `tunnel`.
    Tunnel(tunnel::Properties),
    /// Of class `test`.
    Test(test::Properties),
}

impl PropertySet for Properties {
    type Spec = V0_8;

    fn decode(class: u16, input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match class {
            basic::CLASS_ID => basic::Properties::decode(input).map(Self::Basic),
            file::CLASS_ID => file::Properties::decode(input).map(Self::File),
            stream::CLASS_ID => stream::Properties::decode(input).map(Self::Stream),
            tunnel::CLASS_ID => tunnel::Properties::decode(input).map(Self::Tunnel),
            test::CLASS_ID => test::Properties::decode(input).map(Self::Test),
            _ => Err(DecodeError::unknown_content(class)),
        }
    }

    fn class(&self) -> u16 {
        match self {
            Self::Basic(_) => basic::CLASS_ID,
            Self::File(_) => file::CLASS_ID,
            Self::Stream(_) => stream::CLASS_ID,
            Self::Tunnel(_) => tunnel::CLASS_ID,
            Self::Test(_) => test::CLASS_ID,
        }
    }

    fn encoded_len(&self) -> usize {
        match self {
            Self::Basic(properties) => properties.encoded_len(),
            Self::File(properties) => properties.encoded_len(),
            Self::Stream(properties) => properties.encoded_len(),
            Self::Tunnel(properties) => properties.encoded_len(),
            Self::Test(properties) => properties.encoded_len(),
        }
    }

    fn encode<B: BufMut>(&self, out: &mut B) {
        match self {
            Self::Basic(properties) => properties.encode(out),
            Self::File(properties) => properties.encode(out),
            Self::Stream(properties) => properties.encode(out),
            Self::Tunnel(properties) => properties.encode(out),
            Self::Test(properties) => properties.encode(out),
        }
    }
}

/// The methods of AMQP 0-8 that a client begins with, on anything that calls them.
///
/// A channel of any adapter has these functions. Opening and closing are not among them,
/// nor are methods with content: adapters have functions of their own for those.
pub trait Methods: Caller<Spec = V0_8> {
    /// Asks the peer to stop or to go on sending content on this channel.
    ///
    /// Calls [`channel::Flow`].
    #[doc(alias = "channel.flow")]
    fn channel_flow(&self, method: channel::Flow) -> Self::Ret<channel::FlowOk> {
        self.call(method)
    }

    /// Asks for a ticket that covers a realm with the rights set below.
    ///
    /// Calls [`access::Request`].
    #[doc(alias = "access.request")]
    fn access_request(&self, method: access::Request) -> Self::Ret<access::RequestOk> {
        self.call(method)
    }

    /// Creates an exchange, or checks that one of the same name is as described.
    ///
    /// Calls [`exchange::Declare`].
    #[doc(alias = "exchange.declare")]
    fn exchange_declare(
        &self,
        method: exchange::Declare,
    ) -> Self::Ret<exchange::DeclareOk> {
        self.call(method)
    }

    /// Deletes an exchange together with its bindings.
    ///
    /// Calls [`exchange::Delete`].
    #[doc(alias = "exchange.delete")]
    fn exchange_delete(
        &self,
        method: exchange::Delete,
    ) -> Self::Ret<exchange::DeleteOk> {
        self.call(method)
    }

    /// Creates a queue, or checks that one of the same name is as described.
    ///
    /// Calls [`queue::Declare`].
    #[doc(alias = "queue.declare")]
    fn queue_declare(&self, method: queue::Declare) -> Self::Ret<queue::DeclareOk> {
        self.call(method)
    }

    /// Makes an exchange route messages to a queue.
    ///
    /// Calls [`queue::Bind`].
    #[doc(alias = "queue.bind")]
    fn queue_bind(&self, method: queue::Bind) -> Self::Ret<queue::BindOk> {
        self.call(method)
    }

    /// Removes the messages that are ready in a queue; those that await acknowledgement stay.
    ///
    /// Calls [`queue::Purge`].
    #[doc(alias = "queue.purge")]
    fn queue_purge(&self, method: queue::Purge) -> Self::Ret<queue::PurgeOk> {
        self.call(method)
    }

    /// Deletes a queue, its bindings and its messages, and ends its consumers.
    ///
    /// Calls [`queue::Delete`].
    #[doc(alias = "queue.delete")]
    fn queue_delete(&self, method: queue::Delete) -> Self::Ret<queue::DeleteOk> {
        self.call(method)
    }

    /// RabbitMQ extension: removes a binding between an exchange and a queue.
    ///
    /// Calls [`queue::Unbind`].
    #[doc(alias = "queue.unbind")]
    fn queue_unbind(&self, method: queue::Unbind) -> Self::Ret<queue::UnbindOk> {
        self.call(method)
    }

    /// Limits how much the server may deliver before the client acknowledges.
    ///
    /// Calls [`basic::Qos`].
    #[doc(alias = "basic.qos")]
    fn basic_qos(&self, method: basic::Qos) -> Self::Ret<basic::QosOk> {
        self.call(method)
    }

    /// Ends a consumer; messages delivered but not yet acknowledged are not affected.
    ///
    /// Calls [`basic::Cancel`].
    #[doc(alias = "basic.cancel")]
    fn basic_cancel(&self, method: basic::Cancel) -> Self::Ret<basic::CancelOk> {
        self.call(method)
    }

    /// Acknowledges one or several deliveries, so that the server can forget them.
    ///
    /// Sends [`basic::Ack`].
    #[doc(alias = "basic.ack")]
    fn basic_ack(&self, method: basic::Ack) -> Self::Sent {
        self.send(method)
    }

    /// Refuses a delivery that the client cannot handle.
    ///
    /// Sends [`basic::Reject`].
    #[doc(alias = "basic.reject")]
    fn basic_reject(&self, method: basic::Reject) -> Self::Sent {
        self.send(method)
    }

    /// Asks for all unacknowledged deliveries of the channel once more and expects no reply.
    ///
    /// Sends [`basic::RecoverAsync`].
    #[doc(alias = "basic.recover-async")]
    fn basic_recover_async(&self, method: basic::RecoverAsync) -> Self::Sent {
        self.send(method)
    }

    /// RabbitMQ extension: asks for all unacknowledged deliveries of the channel once more and
    /// confirms when that is done.
    ///
    /// Calls [`basic::Recover`].
    #[doc(alias = "basic.recover")]
    fn basic_recover(&self, method: basic::Recover) -> Self::Ret<basic::RecoverOk> {
        self.call(method)
    }

    /// Limits how much the server may stage and deliver before the client acknowledges.
    ///
    /// Calls [`file::Qos`].
    #[doc(alias = "file.qos")]
    fn file_qos(&self, method: file::Qos) -> Self::Ret<file::QosOk> {
        self.call(method)
    }

    /// Starts a consumer of files.
    ///
    /// Calls [`file::Consume`].
    #[doc(alias = "file.consume")]
    fn file_consume(&self, method: file::Consume) -> Self::Ret<file::ConsumeOk> {
        self.call(method)
    }

    /// Ends a consumer of files; what was delivered already is not affected.
    ///
    /// Calls [`file::Cancel`].
    #[doc(alias = "file.cancel")]
    fn file_cancel(&self, method: file::Cancel) -> Self::Ret<file::CancelOk> {
        self.call(method)
    }

    /// Announces a file that the sender is about to stage and asks how much of it the peer
    /// already has.
    ///
    /// Calls [`file::Open`].
    #[doc(alias = "file.open")]
    fn file_open(&self, method: file::Open) -> Self::Ret<file::OpenOk> {
        self.call(method)
    }

    /// Publishes a file that has been staged before.
    ///
    /// Sends [`file::Publish`].
    #[doc(alias = "file.publish")]
    fn file_publish(&self, method: file::Publish) -> Self::Sent {
        self.send(method)
    }

    /// Acknowledges one or several files.
    ///
    /// Sends [`file::Ack`].
    #[doc(alias = "file.ack")]
    fn file_ack(&self, method: file::Ack) -> Self::Sent {
        self.send(method)
    }

    /// Refuses a file that the client cannot handle, even while it is being staged.
    ///
    /// Sends [`file::Reject`].
    #[doc(alias = "file.reject")]
    fn file_reject(&self, method: file::Reject) -> Self::Sent {
        self.send(method)
    }

    /// Limits how far ahead and how fast the server sends.
    ///
    /// Calls [`stream::Qos`].
    #[doc(alias = "stream.qos")]
    fn stream_qos(&self, method: stream::Qos) -> Self::Ret<stream::QosOk> {
        self.call(method)
    }

    /// Starts a consumer of a stream.
    ///
    /// Calls [`stream::Consume`].
    #[doc(alias = "stream.consume")]
    fn stream_consume(&self, method: stream::Consume) -> Self::Ret<stream::ConsumeOk> {
        self.call(method)
    }

    /// Ends a consumer of a stream.
    ///
    /// Calls [`stream::Cancel`].
    #[doc(alias = "stream.cancel")]
    fn stream_cancel(&self, method: stream::Cancel) -> Self::Ret<stream::CancelOk> {
        self.call(method)
    }

    /// Puts the channel into transaction mode for the rest of its life; the first transaction
    /// begins at once.
    ///
    /// Calls [`tx::Select`].
    #[doc(alias = "tx.select")]
    fn tx_select(&self, method: tx::Select) -> Self::Ret<tx::SelectOk> {
        self.call(method)
    }

    /// Makes the publishes and acknowledgements since the last commit or rollback take effect;
    /// a new transaction begins at once.
    ///
    /// Calls [`tx::Commit`].
    #[doc(alias = "tx.commit")]
    fn tx_commit(&self, method: tx::Commit) -> Self::Ret<tx::CommitOk> {
        self.call(method)
    }

    /// Discards the publishes and acknowledgements since the last commit or rollback; a new
    /// transaction begins at once.
    ///
    /// Calls [`tx::Rollback`].
    #[doc(alias = "tx.rollback")]
    fn tx_rollback(&self, method: tx::Rollback) -> Self::Ret<tx::RollbackOk> {
        self.call(method)
    }

    /// Puts the channel into the mode for distributed transactions; it precedes `dtx.start`.
    ///
    /// Calls [`dtx::Select`].
    #[doc(alias = "dtx.select")]
    fn dtx_select(&self, method: dtx::Select) -> Self::Ret<dtx::SelectOk> {
        self.call(method)
    }

    /// Joins the work on this channel to a distributed transaction.
    ///
    /// Calls [`dtx::Start`].
    #[doc(alias = "dtx.start")]
    fn dtx_start(&self, method: dtx::Start) -> Self::Ret<dtx::StartOk> {
        self.call(method)
    }

    /// Sends an integer of each width, on which the peer performs the given operation.
    ///
    /// Calls [`test::Integer`].
    #[doc(alias = "test.integer")]
    fn test_integer(&self, method: test::Integer) -> Self::Ret<test::IntegerOk> {
        self.call(method)
    }

    /// Sends a string of each kind, on which the peer performs the given operation.
    ///
    /// Calls [`test::TestString`].
    #[doc(alias = "test.string")]
    fn test_string(&self, method: test::TestString) -> Self::Ret<test::StringOk> {
        self.call(method)
    }

    /// Sends a table, from whose entries the peer computes one integer and one string.
    ///
    /// Calls [`test::TestTable`].
    #[doc(alias = "test.table")]
    fn test_table(&self, method: test::TestTable) -> Self::Ret<test::TableOk> {
        self.call(method)
    }
}

impl<T: Caller<Spec = V0_8> + ?Sized> Methods for T {}

/// The numbers that the specification gives names to.
pub mod constant {
    use crate::wire::{ReplyCode, Scope};

    /// Frame type: the payload is a method, that is class id, method id and arguments.
    pub const FRAME_METHOD: u8 = 1;

    /// Frame type: the payload is a content header, with the body size and the properties of a
    /// message.
    pub const FRAME_HEADER: u8 = 2;

    /// Frame type: the payload is a piece of a message body.
    pub const FRAME_BODY: u8 = 3;

    /// Frame type for a method sent out of band.
    ///
    /// RabbitMQ answers it with 501, so it must not be sent.
    pub const FRAME_OOB_METHOD: u8 = 4;

    /// Frame type for a content header sent out of band.
    ///
    /// RabbitMQ answers it with 501.
    pub const FRAME_OOB_HEADER: u8 = 5;

    /// Frame type for a piece of body sent out of band.
    ///
    /// RabbitMQ answers it with 501.
    pub const FRAME_OOB_BODY: u8 = 6;

    /// Frame type reserved for tracing.
    ///
    /// RabbitMQ answers it with 501.
    pub const FRAME_TRACE: u8 = 7;

    /// Frame type: a sign of life on channel 0, with an empty payload.
    pub const FRAME_HEARTBEAT: u8 = 8;

    /// Lowest frame size limit, in octets, that two peers may agree on.
    ///
    /// RabbitMQ drops a client that asks for less in `connection.tune-ok`.
    pub const FRAME_MIN_SIZE: u32 = 4096;

    /// Octet that ends each frame, 0xCE.
    ///
    /// RabbitMQ treats any other octet there as a frame error, 501.
    pub const FRAME_END: u8 = 206;

    /// Nothing went wrong.
    ///
    /// It is the customary code when a peer closes a channel or a connection of its own accord.
    ///
    /// Code 200; no error.
    pub const REPLY_SUCCESS: ReplyCode = ReplyCode(200);

    /// The message asked for is gone, for instance because another client received it first or
    /// the queue was purged.
    ///
    /// Code 310; closes the channel.
    pub const NOT_DELIVERED: ReplyCode = ReplyCode(310);

    /// The peer will not take content of this size now.
    ///
    /// A later attempt may succeed.
    ///
    /// Code 311; closes the channel.
    pub const CONTENT_TOO_LARGE: ReplyCode = ReplyCode(311);

    /// The connection was ended by an operator.
    ///
    /// RabbitMQ sends this code when it shuts down or when the connection is closed by hand.
    ///
    /// Code 320; closes the connection.
    pub const CONNECTION_FORCED: ReplyCode = ReplyCode(320);

    /// The client named a virtual host that it cannot use.
    ///
    /// RabbitMQ sends 530 instead.
    ///
    /// Code 402; closes the connection.
    pub const INVALID_PATH: ReplyCode = ReplyCode(402);

    /// The client lacks the permission.
    ///
    /// RabbitMQ also uses the code for names that begin with `amq.`, for a queue that has an
    /// exclusive consumer and, if the client announced `authentication_failure_close`, for a
    /// failed login.
    ///
    /// Code 403; closes the channel.
    pub const ACCESS_REFUSED: ReplyCode = ReplyCode(403);

    /// There is no exchange or queue of the given name.
    ///
    /// Code 404; closes the channel.
    pub const NOT_FOUND: ReplyCode = ReplyCode(404);

    /// Another client holds the resource.
    ///
    /// In RabbitMQ: the queue is exclusive to another connection.
    ///
    /// Code 405; closes the channel.
    pub const RESOURCE_LOCKED: ReplyCode = ReplyCode(405);

    /// A frame could not be decoded: bad end octet, unknown frame type, too many octets, or
    /// arguments that do not fit the method.
    ///
    /// Code 501; closes the connection.
    pub const FRAME_ERROR: ReplyCode = ReplyCode(501);

    /// A field held a value that its type or its checks rule out.
    ///
    /// Code 502; closes the connection.
    pub const SYNTAX_ERROR: ReplyCode = ReplyCode(502);

    /// A method came at a wrong moment or is not served.
    ///
    /// RabbitMQ uses it for the classes it does not implement and for unknown exchange types.
    ///
    /// Code 503; closes the connection.
    pub const COMMAND_INVALID: ReplyCode = ReplyCode(503);

    /// A frame arrived on a channel that is not open, or on channel 0 where an ordinary channel
    /// is required.
    ///
    /// Code 504; closes the connection.
    pub const CHANNEL_ERROR: ReplyCode = ReplyCode(504);

    /// The peer ran out of something it needs, such as memory, disk or channels.
    ///
    /// Code 506; closes the connection.
    pub const RESOURCE_ERROR: ReplyCode = ReplyCode(506);

    /// The request breaks a rule of the server, such as opening an unknown virtual host or
    /// using a consumer tag twice.
    ///
    /// Code 530; closes the connection.
    pub const NOT_ALLOWED: ReplyCode = ReplyCode(530);

    /// The peer does not offer what was asked.
    ///
    /// RabbitMQ sends it for `immediate`, for a `prefetch-size` other than 0, for pausing with
    /// `channel.flow` and for recovery without requeueing.
    ///
    /// Code 540; closes the connection.
    pub const NOT_IMPLEMENTED: ReplyCode = ReplyCode(540);

    /// The peer failed internally.
    ///
    /// RabbitMQ also sends it when tables or properties cannot be decoded.
    ///
    /// Code 541; closes the connection.
    pub const INTERNAL_ERROR: ReplyCode = ReplyCode(541);

    /// What an error with this code closes; `None` for a code that the specification does not
    /// have, or that is no error.
    #[must_use]
    pub const fn scope(code: ReplyCode) -> Option<Scope> {
        match code {
            NOT_DELIVERED
            | CONTENT_TOO_LARGE
            | ACCESS_REFUSED
            | NOT_FOUND
            | RESOURCE_LOCKED => Some(Scope::Channel),
            CONNECTION_FORCED
            | INVALID_PATH
            | FRAME_ERROR
            | SYNTAX_ERROR
            | COMMAND_INVALID
            | CHANNEL_ERROR
            | RESOURCE_ERROR
            | NOT_ALLOWED
            | NOT_IMPLEMENTED
            | INTERNAL_ERROR => Some(Scope::Connection),
            _ => None,
        }
    }
}

/// Opens, tunes and closes the connection itself.
///
/// All its methods travel on channel 0; RabbitMQ refuses them on any other channel with
/// 503. The order is fixed: `start`, possibly several `secure`, `tune`, `open`, and at the
/// end `close` from either side.
///
/// Class 10 of the specification.
pub mod connection {
    use super::V0_8;
    use crate::bytes::BufMut;
    use crate::method::{Args, Call, Reply, ToClient, ToServer};
    use crate::wire::{
        DecodeError, Field, LongStr, MethodId, NotDefault, Overlong, Reader, ReplyCode,
        ShortStr, Table, Violation, bit_octets, check_length, check_not_empty,
        find_overlong, put_bits,
    };

    /// The id of class `connection`.
    pub const CLASS_ID: u16 = 10;

    /// Greets the client after its protocol header and proposes ways to log in.
    ///
    /// A server that does not speak the requested version sends no `start`: it answers with a
    /// protocol header that it does accept and ends the connection.
    ///
    /// Class 10, method 10 (`connection.start`), sent to the client, answered by [`StartOk`].
    #[doc(alias = "connection.start")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Start {
        /// Major number of the protocol the server will speak: 8 for 0-8.
        pub version_major: u8,
        /// Minor number of the protocol the server will speak: 0 for 0-8.
        pub version_minor: u8,
        /// Description of the server.
        ///
        /// RabbitMQ fills in `product`, `version`, `platform`, `cluster_name` and others; on 0-8
        /// its `capabilities` table is empty.
        pub server_properties: Table,
        /// SASL mechanisms on offer, separated by spaces.
        ///
        /// RabbitMQ offers `AMQPLAIN PLAIN` unless configured otherwise.
        pub mechanisms: LongStr,
        /// Languages the server can use in reply texts, separated by spaces.
        ///
        /// RabbitMQ offers `en_US` only.
        pub locales: LongStr,
    }

    impl Start {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(
            version_major: u8,
            version_minor: u8,
            mechanisms: impl Into<LongStr>,
            locales: impl Into<LongStr>,
        ) -> Self {
            Self {
                version_major,
                version_minor,
                mechanisms: mechanisms.into(),
                locales: locales.into(),
                ..Self::default()
            }
        }

        /// Sets `version_major`: major version.
        #[must_use]
        pub fn version_major(mut self, version_major: u8) -> Self {
            self.version_major = version_major;
            self
        }

        /// Sets `version_minor`: minor version.
        #[must_use]
        pub fn version_minor(mut self, version_minor: u8) -> Self {
            self.version_minor = version_minor;
            self
        }

        /// Sets `server_properties`: server properties.
        #[must_use]
        pub fn server_properties(mut self, server_properties: impl Into<Table>) -> Self {
            self.server_properties = server_properties.into();
            self
        }

        /// Sets `mechanisms`: login mechanisms.
        #[must_use]
        pub fn mechanisms(mut self, mechanisms: impl Into<LongStr>) -> Self {
            self.mechanisms = mechanisms.into();
            self
        }

        /// Sets `locales`: locales.
        #[must_use]
        pub fn locales(mut self, locales: impl Into<LongStr>) -> Self {
            self.locales = locales.into();
            self
        }
    }

    impl core::fmt::Debug for Start {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Start")
                .given("version_major", &self.version_major)
                .given("version_minor", &self.version_minor)
                .field("server_properties", &self.server_properties)
                .given("mechanisms", &self.mechanisms)
                .given("locales", &self.locales)
                .finish()
        }
    }

    impl Args for Start {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "connection.start";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.version_major.encoded_len() + self.version_minor.encoded_len()
                + self.server_properties.encoded_len() + self.mechanisms.encoded_len()
                + self.locales.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.version_major.encode(out);
            self.version_minor.encode(out);
            self.server_properties.encode(out);
            self.mechanisms.encode(out);
            self.locales.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                version_major: input.get()?,
                version_minor: input.get()?,
                server_properties: input.get()?,
                mechanisms: input.get()?,
                locales: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_empty("mechanisms", &self.mechanisms)?;
            check_not_empty("locales", &self.locales)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("server-properties", &self.server_properties)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Connection(Method::Start(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::Start(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for Start {}

    impl Call for Start {
        type Reply = StartOk;
    }

    impl From<Start> for super::Method {
        fn from(args: Start) -> Self {
            args.into_method()
        }
    }

    /// Names the login mechanism the client chose and carries its first response.
    ///
    /// RabbitMQ resets the connection after about three seconds, without a close method, if the
    /// login fails; a client that announces the capability `authentication_failure_close` gets
    /// `connection.close` with 403 at once.
    ///
    /// Class 10, method 11 (`connection.start-ok`), sent to the server.
    #[doc(alias = "connection.start-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct StartOk {
        /// Description of the client, shown to operators.
        ///
        /// RabbitMQ heeds the `capabilities` in it, also on 0-8: `consumer_cancel_notify` and
        /// `authentication_failure_close`. `connection.blocked` must not be announced here, since
        /// 0-8 has no method for it.
        pub client_properties: Table,
        /// One of the mechanisms from `start`.
        ///
        /// RabbitMQ resets the connection if it does not know the name.
        pub mechanism: ShortStr,
        /// What the mechanism sends first.
        ///
        /// For `PLAIN`: a zero octet, the user name, a zero octet, the password. For `AMQPLAIN`: a
        /// table with `LOGIN` and `PASSWORD`, without its length word.
        pub response: LongStr,
        /// Language for reply texts, one of those offered.
        ///
        /// RabbitMQ does not check it.
        pub locale: ShortStr,
    }

    impl StartOk {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(
            mechanism: impl Into<ShortStr>,
            response: impl Into<LongStr>,
            locale: impl Into<ShortStr>,
        ) -> Self {
            Self {
                mechanism: mechanism.into(),
                response: response.into(),
                locale: locale.into(),
                ..Self::default()
            }
        }

        /// Sets `client_properties`: client properties.
        #[must_use]
        pub fn client_properties(mut self, client_properties: impl Into<Table>) -> Self {
            self.client_properties = client_properties.into();
            self
        }

        /// Sets `mechanism`: chosen mechanism.
        #[must_use]
        pub fn mechanism(mut self, mechanism: impl Into<ShortStr>) -> Self {
            self.mechanism = mechanism.into();
            self
        }

        /// Sets `response`: login data.
        #[must_use]
        pub fn response(mut self, response: impl Into<LongStr>) -> Self {
            self.response = response.into();
            self
        }

        /// Sets `locale`: chosen locale.
        #[must_use]
        pub fn locale(mut self, locale: impl Into<ShortStr>) -> Self {
            self.locale = locale.into();
            self
        }
    }

    impl core::fmt::Debug for StartOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "StartOk")
                .field("client_properties", &self.client_properties)
                .given("mechanism", &self.mechanism)
                .secret("response")
                .given("locale", &self.locale)
                .finish()
        }
    }

    impl Args for StartOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 11);
        const NAME: &'static str = "connection.start-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.client_properties.encoded_len() + self.mechanism.encoded_len()
                + self.response.encoded_len() + self.locale.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.client_properties.encode(out);
            self.mechanism.encode(out);
            self.response.encode(out);
            self.locale.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                client_properties: input.get()?,
                mechanism: input.get()?,
                response: input.get()?,
                locale: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_empty("mechanism", &self.mechanism)?;
            check_not_empty("response", &self.response)?;
            check_not_empty("locale", &self.locale)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("client-properties", &self.client_properties),
                    ("mechanism", &self.mechanism),
                    ("locale", &self.locale),
                ],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Connection(Method::StartOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::StartOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for StartOk {}

    impl From<StartOk> for super::Method {
        fn from(args: StartOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for StartOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Continues a login that takes several rounds by sending a challenge.
    ///
    /// It never occurs with `PLAIN` and `AMQPLAIN`, which finish in one step.
    ///
    /// Class 10, method 20 (`connection.secure`), sent to the client, answered by [`SecureOk`].
    #[doc(alias = "connection.secure")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Secure {
        /// Opaque octets for the login mechanism to answer.
        pub challenge: LongStr,
    }

    impl Secure {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(challenge: impl Into<LongStr>) -> Self {
            Self {
                challenge: challenge.into(),
            }
        }

        /// Sets `challenge`: challenge.
        #[must_use]
        pub fn challenge(mut self, challenge: impl Into<LongStr>) -> Self {
            self.challenge = challenge.into();
            self
        }
    }

    impl core::fmt::Debug for Secure {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Secure").given("challenge", &self.challenge).finish()
        }
    }

    impl Args for Secure {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 20);
        const NAME: &'static str = "connection.secure";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.challenge.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.challenge.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { challenge: input.get()? })
        }

        fn into_method(self) -> super::Method {
            super::Method::Connection(Method::Secure(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::Secure(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for Secure {}

    impl Call for Secure {
        type Reply = SecureOk;
    }

    impl From<Secure> for super::Method {
        fn from(args: Secure) -> Self {
            args.into_method()
        }
    }

    /// Answers the challenge of `connection.secure`.
    ///
    /// Class 10, method 21 (`connection.secure-ok`), sent to the server.
    #[doc(alias = "connection.secure-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct SecureOk {
        /// Opaque octets from the login mechanism.
        pub response: LongStr,
    }

    impl SecureOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(response: impl Into<LongStr>) -> Self {
            Self { response: response.into() }
        }

        /// Sets `response`: response.
        #[must_use]
        pub fn response(mut self, response: impl Into<LongStr>) -> Self {
            self.response = response.into();
            self
        }
    }

    impl core::fmt::Debug for SecureOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "SecureOk").secret("response").finish()
        }
    }

    impl Args for SecureOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 21);
        const NAME: &'static str = "connection.secure-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.response.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.response.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { response: input.get()? })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_empty("response", &self.response)
        }

        fn into_method(self) -> super::Method {
            super::Method::Connection(Method::SecureOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::SecureOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for SecureOk {}

    impl From<SecureOk> for super::Method {
        fn from(args: SecureOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for SecureOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// States the limits the server is willing to keep, once the login has succeeded.
    ///
    /// In each field 0 means that the server sets no limit. RabbitMQ proposes 2047 channels,
    /// frames of 131072 octets and a heartbeat of 60 seconds unless configured otherwise.
    ///
    /// Class 10, method 30 (`connection.tune`), sent to the client, answered by [`TuneOk`].
    #[doc(alias = "connection.tune")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Tune {
        /// How many channels the connection may have; 0 means no limit from the server.
        pub channel_max: u16,
        /// Size in octets of the largest frame, counting the 8 octets of framing; 0 means no limit
        /// from the server.
        ///
        /// RabbitMQ keeps to it for body frames, but may exceed it with methods and content
        /// headers.
        pub frame_max: u32,
        /// Proposed heartbeat delay in seconds; 0 means that the server wants no heartbeats.
        pub heartbeat: u16,
    }

    impl Tune {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(channel_max: u16, frame_max: u32, heartbeat: u16) -> Self {
            Self {
                channel_max,
                frame_max,
                heartbeat,
            }
        }

        /// Sets `channel_max`: most channels.
        #[must_use]
        pub fn channel_max(mut self, channel_max: u16) -> Self {
            self.channel_max = channel_max;
            self
        }

        /// Sets `frame_max`: largest frame.
        #[must_use]
        pub fn frame_max(mut self, frame_max: u32) -> Self {
            self.frame_max = frame_max;
            self
        }

        /// Sets `heartbeat`: heartbeat delay.
        #[must_use]
        pub fn heartbeat(mut self, heartbeat: u16) -> Self {
            self.heartbeat = heartbeat;
            self
        }
    }

    impl core::fmt::Debug for Tune {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Tune")
                .given("channel_max", &self.channel_max)
                .given("frame_max", &self.frame_max)
                .given("heartbeat", &self.heartbeat)
                .finish()
        }
    }

    impl Args for Tune {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 30);
        const NAME: &'static str = "connection.tune";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.channel_max.encoded_len() + self.frame_max.encoded_len()
                + self.heartbeat.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.channel_max.encode(out);
            self.frame_max.encode(out);
            self.heartbeat.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                channel_max: input.get()?,
                frame_max: input.get()?,
                heartbeat: input.get()?,
            })
        }

        fn into_method(self) -> super::Method {
            super::Method::Connection(Method::Tune(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::Tune(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for Tune {}

    impl Call for Tune {
        type Reply = TuneOk;
    }

    impl From<Tune> for super::Method {
        fn from(args: Tune) -> Self {
            args.into_method()
        }
    }

    /// Settles the limits for the rest of the connection.
    ///
    /// A value may lower what the server proposed but not raise it. RabbitMQ does not accept 0,
    /// no limit, for the first two fields where it proposed a limit, and resets the connection
    /// after about three seconds, without a close method, on any breach.
    ///
    /// Class 10, method 31 (`connection.tune-ok`), sent to the server.
    #[doc(alias = "connection.tune-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct TuneOk {
        /// How many channels the client will use at most, no more than the server proposed.
        pub channel_max: u16,
        /// Size in octets of the largest frame either peer may send, counting the 8 octets of
        /// framing; at least 4096.
        pub frame_max: u32,
        /// Agreed heartbeat delay in seconds; 0 turns heartbeats off.
        ///
        /// RabbitMQ sends one each half delay and drops a peer that stays silent for more than two
        /// delays.
        pub heartbeat: u16,
    }

    impl TuneOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(channel_max: u16, frame_max: u32, heartbeat: u16) -> Self {
            Self {
                channel_max,
                frame_max,
                heartbeat,
            }
        }

        /// Sets `channel_max`: most channels.
        #[must_use]
        pub fn channel_max(mut self, channel_max: u16) -> Self {
            self.channel_max = channel_max;
            self
        }

        /// Sets `frame_max`: largest frame.
        #[must_use]
        pub fn frame_max(mut self, frame_max: u32) -> Self {
            self.frame_max = frame_max;
            self
        }

        /// Sets `heartbeat`: heartbeat delay.
        #[must_use]
        pub fn heartbeat(mut self, heartbeat: u16) -> Self {
            self.heartbeat = heartbeat;
            self
        }
    }

    impl core::fmt::Debug for TuneOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "TuneOk")
                .given("channel_max", &self.channel_max)
                .given("frame_max", &self.frame_max)
                .given("heartbeat", &self.heartbeat)
                .finish()
        }
    }

    impl Args for TuneOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 31);
        const NAME: &'static str = "connection.tune-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.channel_max.encoded_len() + self.frame_max.encoded_len()
                + self.heartbeat.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.channel_max.encode(out);
            self.frame_max.encode(out);
            self.heartbeat.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                channel_max: input.get()?,
                frame_max: input.get()?,
                heartbeat: input.get()?,
            })
        }

        fn into_method(self) -> super::Method {
            super::Method::Connection(Method::TuneOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::TuneOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for TuneOk {}

    impl From<TuneOk> for super::Method {
        fn from(args: TuneOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for TuneOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Selects the virtual host that the connection works in; it is the last step before
    /// channels can be opened.
    ///
    /// RabbitMQ closes the connection with 530 if the virtual host is unknown or the user has
    /// no access to it.
    ///
    /// Class 10, method 40 (`connection.open`), sent to the server, answered by one of
    /// [`OpenReply`].
    #[doc(alias = "connection.open")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Open {
        /// Name of the virtual host.
        ///
        /// RabbitMQ calls its first one `/` and accepts names of any characters.
        pub virtual_host: ShortStr,
        /// Capabilities the client needs, in words separated by spaces.
        ///
        /// RabbitMQ ignores it; leave it empty.
        pub capabilities: ShortStr,
        /// When set, the client wants this very server and no `redirect`.
        ///
        /// RabbitMQ ignores the bit, as it never redirects.
        pub insist: bool,
    }

    impl Open {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(virtual_host: impl Into<ShortStr>) -> Self {
            Self {
                virtual_host: virtual_host.into(),
                ..Self::default()
            }
        }

        /// Sets `virtual_host`: virtual host.
        #[must_use]
        pub fn virtual_host(mut self, virtual_host: impl Into<ShortStr>) -> Self {
            self.virtual_host = virtual_host.into();
            self
        }

        /// Sets `capabilities`: wanted capabilities.
        #[must_use]
        pub fn capabilities(mut self, capabilities: impl Into<ShortStr>) -> Self {
            self.capabilities = capabilities.into();
            self
        }

        /// Sets `insist`: refuse redirection.
        #[must_use]
        pub fn insist(mut self, insist: bool) -> Self {
            self.insist = insist;
            self
        }
    }

    impl core::fmt::Debug for Open {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Open")
                .given("virtual_host", &self.virtual_host)
                .field("capabilities", &self.capabilities)
                .field("insist", &self.insist)
                .finish()
        }
    }

    impl Args for Open {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 40);
        const NAME: &'static str = "connection.open";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.virtual_host.encoded_len() + self.capabilities.encoded_len()
                + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.virtual_host.encode(out);
            self.capabilities.encode(out);
            put_bits(out, [self.insist]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let virtual_host = input.get()?;
            let capabilities = input.get()?;
            let [insist] = input.bits()?;
            Ok(Self {
                virtual_host,
                capabilities,
                insist,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_empty("virtual-host", &self.virtual_host)?;
            check_length("virtual-host", &self.virtual_host, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("virtual-host", &self.virtual_host),
                    ("capabilities", &self.capabilities),
                ],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Connection(Method::Open(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::Open(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Open {}

    impl Call for Open {
        type Reply = OpenReply;
    }

    impl From<Open> for super::Method {
        fn from(args: Open) -> Self {
            args.into_method()
        }
    }

    /// What answers [`Open`].
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum OpenReply {
        /// `connection.open-ok`: connection ready.
        Ok(OpenOk),
        /// `connection.redirect`: go elsewhere.
        Redirect(Redirect),
    }

    impl Reply for OpenReply {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[OpenOk::ID, Redirect::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::OpenOk(args)) => Ok(Self::Ok(args)),
                super::Method::Connection(Method::Redirect(args)) => {
                    Ok(Self::Redirect(args))
                }
                other => Err(other),
            }
        }
    }

    /// Reports that the virtual host is open and that channels may be opened.
    ///
    /// Class 10, method 41 (`connection.open-ok`), sent to the client.
    #[doc(alias = "connection.open-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct OpenOk {
        /// Other servers that could be used instead of this one.
        ///
        /// RabbitMQ always leaves it empty.
        pub known_hosts: ShortStr,
    }

    impl OpenOk {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `known_hosts`: known hosts.
        #[must_use]
        pub fn known_hosts(mut self, known_hosts: impl Into<ShortStr>) -> Self {
            self.known_hosts = known_hosts.into();
            self
        }
    }

    impl core::fmt::Debug for OpenOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "OpenOk").field("known_hosts", &self.known_hosts).finish()
        }
    }

    impl Args for OpenOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 41);
        const NAME: &'static str = "connection.open-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.known_hosts.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.known_hosts.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { known_hosts: input.get()? })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("known-hosts", &self.known_hosts)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Connection(Method::OpenOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::OpenOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for OpenOk {}

    impl From<OpenOk> for super::Method {
        fn from(args: OpenOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for OpenOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Sends the client to another server, in place of `open-ok`.
    ///
    /// The client closes this connection and connects to the given host. RabbitMQ never
    /// redirects.
    ///
    /// Class 10, method 50 (`connection.redirect`), sent to the client.
    #[doc(alias = "connection.redirect")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Redirect {
        /// Address to connect to, as `host` or `host:port`.
        pub host: ShortStr,
        /// Further servers to try if that one fails.
        pub known_hosts: ShortStr,
    }

    impl Redirect {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(host: impl Into<ShortStr>) -> Self {
            Self {
                host: host.into(),
                ..Self::default()
            }
        }

        /// Sets `host`: server to use.
        #[must_use]
        pub fn host(mut self, host: impl Into<ShortStr>) -> Self {
            self.host = host.into();
            self
        }

        /// Sets `known_hosts`: known hosts.
        #[must_use]
        pub fn known_hosts(mut self, known_hosts: impl Into<ShortStr>) -> Self {
            self.known_hosts = known_hosts.into();
            self
        }
    }

    impl core::fmt::Debug for Redirect {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Redirect")
                .given("host", &self.host)
                .field("known_hosts", &self.known_hosts)
                .finish()
        }
    }

    impl Args for Redirect {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 50);
        const NAME: &'static str = "connection.redirect";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.host.encoded_len() + self.known_hosts.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.host.encode(out);
            self.known_hosts.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                host: input.get()?,
                known_hosts: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_empty("host", &self.host)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("host", &self.host), ("known-hosts", &self.known_hosts)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Connection(Method::Redirect(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::Redirect(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for Redirect {}

    impl From<Redirect> for super::Method {
        fn from(args: Redirect) -> Self {
            args.into_method()
        }
    }

    impl Reply for Redirect {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Ends the connection and gives the reason.
    ///
    /// After sending it, a peer ignores everything but `close-ok`. RabbitMQ waits for the
    /// `close-ok` of a client and then drops the connection, often with a TCP reset. Other
    /// versions have `close` under id 50, which means `redirect` here.
    ///
    /// Class 10, method 60 (`connection.close`), sent either way, answered by [`CloseOk`].
    #[doc(alias = "connection.close")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Close {
        /// Why the connection ends; 200 for an ordinary end.
        pub reply_code: ReplyCode,
        /// The reason in words.
        pub reply_text: ShortStr,
        /// Class of the method that caused the error, or 0.
        pub class_id: u16,
        /// Id of the method that caused the error within `class-id`, or 0.
        pub method_id: u16,
    }

    impl Close {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(
            reply_code: impl Into<ReplyCode>,
            reply_text: impl Into<ShortStr>,
            class_id: u16,
            method_id: u16,
        ) -> Self {
            Self {
                reply_code: reply_code.into(),
                reply_text: reply_text.into(),
                class_id,
                method_id,
            }
        }

        /// Sets `reply_code`: reply code.
        #[must_use]
        pub fn reply_code(mut self, reply_code: impl Into<ReplyCode>) -> Self {
            self.reply_code = reply_code.into();
            self
        }

        /// Sets `reply_text`: reply text.
        #[must_use]
        pub fn reply_text(mut self, reply_text: impl Into<ShortStr>) -> Self {
            self.reply_text = reply_text.into();
            self
        }

        /// Sets `class_id`: failing class.
        #[must_use]
        pub fn class_id(mut self, class_id: u16) -> Self {
            self.class_id = class_id;
            self
        }

        /// Sets `method_id`: failing method.
        #[must_use]
        pub fn method_id(mut self, method_id: u16) -> Self {
            self.method_id = method_id;
            self
        }
    }

    impl core::fmt::Debug for Close {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Close")
                .given("reply_code", &self.reply_code)
                .given("reply_text", &self.reply_text)
                .given("class_id", &self.class_id)
                .given("method_id", &self.method_id)
                .finish()
        }
    }

    impl Args for Close {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 60);
        const NAME: &'static str = "connection.close";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reply_code.encoded_len() + self.reply_text.encoded_len()
                + self.class_id.encoded_len() + self.method_id.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reply_code.encode(out);
            self.reply_text.encode(out);
            self.class_id.encode(out);
            self.method_id.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                reply_code: input.get()?,
                reply_text: input.get()?,
                class_id: input.get()?,
                method_id: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_empty("reply-text", &self.reply_text)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("reply-text", &self.reply_text)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Connection(Method::Close(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::Close(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Close {}

    impl ToClient for Close {}

    impl Call for Close {
        type Reply = CloseOk;
    }

    impl From<Close> for super::Method {
        fn from(args: Close) -> Self {
            args.into_method()
        }
    }

    /// Confirms `connection.close`; it is the last method on the connection.
    ///
    /// When the client asked for the end, RabbitMQ leaves it to the client to close the socket.
    ///
    /// Class 10, method 61 (`connection.close-ok`), sent either way.
    #[doc(alias = "connection.close-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct CloseOk;

    impl CloseOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for CloseOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 61);
        const NAME: &'static str = "connection.close-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Connection(Method::CloseOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::CloseOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for CloseOk {}

    impl ToClient for CloseOk {}

    impl From<CloseOk> for super::Method {
        fn from(args: CloseOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for CloseOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Any method of class `connection`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `connection.start`: server greeting.
        Start(Start),
        /// `connection.start-ok`: client login.
        StartOk(StartOk),
        /// `connection.secure`: login challenge.
        Secure(Secure),
        /// `connection.secure-ok`: answer to a challenge.
        SecureOk(SecureOk),
        /// `connection.tune`: limits proposed.
        Tune(Tune),
        /// `connection.tune-ok`: limits agreed.
        TuneOk(TuneOk),
        /// `connection.open`: choose a virtual host.
        Open(Open),
        /// `connection.open-ok`: connection ready.
        OpenOk(OpenOk),
        /// `connection.redirect`: go elsewhere.
        Redirect(Redirect),
        /// `connection.close`: end the connection.
        Close(Close),
        /// `connection.close-ok`: end confirmed.
        CloseOk(CloseOk),
    }

    impl Method {
        /// Reads the arguments of the method with this id.
        pub(super) fn decode(
            id: MethodId,
            input: &mut Reader<'_>,
        ) -> Result<Self, DecodeError> {
            match id {
                Start::ID => Start::decode(input).map(Self::Start),
                StartOk::ID => StartOk::decode(input).map(Self::StartOk),
                Secure::ID => Secure::decode(input).map(Self::Secure),
                SecureOk::ID => SecureOk::decode(input).map(Self::SecureOk),
                Tune::ID => Tune::decode(input).map(Self::Tune),
                TuneOk::ID => TuneOk::decode(input).map(Self::TuneOk),
                Open::ID => Open::decode(input).map(Self::Open),
                OpenOk::ID => OpenOk::decode(input).map(Self::OpenOk),
                Redirect::ID => Redirect::decode(input).map(Self::Redirect),
                Close::ID => Close::decode(input).map(Self::Close),
                CloseOk::ID => CloseOk::decode(input).map(Self::CloseOk),
                _ => Err(DecodeError::unknown_method(id)),
            }
        }

        /// The name in the specification of the method with this id, if the class has it.
        pub(super) fn name_of(id: MethodId) -> Option<&'static str> {
            match id {
                Start::ID => Some(Start::NAME),
                StartOk::ID => Some(StartOk::NAME),
                Secure::ID => Some(Secure::NAME),
                SecureOk::ID => Some(SecureOk::NAME),
                Tune::ID => Some(Tune::NAME),
                TuneOk::ID => Some(TuneOk::NAME),
                Open::ID => Some(Open::NAME),
                OpenOk::ID => Some(OpenOk::NAME),
                Redirect::ID => Some(Redirect::NAME),
                Close::ID => Some(Close::NAME),
                CloseOk::ID => Some(CloseOk::NAME),
                _ => None,
            }
        }

        /// The class and method id.
        pub(super) fn id(&self) -> MethodId {
            match self {
                Self::Start(_) => Start::ID,
                Self::StartOk(_) => StartOk::ID,
                Self::Secure(_) => Secure::ID,
                Self::SecureOk(_) => SecureOk::ID,
                Self::Tune(_) => Tune::ID,
                Self::TuneOk(_) => TuneOk::ID,
                Self::Open(_) => Open::ID,
                Self::OpenOk(_) => OpenOk::ID,
                Self::Redirect(_) => Redirect::ID,
                Self::Close(_) => Close::ID,
                Self::CloseOk(_) => CloseOk::ID,
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                Self::Start(_) => Start::NAME,
                Self::StartOk(_) => StartOk::NAME,
                Self::Secure(_) => Secure::NAME,
                Self::SecureOk(_) => SecureOk::NAME,
                Self::Tune(_) => Tune::NAME,
                Self::TuneOk(_) => TuneOk::NAME,
                Self::Open(_) => Open::NAME,
                Self::OpenOk(_) => OpenOk::NAME,
                Self::Redirect(_) => Redirect::NAME,
                Self::Close(_) => Close::NAME,
                Self::CloseOk(_) => CloseOk::NAME,
            }
        }

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                Self::Start(args) => args.encoded_len(),
                Self::StartOk(args) => args.encoded_len(),
                Self::Secure(args) => args.encoded_len(),
                Self::SecureOk(args) => args.encoded_len(),
                Self::Tune(args) => args.encoded_len(),
                Self::TuneOk(args) => args.encoded_len(),
                Self::Open(args) => args.encoded_len(),
                Self::OpenOk(args) => args.encoded_len(),
                Self::Redirect(args) => args.encoded_len(),
                Self::Close(args) => args.encoded_len(),
                Self::CloseOk(args) => args.encoded_len(),
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                Self::Start(args) => args.encode(out),
                Self::StartOk(args) => args.encode(out),
                Self::Secure(args) => args.encode(out),
                Self::SecureOk(args) => args.encode(out),
                Self::Tune(args) => args.encode(out),
                Self::TuneOk(args) => args.encode(out),
                Self::Open(args) => args.encode(out),
                Self::OpenOk(args) => args.encode(out),
                Self::Redirect(args) => args.encode(out),
                Self::Close(args) => args.encode(out),
                Self::CloseOk(args) => args.encode(out),
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                Self::Start(args) => args.validate(),
                Self::StartOk(args) => args.validate(),
                Self::Secure(args) => args.validate(),
                Self::SecureOk(args) => args.validate(),
                Self::Tune(args) => args.validate(),
                Self::TuneOk(args) => args.validate(),
                Self::Open(args) => args.validate(),
                Self::OpenOk(args) => args.validate(),
                Self::Redirect(args) => args.validate(),
                Self::Close(args) => args.validate(),
                Self::CloseOk(args) => args.validate(),
            }
        }
    }

    impl From<Method> for super::Method {
        fn from(method: Method) -> Self {
            Self::Connection(method)
        }
    }

    impl From<Start> for Method {
        fn from(args: Start) -> Self {
            Self::Start(args)
        }
    }

    impl From<StartOk> for Method {
        fn from(args: StartOk) -> Self {
            Self::StartOk(args)
        }
    }

    impl From<Secure> for Method {
        fn from(args: Secure) -> Self {
            Self::Secure(args)
        }
    }

    impl From<SecureOk> for Method {
        fn from(args: SecureOk) -> Self {
            Self::SecureOk(args)
        }
    }

    impl From<Tune> for Method {
        fn from(args: Tune) -> Self {
            Self::Tune(args)
        }
    }

    impl From<TuneOk> for Method {
        fn from(args: TuneOk) -> Self {
            Self::TuneOk(args)
        }
    }

    impl From<Open> for Method {
        fn from(args: Open) -> Self {
            Self::Open(args)
        }
    }

    impl From<OpenOk> for Method {
        fn from(args: OpenOk) -> Self {
            Self::OpenOk(args)
        }
    }

    impl From<Redirect> for Method {
        fn from(args: Redirect) -> Self {
            Self::Redirect(args)
        }
    }

    impl From<Close> for Method {
        fn from(args: Close) -> Self {
            Self::Close(args)
        }
    }

    impl From<CloseOk> for Method {
        fn from(args: CloseOk) -> Self {
            Self::CloseOk(args)
        }
    }
}

/// Opens, pauses and closes a channel.
///
/// A channel is an independent conversation within a connection: it has its own order of
/// methods, its own consumers and delivery tags, and its own errors.
///
/// Class 20 of the specification.
pub mod channel {
    use super::V0_8;
    use crate::bytes::BufMut;
    use crate::method::{
        Args, Call, ChannelMethod, Reply, SimpleMethod, ToClient, ToServer,
    };
    use crate::wire::{
        DecodeError, Field, MethodId, NotDefault, Overlong, Reader, ReplyCode, ShortStr,
        Table, Violation, bit_octets, check_not_empty, find_overlong, put_bits,
    };

    /// The id of class `channel`.
    pub const CLASS_ID: u16 = 20;

    /// Opens the channel on whose number it is sent.
    ///
    /// A number is free again once its `close-ok` has been sent or received. RabbitMQ answers
    /// 504 if a number is reused earlier, and a frame on a channel that was never opened gets
    /// 504 as well.
    ///
    /// Class 20, method 10 (`channel.open`), sent to the server, answered by [`OpenOk`].
    #[doc(alias = "channel.open")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Open {
        /// Settings for out-of-band transfer, to be left empty.
        ///
        /// RabbitMQ ignores the value.
        pub out_of_band: ShortStr,
    }

    impl Open {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `out_of_band`: out-of-band transfer.
        #[must_use]
        pub fn out_of_band(mut self, out_of_band: impl Into<ShortStr>) -> Self {
            self.out_of_band = out_of_band.into();
            self
        }
    }

    impl core::fmt::Debug for Open {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Open").field("out_of_band", &self.out_of_band).finish()
        }
    }

    impl Args for Open {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "channel.open";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.out_of_band.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.out_of_band.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { out_of_band: input.get()? })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("out-of-band", &self.out_of_band)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Channel(Method::Open(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Channel(Method::Open(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Open {}

    impl Call for Open {
        type Reply = OpenOk;
    }

    impl From<Open> for super::Method {
        fn from(args: Open) -> Self {
            args.into_method()
        }
    }

    /// Reports that the channel is open.
    ///
    /// In 0-8 it has no fields; later versions put a string here.
    ///
    /// Class 20, method 11 (`channel.open-ok`), sent to the client.
    #[doc(alias = "channel.open-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct OpenOk;

    impl OpenOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for OpenOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 11);
        const NAME: &'static str = "channel.open-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Channel(Method::OpenOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Channel(Method::OpenOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for OpenOk {}

    impl From<OpenOk> for super::Method {
        fn from(args: OpenOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for OpenOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Asks the peer to stop or to go on sending content on this channel.
    ///
    /// It concerns content only; other methods go on. RabbitMQ never sends it and closes the
    /// connection with 540 when a client asks for a pause.
    ///
    /// Class 20, method 20 (`channel.flow`), sent either way, answered by [`FlowOk`].
    #[doc(alias = "channel.flow")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Flow {
        /// When set, content may flow; when clear, the peer is to stop after the message it is
        /// sending.
        ///
        /// RabbitMQ accepts 1 only.
        pub active: bool,
    }

    impl Flow {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `active`: content wanted.
        #[must_use]
        pub fn active(mut self, active: bool) -> Self {
            self.active = active;
            self
        }
    }

    impl core::fmt::Debug for Flow {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Flow").field("active", &self.active).finish()
        }
    }

    impl Args for Flow {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 20);
        const NAME: &'static str = "channel.flow";

        #[inline]
        fn encoded_len(&self) -> usize {
            bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            put_bits(out, [self.active]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let [active] = input.bits()?;
            Ok(Self { active })
        }

        fn into_method(self) -> super::Method {
            super::Method::Channel(Method::Flow(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Channel(Method::Flow(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Flow {}

    impl ToClient for Flow {}

    impl Call for Flow {
        type Reply = FlowOk;
    }

    impl ChannelMethod for Flow {}

    impl SimpleMethod for Flow {}

    impl From<Flow> for super::Method {
        fn from(args: Flow) -> Self {
            args.into_method()
        }
    }

    /// Confirms `channel.flow` and repeats the state now in force.
    ///
    /// The spec does not flag it as synchronous, although it is the reply to `flow`.
    ///
    /// Class 20, method 21 (`channel.flow-ok`), sent either way.
    #[doc(alias = "channel.flow-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct FlowOk {
        /// When set, the sender of this method goes on sending content; when clear, it has stopped.
        pub active: bool,
    }

    impl FlowOk {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `active`: content flows.
        #[must_use]
        pub fn active(mut self, active: bool) -> Self {
            self.active = active;
            self
        }
    }

    impl core::fmt::Debug for FlowOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "FlowOk").field("active", &self.active).finish()
        }
    }

    impl Args for FlowOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 21);
        const NAME: &'static str = "channel.flow-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            put_bits(out, [self.active]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let [active] = input.bits()?;
            Ok(Self { active })
        }

        fn into_method(self) -> super::Method {
            super::Method::Channel(Method::FlowOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Channel(Method::FlowOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for FlowOk {}

    impl ToClient for FlowOk {}

    impl From<FlowOk> for super::Method {
        fn from(args: FlowOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for FlowOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Warns the client of a problem that does not close the channel.
    ///
    /// RabbitMQ never sends it, and closes the connection with 503 if a client does.
    ///
    /// Class 20, method 30 (`channel.alert`), sent to the client.
    #[doc(alias = "channel.alert")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Alert {
        /// Kind of problem.
        pub reply_code: ReplyCode,
        /// The problem in words.
        pub reply_text: ShortStr,
        /// Further data about the problem, in no fixed form.
        pub details: Table,
    }

    impl Alert {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(
            reply_code: impl Into<ReplyCode>,
            reply_text: impl Into<ShortStr>,
        ) -> Self {
            Self {
                reply_code: reply_code.into(),
                reply_text: reply_text.into(),
                ..Self::default()
            }
        }

        /// Sets `reply_code`: reply code.
        #[must_use]
        pub fn reply_code(mut self, reply_code: impl Into<ReplyCode>) -> Self {
            self.reply_code = reply_code.into();
            self
        }

        /// Sets `reply_text`: reply text.
        #[must_use]
        pub fn reply_text(mut self, reply_text: impl Into<ShortStr>) -> Self {
            self.reply_text = reply_text.into();
            self
        }

        /// Sets `details`: details.
        #[must_use]
        pub fn details(mut self, details: impl Into<Table>) -> Self {
            self.details = details.into();
            self
        }
    }

    impl core::fmt::Debug for Alert {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Alert")
                .given("reply_code", &self.reply_code)
                .given("reply_text", &self.reply_text)
                .field("details", &self.details)
                .finish()
        }
    }

    impl Args for Alert {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 30);
        const NAME: &'static str = "channel.alert";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reply_code.encoded_len() + self.reply_text.encoded_len()
                + self.details.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reply_code.encode(out);
            self.reply_text.encode(out);
            self.details.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                reply_code: input.get()?,
                reply_text: input.get()?,
                details: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_empty("reply-text", &self.reply_text)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[("reply-text", &self.reply_text), ("details", &self.details)],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Channel(Method::Alert(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Channel(Method::Alert(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for Alert {}

    impl From<Alert> for super::Method {
        fn from(args: Alert) -> Self {
            args.into_method()
        }
    }

    /// Closes the channel and gives the reason; other channels are not affected.
    ///
    /// After sending it, a peer ignores everything on the channel but `close-ok`. A server
    /// sends it for every soft error, and unacknowledged messages then return to their queues.
    ///
    /// Class 20, method 40 (`channel.close`), sent either way, answered by [`CloseOk`].
    #[doc(alias = "channel.close")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Close {
        /// Why the channel closes; 200 for an ordinary end.
        pub reply_code: ReplyCode,
        /// The reason in words.
        pub reply_text: ShortStr,
        /// Class of the method that caused the error, or 0.
        pub class_id: u16,
        /// Id of the method that caused the error within `class-id`, or 0.
        pub method_id: u16,
    }

    impl Close {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(
            reply_code: impl Into<ReplyCode>,
            reply_text: impl Into<ShortStr>,
            class_id: u16,
            method_id: u16,
        ) -> Self {
            Self {
                reply_code: reply_code.into(),
                reply_text: reply_text.into(),
                class_id,
                method_id,
            }
        }

        /// Sets `reply_code`: reply code.
        #[must_use]
        pub fn reply_code(mut self, reply_code: impl Into<ReplyCode>) -> Self {
            self.reply_code = reply_code.into();
            self
        }

        /// Sets `reply_text`: reply text.
        #[must_use]
        pub fn reply_text(mut self, reply_text: impl Into<ShortStr>) -> Self {
            self.reply_text = reply_text.into();
            self
        }

        /// Sets `class_id`: failing class.
        #[must_use]
        pub fn class_id(mut self, class_id: u16) -> Self {
            self.class_id = class_id;
            self
        }

        /// Sets `method_id`: failing method.
        #[must_use]
        pub fn method_id(mut self, method_id: u16) -> Self {
            self.method_id = method_id;
            self
        }
    }

    impl core::fmt::Debug for Close {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Close")
                .given("reply_code", &self.reply_code)
                .given("reply_text", &self.reply_text)
                .given("class_id", &self.class_id)
                .given("method_id", &self.method_id)
                .finish()
        }
    }

    impl Args for Close {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 40);
        const NAME: &'static str = "channel.close";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reply_code.encoded_len() + self.reply_text.encoded_len()
                + self.class_id.encoded_len() + self.method_id.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reply_code.encode(out);
            self.reply_text.encode(out);
            self.class_id.encode(out);
            self.method_id.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                reply_code: input.get()?,
                reply_text: input.get()?,
                class_id: input.get()?,
                method_id: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_empty("reply-text", &self.reply_text)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("reply-text", &self.reply_text)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Channel(Method::Close(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Channel(Method::Close(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Close {}

    impl ToClient for Close {}

    impl Call for Close {
        type Reply = CloseOk;
    }

    impl From<Close> for super::Method {
        fn from(args: Close) -> Self {
            args.into_method()
        }
    }

    /// Confirms `channel.close`; from here on the channel number is free.
    ///
    /// Class 20, method 41 (`channel.close-ok`), sent either way.
    #[doc(alias = "channel.close-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct CloseOk;

    impl CloseOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for CloseOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 41);
        const NAME: &'static str = "channel.close-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Channel(Method::CloseOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Channel(Method::CloseOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for CloseOk {}

    impl ToClient for CloseOk {}

    impl From<CloseOk> for super::Method {
        fn from(args: CloseOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for CloseOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Any method of class `channel`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `channel.open`: open a channel.
        Open(Open),
        /// `channel.open-ok`: channel open.
        OpenOk(OpenOk),
        /// `channel.flow`: pause or resume content.
        Flow(Flow),
        /// `channel.flow-ok`: flow state confirmed.
        FlowOk(FlowOk),
        /// `channel.alert`: warning from the server.
        Alert(Alert),
        /// `channel.close`: close the channel.
        Close(Close),
        /// `channel.close-ok`: channel closed.
        CloseOk(CloseOk),
    }

    impl Method {
        /// Reads the arguments of the method with this id.
        pub(super) fn decode(
            id: MethodId,
            input: &mut Reader<'_>,
        ) -> Result<Self, DecodeError> {
            match id {
                Open::ID => Open::decode(input).map(Self::Open),
                OpenOk::ID => OpenOk::decode(input).map(Self::OpenOk),
                Flow::ID => Flow::decode(input).map(Self::Flow),
                FlowOk::ID => FlowOk::decode(input).map(Self::FlowOk),
                Alert::ID => Alert::decode(input).map(Self::Alert),
                Close::ID => Close::decode(input).map(Self::Close),
                CloseOk::ID => CloseOk::decode(input).map(Self::CloseOk),
                _ => Err(DecodeError::unknown_method(id)),
            }
        }

        /// The name in the specification of the method with this id, if the class has it.
        pub(super) fn name_of(id: MethodId) -> Option<&'static str> {
            match id {
                Open::ID => Some(Open::NAME),
                OpenOk::ID => Some(OpenOk::NAME),
                Flow::ID => Some(Flow::NAME),
                FlowOk::ID => Some(FlowOk::NAME),
                Alert::ID => Some(Alert::NAME),
                Close::ID => Some(Close::NAME),
                CloseOk::ID => Some(CloseOk::NAME),
                _ => None,
            }
        }

        /// The class and method id.
        pub(super) fn id(&self) -> MethodId {
            match self {
                Self::Open(_) => Open::ID,
                Self::OpenOk(_) => OpenOk::ID,
                Self::Flow(_) => Flow::ID,
                Self::FlowOk(_) => FlowOk::ID,
                Self::Alert(_) => Alert::ID,
                Self::Close(_) => Close::ID,
                Self::CloseOk(_) => CloseOk::ID,
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                Self::Open(_) => Open::NAME,
                Self::OpenOk(_) => OpenOk::NAME,
                Self::Flow(_) => Flow::NAME,
                Self::FlowOk(_) => FlowOk::NAME,
                Self::Alert(_) => Alert::NAME,
                Self::Close(_) => Close::NAME,
                Self::CloseOk(_) => CloseOk::NAME,
            }
        }

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                Self::Open(args) => args.encoded_len(),
                Self::OpenOk(args) => args.encoded_len(),
                Self::Flow(args) => args.encoded_len(),
                Self::FlowOk(args) => args.encoded_len(),
                Self::Alert(args) => args.encoded_len(),
                Self::Close(args) => args.encoded_len(),
                Self::CloseOk(args) => args.encoded_len(),
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                Self::Open(args) => args.encode(out),
                Self::OpenOk(args) => args.encode(out),
                Self::Flow(args) => args.encode(out),
                Self::FlowOk(args) => args.encode(out),
                Self::Alert(args) => args.encode(out),
                Self::Close(args) => args.encode(out),
                Self::CloseOk(args) => args.encode(out),
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                Self::Open(args) => args.validate(),
                Self::OpenOk(args) => args.validate(),
                Self::Flow(args) => args.validate(),
                Self::FlowOk(args) => args.validate(),
                Self::Alert(args) => args.validate(),
                Self::Close(args) => args.validate(),
                Self::CloseOk(args) => args.validate(),
            }
        }
    }

    impl From<Method> for super::Method {
        fn from(method: Method) -> Self {
            Self::Channel(method)
        }
    }

    impl From<Open> for Method {
        fn from(args: Open) -> Self {
            Self::Open(args)
        }
    }

    impl From<OpenOk> for Method {
        fn from(args: OpenOk) -> Self {
            Self::OpenOk(args)
        }
    }

    impl From<Flow> for Method {
        fn from(args: Flow) -> Self {
            Self::Flow(args)
        }
    }

    impl From<FlowOk> for Method {
        fn from(args: FlowOk) -> Self {
            Self::FlowOk(args)
        }
    }

    impl From<Alert> for Method {
        fn from(args: Alert) -> Self {
            Self::Alert(args)
        }
    }

    impl From<Close> for Method {
        fn from(args: Close) -> Self {
            Self::Close(args)
        }
    }

    impl From<CloseOk> for Method {
        fn from(args: CloseOk) -> Self {
            Self::CloseOk(args)
        }
    }
}

/// Obtains tickets that later methods show to prove their right to a realm, a named group
/// of resources.
///
/// RabbitMQ grants whatever is asked and later ignores the tickets, so a client of RabbitMQ
/// can do without this class. It wants the method on an open channel and answers 504 on
/// channel 0, although the spec counts the class to the connection.
///
/// Class 30 of the specification.
pub mod access {
    use super::V0_8;
    use crate::bytes::BufMut;
    use crate::method::{
        Args, Call, ChannelMethod, Reply, SimpleMethod, ToClient, ToServer,
    };
    use crate::wire::{
        DecodeError, Field, MethodId, NotDefault, Overlong, Reader, ShortStr, Violation,
        bit_octets, check_length, check_not_empty, check_not_equal, find_overlong,
        put_bits,
    };

    /// The id of class `access`.
    pub const CLASS_ID: u16 = 30;

    /// Asks for a ticket that covers a realm with the rights set below.
    ///
    /// RabbitMQ grants it for any realm and any rights.
    ///
    /// Class 30, method 10 (`access.request`), sent to the server, answered by [`RequestOk`].
    #[doc(alias = "access.request")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Request {
        /// Name of the realm, by custom a path such as `/data`.
        ///
        /// RabbitMQ ignores it, even when it is empty.
        pub realm: ShortStr,
        /// When set, no other client may hold a ticket for the realm.
        pub exclusive: bool,
        /// Asks for the right to inspect resources and to see whether they exist.
        pub passive: bool,
        /// Asks for the right to create and delete resources.
        pub active: bool,
        /// Asks for the right to publish to exchanges and queues.
        pub write: bool,
        /// Asks for the right to consume from queues.
        pub read: bool,
    }

    impl Request {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(realm: impl Into<ShortStr>) -> Self {
            Self {
                realm: realm.into(),
                ..Self::default()
            }
        }

        /// Sets `realm`: realm.
        #[must_use]
        pub fn realm(mut self, realm: impl Into<ShortStr>) -> Self {
            self.realm = realm.into();
            self
        }

        /// Sets `exclusive`: alone.
        #[must_use]
        pub fn exclusive(mut self, exclusive: bool) -> Self {
            self.exclusive = exclusive;
            self
        }

        /// Sets `passive`: passive right.
        #[must_use]
        pub fn passive(mut self, passive: bool) -> Self {
            self.passive = passive;
            self
        }

        /// Sets `active`: active right.
        #[must_use]
        pub fn active(mut self, active: bool) -> Self {
            self.active = active;
            self
        }

        /// Sets `write`: write right.
        #[must_use]
        pub fn write(mut self, write: bool) -> Self {
            self.write = write;
            self
        }

        /// Sets `read`: read right.
        #[must_use]
        pub fn read(mut self, read: bool) -> Self {
            self.read = read;
            self
        }
    }

    impl core::fmt::Debug for Request {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Request")
                .given("realm", &self.realm)
                .field("exclusive", &self.exclusive)
                .field("passive", &self.passive)
                .field("active", &self.active)
                .field("write", &self.write)
                .field("read", &self.read)
                .finish()
        }
    }

    impl Args for Request {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "access.request";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.realm.encoded_len() + bit_octets(5)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.realm.encode(out);
            put_bits(
                out,
                [self.exclusive, self.passive, self.active, self.write, self.read],
            );
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let realm = input.get()?;
            let [exclusive, passive, active, write, read] = input.bits()?;
            Ok(Self {
                realm,
                exclusive,
                passive,
                active,
                write,
                read,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_empty("realm", &self.realm)?;
            check_length("realm", &self.realm, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("realm", &self.realm)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Access(Method::Request(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Access(Method::Request(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Request {}

    impl Call for Request {
        type Reply = RequestOk;
    }

    impl ChannelMethod for Request {}

    impl SimpleMethod for Request {}

    impl From<Request> for super::Method {
        fn from(args: Request) -> Self {
            args.into_method()
        }
    }

    /// Grants the ticket.
    ///
    /// Class 30, method 11 (`access.request-ok`), sent to the client.
    #[doc(alias = "access.request-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct RequestOk {
        /// Ticket to put into later methods on this channel.
        ///
        /// RabbitMQ always gives 1.
        pub ticket: u16,
    }

    impl RequestOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(ticket: u16) -> Self {
            Self { ticket }
        }

        /// Sets `ticket`: granted ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }
    }

    impl core::fmt::Debug for RequestOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "RequestOk").given("ticket", &self.ticket).finish()
        }
    }

    impl Args for RequestOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 11);
        const NAME: &'static str = "access.request-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { ticket: input.get()? })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)
        }

        fn into_method(self) -> super::Method {
            super::Method::Access(Method::RequestOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Access(Method::RequestOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for RequestOk {}

    impl From<RequestOk> for super::Method {
        fn from(args: RequestOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for RequestOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Any method of class `access`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `access.request`: ask for a ticket.
        Request(Request),
        /// `access.request-ok`: ticket granted.
        RequestOk(RequestOk),
    }

    impl Method {
        /// Reads the arguments of the method with this id.
        pub(super) fn decode(
            id: MethodId,
            input: &mut Reader<'_>,
        ) -> Result<Self, DecodeError> {
            match id {
                Request::ID => Request::decode(input).map(Self::Request),
                RequestOk::ID => RequestOk::decode(input).map(Self::RequestOk),
                _ => Err(DecodeError::unknown_method(id)),
            }
        }

        /// The name in the specification of the method with this id, if the class has it.
        pub(super) fn name_of(id: MethodId) -> Option<&'static str> {
            match id {
                Request::ID => Some(Request::NAME),
                RequestOk::ID => Some(RequestOk::NAME),
                _ => None,
            }
        }

        /// The class and method id.
        pub(super) fn id(&self) -> MethodId {
            match self {
                Self::Request(_) => Request::ID,
                Self::RequestOk(_) => RequestOk::ID,
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                Self::Request(_) => Request::NAME,
                Self::RequestOk(_) => RequestOk::NAME,
            }
        }

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                Self::Request(args) => args.encoded_len(),
                Self::RequestOk(args) => args.encoded_len(),
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                Self::Request(args) => args.encode(out),
                Self::RequestOk(args) => args.encode(out),
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                Self::Request(args) => args.validate(),
                Self::RequestOk(args) => args.validate(),
            }
        }
    }

    impl From<Method> for super::Method {
        fn from(method: Method) -> Self {
            Self::Access(method)
        }
    }

    impl From<Request> for Method {
        fn from(args: Request) -> Self {
            Self::Request(args)
        }
    }

    impl From<RequestOk> for Method {
        fn from(args: RequestOk) -> Self {
            Self::RequestOk(args)
        }
    }
}

/// Declares and deletes exchanges, which take published messages and route them to queues.
///
/// Class 40 of the specification.
pub mod exchange {
    use super::V0_8;
    use crate::bytes::BufMut;
    use crate::method::{
        Args, Call, ChannelMethod, NoWait, Reply, SimpleMethod, ToClient, ToServer,
    };
    use crate::wire::{
        DecodeError, Field, MethodId, NotDefault, Overlong, Reader, ShortStr, Table,
        Violation, bit_octets, check_length, check_not_empty, check_not_equal,
        find_overlong, put_bits,
    };

    /// The id of class `exchange`.
    pub const CLASS_ID: u16 = 40;

    /// Creates an exchange, or checks that one of the same name is as described.
    ///
    /// RabbitMQ closes the channel with 406 if the exchange exists with other settings, with
    /// 403 if the name begins with `amq.` and is not that of a predeclared exchange, and the
    /// connection with 503 if the type is unknown.
    ///
    /// Class 40, method 10 (`exchange.declare`), sent to the server, answered by [`DeclareOk`].
    #[doc(alias = "exchange.declare")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Declare {
        /// Ticket from `access.request-ok` for the realm of the resource.
        ///
        /// RabbitMQ ignores it and accepts 0.
        pub ticket: u16,
        /// Name of the exchange.
        ///
        /// RabbitMQ takes any characters, up to 255 octets.
        pub exchange: ShortStr,
        /// How the exchange routes: `direct`, `fanout`, `topic` or `headers`; RabbitMQ plugins add
        /// more.
        pub type_: ShortStr,
        /// When set, nothing is created: the server replies if the exchange exists and closes the
        /// channel with 404 if not.
        pub passive: bool,
        /// When set, the exchange is still there after the server restarts.
        pub durable: bool,
        /// When set, the exchange goes away when its last binding does.
        pub auto_delete: bool,
        /// When set, clients cannot publish to the exchange; only other exchanges can feed it.
        pub internal: bool,
        /// Asks the server to leave out the reply.
        ///
        /// A failure still closes the channel or the connection.
        pub no_wait: bool,
        /// Further settings, such as `alternate-exchange` in RabbitMQ.
        ///
        /// May be empty.
        pub arguments: Table,
    }

    impl Declare {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(exchange: impl Into<ShortStr>, type_: impl Into<ShortStr>) -> Self {
            Self {
                exchange: exchange.into(),
                type_: type_.into(),
                ..Self::default()
            }
        }

        /// Sets `ticket`: access ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }

        /// Sets `exchange`: exchange name.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `type_`: exchange type.
        #[must_use]
        pub fn type_(mut self, type_: impl Into<ShortStr>) -> Self {
            self.type_ = type_.into();
            self
        }

        /// Sets `passive`: only check.
        #[must_use]
        pub fn passive(mut self, passive: bool) -> Self {
            self.passive = passive;
            self
        }

        /// Sets `durable`: survives a restart.
        #[must_use]
        pub fn durable(mut self, durable: bool) -> Self {
            self.durable = durable;
            self
        }

        /// Sets `auto_delete`: deleted when unused.
        #[must_use]
        pub fn auto_delete(mut self, auto_delete: bool) -> Self {
            self.auto_delete = auto_delete;
            self
        }

        /// Sets `internal`: no direct publishing.
        #[must_use]
        pub fn internal(mut self, internal: bool) -> Self {
            self.internal = internal;
            self
        }

        /// Sets `arguments`: arguments.
        #[must_use]
        pub fn arguments(mut self, arguments: impl Into<Table>) -> Self {
            self.arguments = arguments.into();
            self
        }
    }

    impl core::fmt::Debug for Declare {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Declare")
                .field("ticket", &self.ticket)
                .given("exchange", &self.exchange)
                .given("type_", &self.type_)
                .field("passive", &self.passive)
                .field("durable", &self.durable)
                .field("auto_delete", &self.auto_delete)
                .field("internal", &self.internal)
                .field("no_wait", &self.no_wait)
                .field("arguments", &self.arguments)
                .finish()
        }
    }

    impl Args for Declare {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "exchange.declare";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len() + self.exchange.encoded_len()
                + self.type_.encoded_len() + bit_octets(5) + self.arguments.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
            self.exchange.encode(out);
            self.type_.encode(out);
            put_bits(
                out,
                [
                    self.passive,
                    self.durable,
                    self.auto_delete,
                    self.internal,
                    self.no_wait,
                ],
            );
            self.arguments.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let ticket = input.get()?;
            let exchange = input.get()?;
            let type_ = input.get()?;
            let [passive, durable, auto_delete, internal, no_wait] = input.bits()?;
            Ok(Self {
                ticket,
                exchange,
                type_,
                passive,
                durable,
                auto_delete,
                internal,
                no_wait,
                arguments: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)?;
            check_length("exchange", &self.exchange, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("exchange", &self.exchange),
                    ("type", &self.type_),
                    ("arguments", &self.arguments),
                ],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Exchange(Method::Declare(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Exchange(Method::Declare(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Declare {}

    impl Call for Declare {
        type Reply = DeclareOk;

        fn declines_reply(&self) -> bool {
            self.no_wait
        }
    }

    impl NoWait for Declare {
        fn no_wait(&self) -> bool {
            self.no_wait
        }

        fn set_no_wait(&mut self, no_wait: bool) {
            self.no_wait = no_wait;
        }
    }

    impl ChannelMethod for Declare {}

    impl SimpleMethod for Declare {}

    impl From<Declare> for super::Method {
        fn from(args: Declare) -> Self {
            args.into_method()
        }
    }

    /// Reports that the exchange exists as described.
    ///
    /// Class 40, method 11 (`exchange.declare-ok`), sent to the client.
    #[doc(alias = "exchange.declare-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct DeclareOk;

    impl DeclareOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for DeclareOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 11);
        const NAME: &'static str = "exchange.declare-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Exchange(Method::DeclareOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Exchange(Method::DeclareOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for DeclareOk {}

    impl From<DeclareOk> for super::Method {
        fn from(args: DeclareOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for DeclareOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Deletes an exchange together with its bindings.
    ///
    /// RabbitMQ answers with `delete-ok` also if there is no such exchange, and with 403 for
    /// the default exchange and those that begin with `amq.`.
    ///
    /// Class 40, method 20 (`exchange.delete`), sent to the server, answered by [`DeleteOk`].
    #[doc(alias = "exchange.delete")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Delete {
        /// Ticket from `access.request-ok` for the realm of the resource.
        ///
        /// RabbitMQ ignores it and accepts 0.
        pub ticket: u16,
        /// Name of the exchange to delete.
        pub exchange: ShortStr,
        /// When set, an exchange that has bindings is kept, and RabbitMQ closes the channel with
        /// 406.
        pub if_unused: bool,
        /// Asks the server to leave out the reply.
        ///
        /// A failure still closes the channel or the connection.
        pub no_wait: bool,
    }

    impl Delete {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(exchange: impl Into<ShortStr>) -> Self {
            Self {
                exchange: exchange.into(),
                ..Self::default()
            }
        }

        /// Sets `ticket`: access ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }

        /// Sets `exchange`: exchange name.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `if_unused`: only if unused.
        #[must_use]
        pub fn if_unused(mut self, if_unused: bool) -> Self {
            self.if_unused = if_unused;
            self
        }
    }

    impl core::fmt::Debug for Delete {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Delete")
                .field("ticket", &self.ticket)
                .given("exchange", &self.exchange)
                .field("if_unused", &self.if_unused)
                .field("no_wait", &self.no_wait)
                .finish()
        }
    }

    impl Args for Delete {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 20);
        const NAME: &'static str = "exchange.delete";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len() + self.exchange.encoded_len() + bit_octets(2)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
            self.exchange.encode(out);
            put_bits(out, [self.if_unused, self.no_wait]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let ticket = input.get()?;
            let exchange = input.get()?;
            let [if_unused, no_wait] = input.bits()?;
            Ok(Self {
                ticket,
                exchange,
                if_unused,
                no_wait,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)?;
            check_length("exchange", &self.exchange, 127)?;
            check_not_empty("exchange", &self.exchange)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("exchange", &self.exchange)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Exchange(Method::Delete(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Exchange(Method::Delete(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Delete {}

    impl Call for Delete {
        type Reply = DeleteOk;

        fn declines_reply(&self) -> bool {
            self.no_wait
        }
    }

    impl NoWait for Delete {
        fn no_wait(&self) -> bool {
            self.no_wait
        }

        fn set_no_wait(&mut self, no_wait: bool) {
            self.no_wait = no_wait;
        }
    }

    impl ChannelMethod for Delete {}

    impl SimpleMethod for Delete {}

    impl From<Delete> for super::Method {
        fn from(args: Delete) -> Self {
            args.into_method()
        }
    }

    /// Reports that the exchange is gone.
    ///
    /// Class 40, method 21 (`exchange.delete-ok`), sent to the client.
    #[doc(alias = "exchange.delete-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct DeleteOk;

    impl DeleteOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for DeleteOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 21);
        const NAME: &'static str = "exchange.delete-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Exchange(Method::DeleteOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Exchange(Method::DeleteOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for DeleteOk {}

    impl From<DeleteOk> for super::Method {
        fn from(args: DeleteOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for DeleteOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Any method of class `exchange`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `exchange.declare`: declare an exchange.
        Declare(Declare),
        /// `exchange.declare-ok`: exchange declared.
        DeclareOk(DeclareOk),
        /// `exchange.delete`: delete an exchange.
        Delete(Delete),
        /// `exchange.delete-ok`: exchange deleted.
        DeleteOk(DeleteOk),
    }

    impl Method {
        /// Reads the arguments of the method with this id.
        pub(super) fn decode(
            id: MethodId,
            input: &mut Reader<'_>,
        ) -> Result<Self, DecodeError> {
            match id {
                Declare::ID => Declare::decode(input).map(Self::Declare),
                DeclareOk::ID => DeclareOk::decode(input).map(Self::DeclareOk),
                Delete::ID => Delete::decode(input).map(Self::Delete),
                DeleteOk::ID => DeleteOk::decode(input).map(Self::DeleteOk),
                _ => Err(DecodeError::unknown_method(id)),
            }
        }

        /// The name in the specification of the method with this id, if the class has it.
        pub(super) fn name_of(id: MethodId) -> Option<&'static str> {
            match id {
                Declare::ID => Some(Declare::NAME),
                DeclareOk::ID => Some(DeclareOk::NAME),
                Delete::ID => Some(Delete::NAME),
                DeleteOk::ID => Some(DeleteOk::NAME),
                _ => None,
            }
        }

        /// The class and method id.
        pub(super) fn id(&self) -> MethodId {
            match self {
                Self::Declare(_) => Declare::ID,
                Self::DeclareOk(_) => DeclareOk::ID,
                Self::Delete(_) => Delete::ID,
                Self::DeleteOk(_) => DeleteOk::ID,
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                Self::Declare(_) => Declare::NAME,
                Self::DeclareOk(_) => DeclareOk::NAME,
                Self::Delete(_) => Delete::NAME,
                Self::DeleteOk(_) => DeleteOk::NAME,
            }
        }

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                Self::Declare(args) => args.encoded_len(),
                Self::DeclareOk(args) => args.encoded_len(),
                Self::Delete(args) => args.encoded_len(),
                Self::DeleteOk(args) => args.encoded_len(),
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                Self::Declare(args) => args.encode(out),
                Self::DeclareOk(args) => args.encode(out),
                Self::Delete(args) => args.encode(out),
                Self::DeleteOk(args) => args.encode(out),
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                Self::Declare(args) => args.validate(),
                Self::DeclareOk(args) => args.validate(),
                Self::Delete(args) => args.validate(),
                Self::DeleteOk(args) => args.validate(),
            }
        }
    }

    impl From<Method> for super::Method {
        fn from(method: Method) -> Self {
            Self::Exchange(method)
        }
    }

    impl From<Declare> for Method {
        fn from(args: Declare) -> Self {
            Self::Declare(args)
        }
    }

    impl From<DeclareOk> for Method {
        fn from(args: DeclareOk) -> Self {
            Self::DeclareOk(args)
        }
    }

    impl From<Delete> for Method {
        fn from(args: Delete) -> Self {
            Self::Delete(args)
        }
    }

    impl From<DeleteOk> for Method {
        fn from(args: DeleteOk) -> Self {
            Self::DeleteOk(args)
        }
    }
}

/// Declares, binds, purges and deletes queues, which hold messages until consumers take
/// them.
///
/// Class 50 of the specification.
pub mod queue {
    use super::V0_8;
    use crate::bytes::BufMut;
    use crate::method::{
        Args, Call, ChannelMethod, NoWait, Reply, SimpleMethod, ToClient, ToServer,
    };
    use crate::wire::{
        DecodeError, Field, MethodId, NotDefault, Overlong, Reader, ShortStr, Table,
        Violation, bit_octets, check_length, check_not_empty, check_not_equal,
        find_overlong, put_bits,
    };

    /// The id of class `queue`.
    pub const CLASS_ID: u16 = 50;

    /// Creates a queue, or checks that one of the same name is as described.
    ///
    /// RabbitMQ closes the channel with 406 if the queue exists with other settings, with 405
    /// if it is exclusive to another connection, and with 403 if a new name begins with `amq.`.
    ///
    /// Class 50, method 10 (`queue.declare`), sent to the server, answered by [`DeclareOk`].
    #[doc(alias = "queue.declare")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Declare {
        /// Ticket from `access.request-ok` for the realm of the resource.
        ///
        /// RabbitMQ ignores it and accepts 0.
        pub ticket: u16,
        /// Name of the queue.
        ///
        /// Empty asks the server to make up a unique name, which comes back in `declare-ok`.
        pub queue: ShortStr,
        /// When set, nothing is created: the server reports the queue if it exists and closes the
        /// channel with 404 if not.
        pub passive: bool,
        /// When set, the queue is still there after the server restarts; so are those of its
        /// messages that were published as persistent.
        pub durable: bool,
        /// When set, only this connection can use the queue, and the queue is deleted when the
        /// connection ends.
        pub exclusive: bool,
        /// When set, the queue goes away with its last consumer.
        ///
        /// A queue that never had a consumer stays.
        pub auto_delete: bool,
        /// Asks the server to leave out the reply.
        ///
        /// A failure still closes the channel or the connection.
        pub no_wait: bool,
        /// Further settings; RabbitMQ knows among others `x-message-ttl`, `x-max-length`,
        /// `x-max-priority` and `x-dead-letter-exchange`.
        ///
        /// May be empty.
        pub arguments: Table,
    }

    impl Declare {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(queue: impl Into<ShortStr>) -> Self {
            Self {
                queue: queue.into(),
                ..Self::default()
            }
        }

        /// Sets `ticket`: access ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }

        /// Sets `queue`: queue name.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `passive`: only check.
        #[must_use]
        pub fn passive(mut self, passive: bool) -> Self {
            self.passive = passive;
            self
        }

        /// Sets `durable`: survives a restart.
        #[must_use]
        pub fn durable(mut self, durable: bool) -> Self {
            self.durable = durable;
            self
        }

        /// Sets `exclusive`: for this connection only.
        #[must_use]
        pub fn exclusive(mut self, exclusive: bool) -> Self {
            self.exclusive = exclusive;
            self
        }

        /// Sets `auto_delete`: deleted when unused.
        #[must_use]
        pub fn auto_delete(mut self, auto_delete: bool) -> Self {
            self.auto_delete = auto_delete;
            self
        }

        /// Sets `arguments`: arguments.
        #[must_use]
        pub fn arguments(mut self, arguments: impl Into<Table>) -> Self {
            self.arguments = arguments.into();
            self
        }
    }

    impl core::fmt::Debug for Declare {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Declare")
                .field("ticket", &self.ticket)
                .given("queue", &self.queue)
                .field("passive", &self.passive)
                .field("durable", &self.durable)
                .field("exclusive", &self.exclusive)
                .field("auto_delete", &self.auto_delete)
                .field("no_wait", &self.no_wait)
                .field("arguments", &self.arguments)
                .finish()
        }
    }

    impl Args for Declare {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "queue.declare";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len() + self.queue.encoded_len() + bit_octets(5)
                + self.arguments.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
            self.queue.encode(out);
            put_bits(
                out,
                [
                    self.passive,
                    self.durable,
                    self.exclusive,
                    self.auto_delete,
                    self.no_wait,
                ],
            );
            self.arguments.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let ticket = input.get()?;
            let queue = input.get()?;
            let [passive, durable, exclusive, auto_delete, no_wait] = input.bits()?;
            Ok(Self {
                ticket,
                queue,
                passive,
                durable,
                exclusive,
                auto_delete,
                no_wait,
                arguments: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)?;
            check_length("queue", &self.queue, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("queue", &self.queue), ("arguments", &self.arguments)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Queue(Method::Declare(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Queue(Method::Declare(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Declare {}

    impl Call for Declare {
        type Reply = DeclareOk;

        fn declines_reply(&self) -> bool {
            self.no_wait
        }
    }

    impl NoWait for Declare {
        fn no_wait(&self) -> bool {
            self.no_wait
        }

        fn set_no_wait(&mut self, no_wait: bool) {
            self.no_wait = no_wait;
        }
    }

    impl ChannelMethod for Declare {}

    impl SimpleMethod for Declare {}

    impl From<Declare> for super::Method {
        fn from(args: Declare) -> Self {
            args.into_method()
        }
    }

    /// Reports that the queue exists and how full it is.
    ///
    /// Class 50, method 11 (`queue.declare-ok`), sent to the client.
    #[doc(alias = "queue.declare-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct DeclareOk {
        /// Name of the queue, which matters where the server made it up.
        pub queue: ShortStr,
        /// Number of messages ready for delivery, without those that await acknowledgement.
        pub message_count: u32,
        /// Number of consumers the queue has now.
        pub consumer_count: u32,
    }

    impl DeclareOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(
            queue: impl Into<ShortStr>,
            message_count: u32,
            consumer_count: u32,
        ) -> Self {
            Self {
                queue: queue.into(),
                message_count,
                consumer_count,
            }
        }

        /// Sets `queue`: queue name.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `message_count`: messages.
        #[must_use]
        pub fn message_count(mut self, message_count: u32) -> Self {
            self.message_count = message_count;
            self
        }

        /// Sets `consumer_count`: consumers.
        #[must_use]
        pub fn consumer_count(mut self, consumer_count: u32) -> Self {
            self.consumer_count = consumer_count;
            self
        }
    }

    impl core::fmt::Debug for DeclareOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "DeclareOk")
                .given("queue", &self.queue)
                .given("message_count", &self.message_count)
                .given("consumer_count", &self.consumer_count)
                .finish()
        }
    }

    impl Args for DeclareOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 11);
        const NAME: &'static str = "queue.declare-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.queue.encoded_len() + self.message_count.encoded_len()
                + self.consumer_count.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.queue.encode(out);
            self.message_count.encode(out);
            self.consumer_count.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                queue: input.get()?,
                message_count: input.get()?,
                consumer_count: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_length("queue", &self.queue, 127)?;
            check_not_empty("queue", &self.queue)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("queue", &self.queue)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Queue(Method::DeclareOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Queue(Method::DeclareOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for DeclareOk {}

    impl From<DeclareOk> for super::Method {
        fn from(args: DeclareOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for DeclareOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Makes an exchange route messages to a queue.
    ///
    /// A binding that already exists is left as it is. RabbitMQ closes the channel with 404 if
    /// the exchange or the queue is missing.
    ///
    /// Class 50, method 20 (`queue.bind`), sent to the server, answered by [`BindOk`].
    #[doc(alias = "queue.bind")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Bind {
        /// Ticket from `access.request-ok` for the realm of the resource.
        ///
        /// RabbitMQ ignores it and accepts 0.
        pub ticket: u16,
        /// Name of the queue.
        ///
        /// Empty means the queue this channel declared last; where there is none, RabbitMQ closes
        /// the channel with 404.
        pub queue: ShortStr,
        /// Name of the exchange to route from.
        ///
        /// The default exchange cannot be bound: RabbitMQ answers 403.
        pub exchange: ShortStr,
        /// Key or pattern that the exchange compares with the key of a message; some exchange types
        /// ignore it.
        ///
        /// In RabbitMQ it becomes the queue name if both queue and key are left empty.
        pub routing_key: ShortStr,
        /// Asks the server to leave out the reply.
        ///
        /// A failure still closes the channel or the connection.
        pub no_wait: bool,
        /// Data for exchange types that route by more than the key, such as `headers`.
        ///
        /// May be empty.
        pub arguments: Table,
    }

    impl Bind {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(
            queue: impl Into<ShortStr>,
            exchange: impl Into<ShortStr>,
            routing_key: impl Into<ShortStr>,
        ) -> Self {
            Self {
                queue: queue.into(),
                exchange: exchange.into(),
                routing_key: routing_key.into(),
                ..Self::default()
            }
        }

        /// Sets `ticket`: access ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }

        /// Sets `queue`: queue name.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `exchange`: exchange name.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: routing key.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }

        /// Sets `arguments`: arguments.
        #[must_use]
        pub fn arguments(mut self, arguments: impl Into<Table>) -> Self {
            self.arguments = arguments.into();
            self
        }
    }

    impl core::fmt::Debug for Bind {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Bind")
                .field("ticket", &self.ticket)
                .given("queue", &self.queue)
                .given("exchange", &self.exchange)
                .given("routing_key", &self.routing_key)
                .field("no_wait", &self.no_wait)
                .field("arguments", &self.arguments)
                .finish()
        }
    }

    impl Args for Bind {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 20);
        const NAME: &'static str = "queue.bind";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len() + self.queue.encoded_len()
                + self.exchange.encoded_len() + self.routing_key.encoded_len()
                + bit_octets(1) + self.arguments.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
            self.queue.encode(out);
            self.exchange.encode(out);
            self.routing_key.encode(out);
            put_bits(out, [self.no_wait]);
            self.arguments.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let ticket = input.get()?;
            let queue = input.get()?;
            let exchange = input.get()?;
            let routing_key = input.get()?;
            let [no_wait] = input.bits()?;
            Ok(Self {
                ticket,
                queue,
                exchange,
                routing_key,
                no_wait,
                arguments: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)?;
            check_length("queue", &self.queue, 127)?;
            check_length("exchange", &self.exchange, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("queue", &self.queue),
                    ("exchange", &self.exchange),
                    ("routing-key", &self.routing_key),
                    ("arguments", &self.arguments),
                ],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Queue(Method::Bind(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Queue(Method::Bind(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Bind {}

    impl Call for Bind {
        type Reply = BindOk;

        fn declines_reply(&self) -> bool {
            self.no_wait
        }
    }

    impl NoWait for Bind {
        fn no_wait(&self) -> bool {
            self.no_wait
        }

        fn set_no_wait(&mut self, no_wait: bool) {
            self.no_wait = no_wait;
        }
    }

    impl ChannelMethod for Bind {}

    impl SimpleMethod for Bind {}

    impl From<Bind> for super::Method {
        fn from(args: Bind) -> Self {
            args.into_method()
        }
    }

    /// Reports that the binding exists.
    ///
    /// Class 50, method 21 (`queue.bind-ok`), sent to the client.
    #[doc(alias = "queue.bind-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct BindOk;

    impl BindOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for BindOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 21);
        const NAME: &'static str = "queue.bind-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Queue(Method::BindOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Queue(Method::BindOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for BindOk {}

    impl From<BindOk> for super::Method {
        fn from(args: BindOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for BindOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Removes the messages that are ready in a queue; those that await acknowledgement stay.
    ///
    /// Class 50, method 30 (`queue.purge`), sent to the server, answered by [`PurgeOk`].
    #[doc(alias = "queue.purge")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Purge {
        /// Ticket from `access.request-ok` for the realm of the resource.
        ///
        /// RabbitMQ ignores it and accepts 0.
        pub ticket: u16,
        /// Name of the queue.
        ///
        /// Empty means the queue this channel declared last; where there is none, RabbitMQ closes
        /// the channel with 404.
        pub queue: ShortStr,
        /// Asks the server to leave out the reply.
        ///
        /// A failure still closes the channel or the connection.
        pub no_wait: bool,
    }

    impl Purge {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(queue: impl Into<ShortStr>) -> Self {
            Self {
                queue: queue.into(),
                ..Self::default()
            }
        }

        /// Sets `ticket`: access ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }

        /// Sets `queue`: queue name.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }
    }

    impl core::fmt::Debug for Purge {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Purge")
                .field("ticket", &self.ticket)
                .given("queue", &self.queue)
                .field("no_wait", &self.no_wait)
                .finish()
        }
    }

    impl Args for Purge {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 30);
        const NAME: &'static str = "queue.purge";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len() + self.queue.encoded_len() + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
            self.queue.encode(out);
            put_bits(out, [self.no_wait]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let ticket = input.get()?;
            let queue = input.get()?;
            let [no_wait] = input.bits()?;
            Ok(Self { ticket, queue, no_wait })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)?;
            check_length("queue", &self.queue, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("queue", &self.queue)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Queue(Method::Purge(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Queue(Method::Purge(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Purge {}

    impl Call for Purge {
        type Reply = PurgeOk;

        fn declines_reply(&self) -> bool {
            self.no_wait
        }
    }

    impl NoWait for Purge {
        fn no_wait(&self) -> bool {
            self.no_wait
        }

        fn set_no_wait(&mut self, no_wait: bool) {
            self.no_wait = no_wait;
        }
    }

    impl ChannelMethod for Purge {}

    impl SimpleMethod for Purge {}

    impl From<Purge> for super::Method {
        fn from(args: Purge) -> Self {
            args.into_method()
        }
    }

    /// Reports the outcome of a purge.
    ///
    /// Class 50, method 31 (`queue.purge-ok`), sent to the client.
    #[doc(alias = "queue.purge-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct PurgeOk {
        /// Number of messages that were removed.
        pub message_count: u32,
    }

    impl PurgeOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(message_count: u32) -> Self {
            Self { message_count }
        }

        /// Sets `message_count`: messages removed.
        #[must_use]
        pub fn message_count(mut self, message_count: u32) -> Self {
            self.message_count = message_count;
            self
        }
    }

    impl core::fmt::Debug for PurgeOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "PurgeOk")
                .given("message_count", &self.message_count)
                .finish()
        }
    }

    impl Args for PurgeOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 31);
        const NAME: &'static str = "queue.purge-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.message_count.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.message_count.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                message_count: input.get()?,
            })
        }

        fn into_method(self) -> super::Method {
            super::Method::Queue(Method::PurgeOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Queue(Method::PurgeOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for PurgeOk {}

    impl From<PurgeOk> for super::Method {
        fn from(args: PurgeOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for PurgeOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Deletes a queue, its bindings and its messages, and ends its consumers.
    ///
    /// RabbitMQ answers with `delete-ok` and a count of 0 also if there is no such queue.
    ///
    /// Class 50, method 40 (`queue.delete`), sent to the server, answered by [`DeleteOk`].
    #[doc(alias = "queue.delete")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Delete {
        /// Ticket from `access.request-ok` for the realm of the resource.
        ///
        /// RabbitMQ ignores it and accepts 0.
        pub ticket: u16,
        /// Name of the queue.
        ///
        /// Empty means the queue this channel declared last; where there is none, RabbitMQ closes
        /// the channel with 404.
        pub queue: ShortStr,
        /// When set, a queue that has consumers is kept, and RabbitMQ closes the channel with 406.
        pub if_unused: bool,
        /// When set, a queue that holds messages is kept, and RabbitMQ closes the channel with 406.
        pub if_empty: bool,
        /// Asks the server to leave out the reply.
        ///
        /// A failure still closes the channel or the connection.
        pub no_wait: bool,
    }

    impl Delete {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(queue: impl Into<ShortStr>) -> Self {
            Self {
                queue: queue.into(),
                ..Self::default()
            }
        }

        /// Sets `ticket`: access ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }

        /// Sets `queue`: queue name.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `if_unused`: only if unused.
        #[must_use]
        pub fn if_unused(mut self, if_unused: bool) -> Self {
            self.if_unused = if_unused;
            self
        }

        /// Sets `if_empty`: only if empty.
        #[must_use]
        pub fn if_empty(mut self, if_empty: bool) -> Self {
            self.if_empty = if_empty;
            self
        }
    }

    impl core::fmt::Debug for Delete {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Delete")
                .field("ticket", &self.ticket)
                .given("queue", &self.queue)
                .field("if_unused", &self.if_unused)
                .field("if_empty", &self.if_empty)
                .field("no_wait", &self.no_wait)
                .finish()
        }
    }

    impl Args for Delete {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 40);
        const NAME: &'static str = "queue.delete";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len() + self.queue.encoded_len() + bit_octets(3)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
            self.queue.encode(out);
            put_bits(out, [self.if_unused, self.if_empty, self.no_wait]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let ticket = input.get()?;
            let queue = input.get()?;
            let [if_unused, if_empty, no_wait] = input.bits()?;
            Ok(Self {
                ticket,
                queue,
                if_unused,
                if_empty,
                no_wait,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)?;
            check_length("queue", &self.queue, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("queue", &self.queue)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Queue(Method::Delete(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Queue(Method::Delete(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Delete {}

    impl Call for Delete {
        type Reply = DeleteOk;

        fn declines_reply(&self) -> bool {
            self.no_wait
        }
    }

    impl NoWait for Delete {
        fn no_wait(&self) -> bool {
            self.no_wait
        }

        fn set_no_wait(&mut self, no_wait: bool) {
            self.no_wait = no_wait;
        }
    }

    impl ChannelMethod for Delete {}

    impl SimpleMethod for Delete {}

    impl From<Delete> for super::Method {
        fn from(args: Delete) -> Self {
            args.into_method()
        }
    }

    /// Reports that the queue is gone.
    ///
    /// Class 50, method 41 (`queue.delete-ok`), sent to the client.
    #[doc(alias = "queue.delete-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct DeleteOk {
        /// Number of messages that were deleted with the queue.
        pub message_count: u32,
    }

    impl DeleteOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(message_count: u32) -> Self {
            Self { message_count }
        }

        /// Sets `message_count`: messages lost.
        #[must_use]
        pub fn message_count(mut self, message_count: u32) -> Self {
            self.message_count = message_count;
            self
        }
    }

    impl core::fmt::Debug for DeleteOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "DeleteOk")
                .given("message_count", &self.message_count)
                .finish()
        }
    }

    impl Args for DeleteOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 41);
        const NAME: &'static str = "queue.delete-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.message_count.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.message_count.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                message_count: input.get()?,
            })
        }

        fn into_method(self) -> super::Method {
            super::Method::Queue(Method::DeleteOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Queue(Method::DeleteOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for DeleteOk {}

    impl From<DeleteOk> for super::Method {
        fn from(args: DeleteOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for DeleteOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// RabbitMQ extension: removes a binding between an exchange and a queue.
    ///
    /// Plain 0-8 has no way to do so short of deleting one of the two. The method has the form
    /// it got in later versions, without a `nowait` bit. RabbitMQ also answers with `unbind-ok`
    /// if there is no such binding, queue or exchange.
    ///
    /// Class 50, method 50 (`queue.unbind`), sent to the server, answered by [`UnbindOk`].
    #[doc(alias = "queue.unbind")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Unbind {
        /// Ticket from `access.request-ok` for the realm of the resource.
        ///
        /// RabbitMQ ignores it and accepts 0.
        pub ticket: u16,
        /// Name of the queue.
        ///
        /// Empty means the queue this channel declared last; where there is none, RabbitMQ closes
        /// the channel with 404.
        pub queue: ShortStr,
        /// Name of the exchange the binding starts from.
        pub exchange: ShortStr,
        /// Key of the binding; it must equal the one given to `queue.bind`.
        pub routing_key: ShortStr,
        /// Arguments of the binding; they must equal those given to `queue.bind`.
        pub arguments: Table,
    }

    impl Unbind {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(
            queue: impl Into<ShortStr>,
            exchange: impl Into<ShortStr>,
            routing_key: impl Into<ShortStr>,
        ) -> Self {
            Self {
                queue: queue.into(),
                exchange: exchange.into(),
                routing_key: routing_key.into(),
                ..Self::default()
            }
        }

        /// Sets `ticket`: access ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }

        /// Sets `queue`: queue name.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `exchange`: exchange name.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: routing key.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }

        /// Sets `arguments`: arguments.
        #[must_use]
        pub fn arguments(mut self, arguments: impl Into<Table>) -> Self {
            self.arguments = arguments.into();
            self
        }
    }

    impl core::fmt::Debug for Unbind {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Unbind")
                .field("ticket", &self.ticket)
                .given("queue", &self.queue)
                .given("exchange", &self.exchange)
                .given("routing_key", &self.routing_key)
                .field("arguments", &self.arguments)
                .finish()
        }
    }

    impl Args for Unbind {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 50);
        const NAME: &'static str = "queue.unbind";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len() + self.queue.encoded_len()
                + self.exchange.encoded_len() + self.routing_key.encoded_len()
                + self.arguments.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
            self.queue.encode(out);
            self.exchange.encode(out);
            self.routing_key.encode(out);
            self.arguments.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                ticket: input.get()?,
                queue: input.get()?,
                exchange: input.get()?,
                routing_key: input.get()?,
                arguments: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)?;
            check_length("queue", &self.queue, 127)?;
            check_length("exchange", &self.exchange, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("queue", &self.queue),
                    ("exchange", &self.exchange),
                    ("routing-key", &self.routing_key),
                    ("arguments", &self.arguments),
                ],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Queue(Method::Unbind(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Queue(Method::Unbind(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Unbind {}

    impl Call for Unbind {
        type Reply = UnbindOk;
    }

    impl ChannelMethod for Unbind {}

    impl SimpleMethod for Unbind {}

    impl From<Unbind> for super::Method {
        fn from(args: Unbind) -> Self {
            args.into_method()
        }
    }

    /// RabbitMQ extension: reports that the binding is gone.
    ///
    /// Class 50, method 51 (`queue.unbind-ok`), sent to the client.
    #[doc(alias = "queue.unbind-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct UnbindOk;

    impl UnbindOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for UnbindOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 51);
        const NAME: &'static str = "queue.unbind-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Queue(Method::UnbindOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Queue(Method::UnbindOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for UnbindOk {}

    impl From<UnbindOk> for super::Method {
        fn from(args: UnbindOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for UnbindOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Any method of class `queue`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `queue.declare`: declare a queue.
        Declare(Declare),
        /// `queue.declare-ok`: queue declared.
        DeclareOk(DeclareOk),
        /// `queue.bind`: bind a queue.
        Bind(Bind),
        /// `queue.bind-ok`: queue bound.
        BindOk(BindOk),
        /// `queue.purge`: empty a queue.
        Purge(Purge),
        /// `queue.purge-ok`: queue emptied.
        PurgeOk(PurgeOk),
        /// `queue.delete`: delete a queue.
        Delete(Delete),
        /// `queue.delete-ok`: queue deleted.
        DeleteOk(DeleteOk),
        /// `queue.unbind`: unbind a queue.
        Unbind(Unbind),
        /// `queue.unbind-ok`: queue unbound.
        UnbindOk(UnbindOk),
    }

    impl Method {
        /// Reads the arguments of the method with this id.
        pub(super) fn decode(
            id: MethodId,
            input: &mut Reader<'_>,
        ) -> Result<Self, DecodeError> {
            match id {
                Declare::ID => Declare::decode(input).map(Self::Declare),
                DeclareOk::ID => DeclareOk::decode(input).map(Self::DeclareOk),
                Bind::ID => Bind::decode(input).map(Self::Bind),
                BindOk::ID => BindOk::decode(input).map(Self::BindOk),
                Purge::ID => Purge::decode(input).map(Self::Purge),
                PurgeOk::ID => PurgeOk::decode(input).map(Self::PurgeOk),
                Delete::ID => Delete::decode(input).map(Self::Delete),
                DeleteOk::ID => DeleteOk::decode(input).map(Self::DeleteOk),
                Unbind::ID => Unbind::decode(input).map(Self::Unbind),
                UnbindOk::ID => UnbindOk::decode(input).map(Self::UnbindOk),
                _ => Err(DecodeError::unknown_method(id)),
            }
        }

        /// The name in the specification of the method with this id, if the class has it.
        pub(super) fn name_of(id: MethodId) -> Option<&'static str> {
            match id {
                Declare::ID => Some(Declare::NAME),
                DeclareOk::ID => Some(DeclareOk::NAME),
                Bind::ID => Some(Bind::NAME),
                BindOk::ID => Some(BindOk::NAME),
                Purge::ID => Some(Purge::NAME),
                PurgeOk::ID => Some(PurgeOk::NAME),
                Delete::ID => Some(Delete::NAME),
                DeleteOk::ID => Some(DeleteOk::NAME),
                Unbind::ID => Some(Unbind::NAME),
                UnbindOk::ID => Some(UnbindOk::NAME),
                _ => None,
            }
        }

        /// The class and method id.
        pub(super) fn id(&self) -> MethodId {
            match self {
                Self::Declare(_) => Declare::ID,
                Self::DeclareOk(_) => DeclareOk::ID,
                Self::Bind(_) => Bind::ID,
                Self::BindOk(_) => BindOk::ID,
                Self::Purge(_) => Purge::ID,
                Self::PurgeOk(_) => PurgeOk::ID,
                Self::Delete(_) => Delete::ID,
                Self::DeleteOk(_) => DeleteOk::ID,
                Self::Unbind(_) => Unbind::ID,
                Self::UnbindOk(_) => UnbindOk::ID,
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                Self::Declare(_) => Declare::NAME,
                Self::DeclareOk(_) => DeclareOk::NAME,
                Self::Bind(_) => Bind::NAME,
                Self::BindOk(_) => BindOk::NAME,
                Self::Purge(_) => Purge::NAME,
                Self::PurgeOk(_) => PurgeOk::NAME,
                Self::Delete(_) => Delete::NAME,
                Self::DeleteOk(_) => DeleteOk::NAME,
                Self::Unbind(_) => Unbind::NAME,
                Self::UnbindOk(_) => UnbindOk::NAME,
            }
        }

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                Self::Declare(args) => args.encoded_len(),
                Self::DeclareOk(args) => args.encoded_len(),
                Self::Bind(args) => args.encoded_len(),
                Self::BindOk(args) => args.encoded_len(),
                Self::Purge(args) => args.encoded_len(),
                Self::PurgeOk(args) => args.encoded_len(),
                Self::Delete(args) => args.encoded_len(),
                Self::DeleteOk(args) => args.encoded_len(),
                Self::Unbind(args) => args.encoded_len(),
                Self::UnbindOk(args) => args.encoded_len(),
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                Self::Declare(args) => args.encode(out),
                Self::DeclareOk(args) => args.encode(out),
                Self::Bind(args) => args.encode(out),
                Self::BindOk(args) => args.encode(out),
                Self::Purge(args) => args.encode(out),
                Self::PurgeOk(args) => args.encode(out),
                Self::Delete(args) => args.encode(out),
                Self::DeleteOk(args) => args.encode(out),
                Self::Unbind(args) => args.encode(out),
                Self::UnbindOk(args) => args.encode(out),
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                Self::Declare(args) => args.validate(),
                Self::DeclareOk(args) => args.validate(),
                Self::Bind(args) => args.validate(),
                Self::BindOk(args) => args.validate(),
                Self::Purge(args) => args.validate(),
                Self::PurgeOk(args) => args.validate(),
                Self::Delete(args) => args.validate(),
                Self::DeleteOk(args) => args.validate(),
                Self::Unbind(args) => args.validate(),
                Self::UnbindOk(args) => args.validate(),
            }
        }
    }

    impl From<Method> for super::Method {
        fn from(method: Method) -> Self {
            Self::Queue(method)
        }
    }

    impl From<Declare> for Method {
        fn from(args: Declare) -> Self {
            Self::Declare(args)
        }
    }

    impl From<DeclareOk> for Method {
        fn from(args: DeclareOk) -> Self {
            Self::DeclareOk(args)
        }
    }

    impl From<Bind> for Method {
        fn from(args: Bind) -> Self {
            Self::Bind(args)
        }
    }

    impl From<BindOk> for Method {
        fn from(args: BindOk) -> Self {
            Self::BindOk(args)
        }
    }

    impl From<Purge> for Method {
        fn from(args: Purge) -> Self {
            Self::Purge(args)
        }
    }

    impl From<PurgeOk> for Method {
        fn from(args: PurgeOk) -> Self {
            Self::PurgeOk(args)
        }
    }

    impl From<Delete> for Method {
        fn from(args: Delete) -> Self {
            Self::Delete(args)
        }
    }

    impl From<DeleteOk> for Method {
        fn from(args: DeleteOk) -> Self {
            Self::DeleteOk(args)
        }
    }

    impl From<Unbind> for Method {
        fn from(args: Unbind) -> Self {
            Self::Unbind(args)
        }
    }

    impl From<UnbindOk> for Method {
        fn from(args: UnbindOk) -> Self {
            Self::UnbindOk(args)
        }
    }
}

/// Publishes, delivers, fetches and acknowledges messages.
///
/// Its properties travel in the content header of each message. RabbitMQ passes them on as
/// the publisher wrote them and checks only the few noted below; strings may hold any
/// octets.
///
/// Class 60 of the specification.
pub mod basic {
    use super::V0_8;
    use crate::bytes::BufMut;
    use crate::method::{
        self, Args, Call, ChannelMethod, ContentArgs, Intent, NoWait, OneWay, Reply,
        SimpleMethod, ToClient, ToServer,
    };
    use crate::wire::{
        DecodeError, DeliveryTag, Field, Flags, MethodId, NotDefault, Overlong, Reader,
        ReplyCode, ShortStr, Table, Timestamp, Violation, bit_octets, check_length,
        check_not_empty, check_not_equal, find_overlong, optional_len, put_bits,
        put_optional,
    };

    /// The id of class `basic`.
    pub const CLASS_ID: u16 = 60;

    /// Limits how much the server may deliver before the client acknowledges.
    ///
    /// Deliveries that need no acknowledgement are not limited.
    ///
    /// Class 60, method 10 (`basic.qos`), sent to the server, answered by [`QosOk`].
    #[doc(alias = "basic.qos")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Qos {
        /// Limit in octets of content; 0 means none.
        ///
        /// RabbitMQ closes the connection with 540 unless it is 0.
        pub prefetch_size: u32,
        /// Limit in messages; 0 means none.
        pub prefetch_count: u16,
        /// In the spec: clear for this channel, set for the whole connection.
        ///
        /// In RabbitMQ: clear for each consumer started afterwards, set for all consumers of this
        /// channel together.
        pub global: bool,
    }

    impl Qos {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(prefetch_count: u16) -> Self {
            Self {
                prefetch_count,
                ..Self::default()
            }
        }

        /// Sets `prefetch_size`: window in octets.
        #[must_use]
        pub fn prefetch_size(mut self, prefetch_size: u32) -> Self {
            self.prefetch_size = prefetch_size;
            self
        }

        /// Sets `prefetch_count`: window in messages.
        #[must_use]
        pub fn prefetch_count(mut self, prefetch_count: u16) -> Self {
            self.prefetch_count = prefetch_count;
            self
        }

        /// Sets `global`: scope.
        #[must_use]
        pub fn global(mut self, global: bool) -> Self {
            self.global = global;
            self
        }
    }

    impl core::fmt::Debug for Qos {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Qos")
                .field("prefetch_size", &self.prefetch_size)
                .given("prefetch_count", &self.prefetch_count)
                .field("global", &self.global)
                .finish()
        }
    }

    impl Args for Qos {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "basic.qos";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.prefetch_size.encoded_len() + self.prefetch_count.encoded_len()
                + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.prefetch_size.encode(out);
            self.prefetch_count.encode(out);
            put_bits(out, [self.global]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let prefetch_size = input.get()?;
            let prefetch_count = input.get()?;
            let [global] = input.bits()?;
            Ok(Self {
                prefetch_size,
                prefetch_count,
                global,
            })
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::Qos(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::Qos(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Qos {}

    impl Call for Qos {
        type Reply = QosOk;
    }

    impl ChannelMethod for Qos {}

    impl SimpleMethod for Qos {}

    impl From<Qos> for super::Method {
        fn from(args: Qos) -> Self {
            args.into_method()
        }
    }

    /// Reports that the limit is in force.
    ///
    /// Class 60, method 11 (`basic.qos-ok`), sent to the client.
    #[doc(alias = "basic.qos-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct QosOk;

    impl QosOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for QosOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 11);
        const NAME: &'static str = "basic.qos-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::QosOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::QosOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for QosOk {}

    impl From<QosOk> for super::Method {
        fn from(args: QosOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for QosOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Starts a consumer, so that messages of a queue are delivered as they come.
    ///
    /// In 0-8 the method has no table of arguments, so RabbitMQ's consumer priorities and
    /// stream offsets cannot be asked for; a frame with such a table gets 501.
    ///
    /// Class 60, method 20 (`basic.consume`), sent to the server, answered by [`ConsumeOk`].
    #[doc(alias = "basic.consume")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Consume {
        /// Ticket from `access.request-ok` for the realm of the resource.
        ///
        /// RabbitMQ ignores it and accepts 0.
        pub ticket: u16,
        /// Name of the queue.
        ///
        /// Empty means the queue this channel declared last; where there is none, RabbitMQ closes
        /// the channel with 404.
        pub queue: ShortStr,
        /// Tag for the new consumer.
        ///
        /// Empty asks the server to make one up, which comes back in `consume-ok`. RabbitMQ closes
        /// the connection with 530 if the channel already uses the tag.
        pub consumer_tag: ShortStr,
        /// Leave out messages published on this connection.
        ///
        /// RabbitMQ ignores the bit.
        pub no_local: bool,
        /// When set, deliveries are not to be acknowledged.
        pub no_ack: bool,
        /// When set, the queue must have no other consumer, now or later.
        ///
        /// RabbitMQ closes the channel with 403 if that cannot be had.
        pub exclusive: bool,
        /// Asks the server to leave out the reply.
        ///
        /// A failure still closes the channel or the connection.
        pub no_wait: bool,
    }

    impl Consume {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(queue: impl Into<ShortStr>) -> Self {
            Self {
                queue: queue.into(),
                ..Self::default()
            }
        }

        /// Sets `ticket`: access ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }

        /// Sets `queue`: queue name.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }

        /// Sets `no_local`: no own messages.
        #[must_use]
        pub fn no_local(mut self, no_local: bool) -> Self {
            self.no_local = no_local;
            self
        }

        /// Sets `no_ack`: no acknowledgement.
        #[must_use]
        pub fn no_ack(mut self, no_ack: bool) -> Self {
            self.no_ack = no_ack;
            self
        }

        /// Sets `exclusive`: sole consumer.
        #[must_use]
        pub fn exclusive(mut self, exclusive: bool) -> Self {
            self.exclusive = exclusive;
            self
        }
    }

    impl core::fmt::Debug for Consume {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Consume")
                .field("ticket", &self.ticket)
                .given("queue", &self.queue)
                .field("consumer_tag", &self.consumer_tag)
                .field("no_local", &self.no_local)
                .field("no_ack", &self.no_ack)
                .field("exclusive", &self.exclusive)
                .field("no_wait", &self.no_wait)
                .finish()
        }
    }

    impl Args for Consume {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 20);
        const NAME: &'static str = "basic.consume";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len() + self.queue.encoded_len()
                + self.consumer_tag.encoded_len() + bit_octets(4)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
            self.queue.encode(out);
            self.consumer_tag.encode(out);
            put_bits(out, [self.no_local, self.no_ack, self.exclusive, self.no_wait]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let ticket = input.get()?;
            let queue = input.get()?;
            let consumer_tag = input.get()?;
            let [no_local, no_ack, exclusive, no_wait] = input.bits()?;
            Ok(Self {
                ticket,
                queue,
                consumer_tag,
                no_local,
                no_ack,
                exclusive,
                no_wait,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)?;
            check_length("queue", &self.queue, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[("queue", &self.queue), ("consumer-tag", &self.consumer_tag)],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::Consume(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::Consume(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Consume {}

    impl Call for Consume {
        type Reply = ConsumeOk;

        fn declines_reply(&self) -> bool {
            self.no_wait
        }
    }

    impl NoWait for Consume {
        fn no_wait(&self) -> bool {
            self.no_wait
        }

        fn set_no_wait(&mut self, no_wait: bool) {
            self.no_wait = no_wait;
        }
    }

    impl ChannelMethod for Consume {
        fn intent(&mut self) -> Intent<'_> {
            Intent::Consume {
                consumer_tag: &mut self.consumer_tag,
                no_ack: self.no_ack,
            }
        }
    }

    impl From<Consume> for super::Method {
        fn from(args: Consume) -> Self {
            args.into_method()
        }
    }

    /// Reports that the consumer exists and under which tag.
    ///
    /// Class 60, method 21 (`basic.consume-ok`), sent to the client.
    #[doc(alias = "basic.consume-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct ConsumeOk {
        /// Tag of the consumer, given by the client or made up by the server.
        pub consumer_tag: ShortStr,
    }

    impl ConsumeOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(consumer_tag: impl Into<ShortStr>) -> Self {
            Self {
                consumer_tag: consumer_tag.into(),
            }
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }
    }

    impl core::fmt::Debug for ConsumeOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "ConsumeOk")
                .given("consumer_tag", &self.consumer_tag)
                .finish()
        }
    }

    impl Args for ConsumeOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 21);
        const NAME: &'static str = "basic.consume-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.consumer_tag.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.consumer_tag.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { consumer_tag: input.get()? })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("consumer-tag", &self.consumer_tag)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::ConsumeOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::ConsumeOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for ConsumeOk {}

    impl From<ConsumeOk> for super::Method {
        fn from(args: ConsumeOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for ConsumeOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Ends a consumer; messages delivered but not yet acknowledged are not affected.
    ///
    /// Deliveries may still arrive until `cancel-ok`. RabbitMQ answers an unknown tag with
    /// `cancel-ok` as well.
    ///
    /// RabbitMQ extension: the server sends this method too, with `nowait` set, when a consumer
    /// ends on its side, for instance because its queue was deleted. It does so only if the
    /// client announced the capability `consumer_cancel_notify`; the client does not reply.
    ///
    /// Class 60, method 30 (`basic.cancel`), sent either way, answered by [`CancelOk`].
    #[doc(alias = "basic.cancel")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Cancel {
        /// Tag of the consumer to end, or that has ended.
        pub consumer_tag: ShortStr,
        /// Asks the server to leave out the reply.
        ///
        /// A failure still closes the channel or the connection.
        pub no_wait: bool,
    }

    impl Cancel {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(consumer_tag: impl Into<ShortStr>) -> Self {
            Self {
                consumer_tag: consumer_tag.into(),
                ..Self::default()
            }
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }
    }

    impl core::fmt::Debug for Cancel {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Cancel")
                .given("consumer_tag", &self.consumer_tag)
                .field("no_wait", &self.no_wait)
                .finish()
        }
    }

    impl Args for Cancel {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 30);
        const NAME: &'static str = "basic.cancel";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.consumer_tag.encoded_len() + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.consumer_tag.encode(out);
            put_bits(out, [self.no_wait]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let consumer_tag = input.get()?;
            let [no_wait] = input.bits()?;
            Ok(Self { consumer_tag, no_wait })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("consumer-tag", &self.consumer_tag)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::Cancel(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::Cancel(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Cancel {}

    impl ToClient for Cancel {}

    impl Call for Cancel {
        type Reply = CancelOk;

        fn declines_reply(&self) -> bool {
            self.no_wait
        }
    }

    impl NoWait for Cancel {
        fn no_wait(&self) -> bool {
            self.no_wait
        }

        fn set_no_wait(&mut self, no_wait: bool) {
            self.no_wait = no_wait;
        }
    }

    impl ChannelMethod for Cancel {
        fn intent(&mut self) -> Intent<'_> {
            Intent::Cancel {
                consumer_tag: &self.consumer_tag,
            }
        }
    }

    impl SimpleMethod for Cancel {}

    impl From<Cancel> for super::Method {
        fn from(args: Cancel) -> Self {
            args.into_method()
        }
    }

    /// Reports that the consumer is gone; no further delivery for it follows.
    ///
    /// Class 60, method 31 (`basic.cancel-ok`), sent to the client.
    #[doc(alias = "basic.cancel-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct CancelOk {
        /// Tag of the consumer that ended.
        pub consumer_tag: ShortStr,
    }

    impl CancelOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(consumer_tag: impl Into<ShortStr>) -> Self {
            Self {
                consumer_tag: consumer_tag.into(),
            }
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }
    }

    impl core::fmt::Debug for CancelOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "CancelOk")
                .given("consumer_tag", &self.consumer_tag)
                .finish()
        }
    }

    impl Args for CancelOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 31);
        const NAME: &'static str = "basic.cancel-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.consumer_tag.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.consumer_tag.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { consumer_tag: input.get()? })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("consumer-tag", &self.consumer_tag)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::CancelOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::CancelOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for CancelOk {}

    impl From<CancelOk> for super::Method {
        fn from(args: CancelOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for CancelOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Sends a message to an exchange; content header and body follow.
    ///
    /// There is no reply. RabbitMQ closes the channel with 404 if the exchange does not exist
    /// and with 403 if it is internal. As 0-8 has no publisher confirms, only a transaction
    /// tells that a message has arrived.
    ///
    /// Class 60, method 40 (`basic.publish`), sent to the server, followed by content.
    #[doc(alias = "basic.publish")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Publish {
        /// Ticket from `access.request-ok` for the realm of the resource.
        ///
        /// RabbitMQ ignores it and accepts 0.
        pub ticket: u16,
        /// Exchange to publish to.
        ///
        /// Empty means the default exchange, which routes to the queue whose name is the routing
        /// key.
        pub exchange: ShortStr,
        /// Key that the exchange routes by.
        ///
        /// RabbitMQ takes any octets here.
        pub routing_key: ShortStr,
        /// When set, a message that reaches no queue comes back with `basic.return`; when clear, it
        /// is dropped in silence.
        pub mandatory: bool,
        /// When set, a message that no consumer can take at once comes back.
        ///
        /// RabbitMQ closes the connection with 540.
        pub immediate: bool,
    }

    impl Publish {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(
            exchange: impl Into<ShortStr>,
            routing_key: impl Into<ShortStr>,
        ) -> Self {
            Self {
                exchange: exchange.into(),
                routing_key: routing_key.into(),
                ..Self::default()
            }
        }

        /// Sets `ticket`: access ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }

        /// Sets `exchange`: exchange name.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: routing key.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }

        /// Sets `mandatory`: return if unroutable.
        #[must_use]
        pub fn mandatory(mut self, mandatory: bool) -> Self {
            self.mandatory = mandatory;
            self
        }

        /// Sets `immediate`: return if not consumed.
        #[must_use]
        pub fn immediate(mut self, immediate: bool) -> Self {
            self.immediate = immediate;
            self
        }
    }

    impl core::fmt::Debug for Publish {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Publish")
                .field("ticket", &self.ticket)
                .given("exchange", &self.exchange)
                .given("routing_key", &self.routing_key)
                .field("mandatory", &self.mandatory)
                .field("immediate", &self.immediate)
                .finish()
        }
    }

    impl Args for Publish {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 40);
        const NAME: &'static str = "basic.publish";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len() + self.exchange.encoded_len()
                + self.routing_key.encoded_len() + bit_octets(2)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
            self.exchange.encode(out);
            self.routing_key.encode(out);
            put_bits(out, [self.mandatory, self.immediate]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let ticket = input.get()?;
            let exchange = input.get()?;
            let routing_key = input.get()?;
            let [mandatory, immediate] = input.bits()?;
            Ok(Self {
                ticket,
                exchange,
                routing_key,
                mandatory,
                immediate,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)?;
            check_length("exchange", &self.exchange, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[("exchange", &self.exchange), ("routing-key", &self.routing_key)],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::Publish(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::Publish(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Publish {}

    impl ContentArgs for Publish {
        type Properties = Properties;
    }

    impl From<Publish> for super::Method {
        fn from(args: Publish) -> Self {
            args.into_method()
        }
    }

    /// Gives back a message that was published as `mandatory` or `immediate` and could not be
    /// delivered.
    ///
    /// Content header and body follow, as they were published.
    ///
    /// Class 60, method 50 (`basic.return`), sent to the client, followed by content.
    #[doc(alias = "basic.return")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Return {
        /// Why the message came back.
        ///
        /// RabbitMQ sends 312, which is not among the constants of 0-8.
        pub reply_code: ReplyCode,
        /// The reason in words; RabbitMQ sends `NO_ROUTE`.
        pub reply_text: ShortStr,
        /// Exchange the message was published to.
        pub exchange: ShortStr,
        /// Routing key the message was published with.
        pub routing_key: ShortStr,
    }

    impl Return {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(
            reply_code: impl Into<ReplyCode>,
            reply_text: impl Into<ShortStr>,
            exchange: impl Into<ShortStr>,
            routing_key: impl Into<ShortStr>,
        ) -> Self {
            Self {
                reply_code: reply_code.into(),
                reply_text: reply_text.into(),
                exchange: exchange.into(),
                routing_key: routing_key.into(),
            }
        }

        /// Sets `reply_code`: reply code.
        #[must_use]
        pub fn reply_code(mut self, reply_code: impl Into<ReplyCode>) -> Self {
            self.reply_code = reply_code.into();
            self
        }

        /// Sets `reply_text`: reply text.
        #[must_use]
        pub fn reply_text(mut self, reply_text: impl Into<ShortStr>) -> Self {
            self.reply_text = reply_text.into();
            self
        }

        /// Sets `exchange`: exchange name.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: routing key.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }
    }

    impl core::fmt::Debug for Return {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Return")
                .given("reply_code", &self.reply_code)
                .given("reply_text", &self.reply_text)
                .given("exchange", &self.exchange)
                .given("routing_key", &self.routing_key)
                .finish()
        }
    }

    impl Args for Return {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 50);
        const NAME: &'static str = "basic.return";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reply_code.encoded_len() + self.reply_text.encoded_len()
                + self.exchange.encoded_len() + self.routing_key.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reply_code.encode(out);
            self.reply_text.encode(out);
            self.exchange.encode(out);
            self.routing_key.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                reply_code: input.get()?,
                reply_text: input.get()?,
                exchange: input.get()?,
                routing_key: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_empty("reply-text", &self.reply_text)?;
            check_length("exchange", &self.exchange, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("reply-text", &self.reply_text),
                    ("exchange", &self.exchange),
                    ("routing-key", &self.routing_key),
                ],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::Return(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::Return(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for Return {}

    impl ContentArgs for Return {
        type Properties = Properties;
    }

    impl From<Return> for super::Method {
        fn from(args: Return) -> Self {
            args.into_method()
        }
    }

    /// Brings a message to a consumer; content header and body follow.
    ///
    /// Class 60, method 60 (`basic.deliver`), sent to the client, followed by content.
    #[doc(alias = "basic.deliver")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Deliver {
        /// Consumer that the message is for.
        pub consumer_tag: ShortStr,
        /// Number of this delivery, for the acknowledgement.
        pub delivery_tag: DeliveryTag,
        /// When set, the message may have been delivered before.
        pub redelivered: bool,
        /// Exchange the message was published to; empty for the default exchange.
        pub exchange: ShortStr,
        /// Routing key the message was published with.
        ///
        /// It need not be UTF-8.
        pub routing_key: ShortStr,
    }

    impl Deliver {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(
            consumer_tag: impl Into<ShortStr>,
            delivery_tag: impl Into<DeliveryTag>,
            exchange: impl Into<ShortStr>,
            routing_key: impl Into<ShortStr>,
        ) -> Self {
            Self {
                consumer_tag: consumer_tag.into(),
                delivery_tag: delivery_tag.into(),
                exchange: exchange.into(),
                routing_key: routing_key.into(),
                ..Self::default()
            }
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }

        /// Sets `delivery_tag`: delivery tag.
        #[must_use]
        pub fn delivery_tag(mut self, delivery_tag: impl Into<DeliveryTag>) -> Self {
            self.delivery_tag = delivery_tag.into();
            self
        }

        /// Sets `redelivered`: redelivered.
        #[must_use]
        pub fn redelivered(mut self, redelivered: bool) -> Self {
            self.redelivered = redelivered;
            self
        }

        /// Sets `exchange`: exchange name.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: routing key.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }
    }

    impl core::fmt::Debug for Deliver {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Deliver")
                .given("consumer_tag", &self.consumer_tag)
                .given("delivery_tag", &self.delivery_tag)
                .field("redelivered", &self.redelivered)
                .given("exchange", &self.exchange)
                .given("routing_key", &self.routing_key)
                .finish()
        }
    }

    impl Args for Deliver {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 60);
        const NAME: &'static str = "basic.deliver";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.consumer_tag.encoded_len() + self.delivery_tag.encoded_len()
                + bit_octets(1) + self.exchange.encoded_len()
                + self.routing_key.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.consumer_tag.encode(out);
            self.delivery_tag.encode(out);
            put_bits(out, [self.redelivered]);
            self.exchange.encode(out);
            self.routing_key.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let consumer_tag = input.get()?;
            let delivery_tag = input.get()?;
            let [redelivered] = input.bits()?;
            Ok(Self {
                consumer_tag,
                delivery_tag,
                redelivered,
                exchange: input.get()?,
                routing_key: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_length("exchange", &self.exchange, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("consumer-tag", &self.consumer_tag),
                    ("exchange", &self.exchange),
                    ("routing-key", &self.routing_key),
                ],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::Deliver(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::Deliver(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for Deliver {}

    impl ContentArgs for Deliver {
        type Properties = Properties;
    }

    impl From<Deliver> for super::Method {
        fn from(args: Deliver) -> Self {
            args.into_method()
        }
    }

    /// Fetches one message from a queue, without a consumer.
    ///
    /// It costs a round trip for each message; a consumer is faster where messages keep coming.
    ///
    /// Class 60, method 70 (`basic.get`), sent to the server, answered by one of [`GetReply`].
    #[doc(alias = "basic.get")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Get {
        /// Ticket from `access.request-ok` for the realm of the resource.
        ///
        /// RabbitMQ ignores it and accepts 0.
        pub ticket: u16,
        /// Name of the queue.
        ///
        /// Empty means the queue this channel declared last; where there is none, RabbitMQ closes
        /// the channel with 404.
        pub queue: ShortStr,
        /// When set, the message is not to be acknowledged.
        pub no_ack: bool,
    }

    impl Get {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(queue: impl Into<ShortStr>) -> Self {
            Self {
                queue: queue.into(),
                ..Self::default()
            }
        }

        /// Sets `ticket`: access ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }

        /// Sets `queue`: queue name.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `no_ack`: no acknowledgement.
        #[must_use]
        pub fn no_ack(mut self, no_ack: bool) -> Self {
            self.no_ack = no_ack;
            self
        }
    }

    impl core::fmt::Debug for Get {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Get")
                .field("ticket", &self.ticket)
                .given("queue", &self.queue)
                .field("no_ack", &self.no_ack)
                .finish()
        }
    }

    impl Args for Get {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 70);
        const NAME: &'static str = "basic.get";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len() + self.queue.encoded_len() + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
            self.queue.encode(out);
            put_bits(out, [self.no_ack]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let ticket = input.get()?;
            let queue = input.get()?;
            let [no_ack] = input.bits()?;
            Ok(Self { ticket, queue, no_ack })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)?;
            check_length("queue", &self.queue, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("queue", &self.queue)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::Get(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::Get(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Get {}

    impl Call for Get {
        type Reply = GetReply;
    }

    impl ChannelMethod for Get {
        fn intent(&mut self) -> Intent<'_> {
            Intent::Get { no_ack: self.no_ack }
        }
    }

    impl From<Get> for super::Method {
        fn from(args: Get) -> Self {
            args.into_method()
        }
    }

    /// What answers [`Get`].
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum GetReply {
        /// `basic.get-ok`: message fetched.
        Ok(GetOk),
        /// `basic.get-empty`: nothing to fetch.
        Empty(GetEmpty),
    }

    impl Reply for GetReply {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[GetOk::ID, GetEmpty::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::GetOk(args)) => Ok(Self::Ok(args)),
                super::Method::Basic(Method::GetEmpty(args)) => Ok(Self::Empty(args)),
                other => Err(other),
            }
        }
    }

    /// Brings the message asked for with `basic.get`; content header and body follow.
    ///
    /// Class 60, method 71 (`basic.get-ok`), sent to the client, followed by content.
    #[doc(alias = "basic.get-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct GetOk {
        /// Number of this delivery, for the acknowledgement.
        pub delivery_tag: DeliveryTag,
        /// When set, the message may have been delivered before.
        pub redelivered: bool,
        /// Exchange the message was published to; empty for the default exchange.
        pub exchange: ShortStr,
        /// Routing key the message was published with.
        ///
        /// It need not be UTF-8.
        pub routing_key: ShortStr,
        /// Number of messages still ready in the queue, without this one.
        pub message_count: u32,
    }

    impl GetOk {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(
            delivery_tag: impl Into<DeliveryTag>,
            exchange: impl Into<ShortStr>,
            routing_key: impl Into<ShortStr>,
            message_count: u32,
        ) -> Self {
            Self {
                delivery_tag: delivery_tag.into(),
                exchange: exchange.into(),
                routing_key: routing_key.into(),
                message_count,
                ..Self::default()
            }
        }

        /// Sets `delivery_tag`: delivery tag.
        #[must_use]
        pub fn delivery_tag(mut self, delivery_tag: impl Into<DeliveryTag>) -> Self {
            self.delivery_tag = delivery_tag.into();
            self
        }

        /// Sets `redelivered`: redelivered.
        #[must_use]
        pub fn redelivered(mut self, redelivered: bool) -> Self {
            self.redelivered = redelivered;
            self
        }

        /// Sets `exchange`: exchange name.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: routing key.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }

        /// Sets `message_count`: messages left.
        #[must_use]
        pub fn message_count(mut self, message_count: u32) -> Self {
            self.message_count = message_count;
            self
        }
    }

    impl core::fmt::Debug for GetOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "GetOk")
                .given("delivery_tag", &self.delivery_tag)
                .field("redelivered", &self.redelivered)
                .given("exchange", &self.exchange)
                .given("routing_key", &self.routing_key)
                .given("message_count", &self.message_count)
                .finish()
        }
    }

    impl Args for GetOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 71);
        const NAME: &'static str = "basic.get-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.delivery_tag.encoded_len() + bit_octets(1) + self.exchange.encoded_len()
                + self.routing_key.encoded_len() + self.message_count.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.delivery_tag.encode(out);
            put_bits(out, [self.redelivered]);
            self.exchange.encode(out);
            self.routing_key.encode(out);
            self.message_count.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let delivery_tag = input.get()?;
            let [redelivered] = input.bits()?;
            Ok(Self {
                delivery_tag,
                redelivered,
                exchange: input.get()?,
                routing_key: input.get()?,
                message_count: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_length("exchange", &self.exchange, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[("exchange", &self.exchange), ("routing-key", &self.routing_key)],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::GetOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::GetOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for GetOk {}

    impl ContentArgs for GetOk {
        type Properties = Properties;
    }

    impl From<GetOk> for super::Method {
        fn from(args: GetOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for GetOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Tells that the queue has no message ready.
    ///
    /// Class 60, method 72 (`basic.get-empty`), sent to the client.
    #[doc(alias = "basic.get-empty")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct GetEmpty {
        /// For use within a cluster, not for applications.
        ///
        /// RabbitMQ leaves it empty.
        pub cluster_id: ShortStr,
    }

    impl GetEmpty {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `cluster_id`: cluster id.
        #[must_use]
        pub fn cluster_id(mut self, cluster_id: impl Into<ShortStr>) -> Self {
            self.cluster_id = cluster_id.into();
            self
        }
    }

    impl core::fmt::Debug for GetEmpty {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "GetEmpty").field("cluster_id", &self.cluster_id).finish()
        }
    }

    impl Args for GetEmpty {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 72);
        const NAME: &'static str = "basic.get-empty";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.cluster_id.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.cluster_id.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { cluster_id: input.get()? })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("cluster-id", &self.cluster_id)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::GetEmpty(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::GetEmpty(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for GetEmpty {}

    impl From<GetEmpty> for super::Method {
        fn from(args: GetEmpty) -> Self {
            args.into_method()
        }
    }

    impl Reply for GetEmpty {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Acknowledges one or several deliveries, so that the server can forget them.
    ///
    /// RabbitMQ closes the channel with 406 if the tag is unknown or was settled before.
    ///
    /// Class 60, method 80 (`basic.ack`), sent to the server.
    #[doc(alias = "basic.ack")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Ack {
        /// Delivery to acknowledge.
        ///
        /// With `multiple` set, 0 means all deliveries of the channel that are outstanding.
        pub delivery_tag: DeliveryTag,
        /// When set, all outstanding deliveries up to and including the tag are acknowledged.
        pub multiple: bool,
    }

    impl Ack {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(delivery_tag: impl Into<DeliveryTag>) -> Self {
            Self {
                delivery_tag: delivery_tag.into(),
                ..Self::default()
            }
        }

        /// Sets `delivery_tag`: delivery tag.
        #[must_use]
        pub fn delivery_tag(mut self, delivery_tag: impl Into<DeliveryTag>) -> Self {
            self.delivery_tag = delivery_tag.into();
            self
        }

        /// Sets `multiple`: and all before.
        #[must_use]
        pub fn multiple(mut self, multiple: bool) -> Self {
            self.multiple = multiple;
            self
        }
    }

    impl core::fmt::Debug for Ack {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Ack")
                .given("delivery_tag", &self.delivery_tag)
                .field("multiple", &self.multiple)
                .finish()
        }
    }

    impl Args for Ack {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 80);
        const NAME: &'static str = "basic.ack";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.delivery_tag.encoded_len() + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.delivery_tag.encode(out);
            put_bits(out, [self.multiple]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let delivery_tag = input.get()?;
            let [multiple] = input.bits()?;
            Ok(Self { delivery_tag, multiple })
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::Ack(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::Ack(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Ack {}

    impl ChannelMethod for Ack {
        fn intent(&mut self) -> Intent<'_> {
            Intent::Settle {
                tag: self.delivery_tag,
                multiple: self.multiple,
            }
        }
    }

    impl SimpleMethod for Ack {}

    impl OneWay for Ack {}

    impl From<Ack> for super::Method {
        fn from(args: Ack) -> Self {
            args.into_method()
        }
    }

    /// Refuses a delivery that the client cannot handle.
    ///
    /// RabbitMQ closes the channel with 406 if the tag is unknown or was settled before.
    ///
    /// Class 60, method 90 (`basic.reject`), sent to the server.
    #[doc(alias = "basic.reject")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Reject {
        /// Delivery to refuse.
        pub delivery_tag: DeliveryTag,
        /// When set, the message returns to the queue and may be delivered again, also to this
        /// client; when clear, it is dropped, or dead-lettered if RabbitMQ knows a dead-letter
        /// exchange for the queue.
        pub requeue: bool,
    }

    impl Reject {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(delivery_tag: impl Into<DeliveryTag>) -> Self {
            Self {
                delivery_tag: delivery_tag.into(),
                ..Self::default()
            }
        }

        /// Sets `delivery_tag`: delivery tag.
        #[must_use]
        pub fn delivery_tag(mut self, delivery_tag: impl Into<DeliveryTag>) -> Self {
            self.delivery_tag = delivery_tag.into();
            self
        }

        /// Sets `requeue`: put back.
        #[must_use]
        pub fn requeue(mut self, requeue: bool) -> Self {
            self.requeue = requeue;
            self
        }
    }

    impl core::fmt::Debug for Reject {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Reject")
                .given("delivery_tag", &self.delivery_tag)
                .field("requeue", &self.requeue)
                .finish()
        }
    }

    impl Args for Reject {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 90);
        const NAME: &'static str = "basic.reject";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.delivery_tag.encoded_len() + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.delivery_tag.encode(out);
            put_bits(out, [self.requeue]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let delivery_tag = input.get()?;
            let [requeue] = input.bits()?;
            Ok(Self { delivery_tag, requeue })
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::Reject(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::Reject(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Reject {}

    impl ChannelMethod for Reject {}

    impl SimpleMethod for Reject {}

    impl OneWay for Reject {}

    impl From<Reject> for super::Method {
        fn from(args: Reject) -> Self {
            args.into_method()
        }
    }

    /// Asks for all unacknowledged deliveries of the channel once more and expects no reply.
    ///
    /// Plain 0-8 calls this method `recover`. It has no reply, so a client cannot know when the
    /// server has acted; prefer `basic.recover` with RabbitMQ.
    ///
    /// Class 60, method 100 (`basic.recover-async`), sent to the server.
    #[doc(alias = "basic.recover-async")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct RecoverAsync {
        /// When set, the messages return to their queues and may reach any consumer; when clear,
        /// they are to go to the same consumers again.
        ///
        /// RabbitMQ closes the connection with 540 unless it is set.
        pub requeue: bool,
    }

    impl RecoverAsync {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `requeue`: put back.
        #[must_use]
        pub fn requeue(mut self, requeue: bool) -> Self {
            self.requeue = requeue;
            self
        }
    }

    impl core::fmt::Debug for RecoverAsync {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "RecoverAsync").field("requeue", &self.requeue).finish()
        }
    }

    impl Args for RecoverAsync {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 100);
        const NAME: &'static str = "basic.recover-async";

        #[inline]
        fn encoded_len(&self) -> usize {
            bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            put_bits(out, [self.requeue]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let [requeue] = input.bits()?;
            Ok(Self { requeue })
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::RecoverAsync(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::RecoverAsync(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for RecoverAsync {}

    impl ChannelMethod for RecoverAsync {
        fn intent(&mut self) -> Intent<'_> {
            Intent::Recover
        }
    }

    impl SimpleMethod for RecoverAsync {}

    impl OneWay for RecoverAsync {}

    impl From<RecoverAsync> for super::Method {
        fn from(args: RecoverAsync) -> Self {
            args.into_method()
        }
    }

    /// RabbitMQ extension: asks for all unacknowledged deliveries of the channel once more and
    /// confirms when that is done.
    ///
    /// Plain 0-8 uses the name `recover` for method 100, which is called `recover-async` here.
    ///
    /// Class 60, method 110 (`basic.recover`), sent to the server, answered by [`RecoverOk`].
    #[doc(alias = "basic.recover")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Recover {
        /// When set, the messages return to their queues and may reach any consumer; when clear,
        /// they are to go to the same consumers again.
        ///
        /// RabbitMQ closes the connection with 540 unless it is set.
        pub requeue: bool,
    }

    impl Recover {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `requeue`: put back.
        #[must_use]
        pub fn requeue(mut self, requeue: bool) -> Self {
            self.requeue = requeue;
            self
        }
    }

    impl core::fmt::Debug for Recover {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Recover").field("requeue", &self.requeue).finish()
        }
    }

    impl Args for Recover {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 110);
        const NAME: &'static str = "basic.recover";

        #[inline]
        fn encoded_len(&self) -> usize {
            bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            put_bits(out, [self.requeue]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let [requeue] = input.bits()?;
            Ok(Self { requeue })
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::Recover(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::Recover(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Recover {}

    impl Call for Recover {
        type Reply = RecoverOk;
    }

    impl ChannelMethod for Recover {
        fn intent(&mut self) -> Intent<'_> {
            Intent::Recover
        }
    }

    impl SimpleMethod for Recover {}

    impl From<Recover> for super::Method {
        fn from(args: Recover) -> Self {
            args.into_method()
        }
    }

    /// RabbitMQ extension: confirms `basic.recover`; redelivered messages come with new
    /// delivery tags.
    ///
    /// Class 60, method 111 (`basic.recover-ok`), sent to the client.
    #[doc(alias = "basic.recover-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct RecoverOk;

    impl RecoverOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for RecoverOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 111);
        const NAME: &'static str = "basic.recover-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::RecoverOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::RecoverOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for RecoverOk {}

    impl From<RecoverOk> for super::Method {
        fn from(args: RecoverOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for RecoverOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// The properties of a message of class `basic`.
    ///
    /// Each may be absent; `None` takes no room on the wire.
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Properties {
        /// MIME type of the body, such as `application/json`.
        ///
        /// Not looked at by the broker.
        pub content_type: Option<ShortStr>,
        /// Encoding of the body on top of its type, such as `gzip`.
        ///
        /// Not looked at by the broker.
        pub content_encoding: Option<ShortStr>,
        /// Free table of the application; exchanges of type `headers` route by it.
        ///
        /// RabbitMQ adds entries such as `x-death` when a message is dead-lettered.
        pub headers: Option<Table>,
        /// 1 for a transient message, 2 for one to be stored on disk in a durable queue.
        ///
        /// RabbitMQ closes the channel with 406 on other values.
        pub delivery_mode: Option<u8>,
        /// Priority, 0 to 9 in the spec.
        ///
        /// RabbitMQ takes any octet and heeds it in queues declared with `x-max-priority`.
        pub priority: Option<u8>,
        /// Tells a requester which of its requests this message answers.
        pub correlation_id: Option<ShortStr>,
        /// Where an answer should go, by custom the name of a queue.
        pub reply_to: Option<ShortStr>,
        /// How long the message may wait in a queue, as decimal digits that count milliseconds in
        /// RabbitMQ.
        ///
        /// Anything else closes the channel with 406.
        pub expiration: Option<ShortStr>,
        /// Identifier that the application gives the message.
        pub message_id: Option<ShortStr>,
        /// When the message was made, in seconds since 1970-01-01 00:00 UTC.
        ///
        /// RabbitMQ takes any value.
        pub timestamp: Option<Timestamp>,
        /// Name that the application gives to this kind of message.
        pub type_: Option<ShortStr>,
        /// User who publishes.
        ///
        /// If present, RabbitMQ requires the name the connection logged in with and else closes the
        /// channel with 406.
        pub user_id: Option<ShortStr>,
        /// Application that made the message.
        pub app_id: Option<ShortStr>,
        /// For routing within a cluster, not for applications.
        ///
        /// RabbitMQ passes it on; later versions call it reserved.
        pub cluster_id: Option<ShortStr>,
    }

    impl Properties {
        /// No property at all.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `content_type`: content type.
        #[must_use]
        pub fn content_type(mut self, content_type: impl Into<ShortStr>) -> Self {
            self.content_type = Some(content_type.into());
            self
        }

        /// Sets `content_encoding`: content encoding.
        #[must_use]
        pub fn content_encoding(
            mut self,
            content_encoding: impl Into<ShortStr>,
        ) -> Self {
            self.content_encoding = Some(content_encoding.into());
            self
        }

        /// Sets `headers`: headers.
        #[must_use]
        pub fn headers(mut self, headers: impl Into<Table>) -> Self {
            self.headers = Some(headers.into());
            self
        }

        /// Sets `delivery_mode`: delivery mode.
        #[must_use]
        pub fn delivery_mode(mut self, delivery_mode: u8) -> Self {
            self.delivery_mode = Some(delivery_mode);
            self
        }

        /// Sets `priority`: priority.
        #[must_use]
        pub fn priority(mut self, priority: u8) -> Self {
            self.priority = Some(priority);
            self
        }

        /// Sets `correlation_id`: correlation id.
        #[must_use]
        pub fn correlation_id(mut self, correlation_id: impl Into<ShortStr>) -> Self {
            self.correlation_id = Some(correlation_id.into());
            self
        }

        /// Sets `reply_to`: reply to.
        #[must_use]
        pub fn reply_to(mut self, reply_to: impl Into<ShortStr>) -> Self {
            self.reply_to = Some(reply_to.into());
            self
        }

        /// Sets `expiration`: expiration.
        #[must_use]
        pub fn expiration(mut self, expiration: impl Into<ShortStr>) -> Self {
            self.expiration = Some(expiration.into());
            self
        }

        /// Sets `message_id`: message id.
        #[must_use]
        pub fn message_id(mut self, message_id: impl Into<ShortStr>) -> Self {
            self.message_id = Some(message_id.into());
            self
        }

        /// Sets `timestamp`: timestamp.
        #[must_use]
        pub fn timestamp(mut self, timestamp: impl Into<Timestamp>) -> Self {
            self.timestamp = Some(timestamp.into());
            self
        }

        /// Sets `type_`: message type.
        #[must_use]
        pub fn type_(mut self, type_: impl Into<ShortStr>) -> Self {
            self.type_ = Some(type_.into());
            self
        }

        /// Sets `user_id`: user id.
        #[must_use]
        pub fn user_id(mut self, user_id: impl Into<ShortStr>) -> Self {
            self.user_id = Some(user_id.into());
            self
        }

        /// Sets `app_id`: application id.
        #[must_use]
        pub fn app_id(mut self, app_id: impl Into<ShortStr>) -> Self {
            self.app_id = Some(app_id.into());
            self
        }

        /// Sets `cluster_id`: cluster id.
        #[must_use]
        pub fn cluster_id(mut self, cluster_id: impl Into<ShortStr>) -> Self {
            self.cluster_id = Some(cluster_id.into());
            self
        }

        #[inline]
        fn flags(&self) -> Flags {
            Flags::none()
                .set(0, self.content_type.is_some())
                .set(1, self.content_encoding.is_some())
                .set(2, self.headers.is_some())
                .set(3, self.delivery_mode.is_some())
                .set(4, self.priority.is_some())
                .set(5, self.correlation_id.is_some())
                .set(6, self.reply_to.is_some())
                .set(7, self.expiration.is_some())
                .set(8, self.message_id.is_some())
                .set(9, self.timestamp.is_some())
                .set(10, self.type_.is_some())
                .set(11, self.user_id.is_some())
                .set(12, self.app_id.is_some())
                .set(13, self.cluster_id.is_some())
        }
    }

    impl core::fmt::Debug for Properties {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Properties")
                .optional("content_type", &self.content_type)
                .optional("content_encoding", &self.content_encoding)
                .optional("headers", &self.headers)
                .optional("delivery_mode", &self.delivery_mode)
                .optional("priority", &self.priority)
                .optional("correlation_id", &self.correlation_id)
                .optional("reply_to", &self.reply_to)
                .optional("expiration", &self.expiration)
                .optional("message_id", &self.message_id)
                .optional("timestamp", &self.timestamp)
                .optional("type_", &self.type_)
                .optional("user_id", &self.user_id)
                .optional("app_id", &self.app_id)
                .optional("cluster_id", &self.cluster_id)
                .finish()
        }
    }

    impl method::Properties for Properties {
        type Spec = V0_8;

        const CLASS: u16 = CLASS_ID;

        #[inline]
        fn encoded_len(&self) -> usize {
            let flags = self.flags();
            if flags == Flags::none() {
                return flags.encoded_len();
            }
            flags.encoded_len() + optional_len(&self.content_type)
                + optional_len(&self.content_encoding) + optional_len(&self.headers)
                + optional_len(&self.delivery_mode) + optional_len(&self.priority)
                + optional_len(&self.correlation_id) + optional_len(&self.reply_to)
                + optional_len(&self.expiration) + optional_len(&self.message_id)
                + optional_len(&self.timestamp) + optional_len(&self.type_)
                + optional_len(&self.user_id) + optional_len(&self.app_id)
                + optional_len(&self.cluster_id)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            let flags = self.flags();
            flags.encode(out);
            if flags == Flags::none() {
                return;
            }
            put_optional(&self.content_type, out);
            put_optional(&self.content_encoding, out);
            put_optional(&self.headers, out);
            put_optional(&self.delivery_mode, out);
            put_optional(&self.priority, out);
            put_optional(&self.correlation_id, out);
            put_optional(&self.reply_to, out);
            put_optional(&self.expiration, out);
            put_optional(&self.message_id, out);
            put_optional(&self.timestamp, out);
            put_optional(&self.type_, out);
            put_optional(&self.user_id, out);
            put_optional(&self.app_id, out);
            put_optional(&self.cluster_id, out);
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("content-type", &self.content_type),
                    ("content-encoding", &self.content_encoding),
                    ("headers", &self.headers),
                    ("correlation-id", &self.correlation_id),
                    ("reply-to", &self.reply_to),
                    ("expiration", &self.expiration),
                    ("message-id", &self.message_id),
                    ("type", &self.type_),
                    ("user-id", &self.user_id),
                    ("app-id", &self.app_id),
                    ("cluster-id", &self.cluster_id),
                ],
            )
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let flags = input.flags()?;
            if flags == Flags::none() {
                return Ok(Self::default());
            }
            Ok(Self {
                content_type: input.optional(flags, 0)?,
                content_encoding: input.optional(flags, 1)?,
                headers: input.optional(flags, 2)?,
                delivery_mode: input.optional(flags, 3)?,
                priority: input.optional(flags, 4)?,
                correlation_id: input.optional(flags, 5)?,
                reply_to: input.optional(flags, 6)?,
                expiration: input.optional(flags, 7)?,
                message_id: input.optional(flags, 8)?,
                timestamp: input.optional(flags, 9)?,
                type_: input.optional(flags, 10)?,
                user_id: input.optional(flags, 11)?,
                app_id: input.optional(flags, 12)?,
                cluster_id: input.optional(flags, 13)?,
            })
        }

        fn into_set(self) -> super::Properties {
            super::Properties::Basic(self)
        }

        fn from_set(properties: super::Properties) -> Result<Self, super::Properties> {
            match properties {
                super::Properties::Basic(properties) => Ok(properties),
                other => Err(other),
            }
        }
    }

    impl From<Properties> for super::Properties {
        fn from(properties: Properties) -> Self {
            Self::Basic(properties)
        }
    }

    /// Any method of class `basic`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `basic.qos`: limit unacknowledged deliveries.
        Qos(Qos),
        /// `basic.qos-ok`: limit set.
        QosOk(QosOk),
        /// `basic.consume`: start a consumer.
        Consume(Consume),
        /// `basic.consume-ok`: consumer started.
        ConsumeOk(ConsumeOk),
        /// `basic.cancel`: end a consumer.
        Cancel(Cancel),
        /// `basic.cancel-ok`: consumer ended.
        CancelOk(CancelOk),
        /// `basic.publish`: publish a message.
        Publish(Publish),
        /// `basic.return`: message returned.
        Return(Return),
        /// `basic.deliver`: message for a consumer.
        Deliver(Deliver),
        /// `basic.get`: fetch one message.
        Get(Get),
        /// `basic.get-ok`: message fetched.
        GetOk(GetOk),
        /// `basic.get-empty`: nothing to fetch.
        GetEmpty(GetEmpty),
        /// `basic.ack`: acknowledge.
        Ack(Ack),
        /// `basic.reject`: reject.
        Reject(Reject),
        /// `basic.recover-async`: redeliver, without reply.
        RecoverAsync(RecoverAsync),
        /// `basic.recover`: redeliver.
        Recover(Recover),
        /// `basic.recover-ok`: redelivery confirmed.
        RecoverOk(RecoverOk),
    }

    impl Method {
        /// Reads the arguments of the method with this id.
        pub(super) fn decode(
            id: MethodId,
            input: &mut Reader<'_>,
        ) -> Result<Self, DecodeError> {
            match id {
                Qos::ID => Qos::decode(input).map(Self::Qos),
                QosOk::ID => QosOk::decode(input).map(Self::QosOk),
                Consume::ID => Consume::decode(input).map(Self::Consume),
                ConsumeOk::ID => ConsumeOk::decode(input).map(Self::ConsumeOk),
                Cancel::ID => Cancel::decode(input).map(Self::Cancel),
                CancelOk::ID => CancelOk::decode(input).map(Self::CancelOk),
                Publish::ID => Publish::decode(input).map(Self::Publish),
                Return::ID => Return::decode(input).map(Self::Return),
                Deliver::ID => Deliver::decode(input).map(Self::Deliver),
                Get::ID => Get::decode(input).map(Self::Get),
                GetOk::ID => GetOk::decode(input).map(Self::GetOk),
                GetEmpty::ID => GetEmpty::decode(input).map(Self::GetEmpty),
                Ack::ID => Ack::decode(input).map(Self::Ack),
                Reject::ID => Reject::decode(input).map(Self::Reject),
                RecoverAsync::ID => RecoverAsync::decode(input).map(Self::RecoverAsync),
                Recover::ID => Recover::decode(input).map(Self::Recover),
                RecoverOk::ID => RecoverOk::decode(input).map(Self::RecoverOk),
                _ => Err(DecodeError::unknown_method(id)),
            }
        }

        /// The name in the specification of the method with this id, if the class has it.
        pub(super) fn name_of(id: MethodId) -> Option<&'static str> {
            match id {
                Qos::ID => Some(Qos::NAME),
                QosOk::ID => Some(QosOk::NAME),
                Consume::ID => Some(Consume::NAME),
                ConsumeOk::ID => Some(ConsumeOk::NAME),
                Cancel::ID => Some(Cancel::NAME),
                CancelOk::ID => Some(CancelOk::NAME),
                Publish::ID => Some(Publish::NAME),
                Return::ID => Some(Return::NAME),
                Deliver::ID => Some(Deliver::NAME),
                Get::ID => Some(Get::NAME),
                GetOk::ID => Some(GetOk::NAME),
                GetEmpty::ID => Some(GetEmpty::NAME),
                Ack::ID => Some(Ack::NAME),
                Reject::ID => Some(Reject::NAME),
                RecoverAsync::ID => Some(RecoverAsync::NAME),
                Recover::ID => Some(Recover::NAME),
                RecoverOk::ID => Some(RecoverOk::NAME),
                _ => None,
            }
        }

        /// The class and method id.
        pub(super) fn id(&self) -> MethodId {
            match self {
                Self::Qos(_) => Qos::ID,
                Self::QosOk(_) => QosOk::ID,
                Self::Consume(_) => Consume::ID,
                Self::ConsumeOk(_) => ConsumeOk::ID,
                Self::Cancel(_) => Cancel::ID,
                Self::CancelOk(_) => CancelOk::ID,
                Self::Publish(_) => Publish::ID,
                Self::Return(_) => Return::ID,
                Self::Deliver(_) => Deliver::ID,
                Self::Get(_) => Get::ID,
                Self::GetOk(_) => GetOk::ID,
                Self::GetEmpty(_) => GetEmpty::ID,
                Self::Ack(_) => Ack::ID,
                Self::Reject(_) => Reject::ID,
                Self::RecoverAsync(_) => RecoverAsync::ID,
                Self::Recover(_) => Recover::ID,
                Self::RecoverOk(_) => RecoverOk::ID,
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                Self::Qos(_) => Qos::NAME,
                Self::QosOk(_) => QosOk::NAME,
                Self::Consume(_) => Consume::NAME,
                Self::ConsumeOk(_) => ConsumeOk::NAME,
                Self::Cancel(_) => Cancel::NAME,
                Self::CancelOk(_) => CancelOk::NAME,
                Self::Publish(_) => Publish::NAME,
                Self::Return(_) => Return::NAME,
                Self::Deliver(_) => Deliver::NAME,
                Self::Get(_) => Get::NAME,
                Self::GetOk(_) => GetOk::NAME,
                Self::GetEmpty(_) => GetEmpty::NAME,
                Self::Ack(_) => Ack::NAME,
                Self::Reject(_) => Reject::NAME,
                Self::RecoverAsync(_) => RecoverAsync::NAME,
                Self::Recover(_) => Recover::NAME,
                Self::RecoverOk(_) => RecoverOk::NAME,
            }
        }

        /// Whether a content header and a body follow the method.
        pub(super) fn has_content(&self) -> bool {
            matches!(
                self, Self::Publish(_) | Self::Return(_) | Self::Deliver(_) |
                Self::GetOk(_)
            )
        }

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                Self::Qos(args) => args.encoded_len(),
                Self::QosOk(args) => args.encoded_len(),
                Self::Consume(args) => args.encoded_len(),
                Self::ConsumeOk(args) => args.encoded_len(),
                Self::Cancel(args) => args.encoded_len(),
                Self::CancelOk(args) => args.encoded_len(),
                Self::Publish(args) => args.encoded_len(),
                Self::Return(args) => args.encoded_len(),
                Self::Deliver(args) => args.encoded_len(),
                Self::Get(args) => args.encoded_len(),
                Self::GetOk(args) => args.encoded_len(),
                Self::GetEmpty(args) => args.encoded_len(),
                Self::Ack(args) => args.encoded_len(),
                Self::Reject(args) => args.encoded_len(),
                Self::RecoverAsync(args) => args.encoded_len(),
                Self::Recover(args) => args.encoded_len(),
                Self::RecoverOk(args) => args.encoded_len(),
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                Self::Qos(args) => args.encode(out),
                Self::QosOk(args) => args.encode(out),
                Self::Consume(args) => args.encode(out),
                Self::ConsumeOk(args) => args.encode(out),
                Self::Cancel(args) => args.encode(out),
                Self::CancelOk(args) => args.encode(out),
                Self::Publish(args) => args.encode(out),
                Self::Return(args) => args.encode(out),
                Self::Deliver(args) => args.encode(out),
                Self::Get(args) => args.encode(out),
                Self::GetOk(args) => args.encode(out),
                Self::GetEmpty(args) => args.encode(out),
                Self::Ack(args) => args.encode(out),
                Self::Reject(args) => args.encode(out),
                Self::RecoverAsync(args) => args.encode(out),
                Self::Recover(args) => args.encode(out),
                Self::RecoverOk(args) => args.encode(out),
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                Self::Qos(args) => args.validate(),
                Self::QosOk(args) => args.validate(),
                Self::Consume(args) => args.validate(),
                Self::ConsumeOk(args) => args.validate(),
                Self::Cancel(args) => args.validate(),
                Self::CancelOk(args) => args.validate(),
                Self::Publish(args) => args.validate(),
                Self::Return(args) => args.validate(),
                Self::Deliver(args) => args.validate(),
                Self::Get(args) => args.validate(),
                Self::GetOk(args) => args.validate(),
                Self::GetEmpty(args) => args.validate(),
                Self::Ack(args) => args.validate(),
                Self::Reject(args) => args.validate(),
                Self::RecoverAsync(args) => args.validate(),
                Self::Recover(args) => args.validate(),
                Self::RecoverOk(args) => args.validate(),
            }
        }
    }

    impl From<Method> for super::Method {
        fn from(method: Method) -> Self {
            Self::Basic(method)
        }
    }

    impl From<Qos> for Method {
        fn from(args: Qos) -> Self {
            Self::Qos(args)
        }
    }

    impl From<QosOk> for Method {
        fn from(args: QosOk) -> Self {
            Self::QosOk(args)
        }
    }

    impl From<Consume> for Method {
        fn from(args: Consume) -> Self {
            Self::Consume(args)
        }
    }

    impl From<ConsumeOk> for Method {
        fn from(args: ConsumeOk) -> Self {
            Self::ConsumeOk(args)
        }
    }

    impl From<Cancel> for Method {
        fn from(args: Cancel) -> Self {
            Self::Cancel(args)
        }
    }

    impl From<CancelOk> for Method {
        fn from(args: CancelOk) -> Self {
            Self::CancelOk(args)
        }
    }

    impl From<Publish> for Method {
        fn from(args: Publish) -> Self {
            Self::Publish(args)
        }
    }

    impl From<Return> for Method {
        fn from(args: Return) -> Self {
            Self::Return(args)
        }
    }

    impl From<Deliver> for Method {
        fn from(args: Deliver) -> Self {
            Self::Deliver(args)
        }
    }

    impl From<Get> for Method {
        fn from(args: Get) -> Self {
            Self::Get(args)
        }
    }

    impl From<GetOk> for Method {
        fn from(args: GetOk) -> Self {
            Self::GetOk(args)
        }
    }

    impl From<GetEmpty> for Method {
        fn from(args: GetEmpty) -> Self {
            Self::GetEmpty(args)
        }
    }

    impl From<Ack> for Method {
        fn from(args: Ack) -> Self {
            Self::Ack(args)
        }
    }

    impl From<Reject> for Method {
        fn from(args: Reject) -> Self {
            Self::Reject(args)
        }
    }

    impl From<RecoverAsync> for Method {
        fn from(args: RecoverAsync) -> Self {
            Self::RecoverAsync(args)
        }
    }

    impl From<Recover> for Method {
        fn from(args: Recover) -> Self {
            Self::Recover(args)
        }
    }

    impl From<RecoverOk> for Method {
        fn from(args: RecoverOk) -> Self {
            Self::RecoverOk(args)
        }
    }
}

/// Transfers large messages in two steps: the body is first staged under an identifier and
/// then published or delivered.
///
/// RabbitMQ does not implement this class: it closes the connection with 503.
///
/// Class 70 of the specification.
pub mod file {
    use super::V0_8;
    use crate::bytes::BufMut;
    use crate::method::{
        self, Args, Call, ChannelMethod, ContentArgs, NoWait, OneWay, Reply,
        SimpleMethod, ToClient, ToServer,
    };
    use crate::wire::{
        DecodeError, DeliveryTag, Field, Flags, MethodId, NotDefault, Overlong, Reader,
        ReplyCode, ShortStr, Table, Timestamp, Violation, bit_octets, check_length,
        check_not_empty, check_not_equal, find_overlong, optional_len, put_bits,
        put_optional,
    };

    /// The id of class `file`.
    pub const CLASS_ID: u16 = 70;

    /// Limits how much the server may stage and deliver before the client acknowledges.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 70, method 10 (`file.qos`), sent to the server, answered by [`QosOk`].
    #[doc(alias = "file.qos")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Qos {
        /// Limit in octets of content; 0 means none.
        pub prefetch_size: u32,
        /// Limit in messages; 0 means none.
        pub prefetch_count: u16,
        /// When set, the limit holds for the whole connection; when clear, for this channel.
        pub global: bool,
    }

    impl Qos {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(prefetch_count: u16) -> Self {
            Self {
                prefetch_count,
                ..Self::default()
            }
        }

        /// Sets `prefetch_size`: window in octets.
        #[must_use]
        pub fn prefetch_size(mut self, prefetch_size: u32) -> Self {
            self.prefetch_size = prefetch_size;
            self
        }

        /// Sets `prefetch_count`: window in messages.
        #[must_use]
        pub fn prefetch_count(mut self, prefetch_count: u16) -> Self {
            self.prefetch_count = prefetch_count;
            self
        }

        /// Sets `global`: scope.
        #[must_use]
        pub fn global(mut self, global: bool) -> Self {
            self.global = global;
            self
        }
    }

    impl core::fmt::Debug for Qos {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Qos")
                .field("prefetch_size", &self.prefetch_size)
                .given("prefetch_count", &self.prefetch_count)
                .field("global", &self.global)
                .finish()
        }
    }

    impl Args for Qos {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "file.qos";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.prefetch_size.encoded_len() + self.prefetch_count.encoded_len()
                + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.prefetch_size.encode(out);
            self.prefetch_count.encode(out);
            put_bits(out, [self.global]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let prefetch_size = input.get()?;
            let prefetch_count = input.get()?;
            let [global] = input.bits()?;
            Ok(Self {
                prefetch_size,
                prefetch_count,
                global,
            })
        }

        fn into_method(self) -> super::Method {
            super::Method::File(Method::Qos(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::File(Method::Qos(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Qos {}

    impl Call for Qos {
        type Reply = QosOk;
    }

    impl ChannelMethod for Qos {}

    impl SimpleMethod for Qos {}

    impl From<Qos> for super::Method {
        fn from(args: Qos) -> Self {
            args.into_method()
        }
    }

    /// Reports that the limit is in force.
    ///
    /// Class 70, method 11 (`file.qos-ok`), sent to the client.
    #[doc(alias = "file.qos-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct QosOk;

    impl QosOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for QosOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 11);
        const NAME: &'static str = "file.qos-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::File(Method::QosOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::File(Method::QosOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for QosOk {}

    impl From<QosOk> for super::Method {
        fn from(args: QosOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for QosOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Starts a consumer of files.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 70, method 20 (`file.consume`), sent to the server, answered by [`ConsumeOk`].
    #[doc(alias = "file.consume")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Consume {
        /// Ticket from `access.request-ok` for the realm of the queue.
        pub ticket: u16,
        /// Queue to consume from.
        ///
        /// Empty means the queue this channel declared last.
        pub queue: ShortStr,
        /// Tag for the new consumer; empty asks the server to make one up.
        pub consumer_tag: ShortStr,
        /// Leave out files published on this connection.
        pub no_local: bool,
        /// When set, deliveries are not to be acknowledged.
        pub no_ack: bool,
        /// When set, the queue must have no other consumer.
        pub exclusive: bool,
        /// Asks the server to leave out the reply.
        ///
        /// A failure still closes the channel or the connection.
        pub no_wait: bool,
    }

    impl Consume {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(queue: impl Into<ShortStr>) -> Self {
            Self {
                queue: queue.into(),
                ..Self::default()
            }
        }

        /// Sets `ticket`: access ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }

        /// Sets `queue`: queue name.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }

        /// Sets `no_local`: no own messages.
        #[must_use]
        pub fn no_local(mut self, no_local: bool) -> Self {
            self.no_local = no_local;
            self
        }

        /// Sets `no_ack`: no acknowledgement.
        #[must_use]
        pub fn no_ack(mut self, no_ack: bool) -> Self {
            self.no_ack = no_ack;
            self
        }

        /// Sets `exclusive`: sole consumer.
        #[must_use]
        pub fn exclusive(mut self, exclusive: bool) -> Self {
            self.exclusive = exclusive;
            self
        }
    }

    impl core::fmt::Debug for Consume {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Consume")
                .field("ticket", &self.ticket)
                .given("queue", &self.queue)
                .field("consumer_tag", &self.consumer_tag)
                .field("no_local", &self.no_local)
                .field("no_ack", &self.no_ack)
                .field("exclusive", &self.exclusive)
                .field("no_wait", &self.no_wait)
                .finish()
        }
    }

    impl Args for Consume {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 20);
        const NAME: &'static str = "file.consume";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len() + self.queue.encoded_len()
                + self.consumer_tag.encoded_len() + bit_octets(4)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
            self.queue.encode(out);
            self.consumer_tag.encode(out);
            put_bits(out, [self.no_local, self.no_ack, self.exclusive, self.no_wait]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let ticket = input.get()?;
            let queue = input.get()?;
            let consumer_tag = input.get()?;
            let [no_local, no_ack, exclusive, no_wait] = input.bits()?;
            Ok(Self {
                ticket,
                queue,
                consumer_tag,
                no_local,
                no_ack,
                exclusive,
                no_wait,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)?;
            check_length("queue", &self.queue, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[("queue", &self.queue), ("consumer-tag", &self.consumer_tag)],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::File(Method::Consume(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::File(Method::Consume(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Consume {}

    impl Call for Consume {
        type Reply = ConsumeOk;

        fn declines_reply(&self) -> bool {
            self.no_wait
        }
    }

    impl NoWait for Consume {
        fn no_wait(&self) -> bool {
            self.no_wait
        }

        fn set_no_wait(&mut self, no_wait: bool) {
            self.no_wait = no_wait;
        }
    }

    impl ChannelMethod for Consume {}

    impl SimpleMethod for Consume {}

    impl From<Consume> for super::Method {
        fn from(args: Consume) -> Self {
            args.into_method()
        }
    }

    /// Reports that the consumer of files exists and under which tag.
    ///
    /// Class 70, method 21 (`file.consume-ok`), sent to the client.
    #[doc(alias = "file.consume-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct ConsumeOk {
        /// Tag of the consumer, given by the client or made up by the server.
        pub consumer_tag: ShortStr,
    }

    impl ConsumeOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(consumer_tag: impl Into<ShortStr>) -> Self {
            Self {
                consumer_tag: consumer_tag.into(),
            }
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }
    }

    impl core::fmt::Debug for ConsumeOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "ConsumeOk")
                .given("consumer_tag", &self.consumer_tag)
                .finish()
        }
    }

    impl Args for ConsumeOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 21);
        const NAME: &'static str = "file.consume-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.consumer_tag.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.consumer_tag.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { consumer_tag: input.get()? })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("consumer-tag", &self.consumer_tag)])
        }

        fn into_method(self) -> super::Method {
            super::Method::File(Method::ConsumeOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::File(Method::ConsumeOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for ConsumeOk {}

    impl From<ConsumeOk> for super::Method {
        fn from(args: ConsumeOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for ConsumeOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Ends a consumer of files; what was delivered already is not affected.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 70, method 30 (`file.cancel`), sent to the server, answered by [`CancelOk`].
    #[doc(alias = "file.cancel")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Cancel {
        /// Tag of the consumer to end.
        pub consumer_tag: ShortStr,
        /// Asks the server to leave out the reply.
        ///
        /// A failure still closes the channel or the connection.
        pub no_wait: bool,
    }

    impl Cancel {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(consumer_tag: impl Into<ShortStr>) -> Self {
            Self {
                consumer_tag: consumer_tag.into(),
                ..Self::default()
            }
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }
    }

    impl core::fmt::Debug for Cancel {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Cancel")
                .given("consumer_tag", &self.consumer_tag)
                .field("no_wait", &self.no_wait)
                .finish()
        }
    }

    impl Args for Cancel {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 30);
        const NAME: &'static str = "file.cancel";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.consumer_tag.encoded_len() + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.consumer_tag.encode(out);
            put_bits(out, [self.no_wait]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let consumer_tag = input.get()?;
            let [no_wait] = input.bits()?;
            Ok(Self { consumer_tag, no_wait })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("consumer-tag", &self.consumer_tag)])
        }

        fn into_method(self) -> super::Method {
            super::Method::File(Method::Cancel(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::File(Method::Cancel(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Cancel {}

    impl Call for Cancel {
        type Reply = CancelOk;

        fn declines_reply(&self) -> bool {
            self.no_wait
        }
    }

    impl NoWait for Cancel {
        fn no_wait(&self) -> bool {
            self.no_wait
        }

        fn set_no_wait(&mut self, no_wait: bool) {
            self.no_wait = no_wait;
        }
    }

    impl ChannelMethod for Cancel {}

    impl SimpleMethod for Cancel {}

    impl From<Cancel> for super::Method {
        fn from(args: Cancel) -> Self {
            args.into_method()
        }
    }

    /// Reports that the consumer of files is gone.
    ///
    /// Class 70, method 31 (`file.cancel-ok`), sent to the client.
    #[doc(alias = "file.cancel-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct CancelOk {
        /// Tag of the consumer that ended.
        pub consumer_tag: ShortStr,
    }

    impl CancelOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(consumer_tag: impl Into<ShortStr>) -> Self {
            Self {
                consumer_tag: consumer_tag.into(),
            }
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }
    }

    impl core::fmt::Debug for CancelOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "CancelOk")
                .given("consumer_tag", &self.consumer_tag)
                .finish()
        }
    }

    impl Args for CancelOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 31);
        const NAME: &'static str = "file.cancel-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.consumer_tag.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.consumer_tag.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { consumer_tag: input.get()? })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("consumer-tag", &self.consumer_tag)])
        }

        fn into_method(self) -> super::Method {
            super::Method::File(Method::CancelOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::File(Method::CancelOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for CancelOk {}

    impl From<CancelOk> for super::Method {
        fn from(args: CancelOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for CancelOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Announces a file that the sender is about to stage and asks how much of it the peer
    /// already has.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 70, method 40 (`file.open`), sent either way, answered by [`OpenOk`].
    #[doc(alias = "file.open")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Open {
        /// Name of the staged content, chosen by the sender.
        ///
        /// The same name after a broken transfer lets it be resumed.
        pub identifier: ShortStr,
        /// Size of the whole file in octets.
        pub content_size: u64,
    }

    impl Open {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(identifier: impl Into<ShortStr>, content_size: u64) -> Self {
            Self {
                identifier: identifier.into(),
                content_size,
            }
        }

        /// Sets `identifier`: staging identifier.
        #[must_use]
        pub fn identifier(mut self, identifier: impl Into<ShortStr>) -> Self {
            self.identifier = identifier.into();
            self
        }

        /// Sets `content_size`: content size.
        #[must_use]
        pub fn content_size(mut self, content_size: u64) -> Self {
            self.content_size = content_size;
            self
        }
    }

    impl core::fmt::Debug for Open {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Open")
                .given("identifier", &self.identifier)
                .given("content_size", &self.content_size)
                .finish()
        }
    }

    impl Args for Open {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 40);
        const NAME: &'static str = "file.open";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.identifier.encoded_len() + self.content_size.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.identifier.encode(out);
            self.content_size.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                identifier: input.get()?,
                content_size: input.get()?,
            })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("identifier", &self.identifier)])
        }

        fn into_method(self) -> super::Method {
            super::Method::File(Method::Open(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::File(Method::Open(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Open {}

    impl ToClient for Open {}

    impl Call for Open {
        type Reply = OpenOk;
    }

    impl ChannelMethod for Open {}

    impl SimpleMethod for Open {}

    impl From<Open> for super::Method {
        fn from(args: Open) -> Self {
            args.into_method()
        }
    }

    /// Tells the sender to go on, and where.
    ///
    /// It is a reply that expects an answer of its own: `file.stage`.
    ///
    /// Class 70, method 41 (`file.open-ok`), sent either way, answered by [`Stage`].
    #[doc(alias = "file.open-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct OpenOk {
        /// Number of octets the peer has already; the sender continues from there. 0 means to send
        /// the whole file.
        pub staged_size: u64,
    }

    impl OpenOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(staged_size: u64) -> Self {
            Self { staged_size }
        }

        /// Sets `staged_size`: octets present.
        #[must_use]
        pub fn staged_size(mut self, staged_size: u64) -> Self {
            self.staged_size = staged_size;
            self
        }
    }

    impl core::fmt::Debug for OpenOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "OpenOk").given("staged_size", &self.staged_size).finish()
        }
    }

    impl Args for OpenOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 41);
        const NAME: &'static str = "file.open-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.staged_size.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.staged_size.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { staged_size: input.get()? })
        }

        fn into_method(self) -> super::Method {
            super::Method::File(Method::OpenOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::File(Method::OpenOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for OpenOk {}

    impl ToClient for OpenOk {}

    impl Call for OpenOk {
        type Reply = Stage;
    }

    impl From<OpenOk> for super::Method {
        fn from(args: OpenOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for OpenOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Carries the content that `file.open` announced, from the agreed offset on; content
    /// header and body follow.
    ///
    /// Class 70, method 50 (`file.stage`), sent either way, followed by content.
    #[doc(alias = "file.stage")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Stage;

    impl Stage {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for Stage {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 50);
        const NAME: &'static str = "file.stage";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::File(Method::Stage(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::File(Method::Stage(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Stage {}

    impl ToClient for Stage {}

    impl ContentArgs for Stage {
        type Properties = Properties;
    }

    impl From<Stage> for super::Method {
        fn from(args: Stage) -> Self {
            args.into_method()
        }
    }

    impl Reply for Stage {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Publishes a file that has been staged before.
    ///
    /// It carries no content itself. RabbitMQ does not implement this class: it closes the
    /// connection with 503.
    ///
    /// Class 70, method 60 (`file.publish`), sent to the server.
    #[doc(alias = "file.publish")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Publish {
        /// Ticket from `access.request-ok` for the realm of the exchange.
        pub ticket: u16,
        /// Exchange to publish to; empty means the default exchange.
        pub exchange: ShortStr,
        /// Key that the exchange routes by.
        pub routing_key: ShortStr,
        /// When set, a file that reaches no queue comes back with `file.return`.
        pub mandatory: bool,
        /// When set, a file that no consumer can take at once comes back with `file.return`.
        pub immediate: bool,
        /// Identifier the content was staged under.
        pub identifier: ShortStr,
    }

    impl Publish {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(
            exchange: impl Into<ShortStr>,
            routing_key: impl Into<ShortStr>,
            identifier: impl Into<ShortStr>,
        ) -> Self {
            Self {
                exchange: exchange.into(),
                routing_key: routing_key.into(),
                identifier: identifier.into(),
                ..Self::default()
            }
        }

        /// Sets `ticket`: access ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }

        /// Sets `exchange`: exchange name.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: routing key.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }

        /// Sets `mandatory`: return if unroutable.
        #[must_use]
        pub fn mandatory(mut self, mandatory: bool) -> Self {
            self.mandatory = mandatory;
            self
        }

        /// Sets `immediate`: return if not consumed.
        #[must_use]
        pub fn immediate(mut self, immediate: bool) -> Self {
            self.immediate = immediate;
            self
        }

        /// Sets `identifier`: staging identifier.
        #[must_use]
        pub fn identifier(mut self, identifier: impl Into<ShortStr>) -> Self {
            self.identifier = identifier.into();
            self
        }
    }

    impl core::fmt::Debug for Publish {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Publish")
                .field("ticket", &self.ticket)
                .given("exchange", &self.exchange)
                .given("routing_key", &self.routing_key)
                .field("mandatory", &self.mandatory)
                .field("immediate", &self.immediate)
                .given("identifier", &self.identifier)
                .finish()
        }
    }

    impl Args for Publish {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 60);
        const NAME: &'static str = "file.publish";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len() + self.exchange.encoded_len()
                + self.routing_key.encoded_len() + bit_octets(2)
                + self.identifier.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
            self.exchange.encode(out);
            self.routing_key.encode(out);
            put_bits(out, [self.mandatory, self.immediate]);
            self.identifier.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let ticket = input.get()?;
            let exchange = input.get()?;
            let routing_key = input.get()?;
            let [mandatory, immediate] = input.bits()?;
            Ok(Self {
                ticket,
                exchange,
                routing_key,
                mandatory,
                immediate,
                identifier: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)?;
            check_length("exchange", &self.exchange, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("exchange", &self.exchange),
                    ("routing-key", &self.routing_key),
                    ("identifier", &self.identifier),
                ],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::File(Method::Publish(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::File(Method::Publish(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Publish {}

    impl ChannelMethod for Publish {}

    impl SimpleMethod for Publish {}

    impl OneWay for Publish {}

    impl From<Publish> for super::Method {
        fn from(args: Publish) -> Self {
            args.into_method()
        }
    }

    /// Gives back a file that was published as `mandatory` or `immediate` and could not be
    /// delivered.
    ///
    /// Content header and body follow.
    ///
    /// Class 70, method 70 (`file.return`), sent to the client, followed by content.
    #[doc(alias = "file.return")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Return {
        /// Why the file came back.
        pub reply_code: ReplyCode,
        /// The reason in words.
        pub reply_text: ShortStr,
        /// Exchange the file was published to.
        pub exchange: ShortStr,
        /// Routing key the file was published with.
        pub routing_key: ShortStr,
    }

    impl Return {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(
            reply_code: impl Into<ReplyCode>,
            reply_text: impl Into<ShortStr>,
            exchange: impl Into<ShortStr>,
            routing_key: impl Into<ShortStr>,
        ) -> Self {
            Self {
                reply_code: reply_code.into(),
                reply_text: reply_text.into(),
                exchange: exchange.into(),
                routing_key: routing_key.into(),
            }
        }

        /// Sets `reply_code`: reply code.
        #[must_use]
        pub fn reply_code(mut self, reply_code: impl Into<ReplyCode>) -> Self {
            self.reply_code = reply_code.into();
            self
        }

        /// Sets `reply_text`: reply text.
        #[must_use]
        pub fn reply_text(mut self, reply_text: impl Into<ShortStr>) -> Self {
            self.reply_text = reply_text.into();
            self
        }

        /// Sets `exchange`: exchange name.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: routing key.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }
    }

    impl core::fmt::Debug for Return {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Return")
                .given("reply_code", &self.reply_code)
                .given("reply_text", &self.reply_text)
                .given("exchange", &self.exchange)
                .given("routing_key", &self.routing_key)
                .finish()
        }
    }

    impl Args for Return {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 70);
        const NAME: &'static str = "file.return";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reply_code.encoded_len() + self.reply_text.encoded_len()
                + self.exchange.encoded_len() + self.routing_key.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reply_code.encode(out);
            self.reply_text.encode(out);
            self.exchange.encode(out);
            self.routing_key.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                reply_code: input.get()?,
                reply_text: input.get()?,
                exchange: input.get()?,
                routing_key: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_empty("reply-text", &self.reply_text)?;
            check_length("exchange", &self.exchange, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("reply-text", &self.reply_text),
                    ("exchange", &self.exchange),
                    ("routing-key", &self.routing_key),
                ],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::File(Method::Return(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::File(Method::Return(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for Return {}

    impl ContentArgs for Return {
        type Properties = Properties;
    }

    impl From<Return> for super::Method {
        fn from(args: Return) -> Self {
            args.into_method()
        }
    }

    /// Tells a consumer that a file is there, which the server has staged at the client before.
    ///
    /// It carries no content itself.
    ///
    /// Class 70, method 80 (`file.deliver`), sent to the client.
    #[doc(alias = "file.deliver")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Deliver {
        /// Consumer that the file is for.
        pub consumer_tag: ShortStr,
        /// Number of this delivery, for the acknowledgement.
        pub delivery_tag: DeliveryTag,
        /// When set, the file may have been delivered before.
        pub redelivered: bool,
        /// Exchange the file was published to; empty for the default exchange.
        pub exchange: ShortStr,
        /// Routing key the file was published with.
        pub routing_key: ShortStr,
        /// Identifier under which the server staged the content.
        pub identifier: ShortStr,
    }

    impl Deliver {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(
            consumer_tag: impl Into<ShortStr>,
            delivery_tag: impl Into<DeliveryTag>,
            exchange: impl Into<ShortStr>,
            routing_key: impl Into<ShortStr>,
            identifier: impl Into<ShortStr>,
        ) -> Self {
            Self {
                consumer_tag: consumer_tag.into(),
                delivery_tag: delivery_tag.into(),
                exchange: exchange.into(),
                routing_key: routing_key.into(),
                identifier: identifier.into(),
                ..Self::default()
            }
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }

        /// Sets `delivery_tag`: delivery tag.
        #[must_use]
        pub fn delivery_tag(mut self, delivery_tag: impl Into<DeliveryTag>) -> Self {
            self.delivery_tag = delivery_tag.into();
            self
        }

        /// Sets `redelivered`: redelivered.
        #[must_use]
        pub fn redelivered(mut self, redelivered: bool) -> Self {
            self.redelivered = redelivered;
            self
        }

        /// Sets `exchange`: exchange name.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: routing key.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }

        /// Sets `identifier`: staging identifier.
        #[must_use]
        pub fn identifier(mut self, identifier: impl Into<ShortStr>) -> Self {
            self.identifier = identifier.into();
            self
        }
    }

    impl core::fmt::Debug for Deliver {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Deliver")
                .given("consumer_tag", &self.consumer_tag)
                .given("delivery_tag", &self.delivery_tag)
                .field("redelivered", &self.redelivered)
                .given("exchange", &self.exchange)
                .given("routing_key", &self.routing_key)
                .given("identifier", &self.identifier)
                .finish()
        }
    }

    impl Args for Deliver {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 80);
        const NAME: &'static str = "file.deliver";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.consumer_tag.encoded_len() + self.delivery_tag.encoded_len()
                + bit_octets(1) + self.exchange.encoded_len()
                + self.routing_key.encoded_len() + self.identifier.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.consumer_tag.encode(out);
            self.delivery_tag.encode(out);
            put_bits(out, [self.redelivered]);
            self.exchange.encode(out);
            self.routing_key.encode(out);
            self.identifier.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let consumer_tag = input.get()?;
            let delivery_tag = input.get()?;
            let [redelivered] = input.bits()?;
            Ok(Self {
                consumer_tag,
                delivery_tag,
                redelivered,
                exchange: input.get()?,
                routing_key: input.get()?,
                identifier: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_length("exchange", &self.exchange, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("consumer-tag", &self.consumer_tag),
                    ("exchange", &self.exchange),
                    ("routing-key", &self.routing_key),
                    ("identifier", &self.identifier),
                ],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::File(Method::Deliver(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::File(Method::Deliver(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for Deliver {}

    impl From<Deliver> for super::Method {
        fn from(args: Deliver) -> Self {
            args.into_method()
        }
    }

    /// Acknowledges one or several files.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 70, method 90 (`file.ack`), sent to the server.
    #[doc(alias = "file.ack")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Ack {
        /// Delivery to acknowledge; 0 together with `multiple` means all that are outstanding.
        pub delivery_tag: DeliveryTag,
        /// When set, all outstanding deliveries up to and including the tag are acknowledged.
        pub multiple: bool,
    }

    impl Ack {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(delivery_tag: impl Into<DeliveryTag>) -> Self {
            Self {
                delivery_tag: delivery_tag.into(),
                ..Self::default()
            }
        }

        /// Sets `delivery_tag`: delivery tag.
        #[must_use]
        pub fn delivery_tag(mut self, delivery_tag: impl Into<DeliveryTag>) -> Self {
            self.delivery_tag = delivery_tag.into();
            self
        }

        /// Sets `multiple`: and all before.
        #[must_use]
        pub fn multiple(mut self, multiple: bool) -> Self {
            self.multiple = multiple;
            self
        }
    }

    impl core::fmt::Debug for Ack {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Ack")
                .given("delivery_tag", &self.delivery_tag)
                .field("multiple", &self.multiple)
                .finish()
        }
    }

    impl Args for Ack {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 90);
        const NAME: &'static str = "file.ack";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.delivery_tag.encoded_len() + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.delivery_tag.encode(out);
            put_bits(out, [self.multiple]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let delivery_tag = input.get()?;
            let [multiple] = input.bits()?;
            Ok(Self { delivery_tag, multiple })
        }

        fn into_method(self) -> super::Method {
            super::Method::File(Method::Ack(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::File(Method::Ack(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Ack {}

    impl ChannelMethod for Ack {}

    impl SimpleMethod for Ack {}

    impl OneWay for Ack {}

    impl From<Ack> for super::Method {
        fn from(args: Ack) -> Self {
            args.into_method()
        }
    }

    /// Refuses a file that the client cannot handle, even while it is being staged.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 70, method 100 (`file.reject`), sent to the server.
    #[doc(alias = "file.reject")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Reject {
        /// Delivery to refuse.
        pub delivery_tag: DeliveryTag,
        /// When set, the file returns to the queue; when clear, it is dropped.
        pub requeue: bool,
    }

    impl Reject {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(delivery_tag: impl Into<DeliveryTag>) -> Self {
            Self {
                delivery_tag: delivery_tag.into(),
                ..Self::default()
            }
        }

        /// Sets `delivery_tag`: delivery tag.
        #[must_use]
        pub fn delivery_tag(mut self, delivery_tag: impl Into<DeliveryTag>) -> Self {
            self.delivery_tag = delivery_tag.into();
            self
        }

        /// Sets `requeue`: put back.
        #[must_use]
        pub fn requeue(mut self, requeue: bool) -> Self {
            self.requeue = requeue;
            self
        }
    }

    impl core::fmt::Debug for Reject {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Reject")
                .given("delivery_tag", &self.delivery_tag)
                .field("requeue", &self.requeue)
                .finish()
        }
    }

    impl Args for Reject {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 100);
        const NAME: &'static str = "file.reject";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.delivery_tag.encoded_len() + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.delivery_tag.encode(out);
            put_bits(out, [self.requeue]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let delivery_tag = input.get()?;
            let [requeue] = input.bits()?;
            Ok(Self { delivery_tag, requeue })
        }

        fn into_method(self) -> super::Method {
            super::Method::File(Method::Reject(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::File(Method::Reject(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Reject {}

    impl ChannelMethod for Reject {}

    impl SimpleMethod for Reject {}

    impl OneWay for Reject {}

    impl From<Reject> for super::Method {
        fn from(args: Reject) -> Self {
            args.into_method()
        }
    }

    /// The properties of a message of class `file`.
    ///
    /// Each may be absent; `None` takes no room on the wire.
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Properties {
        /// MIME type of the file.
        pub content_type: Option<ShortStr>,
        /// Encoding of the file on top of its type, such as `gzip`.
        pub content_encoding: Option<ShortStr>,
        /// Free table of the application, which an exchange may route by.
        pub headers: Option<Table>,
        /// Priority of the message, 0 to 9.
        pub priority: Option<u8>,
        /// Where an answer should go.
        pub reply_to: Option<ShortStr>,
        /// Identifier that the application gives the message.
        pub message_id: Option<ShortStr>,
        /// Name of the file the body was read from or is meant for.
        pub filename: Option<ShortStr>,
        /// When the message was made, in seconds since 1970-01-01 00:00 UTC.
        pub timestamp: Option<Timestamp>,
        /// For routing within a cluster, not for applications.
        pub cluster_id: Option<ShortStr>,
    }

    impl Properties {
        /// No property at all.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `content_type`: content type.
        #[must_use]
        pub fn content_type(mut self, content_type: impl Into<ShortStr>) -> Self {
            self.content_type = Some(content_type.into());
            self
        }

        /// Sets `content_encoding`: content encoding.
        #[must_use]
        pub fn content_encoding(
            mut self,
            content_encoding: impl Into<ShortStr>,
        ) -> Self {
            self.content_encoding = Some(content_encoding.into());
            self
        }

        /// Sets `headers`: headers.
        #[must_use]
        pub fn headers(mut self, headers: impl Into<Table>) -> Self {
            self.headers = Some(headers.into());
            self
        }

        /// Sets `priority`: priority.
        #[must_use]
        pub fn priority(mut self, priority: u8) -> Self {
            self.priority = Some(priority);
            self
        }

        /// Sets `reply_to`: reply to.
        #[must_use]
        pub fn reply_to(mut self, reply_to: impl Into<ShortStr>) -> Self {
            self.reply_to = Some(reply_to.into());
            self
        }

        /// Sets `message_id`: message id.
        #[must_use]
        pub fn message_id(mut self, message_id: impl Into<ShortStr>) -> Self {
            self.message_id = Some(message_id.into());
            self
        }

        /// Sets `filename`: file name.
        #[must_use]
        pub fn filename(mut self, filename: impl Into<ShortStr>) -> Self {
            self.filename = Some(filename.into());
            self
        }

        /// Sets `timestamp`: timestamp.
        #[must_use]
        pub fn timestamp(mut self, timestamp: impl Into<Timestamp>) -> Self {
            self.timestamp = Some(timestamp.into());
            self
        }

        /// Sets `cluster_id`: cluster id.
        #[must_use]
        pub fn cluster_id(mut self, cluster_id: impl Into<ShortStr>) -> Self {
            self.cluster_id = Some(cluster_id.into());
            self
        }

        #[inline]
        fn flags(&self) -> Flags {
            Flags::none()
                .set(0, self.content_type.is_some())
                .set(1, self.content_encoding.is_some())
                .set(2, self.headers.is_some())
                .set(3, self.priority.is_some())
                .set(4, self.reply_to.is_some())
                .set(5, self.message_id.is_some())
                .set(6, self.filename.is_some())
                .set(7, self.timestamp.is_some())
                .set(8, self.cluster_id.is_some())
        }
    }

    impl core::fmt::Debug for Properties {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Properties")
                .optional("content_type", &self.content_type)
                .optional("content_encoding", &self.content_encoding)
                .optional("headers", &self.headers)
                .optional("priority", &self.priority)
                .optional("reply_to", &self.reply_to)
                .optional("message_id", &self.message_id)
                .optional("filename", &self.filename)
                .optional("timestamp", &self.timestamp)
                .optional("cluster_id", &self.cluster_id)
                .finish()
        }
    }

    impl method::Properties for Properties {
        type Spec = V0_8;

        const CLASS: u16 = CLASS_ID;

        #[inline]
        fn encoded_len(&self) -> usize {
            let flags = self.flags();
            if flags == Flags::none() {
                return flags.encoded_len();
            }
            flags.encoded_len() + optional_len(&self.content_type)
                + optional_len(&self.content_encoding) + optional_len(&self.headers)
                + optional_len(&self.priority) + optional_len(&self.reply_to)
                + optional_len(&self.message_id) + optional_len(&self.filename)
                + optional_len(&self.timestamp) + optional_len(&self.cluster_id)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            let flags = self.flags();
            flags.encode(out);
            if flags == Flags::none() {
                return;
            }
            put_optional(&self.content_type, out);
            put_optional(&self.content_encoding, out);
            put_optional(&self.headers, out);
            put_optional(&self.priority, out);
            put_optional(&self.reply_to, out);
            put_optional(&self.message_id, out);
            put_optional(&self.filename, out);
            put_optional(&self.timestamp, out);
            put_optional(&self.cluster_id, out);
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("content-type", &self.content_type),
                    ("content-encoding", &self.content_encoding),
                    ("headers", &self.headers),
                    ("reply-to", &self.reply_to),
                    ("message-id", &self.message_id),
                    ("filename", &self.filename),
                    ("cluster-id", &self.cluster_id),
                ],
            )
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let flags = input.flags()?;
            if flags == Flags::none() {
                return Ok(Self::default());
            }
            Ok(Self {
                content_type: input.optional(flags, 0)?,
                content_encoding: input.optional(flags, 1)?,
                headers: input.optional(flags, 2)?,
                priority: input.optional(flags, 3)?,
                reply_to: input.optional(flags, 4)?,
                message_id: input.optional(flags, 5)?,
                filename: input.optional(flags, 6)?,
                timestamp: input.optional(flags, 7)?,
                cluster_id: input.optional(flags, 8)?,
            })
        }

        fn into_set(self) -> super::Properties {
            super::Properties::File(self)
        }

        fn from_set(properties: super::Properties) -> Result<Self, super::Properties> {
            match properties {
                super::Properties::File(properties) => Ok(properties),
                other => Err(other),
            }
        }
    }

    impl From<Properties> for super::Properties {
        fn from(properties: Properties) -> Self {
            Self::File(properties)
        }
    }

    /// Any method of class `file`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `file.qos`: limit unacknowledged deliveries.
        Qos(Qos),
        /// `file.qos-ok`: limit set.
        QosOk(QosOk),
        /// `file.consume`: start a consumer.
        Consume(Consume),
        /// `file.consume-ok`: consumer started.
        ConsumeOk(ConsumeOk),
        /// `file.cancel`: end a consumer.
        Cancel(Cancel),
        /// `file.cancel-ok`: consumer ended.
        CancelOk(CancelOk),
        /// `file.open`: announce a file.
        Open(Open),
        /// `file.open-ok`: ready for the file.
        OpenOk(OpenOk),
        /// `file.stage`: file content.
        Stage(Stage),
        /// `file.publish`: publish a staged file.
        Publish(Publish),
        /// `file.return`: file returned.
        Return(Return),
        /// `file.deliver`: file for a consumer.
        Deliver(Deliver),
        /// `file.ack`: acknowledge.
        Ack(Ack),
        /// `file.reject`: reject.
        Reject(Reject),
    }

    impl Method {
        /// Reads the arguments of the method with this id.
        pub(super) fn decode(
            id: MethodId,
            input: &mut Reader<'_>,
        ) -> Result<Self, DecodeError> {
            match id {
                Qos::ID => Qos::decode(input).map(Self::Qos),
                QosOk::ID => QosOk::decode(input).map(Self::QosOk),
                Consume::ID => Consume::decode(input).map(Self::Consume),
                ConsumeOk::ID => ConsumeOk::decode(input).map(Self::ConsumeOk),
                Cancel::ID => Cancel::decode(input).map(Self::Cancel),
                CancelOk::ID => CancelOk::decode(input).map(Self::CancelOk),
                Open::ID => Open::decode(input).map(Self::Open),
                OpenOk::ID => OpenOk::decode(input).map(Self::OpenOk),
                Stage::ID => Stage::decode(input).map(Self::Stage),
                Publish::ID => Publish::decode(input).map(Self::Publish),
                Return::ID => Return::decode(input).map(Self::Return),
                Deliver::ID => Deliver::decode(input).map(Self::Deliver),
                Ack::ID => Ack::decode(input).map(Self::Ack),
                Reject::ID => Reject::decode(input).map(Self::Reject),
                _ => Err(DecodeError::unknown_method(id)),
            }
        }

        /// The name in the specification of the method with this id, if the class has it.
        pub(super) fn name_of(id: MethodId) -> Option<&'static str> {
            match id {
                Qos::ID => Some(Qos::NAME),
                QosOk::ID => Some(QosOk::NAME),
                Consume::ID => Some(Consume::NAME),
                ConsumeOk::ID => Some(ConsumeOk::NAME),
                Cancel::ID => Some(Cancel::NAME),
                CancelOk::ID => Some(CancelOk::NAME),
                Open::ID => Some(Open::NAME),
                OpenOk::ID => Some(OpenOk::NAME),
                Stage::ID => Some(Stage::NAME),
                Publish::ID => Some(Publish::NAME),
                Return::ID => Some(Return::NAME),
                Deliver::ID => Some(Deliver::NAME),
                Ack::ID => Some(Ack::NAME),
                Reject::ID => Some(Reject::NAME),
                _ => None,
            }
        }

        /// The class and method id.
        pub(super) fn id(&self) -> MethodId {
            match self {
                Self::Qos(_) => Qos::ID,
                Self::QosOk(_) => QosOk::ID,
                Self::Consume(_) => Consume::ID,
                Self::ConsumeOk(_) => ConsumeOk::ID,
                Self::Cancel(_) => Cancel::ID,
                Self::CancelOk(_) => CancelOk::ID,
                Self::Open(_) => Open::ID,
                Self::OpenOk(_) => OpenOk::ID,
                Self::Stage(_) => Stage::ID,
                Self::Publish(_) => Publish::ID,
                Self::Return(_) => Return::ID,
                Self::Deliver(_) => Deliver::ID,
                Self::Ack(_) => Ack::ID,
                Self::Reject(_) => Reject::ID,
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                Self::Qos(_) => Qos::NAME,
                Self::QosOk(_) => QosOk::NAME,
                Self::Consume(_) => Consume::NAME,
                Self::ConsumeOk(_) => ConsumeOk::NAME,
                Self::Cancel(_) => Cancel::NAME,
                Self::CancelOk(_) => CancelOk::NAME,
                Self::Open(_) => Open::NAME,
                Self::OpenOk(_) => OpenOk::NAME,
                Self::Stage(_) => Stage::NAME,
                Self::Publish(_) => Publish::NAME,
                Self::Return(_) => Return::NAME,
                Self::Deliver(_) => Deliver::NAME,
                Self::Ack(_) => Ack::NAME,
                Self::Reject(_) => Reject::NAME,
            }
        }

        /// Whether a content header and a body follow the method.
        pub(super) fn has_content(&self) -> bool {
            matches!(self, Self::Stage(_) | Self::Return(_))
        }

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                Self::Qos(args) => args.encoded_len(),
                Self::QosOk(args) => args.encoded_len(),
                Self::Consume(args) => args.encoded_len(),
                Self::ConsumeOk(args) => args.encoded_len(),
                Self::Cancel(args) => args.encoded_len(),
                Self::CancelOk(args) => args.encoded_len(),
                Self::Open(args) => args.encoded_len(),
                Self::OpenOk(args) => args.encoded_len(),
                Self::Stage(args) => args.encoded_len(),
                Self::Publish(args) => args.encoded_len(),
                Self::Return(args) => args.encoded_len(),
                Self::Deliver(args) => args.encoded_len(),
                Self::Ack(args) => args.encoded_len(),
                Self::Reject(args) => args.encoded_len(),
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                Self::Qos(args) => args.encode(out),
                Self::QosOk(args) => args.encode(out),
                Self::Consume(args) => args.encode(out),
                Self::ConsumeOk(args) => args.encode(out),
                Self::Cancel(args) => args.encode(out),
                Self::CancelOk(args) => args.encode(out),
                Self::Open(args) => args.encode(out),
                Self::OpenOk(args) => args.encode(out),
                Self::Stage(args) => args.encode(out),
                Self::Publish(args) => args.encode(out),
                Self::Return(args) => args.encode(out),
                Self::Deliver(args) => args.encode(out),
                Self::Ack(args) => args.encode(out),
                Self::Reject(args) => args.encode(out),
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                Self::Qos(args) => args.validate(),
                Self::QosOk(args) => args.validate(),
                Self::Consume(args) => args.validate(),
                Self::ConsumeOk(args) => args.validate(),
                Self::Cancel(args) => args.validate(),
                Self::CancelOk(args) => args.validate(),
                Self::Open(args) => args.validate(),
                Self::OpenOk(args) => args.validate(),
                Self::Stage(args) => args.validate(),
                Self::Publish(args) => args.validate(),
                Self::Return(args) => args.validate(),
                Self::Deliver(args) => args.validate(),
                Self::Ack(args) => args.validate(),
                Self::Reject(args) => args.validate(),
            }
        }
    }

    impl From<Method> for super::Method {
        fn from(method: Method) -> Self {
            Self::File(method)
        }
    }

    impl From<Qos> for Method {
        fn from(args: Qos) -> Self {
            Self::Qos(args)
        }
    }

    impl From<QosOk> for Method {
        fn from(args: QosOk) -> Self {
            Self::QosOk(args)
        }
    }

    impl From<Consume> for Method {
        fn from(args: Consume) -> Self {
            Self::Consume(args)
        }
    }

    impl From<ConsumeOk> for Method {
        fn from(args: ConsumeOk) -> Self {
            Self::ConsumeOk(args)
        }
    }

    impl From<Cancel> for Method {
        fn from(args: Cancel) -> Self {
            Self::Cancel(args)
        }
    }

    impl From<CancelOk> for Method {
        fn from(args: CancelOk) -> Self {
            Self::CancelOk(args)
        }
    }

    impl From<Open> for Method {
        fn from(args: Open) -> Self {
            Self::Open(args)
        }
    }

    impl From<OpenOk> for Method {
        fn from(args: OpenOk) -> Self {
            Self::OpenOk(args)
        }
    }

    impl From<Stage> for Method {
        fn from(args: Stage) -> Self {
            Self::Stage(args)
        }
    }

    impl From<Publish> for Method {
        fn from(args: Publish) -> Self {
            Self::Publish(args)
        }
    }

    impl From<Return> for Method {
        fn from(args: Return) -> Self {
            Self::Return(args)
        }
    }

    impl From<Deliver> for Method {
        fn from(args: Deliver) -> Self {
            Self::Deliver(args)
        }
    }

    impl From<Ack> for Method {
        fn from(args: Ack) -> Self {
            Self::Ack(args)
        }
    }

    impl From<Reject> for Method {
        fn from(args: Reject) -> Self {
            Self::Reject(args)
        }
    }
}

/// Carries content for which timeliness counts more than completeness, such as audio;
/// nothing is acknowledged.
///
/// RabbitMQ does not implement this class: it closes the connection with 503. It has
/// nothing to do with RabbitMQ's stream queues.
///
/// Class 80 of the specification.
pub mod stream {
    use super::V0_8;
    use crate::bytes::BufMut;
    use crate::method::{
        self, Args, Call, ChannelMethod, ContentArgs, NoWait, Reply, SimpleMethod,
        ToClient, ToServer,
    };
    use crate::wire::{
        DecodeError, DeliveryTag, Field, Flags, MethodId, NotDefault, Overlong, Reader,
        ReplyCode, ShortStr, Table, Timestamp, Violation, bit_octets, check_length,
        check_not_empty, check_not_equal, find_overlong, optional_len, put_bits,
        put_optional,
    };

    /// The id of class `stream`.
    pub const CLASS_ID: u16 = 80;

    /// Limits how far ahead and how fast the server sends.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 80, method 10 (`stream.qos`), sent to the server, answered by [`QosOk`].
    #[doc(alias = "stream.qos")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Qos {
        /// Limit in octets of content sent ahead; 0 means none.
        pub prefetch_size: u32,
        /// Limit in messages sent ahead; 0 means none.
        pub prefetch_count: u16,
        /// Rate the client would like, in octets per second; 0 means no limit.
        pub consume_rate: u32,
        /// When set, the limit holds for the whole connection; when clear, for this channel.
        pub global: bool,
    }

    impl Qos {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(prefetch_count: u16) -> Self {
            Self {
                prefetch_count,
                ..Self::default()
            }
        }

        /// Sets `prefetch_size`: window in octets.
        #[must_use]
        pub fn prefetch_size(mut self, prefetch_size: u32) -> Self {
            self.prefetch_size = prefetch_size;
            self
        }

        /// Sets `prefetch_count`: window in messages.
        #[must_use]
        pub fn prefetch_count(mut self, prefetch_count: u16) -> Self {
            self.prefetch_count = prefetch_count;
            self
        }

        /// Sets `consume_rate`: rate.
        #[must_use]
        pub fn consume_rate(mut self, consume_rate: u32) -> Self {
            self.consume_rate = consume_rate;
            self
        }

        /// Sets `global`: scope.
        #[must_use]
        pub fn global(mut self, global: bool) -> Self {
            self.global = global;
            self
        }
    }

    impl core::fmt::Debug for Qos {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Qos")
                .field("prefetch_size", &self.prefetch_size)
                .given("prefetch_count", &self.prefetch_count)
                .field("consume_rate", &self.consume_rate)
                .field("global", &self.global)
                .finish()
        }
    }

    impl Args for Qos {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "stream.qos";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.prefetch_size.encoded_len() + self.prefetch_count.encoded_len()
                + self.consume_rate.encoded_len() + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.prefetch_size.encode(out);
            self.prefetch_count.encode(out);
            self.consume_rate.encode(out);
            put_bits(out, [self.global]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let prefetch_size = input.get()?;
            let prefetch_count = input.get()?;
            let consume_rate = input.get()?;
            let [global] = input.bits()?;
            Ok(Self {
                prefetch_size,
                prefetch_count,
                consume_rate,
                global,
            })
        }

        fn into_method(self) -> super::Method {
            super::Method::Stream(Method::Qos(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Stream(Method::Qos(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Qos {}

    impl Call for Qos {
        type Reply = QosOk;
    }

    impl ChannelMethod for Qos {}

    impl SimpleMethod for Qos {}

    impl From<Qos> for super::Method {
        fn from(args: Qos) -> Self {
            args.into_method()
        }
    }

    /// Reports that the limit is in force.
    ///
    /// Class 80, method 11 (`stream.qos-ok`), sent to the client.
    #[doc(alias = "stream.qos-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct QosOk;

    impl QosOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for QosOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 11);
        const NAME: &'static str = "stream.qos-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Stream(Method::QosOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Stream(Method::QosOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for QosOk {}

    impl From<QosOk> for super::Method {
        fn from(args: QosOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for QosOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Starts a consumer of a stream.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 80, method 20 (`stream.consume`), sent to the server, answered by [`ConsumeOk`].
    #[doc(alias = "stream.consume")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Consume {
        /// Ticket from `access.request-ok` for the realm of the queue.
        pub ticket: u16,
        /// Queue to consume from.
        ///
        /// Empty means the queue this channel declared last.
        pub queue: ShortStr,
        /// Tag for the new consumer; empty asks the server to make one up.
        pub consumer_tag: ShortStr,
        /// Leave out content published on this connection.
        pub no_local: bool,
        /// When set, the queue must have no other consumer.
        pub exclusive: bool,
        /// Asks the server to leave out the reply.
        ///
        /// A failure still closes the channel or the connection.
        pub no_wait: bool,
    }

    impl Consume {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(queue: impl Into<ShortStr>) -> Self {
            Self {
                queue: queue.into(),
                ..Self::default()
            }
        }

        /// Sets `ticket`: access ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }

        /// Sets `queue`: queue name.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }

        /// Sets `no_local`: no own messages.
        #[must_use]
        pub fn no_local(mut self, no_local: bool) -> Self {
            self.no_local = no_local;
            self
        }

        /// Sets `exclusive`: sole consumer.
        #[must_use]
        pub fn exclusive(mut self, exclusive: bool) -> Self {
            self.exclusive = exclusive;
            self
        }
    }

    impl core::fmt::Debug for Consume {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Consume")
                .field("ticket", &self.ticket)
                .given("queue", &self.queue)
                .field("consumer_tag", &self.consumer_tag)
                .field("no_local", &self.no_local)
                .field("exclusive", &self.exclusive)
                .field("no_wait", &self.no_wait)
                .finish()
        }
    }

    impl Args for Consume {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 20);
        const NAME: &'static str = "stream.consume";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len() + self.queue.encoded_len()
                + self.consumer_tag.encoded_len() + bit_octets(3)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
            self.queue.encode(out);
            self.consumer_tag.encode(out);
            put_bits(out, [self.no_local, self.exclusive, self.no_wait]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let ticket = input.get()?;
            let queue = input.get()?;
            let consumer_tag = input.get()?;
            let [no_local, exclusive, no_wait] = input.bits()?;
            Ok(Self {
                ticket,
                queue,
                consumer_tag,
                no_local,
                exclusive,
                no_wait,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)?;
            check_length("queue", &self.queue, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[("queue", &self.queue), ("consumer-tag", &self.consumer_tag)],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Stream(Method::Consume(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Stream(Method::Consume(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Consume {}

    impl Call for Consume {
        type Reply = ConsumeOk;

        fn declines_reply(&self) -> bool {
            self.no_wait
        }
    }

    impl NoWait for Consume {
        fn no_wait(&self) -> bool {
            self.no_wait
        }

        fn set_no_wait(&mut self, no_wait: bool) {
            self.no_wait = no_wait;
        }
    }

    impl ChannelMethod for Consume {}

    impl SimpleMethod for Consume {}

    impl From<Consume> for super::Method {
        fn from(args: Consume) -> Self {
            args.into_method()
        }
    }

    /// Reports that the consumer of the stream exists and under which tag.
    ///
    /// Class 80, method 21 (`stream.consume-ok`), sent to the client.
    #[doc(alias = "stream.consume-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct ConsumeOk {
        /// Tag of the consumer, given by the client or made up by the server.
        pub consumer_tag: ShortStr,
    }

    impl ConsumeOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(consumer_tag: impl Into<ShortStr>) -> Self {
            Self {
                consumer_tag: consumer_tag.into(),
            }
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }
    }

    impl core::fmt::Debug for ConsumeOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "ConsumeOk")
                .given("consumer_tag", &self.consumer_tag)
                .finish()
        }
    }

    impl Args for ConsumeOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 21);
        const NAME: &'static str = "stream.consume-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.consumer_tag.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.consumer_tag.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { consumer_tag: input.get()? })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("consumer-tag", &self.consumer_tag)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Stream(Method::ConsumeOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Stream(Method::ConsumeOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for ConsumeOk {}

    impl From<ConsumeOk> for super::Method {
        fn from(args: ConsumeOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for ConsumeOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Ends a consumer of a stream.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 80, method 30 (`stream.cancel`), sent to the server, answered by [`CancelOk`].
    #[doc(alias = "stream.cancel")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Cancel {
        /// Tag of the consumer to end.
        pub consumer_tag: ShortStr,
        /// Asks the server to leave out the reply.
        ///
        /// A failure still closes the channel or the connection.
        pub no_wait: bool,
    }

    impl Cancel {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(consumer_tag: impl Into<ShortStr>) -> Self {
            Self {
                consumer_tag: consumer_tag.into(),
                ..Self::default()
            }
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }
    }

    impl core::fmt::Debug for Cancel {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Cancel")
                .given("consumer_tag", &self.consumer_tag)
                .field("no_wait", &self.no_wait)
                .finish()
        }
    }

    impl Args for Cancel {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 30);
        const NAME: &'static str = "stream.cancel";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.consumer_tag.encoded_len() + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.consumer_tag.encode(out);
            put_bits(out, [self.no_wait]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let consumer_tag = input.get()?;
            let [no_wait] = input.bits()?;
            Ok(Self { consumer_tag, no_wait })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("consumer-tag", &self.consumer_tag)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Stream(Method::Cancel(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Stream(Method::Cancel(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Cancel {}

    impl Call for Cancel {
        type Reply = CancelOk;

        fn declines_reply(&self) -> bool {
            self.no_wait
        }
    }

    impl NoWait for Cancel {
        fn no_wait(&self) -> bool {
            self.no_wait
        }

        fn set_no_wait(&mut self, no_wait: bool) {
            self.no_wait = no_wait;
        }
    }

    impl ChannelMethod for Cancel {}

    impl SimpleMethod for Cancel {}

    impl From<Cancel> for super::Method {
        fn from(args: Cancel) -> Self {
            args.into_method()
        }
    }

    /// Reports that the consumer of the stream is gone.
    ///
    /// Class 80, method 31 (`stream.cancel-ok`), sent to the client.
    #[doc(alias = "stream.cancel-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct CancelOk {
        /// Tag of the consumer that ended.
        pub consumer_tag: ShortStr,
    }

    impl CancelOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(consumer_tag: impl Into<ShortStr>) -> Self {
            Self {
                consumer_tag: consumer_tag.into(),
            }
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }
    }

    impl core::fmt::Debug for CancelOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "CancelOk")
                .given("consumer_tag", &self.consumer_tag)
                .finish()
        }
    }

    impl Args for CancelOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 31);
        const NAME: &'static str = "stream.cancel-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.consumer_tag.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.consumer_tag.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { consumer_tag: input.get()? })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("consumer-tag", &self.consumer_tag)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Stream(Method::CancelOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Stream(Method::CancelOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for CancelOk {}

    impl From<CancelOk> for super::Method {
        fn from(args: CancelOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for CancelOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Sends a piece of a stream to an exchange; content header and body follow.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 80, method 40 (`stream.publish`), sent to the server, followed by content.
    #[doc(alias = "stream.publish")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Publish {
        /// Ticket from `access.request-ok` for the realm of the exchange.
        pub ticket: u16,
        /// Exchange to publish to; empty means the default exchange.
        pub exchange: ShortStr,
        /// Key that the exchange routes by.
        pub routing_key: ShortStr,
        /// When set, content that reaches no queue comes back with `stream.return`.
        pub mandatory: bool,
        /// When set, content that no consumer can take at once comes back with `stream.return`.
        pub immediate: bool,
    }

    impl Publish {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(
            exchange: impl Into<ShortStr>,
            routing_key: impl Into<ShortStr>,
        ) -> Self {
            Self {
                exchange: exchange.into(),
                routing_key: routing_key.into(),
                ..Self::default()
            }
        }

        /// Sets `ticket`: access ticket.
        #[must_use]
        pub fn ticket(mut self, ticket: u16) -> Self {
            self.ticket = ticket;
            self
        }

        /// Sets `exchange`: exchange name.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: routing key.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }

        /// Sets `mandatory`: return if unroutable.
        #[must_use]
        pub fn mandatory(mut self, mandatory: bool) -> Self {
            self.mandatory = mandatory;
            self
        }

        /// Sets `immediate`: return if not consumed.
        #[must_use]
        pub fn immediate(mut self, immediate: bool) -> Self {
            self.immediate = immediate;
            self
        }
    }

    impl core::fmt::Debug for Publish {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Publish")
                .field("ticket", &self.ticket)
                .given("exchange", &self.exchange)
                .given("routing_key", &self.routing_key)
                .field("mandatory", &self.mandatory)
                .field("immediate", &self.immediate)
                .finish()
        }
    }

    impl Args for Publish {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 40);
        const NAME: &'static str = "stream.publish";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.ticket.encoded_len() + self.exchange.encoded_len()
                + self.routing_key.encoded_len() + bit_octets(2)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.ticket.encode(out);
            self.exchange.encode(out);
            self.routing_key.encode(out);
            put_bits(out, [self.mandatory, self.immediate]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let ticket = input.get()?;
            let exchange = input.get()?;
            let routing_key = input.get()?;
            let [mandatory, immediate] = input.bits()?;
            Ok(Self {
                ticket,
                exchange,
                routing_key,
                mandatory,
                immediate,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_equal("ticket", u64::from(self.ticket), 0)?;
            check_length("exchange", &self.exchange, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[("exchange", &self.exchange), ("routing-key", &self.routing_key)],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Stream(Method::Publish(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Stream(Method::Publish(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Publish {}

    impl ContentArgs for Publish {
        type Properties = Properties;
    }

    impl From<Publish> for super::Method {
        fn from(args: Publish) -> Self {
            args.into_method()
        }
    }

    /// Gives back content that was published as `mandatory` or `immediate` and could not be
    /// delivered.
    ///
    /// Content header and body follow.
    ///
    /// Class 80, method 50 (`stream.return`), sent to the client, followed by content.
    #[doc(alias = "stream.return")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Return {
        /// Why the content came back.
        pub reply_code: ReplyCode,
        /// The reason in words.
        pub reply_text: ShortStr,
        /// Exchange the content was published to.
        pub exchange: ShortStr,
        /// Routing key the content was published with.
        pub routing_key: ShortStr,
    }

    impl Return {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(
            reply_code: impl Into<ReplyCode>,
            reply_text: impl Into<ShortStr>,
            exchange: impl Into<ShortStr>,
            routing_key: impl Into<ShortStr>,
        ) -> Self {
            Self {
                reply_code: reply_code.into(),
                reply_text: reply_text.into(),
                exchange: exchange.into(),
                routing_key: routing_key.into(),
            }
        }

        /// Sets `reply_code`: reply code.
        #[must_use]
        pub fn reply_code(mut self, reply_code: impl Into<ReplyCode>) -> Self {
            self.reply_code = reply_code.into();
            self
        }

        /// Sets `reply_text`: reply text.
        #[must_use]
        pub fn reply_text(mut self, reply_text: impl Into<ShortStr>) -> Self {
            self.reply_text = reply_text.into();
            self
        }

        /// Sets `exchange`: exchange name.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: routing key.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }
    }

    impl core::fmt::Debug for Return {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Return")
                .given("reply_code", &self.reply_code)
                .given("reply_text", &self.reply_text)
                .given("exchange", &self.exchange)
                .given("routing_key", &self.routing_key)
                .finish()
        }
    }

    impl Args for Return {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 50);
        const NAME: &'static str = "stream.return";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reply_code.encoded_len() + self.reply_text.encoded_len()
                + self.exchange.encoded_len() + self.routing_key.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reply_code.encode(out);
            self.reply_text.encode(out);
            self.exchange.encode(out);
            self.routing_key.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                reply_code: input.get()?,
                reply_text: input.get()?,
                exchange: input.get()?,
                routing_key: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_empty("reply-text", &self.reply_text)?;
            check_length("exchange", &self.exchange, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("reply-text", &self.reply_text),
                    ("exchange", &self.exchange),
                    ("routing-key", &self.routing_key),
                ],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Stream(Method::Return(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Stream(Method::Return(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for Return {}

    impl ContentArgs for Return {
        type Properties = Properties;
    }

    impl From<Return> for super::Method {
        fn from(args: Return) -> Self {
            args.into_method()
        }
    }

    /// Brings a piece of a stream to a consumer; content header and body follow.
    ///
    /// Class 80, method 60 (`stream.deliver`), sent to the client, followed by content.
    #[doc(alias = "stream.deliver")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Deliver {
        /// Consumer that the content is for.
        pub consumer_tag: ShortStr,
        /// Number of this delivery.
        ///
        /// The class has no acknowledgement.
        pub delivery_tag: DeliveryTag,
        /// Exchange the content was published to; empty for the default exchange.
        pub exchange: ShortStr,
        /// Queue the content came from; never empty.
        ///
        /// Deliveries of the other classes do not name their queue.
        pub queue: ShortStr,
    }

    impl Deliver {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(
            consumer_tag: impl Into<ShortStr>,
            delivery_tag: impl Into<DeliveryTag>,
            exchange: impl Into<ShortStr>,
            queue: impl Into<ShortStr>,
        ) -> Self {
            Self {
                consumer_tag: consumer_tag.into(),
                delivery_tag: delivery_tag.into(),
                exchange: exchange.into(),
                queue: queue.into(),
            }
        }

        /// Sets `consumer_tag`: consumer tag.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }

        /// Sets `delivery_tag`: delivery tag.
        #[must_use]
        pub fn delivery_tag(mut self, delivery_tag: impl Into<DeliveryTag>) -> Self {
            self.delivery_tag = delivery_tag.into();
            self
        }

        /// Sets `exchange`: exchange name.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `queue`: queue name.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }
    }

    impl core::fmt::Debug for Deliver {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Deliver")
                .given("consumer_tag", &self.consumer_tag)
                .given("delivery_tag", &self.delivery_tag)
                .given("exchange", &self.exchange)
                .given("queue", &self.queue)
                .finish()
        }
    }

    impl Args for Deliver {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 60);
        const NAME: &'static str = "stream.deliver";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.consumer_tag.encoded_len() + self.delivery_tag.encoded_len()
                + self.exchange.encoded_len() + self.queue.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.consumer_tag.encode(out);
            self.delivery_tag.encode(out);
            self.exchange.encode(out);
            self.queue.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                consumer_tag: input.get()?,
                delivery_tag: input.get()?,
                exchange: input.get()?,
                queue: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_length("exchange", &self.exchange, 127)?;
            check_length("queue", &self.queue, 127)?;
            check_not_empty("queue", &self.queue)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("consumer-tag", &self.consumer_tag),
                    ("exchange", &self.exchange),
                    ("queue", &self.queue),
                ],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Stream(Method::Deliver(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Stream(Method::Deliver(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for Deliver {}

    impl ContentArgs for Deliver {
        type Properties = Properties;
    }

    impl From<Deliver> for super::Method {
        fn from(args: Deliver) -> Self {
            args.into_method()
        }
    }

    /// The properties of a message of class `stream`.
    ///
    /// Each may be absent; `None` takes no room on the wire.
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Properties {
        /// MIME type of the content.
        pub content_type: Option<ShortStr>,
        /// Encoding of the content on top of its type.
        pub content_encoding: Option<ShortStr>,
        /// Free table of the application, which an exchange may route by.
        pub headers: Option<Table>,
        /// Priority of the message, 0 to 9.
        pub priority: Option<u8>,
        /// When the message was made, in seconds since 1970-01-01 00:00 UTC.
        pub timestamp: Option<Timestamp>,
    }

    impl Properties {
        /// No property at all.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `content_type`: content type.
        #[must_use]
        pub fn content_type(mut self, content_type: impl Into<ShortStr>) -> Self {
            self.content_type = Some(content_type.into());
            self
        }

        /// Sets `content_encoding`: content encoding.
        #[must_use]
        pub fn content_encoding(
            mut self,
            content_encoding: impl Into<ShortStr>,
        ) -> Self {
            self.content_encoding = Some(content_encoding.into());
            self
        }

        /// Sets `headers`: headers.
        #[must_use]
        pub fn headers(mut self, headers: impl Into<Table>) -> Self {
            self.headers = Some(headers.into());
            self
        }

        /// Sets `priority`: priority.
        #[must_use]
        pub fn priority(mut self, priority: u8) -> Self {
            self.priority = Some(priority);
            self
        }

        /// Sets `timestamp`: timestamp.
        #[must_use]
        pub fn timestamp(mut self, timestamp: impl Into<Timestamp>) -> Self {
            self.timestamp = Some(timestamp.into());
            self
        }

        #[inline]
        fn flags(&self) -> Flags {
            Flags::none()
                .set(0, self.content_type.is_some())
                .set(1, self.content_encoding.is_some())
                .set(2, self.headers.is_some())
                .set(3, self.priority.is_some())
                .set(4, self.timestamp.is_some())
        }
    }

    impl core::fmt::Debug for Properties {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Properties")
                .optional("content_type", &self.content_type)
                .optional("content_encoding", &self.content_encoding)
                .optional("headers", &self.headers)
                .optional("priority", &self.priority)
                .optional("timestamp", &self.timestamp)
                .finish()
        }
    }

    impl method::Properties for Properties {
        type Spec = V0_8;

        const CLASS: u16 = CLASS_ID;

        #[inline]
        fn encoded_len(&self) -> usize {
            let flags = self.flags();
            if flags == Flags::none() {
                return flags.encoded_len();
            }
            flags.encoded_len() + optional_len(&self.content_type)
                + optional_len(&self.content_encoding) + optional_len(&self.headers)
                + optional_len(&self.priority) + optional_len(&self.timestamp)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            let flags = self.flags();
            flags.encode(out);
            if flags == Flags::none() {
                return;
            }
            put_optional(&self.content_type, out);
            put_optional(&self.content_encoding, out);
            put_optional(&self.headers, out);
            put_optional(&self.priority, out);
            put_optional(&self.timestamp, out);
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("content-type", &self.content_type),
                    ("content-encoding", &self.content_encoding),
                    ("headers", &self.headers),
                ],
            )
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let flags = input.flags()?;
            if flags == Flags::none() {
                return Ok(Self::default());
            }
            Ok(Self {
                content_type: input.optional(flags, 0)?,
                content_encoding: input.optional(flags, 1)?,
                headers: input.optional(flags, 2)?,
                priority: input.optional(flags, 3)?,
                timestamp: input.optional(flags, 4)?,
            })
        }

        fn into_set(self) -> super::Properties {
            super::Properties::Stream(self)
        }

        fn from_set(properties: super::Properties) -> Result<Self, super::Properties> {
            match properties {
                super::Properties::Stream(properties) => Ok(properties),
                other => Err(other),
            }
        }
    }

    impl From<Properties> for super::Properties {
        fn from(properties: Properties) -> Self {
            Self::Stream(properties)
        }
    }

    /// Any method of class `stream`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `stream.qos`: limit the flow.
        Qos(Qos),
        /// `stream.qos-ok`: limit set.
        QosOk(QosOk),
        /// `stream.consume`: start a consumer.
        Consume(Consume),
        /// `stream.consume-ok`: consumer started.
        ConsumeOk(ConsumeOk),
        /// `stream.cancel`: end a consumer.
        Cancel(Cancel),
        /// `stream.cancel-ok`: consumer ended.
        CancelOk(CancelOk),
        /// `stream.publish`: publish to a stream.
        Publish(Publish),
        /// `stream.return`: content returned.
        Return(Return),
        /// `stream.deliver`: content for a consumer.
        Deliver(Deliver),
    }

    impl Method {
        /// Reads the arguments of the method with this id.
        pub(super) fn decode(
            id: MethodId,
            input: &mut Reader<'_>,
        ) -> Result<Self, DecodeError> {
            match id {
                Qos::ID => Qos::decode(input).map(Self::Qos),
                QosOk::ID => QosOk::decode(input).map(Self::QosOk),
                Consume::ID => Consume::decode(input).map(Self::Consume),
                ConsumeOk::ID => ConsumeOk::decode(input).map(Self::ConsumeOk),
                Cancel::ID => Cancel::decode(input).map(Self::Cancel),
                CancelOk::ID => CancelOk::decode(input).map(Self::CancelOk),
                Publish::ID => Publish::decode(input).map(Self::Publish),
                Return::ID => Return::decode(input).map(Self::Return),
                Deliver::ID => Deliver::decode(input).map(Self::Deliver),
                _ => Err(DecodeError::unknown_method(id)),
            }
        }

        /// The name in the specification of the method with this id, if the class has it.
        pub(super) fn name_of(id: MethodId) -> Option<&'static str> {
            match id {
                Qos::ID => Some(Qos::NAME),
                QosOk::ID => Some(QosOk::NAME),
                Consume::ID => Some(Consume::NAME),
                ConsumeOk::ID => Some(ConsumeOk::NAME),
                Cancel::ID => Some(Cancel::NAME),
                CancelOk::ID => Some(CancelOk::NAME),
                Publish::ID => Some(Publish::NAME),
                Return::ID => Some(Return::NAME),
                Deliver::ID => Some(Deliver::NAME),
                _ => None,
            }
        }

        /// The class and method id.
        pub(super) fn id(&self) -> MethodId {
            match self {
                Self::Qos(_) => Qos::ID,
                Self::QosOk(_) => QosOk::ID,
                Self::Consume(_) => Consume::ID,
                Self::ConsumeOk(_) => ConsumeOk::ID,
                Self::Cancel(_) => Cancel::ID,
                Self::CancelOk(_) => CancelOk::ID,
                Self::Publish(_) => Publish::ID,
                Self::Return(_) => Return::ID,
                Self::Deliver(_) => Deliver::ID,
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                Self::Qos(_) => Qos::NAME,
                Self::QosOk(_) => QosOk::NAME,
                Self::Consume(_) => Consume::NAME,
                Self::ConsumeOk(_) => ConsumeOk::NAME,
                Self::Cancel(_) => Cancel::NAME,
                Self::CancelOk(_) => CancelOk::NAME,
                Self::Publish(_) => Publish::NAME,
                Self::Return(_) => Return::NAME,
                Self::Deliver(_) => Deliver::NAME,
            }
        }

        /// Whether a content header and a body follow the method.
        pub(super) fn has_content(&self) -> bool {
            matches!(self, Self::Publish(_) | Self::Return(_) | Self::Deliver(_))
        }

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                Self::Qos(args) => args.encoded_len(),
                Self::QosOk(args) => args.encoded_len(),
                Self::Consume(args) => args.encoded_len(),
                Self::ConsumeOk(args) => args.encoded_len(),
                Self::Cancel(args) => args.encoded_len(),
                Self::CancelOk(args) => args.encoded_len(),
                Self::Publish(args) => args.encoded_len(),
                Self::Return(args) => args.encoded_len(),
                Self::Deliver(args) => args.encoded_len(),
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                Self::Qos(args) => args.encode(out),
                Self::QosOk(args) => args.encode(out),
                Self::Consume(args) => args.encode(out),
                Self::ConsumeOk(args) => args.encode(out),
                Self::Cancel(args) => args.encode(out),
                Self::CancelOk(args) => args.encode(out),
                Self::Publish(args) => args.encode(out),
                Self::Return(args) => args.encode(out),
                Self::Deliver(args) => args.encode(out),
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                Self::Qos(args) => args.validate(),
                Self::QosOk(args) => args.validate(),
                Self::Consume(args) => args.validate(),
                Self::ConsumeOk(args) => args.validate(),
                Self::Cancel(args) => args.validate(),
                Self::CancelOk(args) => args.validate(),
                Self::Publish(args) => args.validate(),
                Self::Return(args) => args.validate(),
                Self::Deliver(args) => args.validate(),
            }
        }
    }

    impl From<Method> for super::Method {
        fn from(method: Method) -> Self {
            Self::Stream(method)
        }
    }

    impl From<Qos> for Method {
        fn from(args: Qos) -> Self {
            Self::Qos(args)
        }
    }

    impl From<QosOk> for Method {
        fn from(args: QosOk) -> Self {
            Self::QosOk(args)
        }
    }

    impl From<Consume> for Method {
        fn from(args: Consume) -> Self {
            Self::Consume(args)
        }
    }

    impl From<ConsumeOk> for Method {
        fn from(args: ConsumeOk) -> Self {
            Self::ConsumeOk(args)
        }
    }

    impl From<Cancel> for Method {
        fn from(args: Cancel) -> Self {
            Self::Cancel(args)
        }
    }

    impl From<CancelOk> for Method {
        fn from(args: CancelOk) -> Self {
            Self::CancelOk(args)
        }
    }

    impl From<Publish> for Method {
        fn from(args: Publish) -> Self {
            Self::Publish(args)
        }
    }

    impl From<Return> for Method {
        fn from(args: Return) -> Self {
            Self::Return(args)
        }
    }

    impl From<Deliver> for Method {
        fn from(args: Deliver) -> Self {
            Self::Deliver(args)
        }
    }
}

/// Groups publishes and acknowledgements of a channel so that they take effect together or
/// not at all.
///
/// In 0-8 it is the only way to learn that RabbitMQ has taken a message. RabbitMQ promises
/// atomicity only for what concerns a single queue.
///
/// Class 90 of the specification.
pub mod tx {
    use super::V0_8;
    use crate::bytes::BufMut;
    use crate::method::{
        Args, Call, ChannelMethod, Reply, SimpleMethod, ToClient, ToServer,
    };
    use crate::wire::{DecodeError, MethodId, Reader, Violation};

    /// The id of class `tx`.
    pub const CLASS_ID: u16 = 90;

    /// Puts the channel into transaction mode for the rest of its life; the first transaction
    /// begins at once.
    ///
    /// Class 90, method 10 (`tx.select`), sent to the server, answered by [`SelectOk`].
    #[doc(alias = "tx.select")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Select;

    impl Select {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for Select {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "tx.select";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Tx(Method::Select(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Tx(Method::Select(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Select {}

    impl Call for Select {
        type Reply = SelectOk;
    }

    impl ChannelMethod for Select {}

    impl SimpleMethod for Select {}

    impl From<Select> for super::Method {
        fn from(args: Select) -> Self {
            args.into_method()
        }
    }

    /// Reports that the channel is in transaction mode.
    ///
    /// Class 90, method 11 (`tx.select-ok`), sent to the client.
    #[doc(alias = "tx.select-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct SelectOk;

    impl SelectOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for SelectOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 11);
        const NAME: &'static str = "tx.select-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Tx(Method::SelectOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Tx(Method::SelectOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for SelectOk {}

    impl From<SelectOk> for super::Method {
        fn from(args: SelectOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for SelectOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Makes the publishes and acknowledgements since the last commit or rollback take effect;
    /// a new transaction begins at once.
    ///
    /// RabbitMQ closes the channel with 406 if it is not in transaction mode.
    ///
    /// Class 90, method 20 (`tx.commit`), sent to the server, answered by [`CommitOk`].
    #[doc(alias = "tx.commit")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Commit;

    impl Commit {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for Commit {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 20);
        const NAME: &'static str = "tx.commit";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Tx(Method::Commit(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Tx(Method::Commit(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Commit {}

    impl Call for Commit {
        type Reply = CommitOk;
    }

    impl ChannelMethod for Commit {}

    impl SimpleMethod for Commit {}

    impl From<Commit> for super::Method {
        fn from(args: Commit) -> Self {
            args.into_method()
        }
    }

    /// Reports that the transaction has taken effect.
    ///
    /// Class 90, method 21 (`tx.commit-ok`), sent to the client.
    #[doc(alias = "tx.commit-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct CommitOk;

    impl CommitOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for CommitOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 21);
        const NAME: &'static str = "tx.commit-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Tx(Method::CommitOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Tx(Method::CommitOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for CommitOk {}

    impl From<CommitOk> for super::Method {
        fn from(args: CommitOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for CommitOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Discards the publishes and acknowledgements since the last commit or rollback; a new
    /// transaction begins at once.
    ///
    /// Deliveries are not taken back: they remain unacknowledged until they are settled or
    /// recovered. RabbitMQ closes the channel with 406 if it is not in transaction mode.
    ///
    /// Class 90, method 30 (`tx.rollback`), sent to the server, answered by [`RollbackOk`].
    #[doc(alias = "tx.rollback")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Rollback;

    impl Rollback {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for Rollback {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 30);
        const NAME: &'static str = "tx.rollback";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Tx(Method::Rollback(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Tx(Method::Rollback(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Rollback {}

    impl Call for Rollback {
        type Reply = RollbackOk;
    }

    impl ChannelMethod for Rollback {}

    impl SimpleMethod for Rollback {}

    impl From<Rollback> for super::Method {
        fn from(args: Rollback) -> Self {
            args.into_method()
        }
    }

    /// Reports that the transaction has been discarded.
    ///
    /// Class 90, method 31 (`tx.rollback-ok`), sent to the client.
    #[doc(alias = "tx.rollback-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct RollbackOk;

    impl RollbackOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for RollbackOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 31);
        const NAME: &'static str = "tx.rollback-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Tx(Method::RollbackOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Tx(Method::RollbackOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for RollbackOk {}

    impl From<RollbackOk> for super::Method {
        fn from(args: RollbackOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for RollbackOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Any method of class `tx`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `tx.select`: use transactions.
        Select(Select),
        /// `tx.select-ok`: transactions in use.
        SelectOk(SelectOk),
        /// `tx.commit`: commit the transaction.
        Commit(Commit),
        /// `tx.commit-ok`: committed.
        CommitOk(CommitOk),
        /// `tx.rollback`: discard the transaction.
        Rollback(Rollback),
        /// `tx.rollback-ok`: rolled back.
        RollbackOk(RollbackOk),
    }

    impl Method {
        /// Reads the arguments of the method with this id.
        pub(super) fn decode(
            id: MethodId,
            input: &mut Reader<'_>,
        ) -> Result<Self, DecodeError> {
            match id {
                Select::ID => Select::decode(input).map(Self::Select),
                SelectOk::ID => SelectOk::decode(input).map(Self::SelectOk),
                Commit::ID => Commit::decode(input).map(Self::Commit),
                CommitOk::ID => CommitOk::decode(input).map(Self::CommitOk),
                Rollback::ID => Rollback::decode(input).map(Self::Rollback),
                RollbackOk::ID => RollbackOk::decode(input).map(Self::RollbackOk),
                _ => Err(DecodeError::unknown_method(id)),
            }
        }

        /// The name in the specification of the method with this id, if the class has it.
        pub(super) fn name_of(id: MethodId) -> Option<&'static str> {
            match id {
                Select::ID => Some(Select::NAME),
                SelectOk::ID => Some(SelectOk::NAME),
                Commit::ID => Some(Commit::NAME),
                CommitOk::ID => Some(CommitOk::NAME),
                Rollback::ID => Some(Rollback::NAME),
                RollbackOk::ID => Some(RollbackOk::NAME),
                _ => None,
            }
        }

        /// The class and method id.
        pub(super) fn id(&self) -> MethodId {
            match self {
                Self::Select(_) => Select::ID,
                Self::SelectOk(_) => SelectOk::ID,
                Self::Commit(_) => Commit::ID,
                Self::CommitOk(_) => CommitOk::ID,
                Self::Rollback(_) => Rollback::ID,
                Self::RollbackOk(_) => RollbackOk::ID,
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                Self::Select(_) => Select::NAME,
                Self::SelectOk(_) => SelectOk::NAME,
                Self::Commit(_) => Commit::NAME,
                Self::CommitOk(_) => CommitOk::NAME,
                Self::Rollback(_) => Rollback::NAME,
                Self::RollbackOk(_) => RollbackOk::NAME,
            }
        }

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                Self::Select(args) => args.encoded_len(),
                Self::SelectOk(args) => args.encoded_len(),
                Self::Commit(args) => args.encoded_len(),
                Self::CommitOk(args) => args.encoded_len(),
                Self::Rollback(args) => args.encoded_len(),
                Self::RollbackOk(args) => args.encoded_len(),
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                Self::Select(args) => args.encode(out),
                Self::SelectOk(args) => args.encode(out),
                Self::Commit(args) => args.encode(out),
                Self::CommitOk(args) => args.encode(out),
                Self::Rollback(args) => args.encode(out),
                Self::RollbackOk(args) => args.encode(out),
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                Self::Select(args) => args.validate(),
                Self::SelectOk(args) => args.validate(),
                Self::Commit(args) => args.validate(),
                Self::CommitOk(args) => args.validate(),
                Self::Rollback(args) => args.validate(),
                Self::RollbackOk(args) => args.validate(),
            }
        }
    }

    impl From<Method> for super::Method {
        fn from(method: Method) -> Self {
            Self::Tx(method)
        }
    }

    impl From<Select> for Method {
        fn from(args: Select) -> Self {
            Self::Select(args)
        }
    }

    impl From<SelectOk> for Method {
        fn from(args: SelectOk) -> Self {
            Self::SelectOk(args)
        }
    }

    impl From<Commit> for Method {
        fn from(args: Commit) -> Self {
            Self::Commit(args)
        }
    }

    impl From<CommitOk> for Method {
        fn from(args: CommitOk) -> Self {
            Self::CommitOk(args)
        }
    }

    impl From<Rollback> for Method {
        fn from(args: Rollback) -> Self {
            Self::Rollback(args)
        }
    }

    impl From<RollbackOk> for Method {
        fn from(args: RollbackOk) -> Self {
            Self::RollbackOk(args)
        }
    }
}

/// Lets a channel take part in transactions that a coordinator outside the server commits
/// or rolls back.
///
/// RabbitMQ does not implement this class: it closes the connection with 503.
///
/// Class 100 of the specification.
pub mod dtx {
    use super::V0_8;
    use crate::bytes::BufMut;
    use crate::method::{
        Args, Call, ChannelMethod, Reply, SimpleMethod, ToClient, ToServer,
    };
    use crate::wire::{
        DecodeError, Field, MethodId, NotDefault, Overlong, Reader, ShortStr, Violation,
        check_not_empty, find_overlong,
    };

    /// The id of class `dtx`.
    pub const CLASS_ID: u16 = 100;

    /// Puts the channel into the mode for distributed transactions; it precedes `dtx.start`.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 100, method 10 (`dtx.select`), sent to the server, answered by [`SelectOk`].
    #[doc(alias = "dtx.select")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Select;

    impl Select {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for Select {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "dtx.select";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Dtx(Method::Select(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Dtx(Method::Select(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Select {}

    impl Call for Select {
        type Reply = SelectOk;
    }

    impl ChannelMethod for Select {}

    impl SimpleMethod for Select {}

    impl From<Select> for super::Method {
        fn from(args: Select) -> Self {
            args.into_method()
        }
    }

    /// Reports that the channel can take part in distributed transactions.
    ///
    /// Class 100, method 11 (`dtx.select-ok`), sent to the client.
    #[doc(alias = "dtx.select-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct SelectOk;

    impl SelectOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for SelectOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 11);
        const NAME: &'static str = "dtx.select-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Dtx(Method::SelectOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Dtx(Method::SelectOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for SelectOk {}

    impl From<SelectOk> for super::Method {
        fn from(args: SelectOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for SelectOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Joins the work on this channel to a distributed transaction.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 100, method 20 (`dtx.start`), sent to the server, answered by [`StartOk`].
    #[doc(alias = "dtx.start")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Start {
        /// Identifier of the transaction, as agreed with its coordinator.
        pub dtx_identifier: ShortStr,
    }

    impl Start {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(dtx_identifier: impl Into<ShortStr>) -> Self {
            Self {
                dtx_identifier: dtx_identifier.into(),
            }
        }

        /// Sets `dtx_identifier`: transaction identifier.
        #[must_use]
        pub fn dtx_identifier(mut self, dtx_identifier: impl Into<ShortStr>) -> Self {
            self.dtx_identifier = dtx_identifier.into();
            self
        }
    }

    impl core::fmt::Debug for Start {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Start")
                .given("dtx_identifier", &self.dtx_identifier)
                .finish()
        }
    }

    impl Args for Start {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 20);
        const NAME: &'static str = "dtx.start";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.dtx_identifier.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.dtx_identifier.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                dtx_identifier: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_empty("dtx-identifier", &self.dtx_identifier)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("dtx-identifier", &self.dtx_identifier)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Dtx(Method::Start(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Dtx(Method::Start(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Start {}

    impl Call for Start {
        type Reply = StartOk;
    }

    impl ChannelMethod for Start {}

    impl SimpleMethod for Start {}

    impl From<Start> for super::Method {
        fn from(args: Start) -> Self {
            args.into_method()
        }
    }

    /// Reports that the work on this channel now belongs to the transaction.
    ///
    /// Class 100, method 21 (`dtx.start-ok`), sent to the client.
    #[doc(alias = "dtx.start-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct StartOk;

    impl StartOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for StartOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 21);
        const NAME: &'static str = "dtx.start-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Dtx(Method::StartOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Dtx(Method::StartOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for StartOk {}

    impl From<StartOk> for super::Method {
        fn from(args: StartOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for StartOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Any method of class `dtx`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `dtx.select`: use distributed transactions.
        Select(Select),
        /// `dtx.select-ok`: distributed transactions in use.
        SelectOk(SelectOk),
        /// `dtx.start`: start a distributed transaction.
        Start(Start),
        /// `dtx.start-ok`: distributed transaction started.
        StartOk(StartOk),
    }

    impl Method {
        /// Reads the arguments of the method with this id.
        pub(super) fn decode(
            id: MethodId,
            input: &mut Reader<'_>,
        ) -> Result<Self, DecodeError> {
            match id {
                Select::ID => Select::decode(input).map(Self::Select),
                SelectOk::ID => SelectOk::decode(input).map(Self::SelectOk),
                Start::ID => Start::decode(input).map(Self::Start),
                StartOk::ID => StartOk::decode(input).map(Self::StartOk),
                _ => Err(DecodeError::unknown_method(id)),
            }
        }

        /// The name in the specification of the method with this id, if the class has it.
        pub(super) fn name_of(id: MethodId) -> Option<&'static str> {
            match id {
                Select::ID => Some(Select::NAME),
                SelectOk::ID => Some(SelectOk::NAME),
                Start::ID => Some(Start::NAME),
                StartOk::ID => Some(StartOk::NAME),
                _ => None,
            }
        }

        /// The class and method id.
        pub(super) fn id(&self) -> MethodId {
            match self {
                Self::Select(_) => Select::ID,
                Self::SelectOk(_) => SelectOk::ID,
                Self::Start(_) => Start::ID,
                Self::StartOk(_) => StartOk::ID,
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                Self::Select(_) => Select::NAME,
                Self::SelectOk(_) => SelectOk::NAME,
                Self::Start(_) => Start::NAME,
                Self::StartOk(_) => StartOk::NAME,
            }
        }

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                Self::Select(args) => args.encoded_len(),
                Self::SelectOk(args) => args.encoded_len(),
                Self::Start(args) => args.encoded_len(),
                Self::StartOk(args) => args.encoded_len(),
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                Self::Select(args) => args.encode(out),
                Self::SelectOk(args) => args.encode(out),
                Self::Start(args) => args.encode(out),
                Self::StartOk(args) => args.encode(out),
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                Self::Select(args) => args.validate(),
                Self::SelectOk(args) => args.validate(),
                Self::Start(args) => args.validate(),
                Self::StartOk(args) => args.validate(),
            }
        }
    }

    impl From<Method> for super::Method {
        fn from(method: Method) -> Self {
            Self::Dtx(method)
        }
    }

    impl From<Select> for Method {
        fn from(args: Select) -> Self {
            Self::Select(args)
        }
    }

    impl From<SelectOk> for Method {
        fn from(args: SelectOk) -> Self {
            Self::SelectOk(args)
        }
    }

    impl From<Start> for Method {
        fn from(args: Start) -> Self {
            Self::Start(args)
        }
    }

    impl From<StartOk> for Method {
        fn from(args: StartOk) -> Self {
            Self::StartOk(args)
        }
    }
}

/// Wraps methods of another protocol so that they can pass through a server that does not
/// know them.
///
/// RabbitMQ does not implement this class: it closes the connection with 503.
///
/// Class 110 of the specification.
pub mod tunnel {
    use super::V0_8;
    use crate::bytes::BufMut;
    use crate::method::{self, Args, ContentArgs, ToServer};
    use crate::wire::{
        DecodeError, Field, Flags, MethodId, NotDefault, Overlong, Reader, ShortStr,
        Table, Violation, find_overlong, optional_len, put_optional,
    };

    /// The id of class `tunnel`.
    pub const CLASS_ID: u16 = 110;

    /// Sends a wrapped method to a proxy; content header and body follow.
    ///
    /// There is no reply. RabbitMQ does not implement this class: it closes the connection with
    /// 503.
    ///
    /// Class 110, method 10 (`tunnel.request`), sent to the server, followed by content.
    #[doc(alias = "tunnel.request")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Request {
        /// Data about the wrapped method that the proxy may need.
        pub meta_data: Table,
    }

    impl Request {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `meta_data`: meta data.
        #[must_use]
        pub fn meta_data(mut self, meta_data: impl Into<Table>) -> Self {
            self.meta_data = meta_data.into();
            self
        }
    }

    impl core::fmt::Debug for Request {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Request").field("meta_data", &self.meta_data).finish()
        }
    }

    impl Args for Request {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "tunnel.request";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.meta_data.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.meta_data.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { meta_data: input.get()? })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("meta-data", &self.meta_data)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Tunnel(Method::Request(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Tunnel(Method::Request(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Request {}

    impl ContentArgs for Request {
        type Properties = Properties;
    }

    impl From<Request> for super::Method {
        fn from(args: Request) -> Self {
            args.into_method()
        }
    }

    /// The properties of a message of class `tunnel`.
    ///
    /// Each may be absent; `None` takes no room on the wire.
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Properties {
        /// Free table of the wrapped message.
        pub headers: Option<Table>,
        /// Name of the proxy that is to handle the message.
        pub proxy_name: Option<ShortStr>,
        /// Name that tells what kind of data is wrapped.
        pub data_name: Option<ShortStr>,
        /// Whether the message is to survive a restart; an octet here, not a bit.
        pub durable: Option<u8>,
        /// Whether the message is for all proxies rather than one; an octet here, not a bit.
        pub broadcast: Option<u8>,
    }

    impl Properties {
        /// No property at all.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `headers`: headers.
        #[must_use]
        pub fn headers(mut self, headers: impl Into<Table>) -> Self {
            self.headers = Some(headers.into());
            self
        }

        /// Sets `proxy_name`: proxy.
        #[must_use]
        pub fn proxy_name(mut self, proxy_name: impl Into<ShortStr>) -> Self {
            self.proxy_name = Some(proxy_name.into());
            self
        }

        /// Sets `data_name`: data type.
        #[must_use]
        pub fn data_name(mut self, data_name: impl Into<ShortStr>) -> Self {
            self.data_name = Some(data_name.into());
            self
        }

        /// Sets `durable`: durable.
        #[must_use]
        pub fn durable(mut self, durable: u8) -> Self {
            self.durable = Some(durable);
            self
        }

        /// Sets `broadcast`: broadcast.
        #[must_use]
        pub fn broadcast(mut self, broadcast: u8) -> Self {
            self.broadcast = Some(broadcast);
            self
        }

        #[inline]
        fn flags(&self) -> Flags {
            Flags::none()
                .set(0, self.headers.is_some())
                .set(1, self.proxy_name.is_some())
                .set(2, self.data_name.is_some())
                .set(3, self.durable.is_some())
                .set(4, self.broadcast.is_some())
        }
    }

    impl core::fmt::Debug for Properties {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Properties")
                .optional("headers", &self.headers)
                .optional("proxy_name", &self.proxy_name)
                .optional("data_name", &self.data_name)
                .optional("durable", &self.durable)
                .optional("broadcast", &self.broadcast)
                .finish()
        }
    }

    impl method::Properties for Properties {
        type Spec = V0_8;

        const CLASS: u16 = CLASS_ID;

        #[inline]
        fn encoded_len(&self) -> usize {
            let flags = self.flags();
            if flags == Flags::none() {
                return flags.encoded_len();
            }
            flags.encoded_len() + optional_len(&self.headers)
                + optional_len(&self.proxy_name) + optional_len(&self.data_name)
                + optional_len(&self.durable) + optional_len(&self.broadcast)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            let flags = self.flags();
            flags.encode(out);
            if flags == Flags::none() {
                return;
            }
            put_optional(&self.headers, out);
            put_optional(&self.proxy_name, out);
            put_optional(&self.data_name, out);
            put_optional(&self.durable, out);
            put_optional(&self.broadcast, out);
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("headers", &self.headers),
                    ("proxy-name", &self.proxy_name),
                    ("data-name", &self.data_name),
                ],
            )
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let flags = input.flags()?;
            if flags == Flags::none() {
                return Ok(Self::default());
            }
            Ok(Self {
                headers: input.optional(flags, 0)?,
                proxy_name: input.optional(flags, 1)?,
                data_name: input.optional(flags, 2)?,
                durable: input.optional(flags, 3)?,
                broadcast: input.optional(flags, 4)?,
            })
        }

        fn into_set(self) -> super::Properties {
            super::Properties::Tunnel(self)
        }

        fn from_set(properties: super::Properties) -> Result<Self, super::Properties> {
            match properties {
                super::Properties::Tunnel(properties) => Ok(properties),
                other => Err(other),
            }
        }
    }

    impl From<Properties> for super::Properties {
        fn from(properties: Properties) -> Self {
            Self::Tunnel(properties)
        }
    }

    /// Any method of class `tunnel`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `tunnel.request`: send through a tunnel.
        Request(Request),
    }

    impl Method {
        /// Reads the arguments of the method with this id.
        pub(super) fn decode(
            id: MethodId,
            input: &mut Reader<'_>,
        ) -> Result<Self, DecodeError> {
            match id {
                Request::ID => Request::decode(input).map(Self::Request),
                _ => Err(DecodeError::unknown_method(id)),
            }
        }

        /// The name in the specification of the method with this id, if the class has it.
        pub(super) fn name_of(id: MethodId) -> Option<&'static str> {
            match id {
                Request::ID => Some(Request::NAME),
                _ => None,
            }
        }

        /// The class and method id.
        pub(super) fn id(&self) -> MethodId {
            match self {
                Self::Request(_) => Request::ID,
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                Self::Request(_) => Request::NAME,
            }
        }

        /// Whether a content header and a body follow the method.
        pub(super) fn has_content(&self) -> bool {
            matches!(self, Self::Request(_))
        }

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                Self::Request(args) => args.encoded_len(),
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                Self::Request(args) => args.encode(out),
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                Self::Request(args) => args.validate(),
            }
        }
    }

    impl From<Method> for super::Method {
        fn from(method: Method) -> Self {
            Self::Tunnel(method)
        }
    }

    impl From<Request> for Method {
        fn from(args: Request) -> Self {
            Self::Request(args)
        }
    }
}

/// Lets two implementations check that they encode all types alike: a peer computes
/// something from the fields it got and sends the result back.
///
/// RabbitMQ does not implement this class: it closes the connection with 503. Later
/// versions gave the class id to another class.
///
/// Class 120 of the specification.
pub mod test {
    use super::V0_8;
    use crate::bytes::BufMut;
    use crate::method::{
        self, Args, Call, ChannelMethod, ContentArgs, Reply, SimpleMethod, ToClient,
        ToServer,
    };
    use crate::wire::{
        DecodeError, Field, Flags, LongStr, MethodId, NotDefault, Overlong, Reader,
        ShortStr, Table, Violation, find_overlong,
    };

    /// The id of class `test`.
    pub const CLASS_ID: u16 = 120;

    /// Sends an integer of each width, on which the peer performs the given operation.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 120, method 10 (`test.integer`), sent either way, answered by [`IntegerOk`].
    #[doc(alias = "test.integer")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Integer {
        /// Operand of 8 bits, unsigned.
        pub integer_1: u8,
        /// Operand of 16 bits, unsigned.
        pub integer_2: u16,
        /// Operand of 32 bits, unsigned.
        pub integer_3: u32,
        /// Operand of 64 bits, unsigned.
        pub integer_4: u64,
        /// What to compute from the operands: their sum, the least or the greatest.
        ///
        /// The spec lists the three by name and gives no numbers.
        pub operation: u8,
    }

    impl Integer {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(
            integer_1: u8,
            integer_2: u16,
            integer_3: u32,
            integer_4: u64,
            operation: u8,
        ) -> Self {
            Self {
                integer_1,
                integer_2,
                integer_3,
                integer_4,
                operation,
            }
        }

        /// Sets `integer_1`: octet.
        #[must_use]
        pub fn integer_1(mut self, integer_1: u8) -> Self {
            self.integer_1 = integer_1;
            self
        }

        /// Sets `integer_2`: short.
        #[must_use]
        pub fn integer_2(mut self, integer_2: u16) -> Self {
            self.integer_2 = integer_2;
            self
        }

        /// Sets `integer_3`: long.
        #[must_use]
        pub fn integer_3(mut self, integer_3: u32) -> Self {
            self.integer_3 = integer_3;
            self
        }

        /// Sets `integer_4`: long long.
        #[must_use]
        pub fn integer_4(mut self, integer_4: u64) -> Self {
            self.integer_4 = integer_4;
            self
        }

        /// Sets `operation`: operation.
        #[must_use]
        pub fn operation(mut self, operation: u8) -> Self {
            self.operation = operation;
            self
        }
    }

    impl core::fmt::Debug for Integer {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Integer")
                .given("integer_1", &self.integer_1)
                .given("integer_2", &self.integer_2)
                .given("integer_3", &self.integer_3)
                .given("integer_4", &self.integer_4)
                .given("operation", &self.operation)
                .finish()
        }
    }

    impl Args for Integer {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "test.integer";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.integer_1.encoded_len() + self.integer_2.encoded_len()
                + self.integer_3.encoded_len() + self.integer_4.encoded_len()
                + self.operation.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.integer_1.encode(out);
            self.integer_2.encode(out);
            self.integer_3.encode(out);
            self.integer_4.encode(out);
            self.operation.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                integer_1: input.get()?,
                integer_2: input.get()?,
                integer_3: input.get()?,
                integer_4: input.get()?,
                operation: input.get()?,
            })
        }

        fn into_method(self) -> super::Method {
            super::Method::Test(Method::Integer(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Test(Method::Integer(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Integer {}

    impl ToClient for Integer {}

    impl Call for Integer {
        type Reply = IntegerOk;
    }

    impl ChannelMethod for Integer {}

    impl SimpleMethod for Integer {}

    impl From<Integer> for super::Method {
        fn from(args: Integer) -> Self {
            args.into_method()
        }
    }

    /// Returns what `test.integer` asked for.
    ///
    /// Class 120, method 11 (`test.integer-ok`), sent either way.
    #[doc(alias = "test.integer-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct IntegerOk {
        /// Outcome of the operation.
        pub result: u64,
    }

    impl IntegerOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(result: u64) -> Self {
            Self { result }
        }

        /// Sets `result`: result.
        #[must_use]
        pub fn result(mut self, result: u64) -> Self {
            self.result = result;
            self
        }
    }

    impl core::fmt::Debug for IntegerOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "IntegerOk").given("result", &self.result).finish()
        }
    }

    impl Args for IntegerOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 11);
        const NAME: &'static str = "test.integer-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.result.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.result.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { result: input.get()? })
        }

        fn into_method(self) -> super::Method {
            super::Method::Test(Method::IntegerOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Test(Method::IntegerOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for IntegerOk {}

    impl ToClient for IntegerOk {}

    impl From<IntegerOk> for super::Method {
        fn from(args: IntegerOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for IntegerOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Sends a string of each kind, on which the peer performs the given operation.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 120, method 20 (`test.string`), sent either way, answered by [`StringOk`].
    #[doc(alias = "test.string")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct TestString {
        /// Operand of at most 255 octets.
        pub string_1: ShortStr,
        /// Operand whose length has 32 bits.
        pub string_2: LongStr,
        /// What to compute from the operands: both joined, the shorter or the longer.
        ///
        /// The spec lists the three by name and gives no numbers.
        pub operation: u8,
    }

    impl TestString {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(
            string_1: impl Into<ShortStr>,
            string_2: impl Into<LongStr>,
            operation: u8,
        ) -> Self {
            Self {
                string_1: string_1.into(),
                string_2: string_2.into(),
                operation,
            }
        }

        /// Sets `string_1`: short string.
        #[must_use]
        pub fn string_1(mut self, string_1: impl Into<ShortStr>) -> Self {
            self.string_1 = string_1.into();
            self
        }

        /// Sets `string_2`: long string.
        #[must_use]
        pub fn string_2(mut self, string_2: impl Into<LongStr>) -> Self {
            self.string_2 = string_2.into();
            self
        }

        /// Sets `operation`: operation.
        #[must_use]
        pub fn operation(mut self, operation: u8) -> Self {
            self.operation = operation;
            self
        }
    }

    impl core::fmt::Debug for TestString {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "TestString")
                .given("string_1", &self.string_1)
                .given("string_2", &self.string_2)
                .given("operation", &self.operation)
                .finish()
        }
    }

    impl Args for TestString {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 20);
        const NAME: &'static str = "test.string";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.string_1.encoded_len() + self.string_2.encoded_len()
                + self.operation.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.string_1.encode(out);
            self.string_2.encode(out);
            self.operation.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                string_1: input.get()?,
                string_2: input.get()?,
                operation: input.get()?,
            })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("string-1", &self.string_1)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Test(Method::TestString(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Test(Method::TestString(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for TestString {}

    impl ToClient for TestString {}

    impl Call for TestString {
        type Reply = StringOk;
    }

    impl ChannelMethod for TestString {}

    impl SimpleMethod for TestString {}

    impl From<TestString> for super::Method {
        fn from(args: TestString) -> Self {
            args.into_method()
        }
    }

    /// Returns what `test.string` asked for.
    ///
    /// Class 120, method 21 (`test.string-ok`), sent either way.
    #[doc(alias = "test.string-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct StringOk {
        /// Outcome of the operation.
        pub result: LongStr,
    }

    impl StringOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(result: impl Into<LongStr>) -> Self {
            Self { result: result.into() }
        }

        /// Sets `result`: result.
        #[must_use]
        pub fn result(mut self, result: impl Into<LongStr>) -> Self {
            self.result = result.into();
            self
        }
    }

    impl core::fmt::Debug for StringOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "StringOk").given("result", &self.result).finish()
        }
    }

    impl Args for StringOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 21);
        const NAME: &'static str = "test.string-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.result.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.result.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { result: input.get()? })
        }

        fn into_method(self) -> super::Method {
            super::Method::Test(Method::StringOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Test(Method::StringOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for StringOk {}

    impl ToClient for StringOk {}

    impl From<StringOk> for super::Method {
        fn from(args: StringOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for StringOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Sends a table, from whose entries the peer computes one integer and one string.
    ///
    /// RabbitMQ does not implement this class: it closes the connection with 503.
    ///
    /// Class 120, method 30 (`test.table`), sent either way, answered by [`TableOk`].
    #[doc(alias = "test.table")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct TestTable {
        /// Table that holds integers and strings.
        pub table: Table,
        /// What to compute from the integers of the table: their sum, the least or the greatest.
        pub integer_op: u8,
        /// What to compute from the strings of the table: all joined, the shortest or the longest.
        pub string_op: u8,
    }

    impl TestTable {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(integer_op: u8, string_op: u8) -> Self {
            Self {
                integer_op,
                string_op,
                ..Self::default()
            }
        }

        /// Sets `table`: table.
        #[must_use]
        pub fn table(mut self, table: impl Into<Table>) -> Self {
            self.table = table.into();
            self
        }

        /// Sets `integer_op`: operation on integers.
        #[must_use]
        pub fn integer_op(mut self, integer_op: u8) -> Self {
            self.integer_op = integer_op;
            self
        }

        /// Sets `string_op`: operation on strings.
        #[must_use]
        pub fn string_op(mut self, string_op: u8) -> Self {
            self.string_op = string_op;
            self
        }
    }

    impl core::fmt::Debug for TestTable {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "TestTable")
                .field("table", &self.table)
                .given("integer_op", &self.integer_op)
                .given("string_op", &self.string_op)
                .finish()
        }
    }

    impl Args for TestTable {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 30);
        const NAME: &'static str = "test.table";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.table.encoded_len() + self.integer_op.encoded_len()
                + self.string_op.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.table.encode(out);
            self.integer_op.encode(out);
            self.string_op.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                table: input.get()?,
                integer_op: input.get()?,
                string_op: input.get()?,
            })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("table", &self.table)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Test(Method::TestTable(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Test(Method::TestTable(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for TestTable {}

    impl ToClient for TestTable {}

    impl Call for TestTable {
        type Reply = TableOk;
    }

    impl ChannelMethod for TestTable {}

    impl SimpleMethod for TestTable {}

    impl From<TestTable> for super::Method {
        fn from(args: TestTable) -> Self {
            args.into_method()
        }
    }

    /// Returns what `test.table` asked for.
    ///
    /// Class 120, method 31 (`test.table-ok`), sent either way.
    #[doc(alias = "test.table-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct TableOk {
        /// Outcome of the operation on the integers.
        pub integer_result: u64,
        /// Outcome of the operation on the strings.
        pub string_result: LongStr,
    }

    impl TableOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(integer_result: u64, string_result: impl Into<LongStr>) -> Self {
            Self {
                integer_result,
                string_result: string_result.into(),
            }
        }

        /// Sets `integer_result`: integer result.
        #[must_use]
        pub fn integer_result(mut self, integer_result: u64) -> Self {
            self.integer_result = integer_result;
            self
        }

        /// Sets `string_result`: string result.
        #[must_use]
        pub fn string_result(mut self, string_result: impl Into<LongStr>) -> Self {
            self.string_result = string_result.into();
            self
        }
    }

    impl core::fmt::Debug for TableOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "TableOk")
                .given("integer_result", &self.integer_result)
                .given("string_result", &self.string_result)
                .finish()
        }
    }

    impl Args for TableOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 31);
        const NAME: &'static str = "test.table-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.integer_result.encoded_len() + self.string_result.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.integer_result.encode(out);
            self.string_result.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                integer_result: input.get()?,
                string_result: input.get()?,
            })
        }

        fn into_method(self) -> super::Method {
            super::Method::Test(Method::TableOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Test(Method::TableOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for TableOk {}

    impl ToClient for TableOk {}

    impl From<TableOk> for super::Method {
        fn from(args: TableOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for TableOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Sends content, whose checksum the peer computes; content header and body follow.
    ///
    /// The class defines no properties, so the content header carries none. RabbitMQ does not
    /// implement this class: it closes the connection with 503.
    ///
    /// Class 120, method 40 (`test.content`), sent either way, answered by [`ContentOk`],
    /// followed by content.
    #[doc(alias = "test.content")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Content;

    impl Content {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for Content {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 40);
        const NAME: &'static str = "test.content";

        #[inline]
        fn encoded_len(&self) -> usize {
            0
        }

        #[inline]
        fn encode<B: BufMut>(&self, _out: &mut B) {}

        #[inline]
        fn decode(_input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }

        fn into_method(self) -> super::Method {
            super::Method::Test(Method::Content(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Test(Method::Content(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Content {}

    impl ToClient for Content {}

    impl Call for Content {
        type Reply = ContentOk;
    }

    impl ContentArgs for Content {
        type Properties = Properties;
    }

    impl From<Content> for super::Method {
        fn from(args: Content) -> Self {
            args.into_method()
        }
    }

    /// Returns the checksum that `test.content` asked for, with the content itself.
    ///
    /// Class 120, method 41 (`test.content-ok`), sent either way, followed by content.
    #[doc(alias = "test.content-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct ContentOk {
        /// Sum of the octets of the body that was received, kept to 32 bits.
        pub content_checksum: u32,
    }

    impl ContentOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(content_checksum: u32) -> Self {
            Self { content_checksum }
        }

        /// Sets `content_checksum`: checksum.
        #[must_use]
        pub fn content_checksum(mut self, content_checksum: u32) -> Self {
            self.content_checksum = content_checksum;
            self
        }
    }

    impl core::fmt::Debug for ContentOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "ContentOk")
                .given("content_checksum", &self.content_checksum)
                .finish()
        }
    }

    impl Args for ContentOk {
        type Spec = V0_8;

        const ID: MethodId = MethodId::new(CLASS_ID, 41);
        const NAME: &'static str = "test.content-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.content_checksum.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.content_checksum.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                content_checksum: input.get()?,
            })
        }

        fn into_method(self) -> super::Method {
            super::Method::Test(Method::ContentOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Test(Method::ContentOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for ContentOk {}

    impl ToClient for ContentOk {}

    impl ContentArgs for ContentOk {
        type Properties = Properties;
    }

    impl From<ContentOk> for super::Method {
        fn from(args: ContentOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for ContentOk {
        type Spec = V0_8;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// The properties of a message of class `test`.
    ///
    /// There are none: a list is a word of flags, all zero. RabbitMQ leaves out even that, so
    /// an empty list is read as well.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Properties;

    impl Properties {
        /// Nothing: the class has no properties.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl method::Properties for Properties {
        type Spec = V0_8;

        const CLASS: u16 = CLASS_ID;

        #[inline]
        fn encoded_len(&self) -> usize {
            Flags::none().encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            Flags::none().encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            if !input.is_empty() {
                input.flags()?;
            }
            Ok(Self)
        }

        fn into_set(self) -> super::Properties {
            super::Properties::Test(self)
        }

        fn from_set(properties: super::Properties) -> Result<Self, super::Properties> {
            match properties {
                super::Properties::Test(properties) => Ok(properties),
                other => Err(other),
            }
        }
    }

    impl From<Properties> for super::Properties {
        fn from(properties: Properties) -> Self {
            Self::Test(properties)
        }
    }

    /// Any method of class `test`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `test.integer`: test integers.
        Integer(Integer),
        /// `test.integer-ok`: integer result.
        IntegerOk(IntegerOk),
        /// `test.string`: test strings.
        TestString(TestString),
        /// `test.string-ok`: string result.
        StringOk(StringOk),
        /// `test.table`: test tables.
        TestTable(TestTable),
        /// `test.table-ok`: table result.
        TableOk(TableOk),
        /// `test.content`: test content.
        Content(Content),
        /// `test.content-ok`: content result.
        ContentOk(ContentOk),
    }

    impl Method {
        /// Reads the arguments of the method with this id.
        pub(super) fn decode(
            id: MethodId,
            input: &mut Reader<'_>,
        ) -> Result<Self, DecodeError> {
            match id {
                Integer::ID => Integer::decode(input).map(Self::Integer),
                IntegerOk::ID => IntegerOk::decode(input).map(Self::IntegerOk),
                TestString::ID => TestString::decode(input).map(Self::TestString),
                StringOk::ID => StringOk::decode(input).map(Self::StringOk),
                TestTable::ID => TestTable::decode(input).map(Self::TestTable),
                TableOk::ID => TableOk::decode(input).map(Self::TableOk),
                Content::ID => Content::decode(input).map(Self::Content),
                ContentOk::ID => ContentOk::decode(input).map(Self::ContentOk),
                _ => Err(DecodeError::unknown_method(id)),
            }
        }

        /// The name in the specification of the method with this id, if the class has it.
        pub(super) fn name_of(id: MethodId) -> Option<&'static str> {
            match id {
                Integer::ID => Some(Integer::NAME),
                IntegerOk::ID => Some(IntegerOk::NAME),
                TestString::ID => Some(TestString::NAME),
                StringOk::ID => Some(StringOk::NAME),
                TestTable::ID => Some(TestTable::NAME),
                TableOk::ID => Some(TableOk::NAME),
                Content::ID => Some(Content::NAME),
                ContentOk::ID => Some(ContentOk::NAME),
                _ => None,
            }
        }

        /// The class and method id.
        pub(super) fn id(&self) -> MethodId {
            match self {
                Self::Integer(_) => Integer::ID,
                Self::IntegerOk(_) => IntegerOk::ID,
                Self::TestString(_) => TestString::ID,
                Self::StringOk(_) => StringOk::ID,
                Self::TestTable(_) => TestTable::ID,
                Self::TableOk(_) => TableOk::ID,
                Self::Content(_) => Content::ID,
                Self::ContentOk(_) => ContentOk::ID,
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                Self::Integer(_) => Integer::NAME,
                Self::IntegerOk(_) => IntegerOk::NAME,
                Self::TestString(_) => TestString::NAME,
                Self::StringOk(_) => StringOk::NAME,
                Self::TestTable(_) => TestTable::NAME,
                Self::TableOk(_) => TableOk::NAME,
                Self::Content(_) => Content::NAME,
                Self::ContentOk(_) => ContentOk::NAME,
            }
        }

        /// Whether a content header and a body follow the method.
        pub(super) fn has_content(&self) -> bool {
            matches!(self, Self::Content(_) | Self::ContentOk(_))
        }

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                Self::Integer(args) => args.encoded_len(),
                Self::IntegerOk(args) => args.encoded_len(),
                Self::TestString(args) => args.encoded_len(),
                Self::StringOk(args) => args.encoded_len(),
                Self::TestTable(args) => args.encoded_len(),
                Self::TableOk(args) => args.encoded_len(),
                Self::Content(args) => args.encoded_len(),
                Self::ContentOk(args) => args.encoded_len(),
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                Self::Integer(args) => args.encode(out),
                Self::IntegerOk(args) => args.encode(out),
                Self::TestString(args) => args.encode(out),
                Self::StringOk(args) => args.encode(out),
                Self::TestTable(args) => args.encode(out),
                Self::TableOk(args) => args.encode(out),
                Self::Content(args) => args.encode(out),
                Self::ContentOk(args) => args.encode(out),
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                Self::Integer(args) => args.validate(),
                Self::IntegerOk(args) => args.validate(),
                Self::TestString(args) => args.validate(),
                Self::StringOk(args) => args.validate(),
                Self::TestTable(args) => args.validate(),
                Self::TableOk(args) => args.validate(),
                Self::Content(args) => args.validate(),
                Self::ContentOk(args) => args.validate(),
            }
        }
    }

    impl From<Method> for super::Method {
        fn from(method: Method) -> Self {
            Self::Test(method)
        }
    }

    impl From<Integer> for Method {
        fn from(args: Integer) -> Self {
            Self::Integer(args)
        }
    }

    impl From<IntegerOk> for Method {
        fn from(args: IntegerOk) -> Self {
            Self::IntegerOk(args)
        }
    }

    impl From<TestString> for Method {
        fn from(args: TestString) -> Self {
            Self::TestString(args)
        }
    }

    impl From<StringOk> for Method {
        fn from(args: StringOk) -> Self {
            Self::StringOk(args)
        }
    }

    impl From<TestTable> for Method {
        fn from(args: TestTable) -> Self {
            Self::TestTable(args)
        }
    }

    impl From<TableOk> for Method {
        fn from(args: TableOk) -> Self {
            Self::TableOk(args)
        }
    }

    impl From<Content> for Method {
        fn from(args: Content) -> Self {
            Self::Content(args)
        }
    }

    impl From<ContentOk> for Method {
        fn from(args: ContentOk) -> Self {
            Self::ContentOk(args)
        }
    }
}
