// Generated from amqp0-9-1.xml by pika-codegen 0.1.0; do not edit.

use crate::bytes::BufMut;
use crate::method::{Caller, MethodSet, Properties as _, PropertySet, Spec};
use crate::wire::{DecodeError, MethodId, Reader, Violation};

/// AMQP 0-9-1, generated from `amqp0-9-1.xml`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct V0_9_1;

impl Spec for V0_9_1 {
    type Method = Method;
    type Properties = Properties;

    const NAME: &'static str = "0-9-1";
    const MAJOR: u8 = 0;
    const MINOR: u8 = 9;
    const REVISION: u8 = 1;
    const PORT: u16 = 5672;
    const PROTOCOL_HEADER: [u8; 8] = [b'A', b'M', b'Q', b'P', 0, 0, 9, 1];
}

/// Any method of AMQP 0-9-1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Class `connection`: life of a connection.
    Connection(connection::Method),
    /// Class `channel`: life of a channel.
    Channel(channel::Method),
    /// Class `access`: access tickets.
    Access(access::Method),
    /// Class `exchange`: make and remove exchanges.
    Exchange(exchange::Method),
    /// Class `queue`: make, bind and remove queues.
    Queue(queue::Method),
    /// Class `basic`: publish and consume messages.
    Basic(basic::Method),
    /// Class `confirm`: publisher confirms.
    Confirm(confirm::Method),
    /// Class `tx`: transactions.
    Tx(tx::Method),
}

impl MethodSet for Method {
    type Spec = V0_9_1;

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
            confirm::CLASS_ID => Ok(Self::Confirm(confirm::Method::decode(id, input)?)),
            tx::CLASS_ID => Ok(Self::Tx(tx::Method::decode(id, input)?)),
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
            confirm::CLASS_ID => confirm::Method::name_of(id),
            tx::CLASS_ID => tx::Method::name_of(id),
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
            Self::Confirm(method) => method.id(),
            Self::Tx(method) => method.id(),
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
            Self::Confirm(method) => method.name(),
            Self::Tx(method) => method.name(),
        }
    }

    fn has_content(&self) -> bool {
        match self {
            Self::Basic(method) => method.has_content(),
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
            Self::Confirm(method) => method.encoded_len(),
            Self::Tx(method) => method.encoded_len(),
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
            Self::Confirm(method) => method.encode(out),
            Self::Tx(method) => method.encode(out),
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
            Self::Confirm(method) => method.validate(),
            Self::Tx(method) => method.validate(),
        }
    }
}

/// The properties of any content of AMQP 0-9-1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Properties {
    /// Of class `basic`.
    Basic(basic::Properties),
}

impl PropertySet for Properties {
    type Spec = V0_9_1;

    fn decode(class: u16, input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match class {
            basic::CLASS_ID => basic::Properties::decode(input).map(Self::Basic),
            _ => Err(DecodeError::unknown_content(class)),
        }
    }

    fn class(&self) -> u16 {
        match self {
            Self::Basic(_) => basic::CLASS_ID,
        }
    }

    fn encoded_len(&self) -> usize {
        match self {
            Self::Basic(properties) => properties.encoded_len(),
        }
    }

    fn encode<B: BufMut>(&self, out: &mut B) {
        match self {
            Self::Basic(properties) => properties.encode(out),
        }
    }
}

/// The methods of AMQP 0-9-1 that a client begins with, on anything that calls them.
///
/// A channel of any adapter has these functions. Opening and closing are not among them,
/// nor are methods with content: adapters have functions of their own for those.
pub trait Methods: Caller<Spec = V0_9_1> {
    /// Asks the other side to stop or to resume sending messages on this channel.
    ///
    /// Calls [`channel::Flow`].
    #[doc(alias = "channel.flow")]
    fn channel_flow(&self, method: channel::Flow) -> Self::Ret<channel::FlowOk> {
        self.call(method)
    }

    /// RabbitMQ extension: asks for an access ticket.
    ///
    /// Calls [`access::Request`].
    #[doc(alias = "access.request")]
    fn access_request(&self, method: access::Request) -> Self::Ret<access::RequestOk> {
        self.call(method)
    }

    /// Creates an exchange, or checks that one of this name exists with the same properties.
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

    /// RabbitMQ extension: binds one exchange to another, so that messages flow from `source`
    /// to `destination` as they would to a queue.
    ///
    /// Calls [`exchange::Bind`].
    #[doc(alias = "exchange.bind")]
    fn exchange_bind(&self, method: exchange::Bind) -> Self::Ret<exchange::BindOk> {
        self.call(method)
    }

    /// RabbitMQ extension: removes a binding between two exchanges.
    ///
    /// Calls [`exchange::Unbind`].
    #[doc(alias = "exchange.unbind")]
    fn exchange_unbind(
        &self,
        method: exchange::Unbind,
    ) -> Self::Ret<exchange::UnbindOk> {
        self.call(method)
    }

    /// Creates a queue, or checks that one of this name exists with the same properties.
    ///
    /// Calls [`queue::Declare`].
    #[doc(alias = "queue.declare")]
    fn queue_declare(&self, method: queue::Declare) -> Self::Ret<queue::DeclareOk> {
        self.call(method)
    }

    /// Adds a binding from an exchange to a queue, so that matching messages flow into the
    /// queue.
    ///
    /// Calls [`queue::Bind`].
    #[doc(alias = "queue.bind")]
    fn queue_bind(&self, method: queue::Bind) -> Self::Ret<queue::BindOk> {
        self.call(method)
    }

    /// Drops every message that is ready in a queue.
    ///
    /// Calls [`queue::Purge`].
    #[doc(alias = "queue.purge")]
    fn queue_purge(&self, method: queue::Purge) -> Self::Ret<queue::PurgeOk> {
        self.call(method)
    }

    /// Deletes a queue with its bindings and its messages, and cancels its consumers.
    ///
    /// Calls [`queue::Delete`].
    #[doc(alias = "queue.delete")]
    fn queue_delete(&self, method: queue::Delete) -> Self::Ret<queue::DeleteOk> {
        self.call(method)
    }

    /// Removes a binding between a queue and an exchange.
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

    /// Stops a consumer.
    ///
    /// Calls [`basic::Cancel`].
    #[doc(alias = "basic.cancel")]
    fn basic_cancel(&self, method: basic::Cancel) -> Self::Ret<basic::CancelOk> {
        self.call(method)
    }

    /// Acknowledges one delivered message or several, after which the server forgets them.
    ///
    /// Sends [`basic::Ack`].
    #[doc(alias = "basic.ack")]
    fn basic_ack(&self, method: basic::Ack) -> Self::Sent {
        self.send(method)
    }

    /// Refuses one delivered message.
    ///
    /// Sends [`basic::Reject`].
    #[doc(alias = "basic.reject")]
    fn basic_reject(&self, method: basic::Reject) -> Self::Sent {
        self.send(method)
    }

    /// Asks the server to deliver again what this channel has not acknowledged.
    ///
    /// Sends [`basic::RecoverAsync`].
    #[doc(alias = "basic.recover-async")]
    fn basic_recover_async(&self, method: basic::RecoverAsync) -> Self::Sent {
        self.send(method)
    }

    /// Asks the server to deliver again what this channel has not acknowledged; `recover-ok`
    /// answers.
    ///
    /// Calls [`basic::Recover`].
    #[doc(alias = "basic.recover")]
    fn basic_recover(&self, method: basic::Recover) -> Self::Ret<basic::RecoverOk> {
        self.call(method)
    }

    /// RabbitMQ extension: refuses one delivered message or several, like `reject` with
    /// `multiple`.
    ///
    /// Sends [`basic::Nack`].
    #[doc(alias = "basic.nack")]
    fn basic_nack(&self, method: basic::Nack) -> Self::Sent {
        self.send(method)
    }

    /// Makes the channel transactional, for good, and begins the first transaction.
    ///
    /// Calls [`tx::Select`].
    #[doc(alias = "tx.select")]
    fn tx_select(&self, method: tx::Select) -> Self::Ret<tx::SelectOk> {
        self.call(method)
    }

    /// Carries out everything published and acknowledged since the transaction began, and
    /// begins the next one.
    ///
    /// Calls [`tx::Commit`].
    #[doc(alias = "tx.commit")]
    fn tx_commit(&self, method: tx::Commit) -> Self::Ret<tx::CommitOk> {
        self.call(method)
    }

    /// Forgets everything published and acknowledged since the transaction began, and begins
    /// the next one.
    ///
    /// Calls [`tx::Rollback`].
    #[doc(alias = "tx.rollback")]
    fn tx_rollback(&self, method: tx::Rollback) -> Self::Ret<tx::RollbackOk> {
        self.call(method)
    }
}

impl<T: Caller<Spec = V0_9_1> + ?Sized> Methods for T {}

/// The numbers that the specification gives names to.
pub mod constant {
    use crate::wire::{ReplyCode, Scope};

    /// Type octet of a frame that carries one method: its class id, its method id and its
    /// arguments.
    pub const FRAME_METHOD: u8 = 1;

    /// Type octet of a content header frame, which announces the body size and the properties
    /// of a message.
    pub const FRAME_HEADER: u8 = 2;

    /// Type octet of a content body frame, which carries one piece of the body of a message.
    pub const FRAME_BODY: u8 = 3;

    /// Type octet of a heartbeat frame.
    ///
    /// It travels on channel 0, has an empty payload and says only that its sender is alive.
    pub const FRAME_HEARTBEAT: u8 = 8;

    /// Smallest `frame-max` that may be agreed upon, in octets, including the 8 octets of
    /// framing.
    ///
    /// Every peer can receive frames of this size.
    pub const FRAME_MIN_SIZE: u32 = 4096;

    /// The octet that closes every frame, `0xCE`.
    ///
    /// Any other octet in its place means that the two ends have lost step; RabbitMQ then
    /// closes the connection with code 501.
    pub const FRAME_END: u8 = 206;

    /// Reply code of a close that reports no error.
    ///
    /// Code 200; no error.
    pub const REPLY_SUCCESS: ReplyCode = ReplyCode(200);

    /// The message is larger than the receiver will take at the moment.
    ///
    /// RabbitMQ reports a body above its configured maximum with 406 instead.
    ///
    /// Code 311; closes the channel.
    pub const CONTENT_TOO_LARGE: ReplyCode = ReplyCode(311);

    /// RabbitMQ extension: a message published with the `mandatory` flag reached no queue.
    ///
    /// The server sends this code in `basic.return`; the published list of 0-9-1 codes leaves
    /// it out. RabbitMQ sends it with the text `NO_ROUTE`.
    ///
    /// Code 312; closes the channel.
    pub const NO_ROUTE: ReplyCode = ReplyCode(312);

    /// A message published with the `immediate` flag reached no queue with a consumer ready for
    /// it.
    ///
    /// RabbitMQ refuses that flag and so has no occasion to send this code.
    ///
    /// Code 313; closes the channel.
    pub const NO_CONSUMERS: ReplyCode = ReplyCode(313);

    /// An operator closed the connection, or the server is shutting down.
    ///
    /// The client did nothing wrong and may connect again later.
    ///
    /// Code 320; closes the connection.
    pub const CONNECTION_FORCED: ReplyCode = ReplyCode(320);

    /// The client asked for a virtual host that the server does not know.
    ///
    /// RabbitMQ answers with 530 in that case.
    ///
    /// Code 402; closes the connection.
    pub const INVALID_PATH: ReplyCode = ReplyCode(402);

    /// The user lacks the permission for what was asked, or the name is one that clients must
    /// not touch.
    ///
    /// RabbitMQ also closes a connection with it after a failed login, if the client announced
    /// the capability `authentication_failure_close`.
    ///
    /// Code 403; closes the channel.
    pub const ACCESS_REFUSED: ReplyCode = ReplyCode(403);

    /// The exchange or queue named in the method does not exist.
    ///
    /// A method with an empty queue name gets it too, on a channel that has declared no queue.
    ///
    /// Code 404; closes the channel.
    pub const NOT_FOUND: ReplyCode = ReplyCode(404);

    /// The queue is exclusive to another connection.
    ///
    /// Code 405; closes the channel.
    pub const RESOURCE_LOCKED: ReplyCode = ReplyCode(405);

    /// Something in the request disagrees with the state of the server, for example a queue
    /// declared again with other properties, an unknown delivery tag, or a message property
    /// with a value that is not allowed.
    ///
    /// Code 406; closes the channel.
    pub const PRECONDITION_FAILED: ReplyCode = ReplyCode(406);

    /// A frame could not be decoded: a wrong end octet, a wrong size, an unknown frame type, or
    /// arguments that do not fit their method.
    ///
    /// Code 501; closes the connection.
    pub const FRAME_ERROR: ReplyCode = ReplyCode(501);

    /// A frame decoded well but held a field with an impossible value.
    ///
    /// Code 502; closes the connection.
    pub const SYNTAX_ERROR: ReplyCode = ReplyCode(502);

    /// A method came at a point where it makes no sense, or is one the server does not serve.
    ///
    /// RabbitMQ also answers an unknown exchange type with it.
    ///
    /// Code 503; closes the connection.
    pub const COMMAND_INVALID: ReplyCode = ReplyCode(503);

    /// A frame arrived on a channel that is not open, or that does not fit what was sent.
    ///
    /// Code 504; closes the connection.
    pub const CHANNEL_ERROR: ReplyCode = ReplyCode(504);

    /// A frame of the wrong kind arrived, for example a content body where a method or a
    /// content header was due.
    ///
    /// Code 505; closes the connection.
    pub const UNEXPECTED_FRAME: ReplyCode = ReplyCode(505);

    /// The server ran out of something it needs to go on, such as memory or disk space.
    ///
    /// Code 506; closes the connection.
    pub const RESOURCE_ERROR: ReplyCode = ReplyCode(506);

    /// The request is forbidden by the server's rules or set-up.
    ///
    /// RabbitMQ sends it for an unknown virtual host and for a consumer tag that is in use on
    /// the channel already.
    ///
    /// Code 530; closes the connection.
    pub const NOT_ALLOWED: ReplyCode = ReplyCode(530);

    /// The server does not offer this function.
    ///
    /// RabbitMQ sends it for a `prefetch-size` other than zero, for the `immediate` flag, for
    /// `basic.recover` without `requeue`, and for `channel.flow` with `active` off.
    ///
    /// Code 540; closes the connection.
    pub const NOT_IMPLEMENTED: ReplyCode = ReplyCode(540);

    /// The server failed and could not go on with the connection.
    ///
    /// RabbitMQ also sends it for tables and message properties that it cannot decode.
    ///
    /// Code 541; closes the connection.
    pub const INTERNAL_ERROR: ReplyCode = ReplyCode(541);

    /// What an error with this code closes; `None` for a code that the specification does not
    /// have, or that is no error.
    #[must_use]
    pub const fn scope(code: ReplyCode) -> Option<Scope> {
        match code {
            CONTENT_TOO_LARGE
            | NO_ROUTE
            | NO_CONSUMERS
            | ACCESS_REFUSED
            | NOT_FOUND
            | RESOURCE_LOCKED
            | PRECONDITION_FAILED => Some(Scope::Channel),
            CONNECTION_FORCED
            | INVALID_PATH
            | FRAME_ERROR
            | SYNTAX_ERROR
            | COMMAND_INVALID
            | CHANNEL_ERROR
            | UNEXPECTED_FRAME
            | RESOURCE_ERROR
            | NOT_ALLOWED
            | NOT_IMPLEMENTED
            | INTERNAL_ERROR => Some(Scope::Connection),
            _ => None,
        }
    }
}

/// Opening, tuning and closing the connection between client and server.
///
/// Its methods travel on channel 0 only; RabbitMQ answers one on any other channel with
/// 503.
///
/// Class 10 of the specification.
pub mod connection {
    use super::V0_9_1;
    use crate::bytes::BufMut;
    use crate::method::{Args, Call, ConnectionCall, Reply, ToClient, ToServer};
    use crate::wire::{
        DecodeError, Field, LongStr, MethodId, NotDefault, Overlong, Reader, ReplyCode,
        ShortStr, Table, Violation, bit_octets, check_length, check_not_empty,
        find_overlong, put_bits,
    };

    /// The id of class `connection`.
    pub const CLASS_ID: u16 = 10;

    /// Opens the conversation: the server says who it is and how a client may log in.
    ///
    /// It is the server's answer to the protocol header; a server that does not speak the
    /// version asked for sends a protocol header of its own instead and hangs up.
    ///
    /// Class 10, method 10 (`connection.start`), sent to the client, answered by [`StartOk`].
    #[doc(alias = "connection.start")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Start {
        /// Major version of the protocol as the server speaks it: 0 for AMQP 0-9-1.
        pub version_major: u8,
        /// Minor version of the protocol as the server speaks it: 9 for AMQP 0-9-1.
        ///
        /// The revision is not part of the method.
        pub version_minor: u8,
        /// What the server says about itself.
        ///
        /// RabbitMQ sends `product`, `version`, `platform`, `copyright`, `information`,
        /// `cluster_name` and a nested table `capabilities` with a flag for each extension it
        /// offers.
        pub server_properties: Table,
        /// The SASL mechanisms that the server accepts, parted by spaces.
        ///
        /// RabbitMQ offers `AMQPLAIN PLAIN` unless configured otherwise.
        pub mechanisms: LongStr,
        /// The languages in which the server can write its texts, parted by spaces.
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

        /// Sets `server_properties`: who the server is.
        #[must_use]
        pub fn server_properties(mut self, server_properties: impl Into<Table>) -> Self {
            self.server_properties = server_properties.into();
            self
        }

        /// Sets `mechanisms`: login mechanisms on offer.
        #[must_use]
        pub fn mechanisms(mut self, mechanisms: impl Into<LongStr>) -> Self {
            self.mechanisms = mechanisms.into();
            self
        }

        /// Sets `locales`: languages on offer.
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
        type Spec = V0_9_1;

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

    /// Answers `start`: the client says who it is, picks a login mechanism and sends its first
    /// piece of login data.
    ///
    /// RabbitMQ drops the connection after three seconds, without a close method, if it does
    /// not know the mechanism or cannot decode the properties.
    ///
    /// Class 10, method 11 (`connection.start-ok`), sent to the server.
    #[doc(alias = "connection.start-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct StartOk {
        /// What the client says about itself.
        ///
        /// The nested table `capabilities` announces what the client can handle:
        /// `connection.blocked`, `consumer_cancel_notify` and `authentication_failure_close` change
        /// what RabbitMQ sends. The entry `connection_name` labels the connection in its tools.
        pub client_properties: Table,
        /// The SASL mechanism that the client chose from the server's list.
        pub mechanism: ShortStr,
        /// Login data in the form that the mechanism wants.
        ///
        /// `PLAIN` takes a zero octet, the user, a zero octet and the password; `AMQPLAIN` takes
        /// the entries of a table with `LOGIN` and `PASSWORD`, without the table's length. After
        /// wrong data RabbitMQ hangs up in three seconds, or closes with 403 at once if the client
        /// announced `authentication_failure_close`.
        pub response: LongStr,
        /// The language in which the server should write its texts.
        ///
        /// RabbitMQ does not check the value.
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

        /// Sets `client_properties`: who the client is.
        #[must_use]
        pub fn client_properties(mut self, client_properties: impl Into<Table>) -> Self {
            self.client_properties = client_properties.into();
            self
        }

        /// Sets `mechanism`: login mechanism chosen.
        #[must_use]
        pub fn mechanism(mut self, mechanism: impl Into<ShortStr>) -> Self {
            self.mechanism = mechanism.into();
            self
        }

        /// Sets `response`: first login data.
        #[must_use]
        pub fn response(mut self, response: impl Into<LongStr>) -> Self {
            self.response = response.into();
            self
        }

        /// Sets `locale`: language chosen.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Asks the client for more login data.
    ///
    /// The server repeats it as often as the mechanism needs; `PLAIN` and `AMQPLAIN` never do.
    ///
    /// Class 10, method 20 (`connection.secure`), sent to the client, answered by [`SecureOk`].
    #[doc(alias = "connection.secure")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Secure {
        /// Data for the client's side of the login mechanism.
        ///
        /// Its form is the mechanism's own affair.
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

        /// Sets `challenge`: data for the mechanism.
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
        type Spec = V0_9_1;

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

    /// Answers `secure` with the login data that the server asked for.
    ///
    /// Class 10, method 21 (`connection.secure-ok`), sent to the server.
    #[doc(alias = "connection.secure-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct SecureOk {
        /// Data for the server's side of the login mechanism.
        ///
        /// Its form is the mechanism's own affair.
        pub response: LongStr,
    }

    impl SecureOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(response: impl Into<LongStr>) -> Self {
            Self { response: response.into() }
        }

        /// Sets `response`: data for the mechanism.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Tells the client, once it is logged in, which limits the server would like.
    ///
    /// The client may lower them in `tune-ok`.
    ///
    /// Class 10, method 30 (`connection.tune`), sent to the client, answered by [`TuneOk`].
    #[doc(alias = "connection.tune")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Tune {
        /// The most channels the server will hold open on the connection.
        ///
        /// Zero means that the server sets no limit. RabbitMQ proposes 2047, and counts open
        /// channels instead of looking at their numbers.
        pub channel_max: u16,
        /// The largest frame the server proposes, in octets, including the 8 octets of framing.
        ///
        /// Zero means that the server sets no limit. RabbitMQ proposes 131072. It applies the
        /// agreed value to content bodies, but sends methods and content headers that are longer if
        /// need be.
        pub frame_max: u32,
        /// The interval in seconds after which a silent peer should send a heartbeat.
        ///
        /// Zero means that the server wants none. RabbitMQ proposes 60.
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

        /// Sets `channel_max`: highest number of channels.
        #[must_use]
        pub fn channel_max(mut self, channel_max: u16) -> Self {
            self.channel_max = channel_max;
            self
        }

        /// Sets `frame_max`: largest frame in octets.
        #[must_use]
        pub fn frame_max(mut self, frame_max: u32) -> Self {
            self.frame_max = frame_max;
            self
        }

        /// Sets `heartbeat`: heartbeat interval in seconds.
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
        type Spec = V0_9_1;

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

    /// Answers `tune` with the limits that hold from here on.
    ///
    /// RabbitMQ hangs up after three seconds, without a close method, if the client goes above
    /// what it proposed.
    ///
    /// Class 10, method 31 (`connection.tune-ok`), sent to the server.
    #[doc(alias = "connection.tune-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct TuneOk {
        /// The most channels that the client will open, at most what the server proposed.
        ///
        /// Zero means no limit, which RabbitMQ takes only if it has none itself.
        pub channel_max: u16,
        /// The largest frame on this connection, in octets, including the 8 octets of framing; at
        /// most what the server proposed and at least 4096.
        ///
        /// Zero means no limit, which RabbitMQ takes only if it has none itself.
        pub frame_max: u32,
        /// The heartbeat interval in seconds that both sides keep.
        ///
        /// Zero turns heartbeats off. RabbitMQ sends one after half the interval and drops a peer
        /// that stays silent for two to three of them.
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

        /// Sets `channel_max`: highest number of channels.
        #[must_use]
        pub fn channel_max(mut self, channel_max: u16) -> Self {
            self.channel_max = channel_max;
            self
        }

        /// Sets `frame_max`: largest frame in octets.
        #[must_use]
        pub fn frame_max(mut self, frame_max: u32) -> Self {
            self.frame_max = frame_max;
            self
        }

        /// Sets `heartbeat`: heartbeat interval in seconds.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Enters a virtual host, a separate space of exchanges, queues and permissions.
    ///
    /// It is the last step of the handshake and may be taken once. RabbitMQ closes the
    /// connection with 530 if the virtual host does not exist or the user may not enter it.
    ///
    /// Class 10, method 40 (`connection.open`), sent to the server, answered by [`OpenOk`].
    #[doc(alias = "connection.open")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Open {
        /// The name of the virtual host to work in.
        pub virtual_host: ShortStr,
        /// Unused since 0-8, where it held capabilities.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: ShortStr,
        /// Unused since 0-8, where it held the `insist` flag.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_2: bool,
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

        /// Sets `virtual_host`: name of the virtual host.
        #[must_use]
        pub fn virtual_host(mut self, virtual_host: impl Into<ShortStr>) -> Self {
            self.virtual_host = virtual_host.into();
            self
        }
    }

    impl core::fmt::Debug for Open {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Open")
                .given("virtual_host", &self.virtual_host)
                .field("reserved_1", &self.reserved_1)
                .field("reserved_2", &self.reserved_2)
                .finish()
        }
    }

    impl Args for Open {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 40);
        const NAME: &'static str = "connection.open";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.virtual_host.encoded_len() + self.reserved_1.encoded_len()
                + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.virtual_host.encode(out);
            self.reserved_1.encode(out);
            put_bits(out, [self.reserved_2]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let virtual_host = input.get()?;
            let reserved_1 = input.get()?;
            let [reserved_2] = input.bits()?;
            Ok(Self {
                virtual_host,
                reserved_1,
                reserved_2,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_not_empty("virtual-host", &self.virtual_host)?;
            check_length("virtual-host", &self.virtual_host, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[("virtual-host", &self.virtual_host), ("reserved-1", &self.reserved_1)],
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
        type Reply = OpenOk;
    }

    impl From<Open> for super::Method {
        fn from(args: Open) -> Self {
            args.into_method()
        }
    }

    /// Answers `open`: the connection is ready and channels can be opened.
    ///
    /// Class 10, method 41 (`connection.open-ok`), sent to the client.
    #[doc(alias = "connection.open-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct OpenOk {
        /// Unused since 0-8, where it held known hosts.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: ShortStr,
    }

    impl OpenOk {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }
    }

    impl core::fmt::Debug for OpenOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "OpenOk").field("reserved_1", &self.reserved_1).finish()
        }
    }

    impl Args for OpenOk {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 41);
        const NAME: &'static str = "connection.open-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { reserved_1: input.get()? })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("reserved-1", &self.reserved_1)])
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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Announces that the sender is ending the connection, and why.
    ///
    /// After it only `close-ok` matters, or a `close` from the other side that crosses it;
    /// everything else that arrives is dropped. The class and method ids tell which method was
    /// at fault, if one was.
    ///
    /// Class 10, method 50 (`connection.close`), sent either way, answered by [`CloseOk`].
    #[doc(alias = "connection.close")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Close {
        /// The reason as a number, 200 for an ordinary close.
        pub reply_code: ReplyCode,
        /// The reason in words, for logs and people.
        pub reply_text: ShortStr,
        /// The class of the method that caused the close, or zero.
        pub class_id: u16,
        /// The number within its class of the method that caused the close, or zero.
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

        /// Sets `reply_code`: reason as a number.
        #[must_use]
        pub fn reply_code(mut self, reply_code: impl Into<ReplyCode>) -> Self {
            self.reply_code = reply_code.into();
            self
        }

        /// Sets `reply_text`: reason in words.
        #[must_use]
        pub fn reply_text(mut self, reply_text: impl Into<ShortStr>) -> Self {
            self.reply_text = reply_text.into();
            self
        }

        /// Sets `class_id`: class of the faulty method.
        #[must_use]
        pub fn class_id(mut self, class_id: u16) -> Self {
            self.class_id = class_id;
            self
        }

        /// Sets `method_id`: number of the faulty method.
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
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 50);
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

    /// Answers `close`: the sender will write nothing more, and the socket can be closed.
    ///
    /// RabbitMQ leaves the closing to the client if the client asked first, and resets the
    /// socket if it asked itself.
    ///
    /// Class 10, method 51 (`connection.close-ok`), sent either way.
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
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 51);
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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// RabbitMQ extension: tells the client that the server has run short of memory or disk
    /// space and stops reading from this connection.
    ///
    /// It goes only to clients that announced the capability `connection.blocked`, and only
    /// when they publish during the shortage. Whatever the client sends afterwards waits in
    /// buffers until `unblocked`.
    ///
    /// Class 10, method 60 (`connection.blocked`), sent to the client.
    #[doc(alias = "connection.blocked")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Blocked {
        /// What the server is short of, in words, such as `low on memory`.
        pub reason: ShortStr,
    }

    impl Blocked {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(reason: impl Into<ShortStr>) -> Self {
            Self { reason: reason.into() }
        }

        /// Sets `reason`: cause of the halt.
        #[must_use]
        pub fn reason(mut self, reason: impl Into<ShortStr>) -> Self {
            self.reason = reason.into();
            self
        }
    }

    impl core::fmt::Debug for Blocked {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Blocked").given("reason", &self.reason).finish()
        }
    }

    impl Args for Blocked {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 60);
        const NAME: &'static str = "connection.blocked";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reason.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reason.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { reason: input.get()? })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("reason", &self.reason)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Connection(Method::Blocked(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::Blocked(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for Blocked {}

    impl From<Blocked> for super::Method {
        fn from(args: Blocked) -> Self {
            args.into_method()
        }
    }

    /// RabbitMQ extension: tells the client that the shortage announced by `blocked` is over
    /// and that the server reads from the connection again.
    ///
    /// Class 10, method 61 (`connection.unblocked`), sent to the client.
    #[doc(alias = "connection.unblocked")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Unblocked;

    impl Unblocked {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for Unblocked {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 61);
        const NAME: &'static str = "connection.unblocked";

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
            super::Method::Connection(Method::Unblocked(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::Unblocked(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for Unblocked {}

    impl From<Unblocked> for super::Method {
        fn from(args: Unblocked) -> Self {
            args.into_method()
        }
    }

    /// RabbitMQ extension: replaces the secret that the connection logged in with, typically a
    /// token that is about to expire, without reconnecting.
    ///
    /// If the server refuses the new secret it closes the connection. RabbitMQ accepts any
    /// secret where the login was an ordinary password.
    ///
    /// Class 10, method 70 (`connection.update-secret`), sent to the server, answered by
    /// [`UpdateSecretOk`].
    #[doc(alias = "connection.update-secret")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct UpdateSecret {
        /// The new password or token, as plain octets without the form of a login mechanism.
        pub new_secret: LongStr,
        /// Why the secret is replaced, for the server's log.
        ///
        /// It may be empty.
        pub reason: ShortStr,
    }

    impl UpdateSecret {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(new_secret: impl Into<LongStr>, reason: impl Into<ShortStr>) -> Self {
            Self {
                new_secret: new_secret.into(),
                reason: reason.into(),
            }
        }

        /// Sets `new_secret`: the new secret.
        #[must_use]
        pub fn new_secret(mut self, new_secret: impl Into<LongStr>) -> Self {
            self.new_secret = new_secret.into();
            self
        }

        /// Sets `reason`: why it is renewed.
        #[must_use]
        pub fn reason(mut self, reason: impl Into<ShortStr>) -> Self {
            self.reason = reason.into();
            self
        }
    }

    impl core::fmt::Debug for UpdateSecret {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "UpdateSecret")
                .secret("new_secret")
                .given("reason", &self.reason)
                .finish()
        }
    }

    impl Args for UpdateSecret {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 70);
        const NAME: &'static str = "connection.update-secret";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.new_secret.encoded_len() + self.reason.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.new_secret.encode(out);
            self.reason.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                new_secret: input.get()?,
                reason: input.get()?,
            })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("reason", &self.reason)])
        }

        fn into_method(self) -> super::Method {
            super::Method::Connection(Method::UpdateSecret(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::UpdateSecret(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for UpdateSecret {}

    impl Call for UpdateSecret {
        type Reply = UpdateSecretOk;
    }

    impl ConnectionCall for UpdateSecret {}

    impl From<UpdateSecret> for super::Method {
        fn from(args: UpdateSecret) -> Self {
            args.into_method()
        }
    }

    /// RabbitMQ extension: answers `update-secret`: the new secret was accepted.
    ///
    /// Class 10, method 71 (`connection.update-secret-ok`), sent to the client.
    #[doc(alias = "connection.update-secret-ok")]
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct UpdateSecretOk;

    impl UpdateSecretOk {
        /// The method, which has no arguments.
        #[must_use]
        pub fn new() -> Self {
            Self
        }
    }

    impl Args for UpdateSecretOk {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 71);
        const NAME: &'static str = "connection.update-secret-ok";

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
            super::Method::Connection(Method::UpdateSecretOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Connection(Method::UpdateSecretOk(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToClient for UpdateSecretOk {}

    impl From<UpdateSecretOk> for super::Method {
        fn from(args: UpdateSecretOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for UpdateSecretOk {
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Any method of class `connection`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `connection.start`: offer login methods.
        Start(Start),
        /// `connection.start-ok`: choose a login method.
        StartOk(StartOk),
        /// `connection.secure`: challenge the client.
        Secure(Secure),
        /// `connection.secure-ok`: answer a challenge.
        SecureOk(SecureOk),
        /// `connection.tune`: propose limits.
        Tune(Tune),
        /// `connection.tune-ok`: settle limits.
        TuneOk(TuneOk),
        /// `connection.open`: enter a virtual host.
        Open(Open),
        /// `connection.open-ok`: confirm the virtual host.
        OpenOk(OpenOk),
        /// `connection.close`: end the connection.
        Close(Close),
        /// `connection.close-ok`: confirm the end.
        CloseOk(CloseOk),
        /// `connection.blocked`: publishing is halted.
        Blocked(Blocked),
        /// `connection.unblocked`: publishing goes on.
        Unblocked(Unblocked),
        /// `connection.update-secret`: renew the credentials.
        UpdateSecret(UpdateSecret),
        /// `connection.update-secret-ok`: confirm the credentials.
        UpdateSecretOk(UpdateSecretOk),
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
                Close::ID => Close::decode(input).map(Self::Close),
                CloseOk::ID => CloseOk::decode(input).map(Self::CloseOk),
                Blocked::ID => Blocked::decode(input).map(Self::Blocked),
                Unblocked::ID => Unblocked::decode(input).map(Self::Unblocked),
                UpdateSecret::ID => UpdateSecret::decode(input).map(Self::UpdateSecret),
                UpdateSecretOk::ID => {
                    UpdateSecretOk::decode(input).map(Self::UpdateSecretOk)
                }
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
                Close::ID => Some(Close::NAME),
                CloseOk::ID => Some(CloseOk::NAME),
                Blocked::ID => Some(Blocked::NAME),
                Unblocked::ID => Some(Unblocked::NAME),
                UpdateSecret::ID => Some(UpdateSecret::NAME),
                UpdateSecretOk::ID => Some(UpdateSecretOk::NAME),
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
                Self::Close(_) => Close::ID,
                Self::CloseOk(_) => CloseOk::ID,
                Self::Blocked(_) => Blocked::ID,
                Self::Unblocked(_) => Unblocked::ID,
                Self::UpdateSecret(_) => UpdateSecret::ID,
                Self::UpdateSecretOk(_) => UpdateSecretOk::ID,
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
                Self::Close(_) => Close::NAME,
                Self::CloseOk(_) => CloseOk::NAME,
                Self::Blocked(_) => Blocked::NAME,
                Self::Unblocked(_) => Unblocked::NAME,
                Self::UpdateSecret(_) => UpdateSecret::NAME,
                Self::UpdateSecretOk(_) => UpdateSecretOk::NAME,
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
                Self::Close(args) => args.encoded_len(),
                Self::CloseOk(args) => args.encoded_len(),
                Self::Blocked(args) => args.encoded_len(),
                Self::Unblocked(args) => args.encoded_len(),
                Self::UpdateSecret(args) => args.encoded_len(),
                Self::UpdateSecretOk(args) => args.encoded_len(),
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
                Self::Close(args) => args.encode(out),
                Self::CloseOk(args) => args.encode(out),
                Self::Blocked(args) => args.encode(out),
                Self::Unblocked(args) => args.encode(out),
                Self::UpdateSecret(args) => args.encode(out),
                Self::UpdateSecretOk(args) => args.encode(out),
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
                Self::Close(args) => args.validate(),
                Self::CloseOk(args) => args.validate(),
                Self::Blocked(args) => args.validate(),
                Self::Unblocked(args) => args.validate(),
                Self::UpdateSecret(args) => args.validate(),
                Self::UpdateSecretOk(args) => args.validate(),
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

    impl From<Blocked> for Method {
        fn from(args: Blocked) -> Self {
            Self::Blocked(args)
        }
    }

    impl From<Unblocked> for Method {
        fn from(args: Unblocked) -> Self {
            Self::Unblocked(args)
        }
    }

    impl From<UpdateSecret> for Method {
        fn from(args: UpdateSecret) -> Self {
            Self::UpdateSecret(args)
        }
    }

    impl From<UpdateSecretOk> for Method {
        fn from(args: UpdateSecretOk) -> Self {
            Self::UpdateSecretOk(args)
        }
    }
}

/// Opening, pausing and closing a channel, one of the many conversations that share a
/// connection.
///
/// Channels have numbers from 1 up, chosen by the client; methods of this and all later
/// classes on channel 0 are answered with 504.
///
/// Class 20 of the specification.
pub mod channel {
    use super::V0_9_1;
    use crate::bytes::BufMut;
    use crate::method::{
        Args, Call, ChannelMethod, Reply, SimpleMethod, ToClient, ToServer,
    };
    use crate::wire::{
        DecodeError, Field, LongStr, MethodId, NotDefault, Overlong, Reader, ReplyCode,
        ShortStr, Violation, bit_octets, check_not_empty, find_overlong, put_bits,
    };

    /// The id of class `channel`.
    pub const CLASS_ID: u16 = 20;

    /// Opens the channel whose number the frame carries.
    ///
    /// A number is free again once `close-ok` has been sent or received for it; RabbitMQ closes
    /// the connection with 504 if it is opened earlier.
    ///
    /// Class 20, method 10 (`channel.open`), sent to the server, answered by [`OpenOk`].
    #[doc(alias = "channel.open")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Open {
        /// Unused since 0-8, where it held out-of-band settings.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: ShortStr,
    }

    impl Open {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }
    }

    impl core::fmt::Debug for Open {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Open").field("reserved_1", &self.reserved_1).finish()
        }
    }

    impl Args for Open {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "channel.open";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { reserved_1: input.get()? })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("reserved-1", &self.reserved_1)])
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

    /// Answers `open`: the channel is ready for use.
    ///
    /// Class 20, method 11 (`channel.open-ok`), sent to the client.
    #[doc(alias = "channel.open-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct OpenOk {
        /// Unused.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: LongStr,
    }

    impl OpenOk {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }
    }

    impl core::fmt::Debug for OpenOk {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "OpenOk").field("reserved_1", &self.reserved_1).finish()
        }
    }

    impl Args for OpenOk {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 11);
        const NAME: &'static str = "channel.open-ok";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { reserved_1: input.get()? })
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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Asks the other side to stop or to resume sending messages on this channel.
    ///
    /// Content already on its way still arrives. RabbitMQ never sends it, and closes the
    /// connection with 540 if a client asks for a pause; limit deliveries with `basic.qos`
    /// instead.
    ///
    /// Class 20, method 20 (`channel.flow`), sent either way, answered by [`FlowOk`].
    #[doc(alias = "channel.flow")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Flow {
        /// Set to let content flow, clear to halt it.
        ///
        /// A channel starts with content flowing.
        pub active: bool,
    }

    impl Flow {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `active`: whether content may flow.
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
        type Spec = V0_9_1;

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

    /// Answers `flow` with the setting that now holds.
    ///
    /// It is a reply, though not flagged as synchronous.
    ///
    /// Class 20, method 21 (`channel.flow-ok`), sent either way.
    #[doc(alias = "channel.flow-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct FlowOk {
        /// The setting that the sender of the reply has adopted: set if its content flows.
        pub active: bool,
    }

    impl FlowOk {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `active`: whether content flows.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Announces that the sender is ending the channel, and why; other channels go on.
    ///
    /// After it only `close-ok` matters on this channel, or a `close` that crosses it; whatever
    /// else arrives on it is dropped. Deliveries left unacknowledged go back to their queues.
    ///
    /// Class 20, method 40 (`channel.close`), sent either way, answered by [`CloseOk`].
    #[doc(alias = "channel.close")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Close {
        /// The reason as a number, 200 for an ordinary close.
        pub reply_code: ReplyCode,
        /// The reason in words, for logs and people.
        pub reply_text: ShortStr,
        /// The class of the method that caused the close, or zero.
        pub class_id: u16,
        /// The number within its class of the method that caused the close, or zero.
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

        /// Sets `reply_code`: reason as a number.
        #[must_use]
        pub fn reply_code(mut self, reply_code: impl Into<ReplyCode>) -> Self {
            self.reply_code = reply_code.into();
            self
        }

        /// Sets `reply_text`: reason in words.
        #[must_use]
        pub fn reply_text(mut self, reply_text: impl Into<ShortStr>) -> Self {
            self.reply_text = reply_text.into();
            self
        }

        /// Sets `class_id`: class of the faulty method.
        #[must_use]
        pub fn class_id(mut self, class_id: u16) -> Self {
            self.class_id = class_id;
            self
        }

        /// Sets `method_id`: number of the faulty method.
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
        type Spec = V0_9_1;

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

    /// Answers `close`: the sender has let go of the channel, and its number may be used for a
    /// new one.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

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
        /// `channel.open-ok`: confirm an open channel.
        OpenOk(OpenOk),
        /// `channel.flow`: pause or resume content.
        Flow(Flow),
        /// `channel.flow-ok`: confirm the flow.
        FlowOk(FlowOk),
        /// `channel.close`: end a channel.
        Close(Close),
        /// `channel.close-ok`: confirm the end.
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

/// RabbitMQ extension: the access tickets of 0-8, which 0-9-1 dropped and RabbitMQ still
/// answers.
///
/// Tickets have no effect: permissions are checked for the user, and every ticket number is
/// accepted. Though the handler named here is the connection, its methods travel on an
/// ordinary channel.
///
/// Class 30 of the specification.
pub mod access {
    use super::V0_9_1;
    use crate::bytes::BufMut;
    use crate::method::{
        Args, Call, ChannelMethod, Reply, SimpleMethod, ToClient, ToServer,
    };
    use crate::wire::{
        DecodeError, Field, MethodId, NotDefault, Overlong, Reader, ShortStr, Violation,
        bit_octets, find_overlong, put_bits,
    };

    /// The id of class `access`.
    pub const CLASS_ID: u16 = 30;

    /// RabbitMQ extension: asks for an access ticket.
    ///
    /// RabbitMQ grants it whatever is asked for; new programs have no need of it.
    ///
    /// Class 30, method 10 (`access.request`), sent to the server, answered by [`RequestOk`].
    #[doc(alias = "access.request")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Request {
        /// The realm, a group of resources, that the ticket is for.
        ///
        /// RabbitMQ accepts any name, an empty one too.
        pub realm: ShortStr,
        /// If set, asks to be the only user of the realm.
        ///
        /// RabbitMQ ignores it.
        pub exclusive: bool,
        /// If set, asks for the right to check that things in the realm exist.
        ///
        /// RabbitMQ ignores it.
        pub passive: bool,
        /// If set, asks for the right to create and delete things in the realm.
        ///
        /// RabbitMQ ignores it.
        pub active: bool,
        /// If set, asks for the right to publish to exchanges in the realm.
        ///
        /// RabbitMQ ignores it.
        pub write: bool,
        /// If set, asks for the right to consume from queues in the realm.
        ///
        /// RabbitMQ ignores it.
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

        /// Sets `realm`: name of the realm.
        #[must_use]
        pub fn realm(mut self, realm: impl Into<ShortStr>) -> Self {
            self.realm = realm.into();
            self
        }

        /// Sets `exclusive`: sole access.
        #[must_use]
        pub fn exclusive(mut self, exclusive: bool) -> Self {
            self.exclusive = exclusive;
            self
        }

        /// Sets `passive`: access to look.
        #[must_use]
        pub fn passive(mut self, passive: bool) -> Self {
            self.passive = passive;
            self
        }

        /// Sets `active`: access to change.
        #[must_use]
        pub fn active(mut self, active: bool) -> Self {
            self.active = active;
            self
        }

        /// Sets `write`: access to publish.
        #[must_use]
        pub fn write(mut self, write: bool) -> Self {
            self.write = write;
            self
        }

        /// Sets `read`: access to consume.
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
        type Spec = V0_9_1;

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

    /// RabbitMQ extension: answers `request` with a ticket.
    ///
    /// Class 30, method 11 (`access.request-ok`), sent to the client.
    #[doc(alias = "access.request-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct RequestOk {
        /// The number of the ticket.
        ///
        /// RabbitMQ always sends 1.
        pub ticket: u16,
    }

    impl RequestOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(ticket: u16) -> Self {
            Self { ticket }
        }

        /// Sets `ticket`: number of the ticket.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

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
        /// `access.request-ok`: grant a ticket.
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

/// Creating, deleting and linking exchanges.
///
/// An exchange takes the messages that are published to it and passes copies on to the
/// queues, and exchanges, that are bound to it.
///
/// Class 40 of the specification.
pub mod exchange {
    use super::V0_9_1;
    use crate::bytes::BufMut;
    use crate::method::{
        Args, Call, ChannelMethod, NoWait, Reply, SimpleMethod, ToClient, ToServer,
    };
    use crate::wire::{
        DecodeError, Field, MethodId, NotDefault, Overlong, Reader, ShortStr, Table,
        Violation, bit_octets, check_length, check_not_empty, find_overlong, put_bits,
    };

    /// The id of class `exchange`.
    pub const CLASS_ID: u16 = 40;

    /// Creates an exchange, or checks that one of this name exists with the same properties.
    ///
    /// RabbitMQ closes the channel with 406 if it exists with others, and with 403 if a new
    /// name begins with `amq.`.
    ///
    /// Class 40, method 10 (`exchange.declare`), sent to the server, answered by [`DeclareOk`].
    #[doc(alias = "exchange.declare")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Declare {
        /// Unused since 0-8, where it held the access ticket.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: u16,
        /// The name of the exchange.
        ///
        /// The default exchange, whose name is empty, always exists; RabbitMQ closes the channel
        /// with 403 if a client declares it, even passively.
        pub exchange: ShortStr,
        /// How the exchange routes: `direct` and `topic` by routing key, `fanout` to every binding,
        /// `headers` by header values; plugins add further types.
        ///
        /// RabbitMQ closes the connection with 503 if it does not know the type.
        pub type_: ShortStr,
        /// If set, nothing is created: the reply says that the exchange exists, and if it does not
        /// the channel is closed with 404.
        ///
        /// RabbitMQ then looks at the name alone.
        pub passive: bool,
        /// If set, the exchange outlives a restart of the server.
        ///
        /// Otherwise it is transient.
        pub durable: bool,
        /// RabbitMQ extension: if set, the exchange is deleted once the last binding from it is
        /// gone; without ever having had one, it stays.
        ///
        /// The published 0-9-1 file reserves this bit; it is real in 0-8 and in RabbitMQ.
        pub auto_delete: bool,
        /// RabbitMQ extension: if set, clients cannot publish to the exchange; it is reached only
        /// through bindings from other exchanges.
        ///
        /// The published 0-9-1 file reserves this bit; it is real in 0-8 and in RabbitMQ.
        pub internal: bool,
        /// If set, the server sends no `declare-ok`.
        pub no_wait: bool,
        /// Settings beyond the protocol.
        ///
        /// RabbitMQ knows `alternate-exchange`, which takes the messages that match no binding;
        /// exchange types from plugins know others.
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

        /// Sets `exchange`: exchange to declare.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `type_`: kind of routing.
        #[must_use]
        pub fn type_(mut self, type_: impl Into<ShortStr>) -> Self {
            self.type_ = type_.into();
            self
        }

        /// Sets `passive`: check only.
        #[must_use]
        pub fn passive(mut self, passive: bool) -> Self {
            self.passive = passive;
            self
        }

        /// Sets `durable`: outlive a restart.
        #[must_use]
        pub fn durable(mut self, durable: bool) -> Self {
            self.durable = durable;
            self
        }

        /// Sets `auto_delete`: delete when unbound.
        #[must_use]
        pub fn auto_delete(mut self, auto_delete: bool) -> Self {
            self.auto_delete = auto_delete;
            self
        }

        /// Sets `internal`: refuse publishers.
        #[must_use]
        pub fn internal(mut self, internal: bool) -> Self {
            self.internal = internal;
            self
        }

        /// Sets `arguments`: further settings.
        #[must_use]
        pub fn arguments(mut self, arguments: impl Into<Table>) -> Self {
            self.arguments = arguments.into();
            self
        }
    }

    impl core::fmt::Debug for Declare {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Declare")
                .field("reserved_1", &self.reserved_1)
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
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "exchange.declare";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len() + self.exchange.encoded_len()
                + self.type_.encoded_len() + bit_octets(5) + self.arguments.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
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
            let reserved_1 = input.get()?;
            let exchange = input.get()?;
            let type_ = input.get()?;
            let [passive, durable, auto_delete, internal, no_wait] = input.bits()?;
            Ok(Self {
                reserved_1,
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
            check_length("exchange", &self.exchange, 127)?;
            check_not_empty("exchange", &self.exchange)
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

    /// Answers `declare`: the exchange exists.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Deletes an exchange together with its bindings.
    ///
    /// RabbitMQ confirms the deletion of one that does not exist, and closes the channel with
    /// 403 for the default exchange and for names that begin with `amq.`.
    ///
    /// Class 40, method 20 (`exchange.delete`), sent to the server, answered by [`DeleteOk`].
    #[doc(alias = "exchange.delete")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Delete {
        /// Unused since 0-8, where it held the access ticket.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: u16,
        /// The name of the exchange to delete.
        pub exchange: ShortStr,
        /// If set, an exchange that still has bindings is left alone and the channel is closed with
        /// 406.
        pub if_unused: bool,
        /// If set, the server sends no `delete-ok`.
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

        /// Sets `exchange`: exchange to delete.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `if_unused`: spare one in use.
        #[must_use]
        pub fn if_unused(mut self, if_unused: bool) -> Self {
            self.if_unused = if_unused;
            self
        }
    }

    impl core::fmt::Debug for Delete {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Delete")
                .field("reserved_1", &self.reserved_1)
                .given("exchange", &self.exchange)
                .field("if_unused", &self.if_unused)
                .field("no_wait", &self.no_wait)
                .finish()
        }
    }

    impl Args for Delete {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 20);
        const NAME: &'static str = "exchange.delete";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len() + self.exchange.encoded_len() + bit_octets(2)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
            self.exchange.encode(out);
            put_bits(out, [self.if_unused, self.no_wait]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let reserved_1 = input.get()?;
            let exchange = input.get()?;
            let [if_unused, no_wait] = input.bits()?;
            Ok(Self {
                reserved_1,
                exchange,
                if_unused,
                no_wait,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
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

    /// Answers `delete`: the exchange is gone.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// RabbitMQ extension: binds one exchange to another, so that messages flow from `source`
    /// to `destination` as they would to a queue.
    ///
    /// A second binding with the same key and arguments changes nothing. RabbitMQ closes the
    /// channel with 404 if either end does not exist, and with 403 for the default exchange.
    ///
    /// Class 40, method 30 (`exchange.bind`), sent to the server, answered by [`BindOk`].
    #[doc(alias = "exchange.bind")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Bind {
        /// Unused.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: u16,
        /// The name of the exchange that messages flow to.
        ///
        /// It may not be the default exchange.
        pub destination: ShortStr,
        /// The name of the exchange that messages flow from.
        ///
        /// It may not be the default exchange.
        pub source: ShortStr,
        /// The key or pattern of the binding.
        ///
        /// What it means depends on the type of the source.
        pub routing_key: ShortStr,
        /// If set, the server sends no `bind-ok`.
        pub no_wait: bool,
        /// Criteria beyond the key, used by `headers` exchanges and by types from plugins.
        pub arguments: Table,
    }

    impl Bind {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(
            destination: impl Into<ShortStr>,
            source: impl Into<ShortStr>,
            routing_key: impl Into<ShortStr>,
        ) -> Self {
            Self {
                destination: destination.into(),
                source: source.into(),
                routing_key: routing_key.into(),
                ..Self::default()
            }
        }

        /// Sets `destination`: exchange that receives.
        #[must_use]
        pub fn destination(mut self, destination: impl Into<ShortStr>) -> Self {
            self.destination = destination.into();
            self
        }

        /// Sets `source`: exchange that passes on.
        #[must_use]
        pub fn source(mut self, source: impl Into<ShortStr>) -> Self {
            self.source = source.into();
            self
        }

        /// Sets `routing_key`: key to match.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }

        /// Sets `arguments`: further criteria.
        #[must_use]
        pub fn arguments(mut self, arguments: impl Into<Table>) -> Self {
            self.arguments = arguments.into();
            self
        }
    }

    impl core::fmt::Debug for Bind {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Bind")
                .field("reserved_1", &self.reserved_1)
                .given("destination", &self.destination)
                .given("source", &self.source)
                .given("routing_key", &self.routing_key)
                .field("no_wait", &self.no_wait)
                .field("arguments", &self.arguments)
                .finish()
        }
    }

    impl Args for Bind {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 30);
        const NAME: &'static str = "exchange.bind";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len() + self.destination.encoded_len()
                + self.source.encoded_len() + self.routing_key.encoded_len()
                + bit_octets(1) + self.arguments.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
            self.destination.encode(out);
            self.source.encode(out);
            self.routing_key.encode(out);
            put_bits(out, [self.no_wait]);
            self.arguments.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let reserved_1 = input.get()?;
            let destination = input.get()?;
            let source = input.get()?;
            let routing_key = input.get()?;
            let [no_wait] = input.bits()?;
            Ok(Self {
                reserved_1,
                destination,
                source,
                routing_key,
                no_wait,
                arguments: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_length("destination", &self.destination, 127)?;
            check_length("source", &self.source, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("destination", &self.destination),
                    ("source", &self.source),
                    ("routing-key", &self.routing_key),
                    ("arguments", &self.arguments),
                ],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Exchange(Method::Bind(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Exchange(Method::Bind(args)) => Ok(args),
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

    /// RabbitMQ extension: answers `exchange.bind`: the binding exists.
    ///
    /// Class 40, method 31 (`exchange.bind-ok`), sent to the client.
    #[doc(alias = "exchange.bind-ok")]
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
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 31);
        const NAME: &'static str = "exchange.bind-ok";

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
            super::Method::Exchange(Method::BindOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Exchange(Method::BindOk(args)) => Ok(args),
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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// RabbitMQ extension: removes a binding between two exchanges.
    ///
    /// Source, destination, key and arguments must all be those of the binding. RabbitMQ
    /// confirms the removal of a binding that does not exist.
    ///
    /// Class 40, method 40 (`exchange.unbind`), sent to the server, answered by [`UnbindOk`].
    #[doc(alias = "exchange.unbind")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Unbind {
        /// Unused.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: u16,
        /// The name of the exchange that messages flow to.
        pub destination: ShortStr,
        /// The name of the exchange that messages flow from.
        pub source: ShortStr,
        /// The key that the binding was made with.
        pub routing_key: ShortStr,
        /// If set, the server sends no `unbind-ok`.
        pub no_wait: bool,
        /// The arguments that the binding was made with.
        pub arguments: Table,
    }

    impl Unbind {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(
            destination: impl Into<ShortStr>,
            source: impl Into<ShortStr>,
            routing_key: impl Into<ShortStr>,
        ) -> Self {
            Self {
                destination: destination.into(),
                source: source.into(),
                routing_key: routing_key.into(),
                ..Self::default()
            }
        }

        /// Sets `destination`: exchange that receives.
        #[must_use]
        pub fn destination(mut self, destination: impl Into<ShortStr>) -> Self {
            self.destination = destination.into();
            self
        }

        /// Sets `source`: exchange that passes on.
        #[must_use]
        pub fn source(mut self, source: impl Into<ShortStr>) -> Self {
            self.source = source.into();
            self
        }

        /// Sets `routing_key`: key of the binding.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }

        /// Sets `arguments`: criteria of the binding.
        #[must_use]
        pub fn arguments(mut self, arguments: impl Into<Table>) -> Self {
            self.arguments = arguments.into();
            self
        }
    }

    impl core::fmt::Debug for Unbind {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Unbind")
                .field("reserved_1", &self.reserved_1)
                .given("destination", &self.destination)
                .given("source", &self.source)
                .given("routing_key", &self.routing_key)
                .field("no_wait", &self.no_wait)
                .field("arguments", &self.arguments)
                .finish()
        }
    }

    impl Args for Unbind {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 40);
        const NAME: &'static str = "exchange.unbind";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len() + self.destination.encoded_len()
                + self.source.encoded_len() + self.routing_key.encoded_len()
                + bit_octets(1) + self.arguments.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
            self.destination.encode(out);
            self.source.encode(out);
            self.routing_key.encode(out);
            put_bits(out, [self.no_wait]);
            self.arguments.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let reserved_1 = input.get()?;
            let destination = input.get()?;
            let source = input.get()?;
            let routing_key = input.get()?;
            let [no_wait] = input.bits()?;
            Ok(Self {
                reserved_1,
                destination,
                source,
                routing_key,
                no_wait,
                arguments: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_length("destination", &self.destination, 127)?;
            check_length("source", &self.source, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("destination", &self.destination),
                    ("source", &self.source),
                    ("routing-key", &self.routing_key),
                    ("arguments", &self.arguments),
                ],
            )
        }

        fn into_method(self) -> super::Method {
            super::Method::Exchange(Method::Unbind(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Exchange(Method::Unbind(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Unbind {}

    impl Call for Unbind {
        type Reply = UnbindOk;

        fn declines_reply(&self) -> bool {
            self.no_wait
        }
    }

    impl NoWait for Unbind {
        fn no_wait(&self) -> bool {
            self.no_wait
        }

        fn set_no_wait(&mut self, no_wait: bool) {
            self.no_wait = no_wait;
        }
    }

    impl ChannelMethod for Unbind {}

    impl SimpleMethod for Unbind {}

    impl From<Unbind> for super::Method {
        fn from(args: Unbind) -> Self {
            args.into_method()
        }
    }

    /// RabbitMQ extension: answers `exchange.unbind`: the binding is gone.
    ///
    /// Its number is 51, not 41.
    ///
    /// Class 40, method 51 (`exchange.unbind-ok`), sent to the client.
    #[doc(alias = "exchange.unbind-ok")]
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
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 51);
        const NAME: &'static str = "exchange.unbind-ok";

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
            super::Method::Exchange(Method::UnbindOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Exchange(Method::UnbindOk(args)) => Ok(args),
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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Any method of class `exchange`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `exchange.declare`: create or check an exchange.
        Declare(Declare),
        /// `exchange.declare-ok`: confirm the exchange.
        DeclareOk(DeclareOk),
        /// `exchange.delete`: remove an exchange for good.
        Delete(Delete),
        /// `exchange.delete-ok`: confirm the deletion.
        DeleteOk(DeleteOk),
        /// `exchange.bind`: link two exchanges.
        Bind(Bind),
        /// `exchange.bind-ok`: confirm the binding.
        BindOk(BindOk),
        /// `exchange.unbind`: cut two exchanges apart.
        Unbind(Unbind),
        /// `exchange.unbind-ok`: confirm the removal.
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
                Delete::ID => Delete::decode(input).map(Self::Delete),
                DeleteOk::ID => DeleteOk::decode(input).map(Self::DeleteOk),
                Bind::ID => Bind::decode(input).map(Self::Bind),
                BindOk::ID => BindOk::decode(input).map(Self::BindOk),
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
                Delete::ID => Some(Delete::NAME),
                DeleteOk::ID => Some(DeleteOk::NAME),
                Bind::ID => Some(Bind::NAME),
                BindOk::ID => Some(BindOk::NAME),
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
                Self::Delete(_) => Delete::ID,
                Self::DeleteOk(_) => DeleteOk::ID,
                Self::Bind(_) => Bind::ID,
                Self::BindOk(_) => BindOk::ID,
                Self::Unbind(_) => Unbind::ID,
                Self::UnbindOk(_) => UnbindOk::ID,
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                Self::Declare(_) => Declare::NAME,
                Self::DeclareOk(_) => DeclareOk::NAME,
                Self::Delete(_) => Delete::NAME,
                Self::DeleteOk(_) => DeleteOk::NAME,
                Self::Bind(_) => Bind::NAME,
                Self::BindOk(_) => BindOk::NAME,
                Self::Unbind(_) => Unbind::NAME,
                Self::UnbindOk(_) => UnbindOk::NAME,
            }
        }

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                Self::Declare(args) => args.encoded_len(),
                Self::DeclareOk(args) => args.encoded_len(),
                Self::Delete(args) => args.encoded_len(),
                Self::DeleteOk(args) => args.encoded_len(),
                Self::Bind(args) => args.encoded_len(),
                Self::BindOk(args) => args.encoded_len(),
                Self::Unbind(args) => args.encoded_len(),
                Self::UnbindOk(args) => args.encoded_len(),
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                Self::Declare(args) => args.encode(out),
                Self::DeclareOk(args) => args.encode(out),
                Self::Delete(args) => args.encode(out),
                Self::DeleteOk(args) => args.encode(out),
                Self::Bind(args) => args.encode(out),
                Self::BindOk(args) => args.encode(out),
                Self::Unbind(args) => args.encode(out),
                Self::UnbindOk(args) => args.encode(out),
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                Self::Declare(args) => args.validate(),
                Self::DeclareOk(args) => args.validate(),
                Self::Delete(args) => args.validate(),
                Self::DeleteOk(args) => args.validate(),
                Self::Bind(args) => args.validate(),
                Self::BindOk(args) => args.validate(),
                Self::Unbind(args) => args.validate(),
                Self::UnbindOk(args) => args.validate(),
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

/// Creating, binding, emptying and deleting queues.
///
/// A queue holds messages until a consumer takes them.
///
/// Class 50 of the specification.
pub mod queue {
    use super::V0_9_1;
    use crate::bytes::BufMut;
    use crate::method::{
        Args, Call, ChannelMethod, NoWait, Reply, SimpleMethod, ToClient, ToServer,
    };
    use crate::wire::{
        DecodeError, Field, MethodId, NotDefault, Overlong, Reader, ShortStr, Table,
        Violation, bit_octets, check_length, check_not_empty, find_overlong, put_bits,
    };

    /// The id of class `queue`.
    pub const CLASS_ID: u16 = 50;

    /// Creates a queue, or checks that one of this name exists with the same properties.
    ///
    /// The channel remembers it: later methods with an empty queue name mean the queue declared
    /// last. RabbitMQ closes the channel with 406 if the queue exists with other properties,
    /// with 405 if it is exclusive to another connection, and with 403 if a new name begins
    /// with `amq.`.
    ///
    /// Class 50, method 10 (`queue.declare`), sent to the server, answered by [`DeclareOk`].
    #[doc(alias = "queue.declare")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Declare {
        /// Unused since 0-8, where it held the access ticket.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: u16,
        /// The name of the queue.
        ///
        /// If it is empty the server makes up a unique name, which begins with `amq.gen-` in
        /// RabbitMQ, and returns it in `declare-ok`. With `passive` set a name is needed: RabbitMQ
        /// closes the channel with 404 if it is empty.
        pub queue: ShortStr,
        /// If set, nothing is created: the reply reports on the queue as it is, and if it does not
        /// exist the channel is closed with 404.
        ///
        /// RabbitMQ then looks at the name alone.
        pub passive: bool,
        /// If set, the queue outlives a restart of the server; its messages do so only if they are
        /// persistent themselves.
        pub durable: bool,
        /// If set, only this connection may use the queue, and it is deleted when the connection
        /// ends.
        ///
        /// Others get 405.
        pub exclusive: bool,
        /// If set, the queue is deleted once its last consumer is gone.
        ///
        /// A queue that never had a consumer stays.
        pub auto_delete: bool,
        /// If set, the server sends no `declare-ok`.
        ///
        /// A name that the server makes up would then stay unknown to the client.
        pub no_wait: bool,
        /// Settings beyond the protocol.
        ///
        /// Those of RabbitMQ begin with `x-`, for example `x-queue-type`, `x-message-ttl`,
        /// `x-expires`, `x-max-length`, `x-dead-letter-exchange` and `x-max-priority`.
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

        /// Sets `queue`: queue to declare.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `passive`: check only.
        #[must_use]
        pub fn passive(mut self, passive: bool) -> Self {
            self.passive = passive;
            self
        }

        /// Sets `durable`: outlive a restart.
        #[must_use]
        pub fn durable(mut self, durable: bool) -> Self {
            self.durable = durable;
            self
        }

        /// Sets `exclusive`: belong to this connection.
        #[must_use]
        pub fn exclusive(mut self, exclusive: bool) -> Self {
            self.exclusive = exclusive;
            self
        }

        /// Sets `auto_delete`: delete when unused.
        #[must_use]
        pub fn auto_delete(mut self, auto_delete: bool) -> Self {
            self.auto_delete = auto_delete;
            self
        }

        /// Sets `arguments`: further settings.
        #[must_use]
        pub fn arguments(mut self, arguments: impl Into<Table>) -> Self {
            self.arguments = arguments.into();
            self
        }
    }

    impl core::fmt::Debug for Declare {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Declare")
                .field("reserved_1", &self.reserved_1)
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
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "queue.declare";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len() + self.queue.encoded_len() + bit_octets(5)
                + self.arguments.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
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
            let reserved_1 = input.get()?;
            let queue = input.get()?;
            let [passive, durable, exclusive, auto_delete, no_wait] = input.bits()?;
            Ok(Self {
                reserved_1,
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

    /// Answers `declare`: the queue exists.
    ///
    /// The counts are a snapshot.
    ///
    /// Class 50, method 11 (`queue.declare-ok`), sent to the client.
    #[doc(alias = "queue.declare-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct DeclareOk {
        /// The name of the queue, above all where the server made it up.
        pub queue: ShortStr,
        /// The number of messages that are ready in the queue.
        ///
        /// Those delivered and not yet acknowledged are not counted.
        pub message_count: u32,
        /// The number of consumers on the queue.
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

        /// Sets `queue`: name of the queue.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `message_count`: messages ready.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Adds a binding from an exchange to a queue, so that matching messages flow into the
    /// queue.
    ///
    /// A second binding with the same key and arguments changes nothing. RabbitMQ closes the
    /// channel with 404 if either end does not exist, and with 403 for the default exchange,
    /// whose bindings are fixed.
    ///
    /// Class 50, method 20 (`queue.bind`), sent to the server, answered by [`BindOk`].
    #[doc(alias = "queue.bind")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Bind {
        /// Unused since 0-8, where it held the access ticket.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: u16,
        /// The name of the queue.
        ///
        /// Empty means the queue that the channel declared last.
        pub queue: ShortStr,
        /// The name of the exchange that messages flow from.
        pub exchange: ShortStr,
        /// The key or pattern of the binding.
        ///
        /// What it means depends on the type of the exchange; `fanout` and `headers` ignore it. If
        /// both key and queue name are empty, the name of the queue declared last is the key.
        pub routing_key: ShortStr,
        /// If set, the server sends no `bind-ok`.
        pub no_wait: bool,
        /// Criteria beyond the key, used by `headers` exchanges and by types from plugins.
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

        /// Sets `queue`: queue to bind.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `exchange`: exchange to bind to.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: key to match.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }

        /// Sets `arguments`: further criteria.
        #[must_use]
        pub fn arguments(mut self, arguments: impl Into<Table>) -> Self {
            self.arguments = arguments.into();
            self
        }
    }

    impl core::fmt::Debug for Bind {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Bind")
                .field("reserved_1", &self.reserved_1)
                .given("queue", &self.queue)
                .given("exchange", &self.exchange)
                .given("routing_key", &self.routing_key)
                .field("no_wait", &self.no_wait)
                .field("arguments", &self.arguments)
                .finish()
        }
    }

    impl Args for Bind {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 20);
        const NAME: &'static str = "queue.bind";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len() + self.queue.encoded_len()
                + self.exchange.encoded_len() + self.routing_key.encoded_len()
                + bit_octets(1) + self.arguments.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
            self.queue.encode(out);
            self.exchange.encode(out);
            self.routing_key.encode(out);
            put_bits(out, [self.no_wait]);
            self.arguments.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let reserved_1 = input.get()?;
            let queue = input.get()?;
            let exchange = input.get()?;
            let routing_key = input.get()?;
            let [no_wait] = input.bits()?;
            Ok(Self {
                reserved_1,
                queue,
                exchange,
                routing_key,
                no_wait,
                arguments: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
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

    /// Answers `bind`: the binding exists.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Drops every message that is ready in a queue.
    ///
    /// Messages delivered and not yet acknowledged are not touched.
    ///
    /// Class 50, method 30 (`queue.purge`), sent to the server, answered by [`PurgeOk`].
    #[doc(alias = "queue.purge")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Purge {
        /// Unused since 0-8, where it held the access ticket.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: u16,
        /// The name of the queue.
        ///
        /// Empty means the queue that the channel declared last.
        pub queue: ShortStr,
        /// If set, the server sends no `purge-ok`.
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

        /// Sets `queue`: queue to empty.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }
    }

    impl core::fmt::Debug for Purge {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Purge")
                .field("reserved_1", &self.reserved_1)
                .given("queue", &self.queue)
                .field("no_wait", &self.no_wait)
                .finish()
        }
    }

    impl Args for Purge {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 30);
        const NAME: &'static str = "queue.purge";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len() + self.queue.encoded_len() + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
            self.queue.encode(out);
            put_bits(out, [self.no_wait]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let reserved_1 = input.get()?;
            let queue = input.get()?;
            let [no_wait] = input.bits()?;
            Ok(Self { reserved_1, queue, no_wait })
        }

        fn validate(&self) -> Result<(), Violation> {
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

    /// Answers `purge`: the messages are gone.
    ///
    /// Class 50, method 31 (`queue.purge-ok`), sent to the client.
    #[doc(alias = "queue.purge-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct PurgeOk {
        /// The number of messages that were dropped.
        pub message_count: u32,
    }

    impl PurgeOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(message_count: u32) -> Self {
            Self { message_count }
        }

        /// Sets `message_count`: messages dropped.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Deletes a queue with its bindings and its messages, and cancels its consumers.
    ///
    /// RabbitMQ confirms the deletion of one that does not exist, and tells consumers about it
    /// with `basic.cancel` if their client announced `consumer_cancel_notify`.
    ///
    /// Class 50, method 40 (`queue.delete`), sent to the server, answered by [`DeleteOk`].
    #[doc(alias = "queue.delete")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Delete {
        /// Unused since 0-8, where it held the access ticket.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: u16,
        /// The name of the queue.
        ///
        /// Empty means the queue that the channel declared last.
        pub queue: ShortStr,
        /// If set, a queue with consumers is left alone and the channel is closed with 406.
        pub if_unused: bool,
        /// If set, a queue with messages is left alone and the channel is closed with 406.
        pub if_empty: bool,
        /// If set, the server sends no `delete-ok`.
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

        /// Sets `queue`: queue to delete.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `if_unused`: spare one with consumers.
        #[must_use]
        pub fn if_unused(mut self, if_unused: bool) -> Self {
            self.if_unused = if_unused;
            self
        }

        /// Sets `if_empty`: spare one with messages.
        #[must_use]
        pub fn if_empty(mut self, if_empty: bool) -> Self {
            self.if_empty = if_empty;
            self
        }
    }

    impl core::fmt::Debug for Delete {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Delete")
                .field("reserved_1", &self.reserved_1)
                .given("queue", &self.queue)
                .field("if_unused", &self.if_unused)
                .field("if_empty", &self.if_empty)
                .field("no_wait", &self.no_wait)
                .finish()
        }
    }

    impl Args for Delete {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 40);
        const NAME: &'static str = "queue.delete";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len() + self.queue.encoded_len() + bit_octets(3)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
            self.queue.encode(out);
            put_bits(out, [self.if_unused, self.if_empty, self.no_wait]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let reserved_1 = input.get()?;
            let queue = input.get()?;
            let [if_unused, if_empty, no_wait] = input.bits()?;
            Ok(Self {
                reserved_1,
                queue,
                if_unused,
                if_empty,
                no_wait,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
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

    /// Answers `delete`: the queue is gone.
    ///
    /// Class 50, method 41 (`queue.delete-ok`), sent to the client.
    #[doc(alias = "queue.delete-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct DeleteOk {
        /// The number of messages that were ready when the queue was deleted.
        ///
        /// Those delivered and not yet acknowledged are gone too, but not counted.
        pub message_count: u32,
    }

    impl DeleteOk {
        /// The method with these arguments, which are all it has.
        #[must_use]
        pub fn new(message_count: u32) -> Self {
            Self { message_count }
        }

        /// Sets `message_count`: messages dropped.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Removes a binding between a queue and an exchange.
    ///
    /// Queue, exchange, key and arguments must all be those of the binding. RabbitMQ confirms
    /// the removal of a binding that does not exist. The method has no `no-wait`.
    ///
    /// Class 50, method 50 (`queue.unbind`), sent to the server, answered by [`UnbindOk`].
    #[doc(alias = "queue.unbind")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Unbind {
        /// Unused since 0-8, where such methods held the access ticket.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: u16,
        /// The name of the queue.
        ///
        /// Empty means the queue that the channel declared last.
        pub queue: ShortStr,
        /// The name of the exchange that the queue is bound to.
        pub exchange: ShortStr,
        /// The key that the binding was made with.
        pub routing_key: ShortStr,
        /// The arguments that the binding was made with.
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

        /// Sets `queue`: queue to unbind.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `exchange`: exchange to unbind from.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: key of the binding.
        #[must_use]
        pub fn routing_key(mut self, routing_key: impl Into<ShortStr>) -> Self {
            self.routing_key = routing_key.into();
            self
        }

        /// Sets `arguments`: criteria of the binding.
        #[must_use]
        pub fn arguments(mut self, arguments: impl Into<Table>) -> Self {
            self.arguments = arguments.into();
            self
        }
    }

    impl core::fmt::Debug for Unbind {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Unbind")
                .field("reserved_1", &self.reserved_1)
                .given("queue", &self.queue)
                .given("exchange", &self.exchange)
                .given("routing_key", &self.routing_key)
                .field("arguments", &self.arguments)
                .finish()
        }
    }

    impl Args for Unbind {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 50);
        const NAME: &'static str = "queue.unbind";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len() + self.queue.encoded_len()
                + self.exchange.encoded_len() + self.routing_key.encoded_len()
                + self.arguments.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
            self.queue.encode(out);
            self.exchange.encode(out);
            self.routing_key.encode(out);
            self.arguments.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                reserved_1: input.get()?,
                queue: input.get()?,
                exchange: input.get()?,
                routing_key: input.get()?,
                arguments: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
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

    /// Answers `unbind`: the binding is gone.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Any method of class `queue`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `queue.declare`: create or check a queue.
        Declare(Declare),
        /// `queue.declare-ok`: confirm the queue.
        DeclareOk(DeclareOk),
        /// `queue.bind`: link an exchange to a queue.
        Bind(Bind),
        /// `queue.bind-ok`: confirm the binding.
        BindOk(BindOk),
        /// `queue.purge`: empty a queue.
        Purge(Purge),
        /// `queue.purge-ok`: confirm the purge.
        PurgeOk(PurgeOk),
        /// `queue.delete`: remove a queue for good.
        Delete(Delete),
        /// `queue.delete-ok`: confirm the deletion.
        DeleteOk(DeleteOk),
        /// `queue.unbind`: cut an exchange off a queue.
        Unbind(Unbind),
        /// `queue.unbind-ok`: confirm the removal.
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

/// Publishing, delivering and acknowledging messages.
///
/// Its fields are the properties of a message, all optional, which travel in the content
/// header. RabbitMQ hands them on as the publisher wrote them, apart from headers that it
/// adds itself.
///
/// Class 60 of the specification.
pub mod basic {
    use super::V0_9_1;
    use crate::bytes::BufMut;
    use crate::method::{
        self, Args, Call, ChannelMethod, ContentArgs, Intent, NoWait, OneWay, Reply,
        SimpleMethod, ToClient, ToServer,
    };
    use crate::wire::{
        DecodeError, DeliveryTag, Field, Flags, MethodId, NotDefault, Overlong, Reader,
        ReplyCode, ShortStr, Table, Timestamp, Violation, bit_octets, check_length,
        check_not_empty, find_overlong, optional_len, put_bits, put_optional,
    };

    /// The id of class `basic`.
    pub const CLASS_ID: u16 = 60;

    /// Limits how much the server may deliver before the client acknowledges.
    ///
    /// It does not hold for consumers with `no-ack`, nor for `get`.
    ///
    /// Class 60, method 10 (`basic.qos`), sent to the server, answered by [`QosOk`].
    #[doc(alias = "basic.qos")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Qos {
        /// The limit in octets of content, zero for none.
        ///
        /// RabbitMQ does not offer it: any other value closes the connection with 540.
        pub prefetch_size: u32,
        /// The limit in messages, zero for none.
        pub prefetch_count: u16,
        /// What the limit is counted over.
        ///
        /// RabbitMQ reads it in its own way: clear, the limit holds separately for each consumer
        /// started on the channel from now on; set, it holds for all consumers of the channel
        /// together. The published text has it clear for one channel and set for the whole
        /// connection.
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

        /// Sets `prefetch_size`: limit in octets.
        #[must_use]
        pub fn prefetch_size(mut self, prefetch_size: u32) -> Self {
            self.prefetch_size = prefetch_size;
            self
        }

        /// Sets `prefetch_count`: limit in messages.
        #[must_use]
        pub fn prefetch_count(mut self, prefetch_count: u16) -> Self {
            self.prefetch_count = prefetch_count;
            self
        }

        /// Sets `global`: extent of the limit.
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
        type Spec = V0_9_1;

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

    /// Answers `qos`: the limit holds.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Starts a consumer: from now on the server sends the messages of the queue as `deliver`,
    /// until the consumer is cancelled or the channel closes.
    ///
    /// RabbitMQ closes the channel with 404 if the queue does not exist and with 403 if another
    /// consumer has it to itself.
    ///
    /// Class 60, method 20 (`basic.consume`), sent to the server, answered by [`ConsumeOk`].
    #[doc(alias = "basic.consume")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Consume {
        /// Unused since 0-8, where it held the access ticket.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: u16,
        /// The name of the queue.
        ///
        /// Empty means the queue that the channel declared last.
        pub queue: ShortStr,
        /// The name for the consumer, unique on the channel; RabbitMQ closes the connection with
        /// 530 if it is taken.
        ///
        /// If it is empty the server makes one up, beginning with `amq.ctag-` in RabbitMQ, and
        /// returns it in `consume-ok`.
        pub consumer_tag: ShortStr,
        /// If set, messages published over this connection should not be delivered to it.
        ///
        /// RabbitMQ ignores it.
        pub no_local: bool,
        /// If set, messages count as settled once sent, and the client must not acknowledge them.
        pub no_ack: bool,
        /// If set, no other consumer may use the queue.
        ///
        /// RabbitMQ closes the channel with 403 if one does already.
        pub exclusive: bool,
        /// If set, the server sends no `consume-ok`; choose the consumer tag yourself then.
        pub no_wait: bool,
        /// Settings beyond the protocol.
        ///
        /// RabbitMQ knows `x-priority` for the rank among consumers and `x-stream-offset` for the
        /// start in a stream. The table is always written, empty or not.
        pub arguments: Table,
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

        /// Sets `queue`: queue to consume from.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `consumer_tag`: name of the consumer.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }

        /// Sets `no_local`: spare own messages.
        #[must_use]
        pub fn no_local(mut self, no_local: bool) -> Self {
            self.no_local = no_local;
            self
        }

        /// Sets `no_ack`: deliver without acknowledgement.
        #[must_use]
        pub fn no_ack(mut self, no_ack: bool) -> Self {
            self.no_ack = no_ack;
            self
        }

        /// Sets `exclusive`: be the only consumer.
        #[must_use]
        pub fn exclusive(mut self, exclusive: bool) -> Self {
            self.exclusive = exclusive;
            self
        }

        /// Sets `arguments`: further settings.
        #[must_use]
        pub fn arguments(mut self, arguments: impl Into<Table>) -> Self {
            self.arguments = arguments.into();
            self
        }
    }

    impl core::fmt::Debug for Consume {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Consume")
                .field("reserved_1", &self.reserved_1)
                .given("queue", &self.queue)
                .field("consumer_tag", &self.consumer_tag)
                .field("no_local", &self.no_local)
                .field("no_ack", &self.no_ack)
                .field("exclusive", &self.exclusive)
                .field("no_wait", &self.no_wait)
                .field("arguments", &self.arguments)
                .finish()
        }
    }

    impl Args for Consume {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 20);
        const NAME: &'static str = "basic.consume";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len() + self.queue.encoded_len()
                + self.consumer_tag.encoded_len() + bit_octets(4)
                + self.arguments.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
            self.queue.encode(out);
            self.consumer_tag.encode(out);
            put_bits(out, [self.no_local, self.no_ack, self.exclusive, self.no_wait]);
            self.arguments.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let reserved_1 = input.get()?;
            let queue = input.get()?;
            let consumer_tag = input.get()?;
            let [no_local, no_ack, exclusive, no_wait] = input.bits()?;
            Ok(Self {
                reserved_1,
                queue,
                consumer_tag,
                no_local,
                no_ack,
                exclusive,
                no_wait,
                arguments: input.get()?,
            })
        }

        fn validate(&self) -> Result<(), Violation> {
            check_length("queue", &self.queue, 127)
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(
                &[
                    ("queue", &self.queue),
                    ("consumer-tag", &self.consumer_tag),
                    ("arguments", &self.arguments),
                ],
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

    /// Answers `consume`: the consumer runs.
    ///
    /// Class 60, method 21 (`basic.consume-ok`), sent to the client.
    #[doc(alias = "basic.consume-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct ConsumeOk {
        /// The name of the consumer, above all where the server made it up.
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

        /// Sets `consumer_tag`: name of the consumer.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Stops a consumer.
    ///
    /// Messages that the server sent before may still arrive until `cancel-ok`, and those
    /// unacknowledged stay so. RabbitMQ confirms an unknown tag as well. As an extension it
    /// also sends `cancel` itself, with `no-wait` set, when a queue with a consumer goes away
    /// and the client announced `consumer_cancel_notify`.
    ///
    /// Class 60, method 30 (`basic.cancel`), sent either way, answered by [`CancelOk`].
    #[doc(alias = "basic.cancel")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Cancel {
        /// The name of the consumer to stop.
        pub consumer_tag: ShortStr,
        /// If set, no `cancel-ok` is sent.
        ///
        /// It is always set when RabbitMQ sends the method.
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

        /// Sets `consumer_tag`: consumer to stop.
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
        type Spec = V0_9_1;

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

    /// Answers `cancel`: nothing more will be delivered to the consumer.
    ///
    /// As an extension RabbitMQ's own file lets clients send it too, in answer to a `cancel`
    /// from the server; release 3.10.8 closes the connection with 503 if one does. Its `cancel`
    /// has `no-wait` set and wants no answer.
    ///
    /// Class 60, method 31 (`basic.cancel-ok`), sent either way.
    #[doc(alias = "basic.cancel-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct CancelOk {
        /// The name of the consumer that was stopped.
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

        /// Sets `consumer_tag`: consumer that stopped.
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
        type Spec = V0_9_1;

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

    impl ToServer for CancelOk {}

    impl ToClient for CancelOk {}

    impl From<CancelOk> for super::Method {
        fn from(args: CancelOk) -> Self {
            args.into_method()
        }
    }

    impl Reply for CancelOk {
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Publishes a message to an exchange, which routes it to queues.
    ///
    /// There is no reply; in confirm mode the server follows up with `ack` or `nack`. RabbitMQ
    /// closes the channel with 404 if the exchange does not exist and with 403 if it is
    /// internal; since nothing waits for this, the close arrives later.
    ///
    /// Class 60, method 40 (`basic.publish`), sent to the server, followed by content.
    #[doc(alias = "basic.publish")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Publish {
        /// Unused since 0-8, where it held the access ticket.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: u16,
        /// The name of the exchange.
        ///
        /// Empty means the default exchange, which puts the message into the queue named by the
        /// routing key.
        pub exchange: ShortStr,
        /// The key by which the exchange picks queues.
        ///
        /// What it means depends on the type of the exchange.
        pub routing_key: ShortStr,
        /// If set, a message that no queue takes comes back as `return`, with code 312.
        ///
        /// Otherwise it is dropped silently.
        pub mandatory: bool,
        /// If set, a message that no consumer takes at once should come back as `return`.
        ///
        /// RabbitMQ does not offer it and closes the connection with 540.
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

        /// Sets `exchange`: exchange to publish to.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: key to route by.
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

        /// Sets `immediate`: return if not consumed at once.
        #[must_use]
        pub fn immediate(mut self, immediate: bool) -> Self {
            self.immediate = immediate;
            self
        }
    }

    impl core::fmt::Debug for Publish {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Publish")
                .field("reserved_1", &self.reserved_1)
                .given("exchange", &self.exchange)
                .given("routing_key", &self.routing_key)
                .field("mandatory", &self.mandatory)
                .field("immediate", &self.immediate)
                .finish()
        }
    }

    impl Args for Publish {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 40);
        const NAME: &'static str = "basic.publish";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len() + self.exchange.encoded_len()
                + self.routing_key.encoded_len() + bit_octets(2)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
            self.exchange.encode(out);
            self.routing_key.encode(out);
            put_bits(out, [self.mandatory, self.immediate]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let reserved_1 = input.get()?;
            let exchange = input.get()?;
            let routing_key = input.get()?;
            let [mandatory, immediate] = input.bits()?;
            Ok(Self {
                reserved_1,
                exchange,
                routing_key,
                mandatory,
                immediate,
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

    /// Hands back a message published with `mandatory` that no queue took.
    ///
    /// In confirm mode RabbitMQ sends it before the `ack` of the same message.
    ///
    /// Class 60, method 50 (`basic.return`), sent to the client, followed by content.
    #[doc(alias = "basic.return")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Return {
        /// The reason as a number: 312 if nothing was bound for the message.
        pub reply_code: ReplyCode,
        /// The reason in words; `NO_ROUTE` from RabbitMQ.
        pub reply_text: ShortStr,
        /// The exchange that the message was published to.
        pub exchange: ShortStr,
        /// The routing key that the message was published with.
        ///
        /// It may hold octets that are not UTF-8.
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

        /// Sets `reply_code`: reason as a number.
        #[must_use]
        pub fn reply_code(mut self, reply_code: impl Into<ReplyCode>) -> Self {
            self.reply_code = reply_code.into();
            self
        }

        /// Sets `reply_text`: reason in words.
        #[must_use]
        pub fn reply_text(mut self, reply_text: impl Into<ShortStr>) -> Self {
            self.reply_text = reply_text.into();
            self
        }

        /// Sets `exchange`: exchange it was sent to.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: key it was sent with.
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
        type Spec = V0_9_1;

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

    /// Delivers a message to a consumer.
    ///
    /// Unless the consumer uses `no-ack`, the message stays unsettled until the client
    /// acknowledges or rejects it.
    ///
    /// Class 60, method 60 (`basic.deliver`), sent to the client, followed by content.
    #[doc(alias = "basic.deliver")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Deliver {
        /// The name of the consumer that the message is for.
        pub consumer_tag: ShortStr,
        /// The number by which to acknowledge the message on this channel.
        pub delivery_tag: DeliveryTag,
        /// Set if the message may have been delivered before.
        pub redelivered: bool,
        /// The exchange that the message was published to; empty for the default exchange.
        pub exchange: ShortStr,
        /// The routing key that the message was published with.
        ///
        /// It may hold octets that are not UTF-8.
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

        /// Sets `consumer_tag`: consumer it is for.
        #[must_use]
        pub fn consumer_tag(mut self, consumer_tag: impl Into<ShortStr>) -> Self {
            self.consumer_tag = consumer_tag.into();
            self
        }

        /// Sets `delivery_tag`: number of the delivery.
        #[must_use]
        pub fn delivery_tag(mut self, delivery_tag: impl Into<DeliveryTag>) -> Self {
            self.delivery_tag = delivery_tag.into();
            self
        }

        /// Sets `redelivered`: delivered before.
        #[must_use]
        pub fn redelivered(mut self, redelivered: bool) -> Self {
            self.redelivered = redelivered;
            self
        }

        /// Sets `exchange`: exchange it came through.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: key it was sent with.
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
        type Spec = V0_9_1;

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

    /// Fetches one message from a queue without a consumer.
    ///
    /// The answer is `get-ok` with a message, or `get-empty`. A consumer does the same with far
    /// less traffic.
    ///
    /// Class 60, method 70 (`basic.get`), sent to the server, answered by one of [`GetReply`].
    #[doc(alias = "basic.get")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Get {
        /// Unused since 0-8, where it held the access ticket.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: u16,
        /// The name of the queue.
        ///
        /// Empty means the queue that the channel declared last.
        pub queue: ShortStr,
        /// If set, the message counts as settled once sent, and the client must not acknowledge it.
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

        /// Sets `queue`: queue to fetch from.
        #[must_use]
        pub fn queue(mut self, queue: impl Into<ShortStr>) -> Self {
            self.queue = queue.into();
            self
        }

        /// Sets `no_ack`: fetch without acknowledgement.
        #[must_use]
        pub fn no_ack(mut self, no_ack: bool) -> Self {
            self.no_ack = no_ack;
            self
        }
    }

    impl core::fmt::Debug for Get {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Get")
                .field("reserved_1", &self.reserved_1)
                .given("queue", &self.queue)
                .field("no_ack", &self.no_ack)
                .finish()
        }
    }

    impl Args for Get {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 70);
        const NAME: &'static str = "basic.get";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len() + self.queue.encoded_len() + bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
            self.queue.encode(out);
            put_bits(out, [self.no_ack]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let reserved_1 = input.get()?;
            let queue = input.get()?;
            let [no_ack] = input.bits()?;
            Ok(Self { reserved_1, queue, no_ack })
        }

        fn validate(&self) -> Result<(), Violation> {
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
        /// `basic.get-ok`: here is a message.
        Ok(GetOk),
        /// `basic.get-empty`: nothing to fetch.
        Empty(GetEmpty),
    }

    impl Reply for GetReply {
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[GetOk::ID, GetEmpty::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::GetOk(args)) => Ok(Self::Ok(args)),
                super::Method::Basic(Method::GetEmpty(args)) => Ok(Self::Empty(args)),
                other => Err(other),
            }
        }
    }

    /// Answers `get` with a message.
    ///
    /// Unless `no-ack` was set, it stays unsettled until the client acknowledges or rejects it.
    ///
    /// Class 60, method 71 (`basic.get-ok`), sent to the client, followed by content.
    #[doc(alias = "basic.get-ok")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct GetOk {
        /// The number by which to acknowledge the message on this channel.
        pub delivery_tag: DeliveryTag,
        /// Set if the message may have been delivered before.
        pub redelivered: bool,
        /// The exchange that the message was published to; empty for the default exchange.
        pub exchange: ShortStr,
        /// The routing key that the message was published with.
        ///
        /// It may hold octets that are not UTF-8.
        pub routing_key: ShortStr,
        /// The number of messages that are still ready in the queue.
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

        /// Sets `delivery_tag`: number of the delivery.
        #[must_use]
        pub fn delivery_tag(mut self, delivery_tag: impl Into<DeliveryTag>) -> Self {
            self.delivery_tag = delivery_tag.into();
            self
        }

        /// Sets `redelivered`: delivered before.
        #[must_use]
        pub fn redelivered(mut self, redelivered: bool) -> Self {
            self.redelivered = redelivered;
            self
        }

        /// Sets `exchange`: exchange it came through.
        #[must_use]
        pub fn exchange(mut self, exchange: impl Into<ShortStr>) -> Self {
            self.exchange = exchange.into();
            self
        }

        /// Sets `routing_key`: key it was sent with.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Answers `get` when the queue has no message ready.
    ///
    /// Class 60, method 72 (`basic.get-empty`), sent to the client.
    #[doc(alias = "basic.get-empty")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct GetEmpty {
        /// Unused since 0-8, where it held the cluster id.
        ///
        /// Reserved: `new` leaves it zero or empty; what was received is kept as it came.
        pub reserved_1: ShortStr,
    }

    impl GetEmpty {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }
    }

    impl core::fmt::Debug for GetEmpty {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "GetEmpty").field("reserved_1", &self.reserved_1).finish()
        }
    }

    impl Args for GetEmpty {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 72);
        const NAME: &'static str = "basic.get-empty";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.reserved_1.encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.reserved_1.encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { reserved_1: input.get()? })
        }

        fn overlong(&self) -> Option<Overlong> {
            find_overlong(&[("reserved-1", &self.reserved_1)])
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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Acknowledges one delivered message or several, after which the server forgets them.
    ///
    /// RabbitMQ closes the channel with 406 if the tag is not an outstanding one. As an
    /// extension the server sends `ack` too: in confirm mode it says that published messages
    /// are safe.
    ///
    /// Class 60, method 80 (`basic.ack`), sent either way.
    #[doc(alias = "basic.ack")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Ack {
        /// The number of the message: from the delivery if the client sends this, the count of the
        /// publish if the server does.
        ///
        /// Zero with `multiple` means all that are outstanding.
        pub delivery_tag: DeliveryTag,
        /// If set, all outstanding messages up to and including the tag are meant; otherwise only
        /// that one.
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

        /// Sets `delivery_tag`: message to acknowledge.
        #[must_use]
        pub fn delivery_tag(mut self, delivery_tag: impl Into<DeliveryTag>) -> Self {
            self.delivery_tag = delivery_tag.into();
            self
        }

        /// Sets `multiple`: up to and including.
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
        type Spec = V0_9_1;

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

    impl ToClient for Ack {}

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

    /// Refuses one delivered message.
    ///
    /// RabbitMQ closes the channel with 406 if the tag is not an outstanding one. Otherwise it
    /// either puts the message back into its queue or drops it, by way of the queue's
    /// dead-letter exchange if it has one. To refuse several at once, RabbitMQ has `nack`.
    ///
    /// Class 60, method 90 (`basic.reject`), sent to the server.
    #[doc(alias = "basic.reject")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Reject {
        /// The number of the delivery.
        pub delivery_tag: DeliveryTag,
        /// If set, the message goes back into the queue and will be delivered again, possibly to
        /// the same consumer.
        ///
        /// Otherwise it is dropped or dead-lettered.
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

        /// Sets `delivery_tag`: message to reject.
        #[must_use]
        pub fn delivery_tag(mut self, delivery_tag: impl Into<DeliveryTag>) -> Self {
            self.delivery_tag = delivery_tag.into();
            self
        }

        /// Sets `requeue`: put it back.
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
        type Spec = V0_9_1;

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

    /// Asks the server to deliver again what this channel has not acknowledged.
    ///
    /// It has no reply. It is deprecated; use `recover`.
    ///
    /// Class 60, method 100 (`basic.recover-async`), sent to the server.
    ///
    /// Deprecated by the specification.
    #[doc(alias = "basic.recover-async")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct RecoverAsync {
        /// If set, the messages go back into their queues and may reach any consumer.
        ///
        /// RabbitMQ offers only this, and closes the connection with 540 if it is clear.
        pub requeue: bool,
    }

    impl RecoverAsync {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `requeue`: redeliver to anyone.
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
        type Spec = V0_9_1;

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

    /// Asks the server to deliver again what this channel has not acknowledged; `recover-ok`
    /// answers.
    ///
    /// The published file neither calls this method synchronous nor links it to its reply, and
    /// this one keeps to that: the code generator adds the link.
    ///
    /// Class 60, method 110 (`basic.recover`), sent to the server, answered by [`RecoverOk`].
    #[doc(alias = "basic.recover")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Recover {
        /// If set, the messages go back into their queues and may reach any consumer.
        ///
        /// RabbitMQ offers only this, and closes the connection with 540 if it is clear.
        pub requeue: bool,
    }

    impl Recover {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `requeue`: redeliver to anyone.
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
        type Spec = V0_9_1;

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

    /// Answers `recover`: the messages are on their way back to their queues.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// RabbitMQ extension: refuses one delivered message or several, like `reject` with
    /// `multiple`.
    ///
    /// An unknown tag closes the channel with 406. In confirm mode the server sends `nack` too:
    /// it says that it could not take charge of published messages.
    ///
    /// Class 60, method 120 (`basic.nack`), sent either way.
    #[doc(alias = "basic.nack")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Nack {
        /// The number of the message: from the delivery if the client sends this, the count of the
        /// publish if the server does.
        ///
        /// Zero with `multiple` means all that are outstanding.
        pub delivery_tag: DeliveryTag,
        /// If set, all outstanding messages up to and including the tag are meant; otherwise only
        /// that one.
        pub multiple: bool,
        /// If set, the messages go back into the queue; otherwise they are dropped or
        /// dead-lettered.
        ///
        /// It means nothing when the server sends the method.
        pub requeue: bool,
    }

    impl Nack {
        /// The method with these arguments; all others are zero, empty or off.
        #[must_use]
        pub fn new(delivery_tag: impl Into<DeliveryTag>) -> Self {
            Self {
                delivery_tag: delivery_tag.into(),
                ..Self::default()
            }
        }

        /// Sets `delivery_tag`: message to refuse.
        #[must_use]
        pub fn delivery_tag(mut self, delivery_tag: impl Into<DeliveryTag>) -> Self {
            self.delivery_tag = delivery_tag.into();
            self
        }

        /// Sets `multiple`: up to and including.
        #[must_use]
        pub fn multiple(mut self, multiple: bool) -> Self {
            self.multiple = multiple;
            self
        }

        /// Sets `requeue`: put them back.
        #[must_use]
        pub fn requeue(mut self, requeue: bool) -> Self {
            self.requeue = requeue;
            self
        }
    }

    impl core::fmt::Debug for Nack {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Nack")
                .given("delivery_tag", &self.delivery_tag)
                .field("multiple", &self.multiple)
                .field("requeue", &self.requeue)
                .finish()
        }
    }

    impl Args for Nack {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 120);
        const NAME: &'static str = "basic.nack";

        #[inline]
        fn encoded_len(&self) -> usize {
            self.delivery_tag.encoded_len() + bit_octets(2)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            self.delivery_tag.encode(out);
            put_bits(out, [self.multiple, self.requeue]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let delivery_tag = input.get()?;
            let [multiple, requeue] = input.bits()?;
            Ok(Self {
                delivery_tag,
                multiple,
                requeue,
            })
        }

        fn into_method(self) -> super::Method {
            super::Method::Basic(Method::Nack(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Basic(Method::Nack(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Nack {}

    impl ToClient for Nack {}

    impl ChannelMethod for Nack {
        fn intent(&mut self) -> Intent<'_> {
            Intent::Settle {
                tag: self.delivery_tag,
                multiple: self.multiple,
            }
        }
    }

    impl SimpleMethod for Nack {}

    impl OneWay for Nack {}

    impl From<Nack> for super::Method {
        fn from(args: Nack) -> Self {
            args.into_method()
        }
    }

    /// The properties of a message of class `basic`.
    ///
    /// Each may be absent; `None` takes no room on the wire.
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Properties {
        /// The MIME type of the body, such as `application/json`.
        ///
        /// It is for the consumer; the server does not look at it.
        pub content_type: Option<ShortStr>,
        /// How the body is packed, such as `gzip`.
        ///
        /// It is for the consumer; the server does not look at it.
        pub content_encoding: Option<ShortStr>,
        /// Named values of the application's own choosing.
        ///
        /// A `headers` exchange routes by them. RabbitMQ gives meaning to some, such as `CC` and
        /// `BCC`, and adds others, such as `x-death`.
        pub headers: Option<Table>,
        /// How carefully to keep the message: 1 is transient, 2 is persistent, which outlives a
        /// restart of the server in a durable queue.
        ///
        /// Absent means transient. RabbitMQ closes the channel with 406 for any other value.
        pub delivery_mode: Option<u8>,
        /// The priority of the message, higher before lower.
        ///
        /// The protocol knows 0 to 9; RabbitMQ accepts any value and heeds it only in queues
        /// declared with `x-max-priority`.
        pub priority: Option<u8>,
        /// What links a reply to its request: the requester chooses a value and the replier copies
        /// it.
        pub correlation_id: Option<ShortStr>,
        /// The queue that replies should be sent to.
        ///
        /// RabbitMQ gives a special meaning to `amq.rabbitmq.reply-to`, which returns replies
        /// without a queue.
        pub reply_to: Option<ShortStr>,
        /// How long the message may wait in a queue, as text: decimal digits that count
        /// milliseconds.
        ///
        /// RabbitMQ closes the channel with 406 for any other text.
        pub expiration: Option<ShortStr>,
        /// An identifier that the application gives to the message.
        ///
        /// The server does not look at it.
        pub message_id: Option<ShortStr>,
        /// When the message was made, in seconds since 1970.
        ///
        /// The server does not look at it.
        pub timestamp: Option<Timestamp>,
        /// What kind of message this is, in the application's own terms.
        pub type_: Option<ShortStr>,
        /// The user who published the message.
        ///
        /// If it is there, RabbitMQ checks that it is the user of the connection and closes the
        /// channel with 406 otherwise, so that consumers can trust it.
        pub user_id: Option<ShortStr>,
        /// The program that published the message.
        ///
        /// The server does not look at it.
        pub app_id: Option<ShortStr>,
        /// Unused; leave it absent.
        ///
        /// It was the cluster id in 0-8, and RabbitMQ passes it on as it is.
        pub reserved: Option<ShortStr>,
    }

    impl Properties {
        /// No property at all.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets `content_type`: MIME type of the body.
        #[must_use]
        pub fn content_type(mut self, content_type: impl Into<ShortStr>) -> Self {
            self.content_type = Some(content_type.into());
            self
        }

        /// Sets `content_encoding`: encoding of the body.
        #[must_use]
        pub fn content_encoding(
            mut self,
            content_encoding: impl Into<ShortStr>,
        ) -> Self {
            self.content_encoding = Some(content_encoding.into());
            self
        }

        /// Sets `headers`: headers of the application.
        #[must_use]
        pub fn headers(mut self, headers: impl Into<Table>) -> Self {
            self.headers = Some(headers.into());
            self
        }

        /// Sets `delivery_mode`: transient or persistent.
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

        /// Sets `correlation_id`: request it belongs to.
        #[must_use]
        pub fn correlation_id(mut self, correlation_id: impl Into<ShortStr>) -> Self {
            self.correlation_id = Some(correlation_id.into());
            self
        }

        /// Sets `reply_to`: where replies go.
        #[must_use]
        pub fn reply_to(mut self, reply_to: impl Into<ShortStr>) -> Self {
            self.reply_to = Some(reply_to.into());
            self
        }

        /// Sets `expiration`: lifetime in milliseconds.
        #[must_use]
        pub fn expiration(mut self, expiration: impl Into<ShortStr>) -> Self {
            self.expiration = Some(expiration.into());
            self
        }

        /// Sets `message_id`: identity of the message.
        #[must_use]
        pub fn message_id(mut self, message_id: impl Into<ShortStr>) -> Self {
            self.message_id = Some(message_id.into());
            self
        }

        /// Sets `timestamp`: time of the message.
        #[must_use]
        pub fn timestamp(mut self, timestamp: impl Into<Timestamp>) -> Self {
            self.timestamp = Some(timestamp.into());
            self
        }

        /// Sets `type_`: kind of message.
        #[must_use]
        pub fn type_(mut self, type_: impl Into<ShortStr>) -> Self {
            self.type_ = Some(type_.into());
            self
        }

        /// Sets `user_id`: user who published.
        #[must_use]
        pub fn user_id(mut self, user_id: impl Into<ShortStr>) -> Self {
            self.user_id = Some(user_id.into());
            self
        }

        /// Sets `app_id`: program that published.
        #[must_use]
        pub fn app_id(mut self, app_id: impl Into<ShortStr>) -> Self {
            self.app_id = Some(app_id.into());
            self
        }

        /// Sets `reserved`: unused.
        #[must_use]
        pub fn reserved(mut self, reserved: impl Into<ShortStr>) -> Self {
            self.reserved = Some(reserved.into());
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
                .set(13, self.reserved.is_some())
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
                .optional("reserved", &self.reserved)
                .finish()
        }
    }

    impl method::Properties for Properties {
        type Spec = V0_9_1;

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
                + optional_len(&self.reserved)
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
            put_optional(&self.reserved, out);
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
                    ("reserved", &self.reserved),
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
                reserved: input.optional(flags, 13)?,
            })
        }

        fn into_set(self) -> super::Properties {
            super::Properties::Basic(self)
        }

        fn from_set(properties: super::Properties) -> Result<Self, super::Properties> {
            match properties {
                super::Properties::Basic(properties) => Ok(properties),
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
        /// `basic.qos-ok`: confirm the limit.
        QosOk(QosOk),
        /// `basic.consume`: start a consumer.
        Consume(Consume),
        /// `basic.consume-ok`: confirm the consumer.
        ConsumeOk(ConsumeOk),
        /// `basic.cancel`: stop a consumer.
        Cancel(Cancel),
        /// `basic.cancel-ok`: confirm the stop.
        CancelOk(CancelOk),
        /// `basic.publish`: send a message in.
        Publish(Publish),
        /// `basic.return`: hand a message back.
        Return(Return),
        /// `basic.deliver`: deliver to a consumer.
        Deliver(Deliver),
        /// `basic.get`: fetch one message.
        Get(Get),
        /// `basic.get-ok`: here is a message.
        GetOk(GetOk),
        /// `basic.get-empty`: nothing to fetch.
        GetEmpty(GetEmpty),
        /// `basic.ack`: acknowledge messages.
        Ack(Ack),
        /// `basic.reject`: reject one message.
        Reject(Reject),
        /// `basic.recover-async`: have deliveries repeated, no reply.
        RecoverAsync(RecoverAsync),
        /// `basic.recover`: have deliveries repeated.
        Recover(Recover),
        /// `basic.recover-ok`: confirm the recovery.
        RecoverOk(RecoverOk),
        /// `basic.nack`: refuse messages.
        Nack(Nack),
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
                Nack::ID => Nack::decode(input).map(Self::Nack),
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
                Nack::ID => Some(Nack::NAME),
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
                Self::Nack(_) => Nack::ID,
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
                Self::Nack(_) => Nack::NAME,
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
                Self::Nack(args) => args.encoded_len(),
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
                Self::Nack(args) => args.encode(out),
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
                Self::Nack(args) => args.validate(),
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

    impl From<Nack> for Method {
        fn from(args: Nack) -> Self {
            Self::Nack(args)
        }
    }
}

/// RabbitMQ extension: publisher confirms.
///
/// On a channel in confirm mode the server reports with `basic.ack` or `basic.nack` what
/// became of each published message. Messages are counted from 1 in the order of
/// publishing.
///
/// Class 85 of the specification.
pub mod confirm {
    use super::V0_9_1;
    use crate::bytes::BufMut;
    use crate::method::{
        Args, Call, ChannelMethod, Intent, NoWait, Reply, ToClient, ToServer,
    };
    use crate::wire::{
        DecodeError, MethodId, NotDefault, Reader, Violation, bit_octets, put_bits,
    };

    /// The id of class `confirm`.
    pub const CLASS_ID: u16 = 85;

    /// RabbitMQ extension: puts the channel into confirm mode, for good.
    ///
    /// RabbitMQ closes the channel with 406 if it is transactional.
    ///
    /// Class 85, method 10 (`confirm.select`), sent to the server, answered by [`SelectOk`].
    #[doc(alias = "confirm.select")]
    #[derive(Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Select {
        /// If set, the server sends no `select-ok`.
        ///
        /// RabbitMQ's own file spells this field `nowait`.
        pub no_wait: bool,
    }

    impl Select {
        /// The method with all arguments zero, empty or off.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }
    }

    impl core::fmt::Debug for Select {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            NotDefault::new(f, "Select").field("no_wait", &self.no_wait).finish()
        }
    }

    impl Args for Select {
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 10);
        const NAME: &'static str = "confirm.select";

        #[inline]
        fn encoded_len(&self) -> usize {
            bit_octets(1)
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            put_bits(out, [self.no_wait]);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let [no_wait] = input.bits()?;
            Ok(Self { no_wait })
        }

        fn into_method(self) -> super::Method {
            super::Method::Confirm(Method::Select(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Confirm(Method::Select(args)) => Ok(args),
                other => Err(other),
            }
        }
    }

    impl ToServer for Select {}

    impl Call for Select {
        type Reply = SelectOk;

        fn declines_reply(&self) -> bool {
            self.no_wait
        }
    }

    impl NoWait for Select {
        fn no_wait(&self) -> bool {
            self.no_wait
        }

        fn set_no_wait(&mut self, no_wait: bool) {
            self.no_wait = no_wait;
        }
    }

    impl ChannelMethod for Select {
        fn intent(&mut self) -> Intent<'_> {
            Intent::ConfirmSelect
        }
    }

    impl From<Select> for super::Method {
        fn from(args: Select) -> Self {
            args.into_method()
        }
    }

    /// RabbitMQ extension: answers `confirm.select`: messages published from here on are
    /// confirmed.
    ///
    /// Class 85, method 11 (`confirm.select-ok`), sent to the client.
    #[doc(alias = "confirm.select-ok")]
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
        type Spec = V0_9_1;

        const ID: MethodId = MethodId::new(CLASS_ID, 11);
        const NAME: &'static str = "confirm.select-ok";

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
            super::Method::Confirm(Method::SelectOk(self))
        }

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            match method {
                super::Method::Confirm(Method::SelectOk(args)) => Ok(args),
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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Any method of class `confirm`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `confirm.select`: turn confirms on.
        Select(Select),
        /// `confirm.select-ok`: confirms are on.
        SelectOk(SelectOk),
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
                _ => Err(DecodeError::unknown_method(id)),
            }
        }

        /// The name in the specification of the method with this id, if the class has it.
        pub(super) fn name_of(id: MethodId) -> Option<&'static str> {
            match id {
                Select::ID => Some(Select::NAME),
                SelectOk::ID => Some(SelectOk::NAME),
                _ => None,
            }
        }

        /// The class and method id.
        pub(super) fn id(&self) -> MethodId {
            match self {
                Self::Select(_) => Select::ID,
                Self::SelectOk(_) => SelectOk::ID,
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                Self::Select(_) => Select::NAME,
                Self::SelectOk(_) => SelectOk::NAME,
            }
        }

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                Self::Select(args) => args.encoded_len(),
                Self::SelectOk(args) => args.encoded_len(),
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                Self::Select(args) => args.encode(out),
                Self::SelectOk(args) => args.encode(out),
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                Self::Select(args) => args.validate(),
                Self::SelectOk(args) => args.validate(),
            }
        }
    }

    impl From<Method> for super::Method {
        fn from(method: Method) -> Self {
            Self::Confirm(method)
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
}

/// Transactions over publishes and acknowledgements on one channel.
///
/// They cover nothing else: declarations take effect at once. RabbitMQ makes the publishes
/// to a single queue atomic, not those to several.
///
/// Class 90 of the specification.
pub mod tx {
    use super::V0_9_1;
    use crate::bytes::BufMut;
    use crate::method::{
        Args, Call, ChannelMethod, Reply, SimpleMethod, ToClient, ToServer,
    };
    use crate::wire::{DecodeError, MethodId, Reader, Violation};

    /// The id of class `tx`.
    pub const CLASS_ID: u16 = 90;

    /// Makes the channel transactional, for good, and begins the first transaction.
    ///
    /// RabbitMQ closes the channel with 406 if it is in confirm mode.
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
        type Spec = V0_9_1;

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

    /// Answers `tx.select`: the channel is transactional.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Carries out everything published and acknowledged since the transaction began, and
    /// begins the next one.
    ///
    /// RabbitMQ closes the channel with 406 if it is not transactional.
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
        type Spec = V0_9_1;

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

    /// Answers `commit`: the work of the transaction is done.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Forgets everything published and acknowledged since the transaction began, and begins
    /// the next one.
    ///
    /// Messages whose acknowledgements are forgotten stay unacknowledged and are not delivered
    /// again by this. RabbitMQ closes the channel with 406 if it is not transactional.
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
        type Spec = V0_9_1;

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

    /// Answers `rollback`: the work of the transaction is forgotten.
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
        type Spec = V0_9_1;

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
        type Spec = V0_9_1;

        const IDS: &'static [MethodId] = &[Self::ID];

        fn from_method(method: super::Method) -> Result<Self, super::Method> {
            <Self as Args>::from_method(method)
        }
    }

    /// Any method of class `tx`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Method {
        /// `tx.select`: turn transactions on.
        Select(Select),
        /// `tx.select-ok`: transactions are on.
        SelectOk(SelectOk),
        /// `tx.commit`: commit the transaction.
        Commit(Commit),
        /// `tx.commit-ok`: confirm the commit.
        CommitOk(CommitOk),
        /// `tx.rollback`: abandon the transaction.
        Rollback(Rollback),
        /// `tx.rollback-ok`: confirm the rollback.
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
