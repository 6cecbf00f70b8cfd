//! What the programs need of a protocol version, as futures.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use pika::asynchronous::{Channel, Confirm, ConfirmingChannel, Unconfirmed};
use pika::connection::{DeliveryToken, Outcome, Settled};
use pika::method::Caller;
use pika::wire::ShortStr;
use pika::{Result, v0_8, v0_9_1};

use crate::version::Version;

/// A future that a task waits for, or another one.
pub(crate) type Later<T> = Pin<Box<dyn Future<Output = T>>>;

pub(crate) trait Spoken: Version {
    /// Declares a queue, and gives the name in the reply.
    fn declare_queue(on: &Channel<Self>, queue: &ShortStr) -> Later<Result<ShortStr>>;
    fn basic_qos(on: &Channel<Self>, count: u16) -> Later<Result<()>>;
    fn confirming(on: &Channel<Self>) -> Option<Later<Result<ConfirmingChannel<Self>>>>;
    fn publish_tracked(
        on: ConfirmingChannel<Self>,
        publish: Self::Publish,
        body: Vec<u8>,
    ) -> Option<Later<Result<Confirm<Self>>>>;
    fn publish_confirmed(
        on: ConfirmingChannel<Self>,
        publish: Self::Publish,
        body: Vec<u8>,
    ) -> Option<Later<Result<Outcome<Self>>>>;
    fn wait_for_confirms(
        on: ConfirmingChannel<Self>,
        timeout: Duration,
    ) -> Option<Later<Result<Vec<Unconfirmed>>>>;
    /// Sends a message back to its queue.
    fn refuse(on: &Channel<Self>, delivery: DeliveryToken) -> Result<Settled>;
}

macro_rules! calls {
    ($amqp:ident) => {
        fn declare_queue(on: &Channel<Self>, queue: &ShortStr) -> Later<Result<ShortStr>> {
            let reply = on.call($amqp::queue::Declare::new(queue));
            Box::pin(async { Ok(reply.await?.queue) })
        }

        fn basic_qos(on: &Channel<Self>, count: u16) -> Later<Result<()>> {
            let reply = on.call($amqp::basic::Qos::new(count));
            Box::pin(async { reply.await.map(drop) })
        }
    };
}

impl Spoken for v0_8::V0_8 {
    calls!(v0_8);

    fn confirming(_: &Channel<Self>) -> Option<Later<Result<ConfirmingChannel<Self>>>> {
        None
    }

    fn publish_tracked(
        _: ConfirmingChannel<Self>,
        _: Self::Publish,
        _: Vec<u8>,
    ) -> Option<Later<Result<Confirm<Self>>>> {
        None
    }

    fn publish_confirmed(
        _: ConfirmingChannel<Self>,
        _: Self::Publish,
        _: Vec<u8>,
    ) -> Option<Later<Result<Outcome<Self>>>> {
        None
    }

    fn wait_for_confirms(
        _: ConfirmingChannel<Self>,
        _: Duration,
    ) -> Option<Later<Result<Vec<Unconfirmed>>>> {
        None
    }

    fn refuse(on: &Channel<Self>, delivery: DeliveryToken) -> Result<Settled> {
        on.reject(delivery, true)
    }
}

impl Spoken for v0_9_1::V0_9_1 {
    calls!(v0_9_1);

    fn confirming(on: &Channel<Self>) -> Option<Later<Result<ConfirmingChannel<Self>>>> {
        Some(Box::pin(on.confirming()))
    }

    fn publish_tracked(
        on: ConfirmingChannel<Self>,
        publish: Self::Publish,
        body: Vec<u8>,
    ) -> Option<Later<Result<Confirm<Self>>>> {
        Some(Box::pin(async move {
            let properties = v0_9_1::basic::Properties::default();
            on.basic_publish(&publish, &properties, body).await
        }))
    }

    fn publish_confirmed(
        on: ConfirmingChannel<Self>,
        publish: Self::Publish,
        body: Vec<u8>,
    ) -> Option<Later<Result<Outcome<Self>>>> {
        Some(Box::pin(async move {
            let properties = v0_9_1::basic::Properties::default();
            on.basic_publish_confirmed(&publish, &properties, body)
                .await
        }))
    }

    fn wait_for_confirms(
        on: ConfirmingChannel<Self>,
        timeout: Duration,
    ) -> Option<Later<Result<Vec<Unconfirmed>>>> {
        Some(Box::pin(async move { on.wait_for_confirms(timeout).await }))
    }

    fn refuse(on: &Channel<Self>, delivery: DeliveryToken) -> Result<Settled> {
        on.nack(delivery, false, true)
    }
}
