use crate::wire::{DeliveryTag, LongStr, MethodId, ReplyCode, ShortStr, Table};

/// What a client asks for.
#[derive(Debug)]
#[allow(dead_code, reason = "no version has all of them")]
pub(crate) enum Request {
    StartOk {
        client_properties: Table,
        mechanism: ShortStr,
        response: LongStr,
    },
    SecureOk,
    TuneOk(Tune),
    Open {
        virtual_host: ShortStr,
    },
    Close,
    CloseOk,
    UpdateSecret,
    ChannelOpen,
    ChannelClose,
    ChannelCloseOk,
    Flow {
        active: bool,
    },
    FlowOk,
    Access,
    ExchangeDeclare(ExchangeDeclare),
    ExchangeDelete(Delete),
    ExchangeBind(Bind),
    ExchangeUnbind(Bind),
    QueueDeclare(QueueDeclare),
    QueueBind(Bind),
    QueueUnbind(Bind),
    QueuePurge {
        queue: ShortStr,
        no_wait: bool,
    },
    QueueDelete(Delete),
    Qos {
        size: u32,
        count: u16,
        global: bool,
    },
    Consume(Consume),
    Cancel {
        tag: ShortStr,
        no_wait: bool,
    },
    CancelOk,
    Publish(Publish),
    Get {
        queue: ShortStr,
        no_ack: bool,
    },
    Settle(Settle),
    Recover {
        requeue: bool,
        answered: bool,
    },
    ConfirmSelect {
        no_wait: bool,
    },
    TxSelect,
    TxCommit,
    TxRollback,
    /// A method of the version that no client may send or that no broker implements.
    Unimplemented,
}

impl Request {
    /// The short strings that RabbitMQ wants to be UTF-8, which it does not ask of a publish.
    pub(crate) fn texts(&self) -> Vec<&ShortStr> {
        match self {
            Self::StartOk { mechanism, .. } => vec![mechanism],
            Self::Open { virtual_host } => vec![virtual_host],
            Self::ExchangeDeclare(it) => vec![&it.exchange, &it.kind],
            Self::ExchangeDelete(it) | Self::QueueDelete(it) => vec![&it.name],
            Self::ExchangeBind(it)
            | Self::ExchangeUnbind(it)
            | Self::QueueBind(it)
            | Self::QueueUnbind(it) => vec![&it.destination, &it.source, &it.routing_key],
            Self::QueueDeclare(it) => vec![&it.queue],
            Self::QueuePurge { queue, .. } | Self::Get { queue, .. } => vec![queue],
            Self::Consume(it) => vec![&it.queue, &it.tag],
            Self::Cancel { tag, .. } => vec![tag],
            _ => Vec::new(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Tune {
    pub(crate) channel_max: u16,
    pub(crate) frame_max: u32,
    pub(crate) heartbeat: u16,
}

#[derive(Debug)]
pub(crate) struct ExchangeDeclare {
    pub(crate) exchange: ShortStr,
    pub(crate) kind: ShortStr,
    pub(crate) passive: bool,
    pub(crate) durable: bool,
    pub(crate) auto_delete: bool,
    pub(crate) internal: bool,
    pub(crate) no_wait: bool,
    pub(crate) arguments: Table,
}

#[derive(Debug)]
pub(crate) struct QueueDeclare {
    pub(crate) queue: ShortStr,
    pub(crate) passive: bool,
    pub(crate) durable: bool,
    pub(crate) exclusive: bool,
    pub(crate) auto_delete: bool,
    pub(crate) no_wait: bool,
    pub(crate) arguments: Table,
}

/// A binding to make or to undo, of a queue or of an exchange.
#[derive(Debug)]
pub(crate) struct Bind {
    pub(crate) destination: ShortStr,
    pub(crate) source: ShortStr,
    pub(crate) routing_key: ShortStr,
    pub(crate) no_wait: bool,
    pub(crate) arguments: Table,
}

#[derive(Debug)]
pub(crate) struct Delete {
    pub(crate) name: ShortStr,
    pub(crate) if_unused: bool,
    pub(crate) if_empty: bool,
    pub(crate) no_wait: bool,
}

#[derive(Debug)]
pub(crate) struct Consume {
    pub(crate) queue: ShortStr,
    pub(crate) tag: ShortStr,
    pub(crate) no_ack: bool,
    pub(crate) exclusive: bool,
    pub(crate) no_wait: bool,
    pub(crate) arguments: Table,
}

#[derive(Clone, Debug)]
pub(crate) struct Publish {
    pub(crate) exchange: ShortStr,
    pub(crate) routing_key: ShortStr,
    pub(crate) mandatory: bool,
    pub(crate) immediate: bool,
}

/// `basic.ack`, `basic.nack` or `basic.reject`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settle {
    pub(crate) tag: DeliveryTag,
    pub(crate) multiple: bool,
    pub(crate) outcome: Outcome,
}

/// What a consumer did with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Accepted,
    Requeued,
    Rejected,
}

/// Why and over which method something is closed.
#[derive(Clone, Debug)]
pub(crate) struct Close {
    pub(crate) code: ReplyCode,
    pub(crate) text: ShortStr,
    pub(crate) method: MethodId,
}

/// What the broker says, besides frames of content.
#[derive(Clone, Debug)]
#[allow(dead_code, reason = "no version has all of them")]
pub(crate) enum Reply {
    Start {
        version: (u8, u8),
        server_properties: Table,
        mechanisms: LongStr,
    },
    Tune(Tune),
    OpenOk,
    Close(Close),
    CloseOk,
    Blocked {
        reason: ShortStr,
    },
    Unblocked,
    UpdateSecretOk,
    ChannelOpenOk,
    ChannelClose(Close),
    ChannelCloseOk,
    Flow {
        active: bool,
    },
    FlowOk {
        active: bool,
    },
    AccessOk,
    ExchangeDeclareOk,
    ExchangeDeleteOk,
    ExchangeBindOk,
    ExchangeUnbindOk,
    QueueDeclareOk {
        queue: ShortStr,
        messages: u32,
        consumers: u32,
    },
    QueueBindOk,
    QueueUnbindOk,
    QueuePurgeOk {
        messages: u32,
    },
    QueueDeleteOk {
        messages: u32,
    },
    QosOk,
    ConsumeOk {
        tag: ShortStr,
    },
    Cancel {
        tag: ShortStr,
    },
    CancelOk {
        tag: ShortStr,
    },
    Return {
        code: ReplyCode,
        text: ShortStr,
        exchange: ShortStr,
        routing_key: ShortStr,
    },
    Deliver {
        consumer: ShortStr,
        delivery: Delivery,
    },
    GetOk {
        delivery: Delivery,
        messages: u32,
    },
    GetEmpty,
    RecoverOk,
    Ack {
        tag: u64,
        multiple: bool,
    },
    Nack {
        tag: u64,
        multiple: bool,
    },
    ConfirmSelectOk,
    TxSelectOk,
    TxCommitOk,
    TxRollbackOk,
}

/// What `basic.deliver` and `basic.get-ok` tell of a message.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) tag: DeliveryTag,
    pub(crate) redelivered: bool,
    pub(crate) exchange: ShortStr,
    pub(crate) routing_key: ShortStr,
}
