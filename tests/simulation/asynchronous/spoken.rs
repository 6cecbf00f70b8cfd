//! What the programs need of a protocol version, as futures.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use pika::asynchronous::{Channel, Confirm, Unconfirmed};
use pika::connection::{DeliveryToken, Outcome};
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
    fn confirm_select(on: &Channel<Self>) -> Option<Later<Result<()>>>;
    fn publish_tracked(
        on: Channel<Self>,
        publish: Self::Publish,
        body: Vec<u8>,
    ) -> Option<Later<Result<Confirm<Self>>>>;
    fn publish_confirmed(
        on: Channel<Self>,
        publish: Self::Publish,
        body: Vec<u8>,
    ) -> Option<Later<Result<Outcome>>>;
    fn wait_for_confirms(
        on: Channel<Self>,
        timeout: Duration,
    ) -> Option<Later<Result<Vec<Unconfirmed>>>>;
    /// Sends a message back to its queue.
    fn refuse(on: &Channel<Self>, delivery: DeliveryToken) -> Result<()>;
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

    fn confirm_select(_: &Channel<Self>) -> Option<Later<Result<()>>> {
        None
    }

    fn publish_tracked(
        _: Channel<Self>,
        _: Self::Publish,
        _: Vec<u8>,
    ) -> Option<Later<Result<Confirm<Self>>>> {
        None
    }

    fn publish_confirmed(
        _: Channel<Self>,
        _: Self::Publish,
        _: Vec<u8>,
    ) -> Option<Later<Result<Outcome>>> {
        None
    }

    fn wait_for_confirms(_: Channel<Self>, _: Duration) -> Option<Later<Result<Vec<Unconfirmed>>>> {
        None
    }

    fn refuse(on: &Channel<Self>, delivery: DeliveryToken) -> Result<()> {
        on.reject(delivery, true)
    }
}

impl Spoken for v0_9_1::V0_9_1 {
    calls!(v0_9_1);

    fn confirm_select(on: &Channel<Self>) -> Option<Later<Result<()>>> {
        let reply = on.call(v0_9_1::confirm::Select::new());
        Some(Box::pin(async { reply.await.map(drop) }))
    }

    fn publish_tracked(
        on: Channel<Self>,
        publish: Self::Publish,
        body: Vec<u8>,
    ) -> Option<Later<Result<Confirm<Self>>>> {
        Some(Box::pin(async move {
            let properties = v0_9_1::basic::Properties::default();
            on.publish_tracked(&publish, &properties, body).await
        }))
    }

    fn publish_confirmed(
        on: Channel<Self>,
        publish: Self::Publish,
        body: Vec<u8>,
    ) -> Option<Later<Result<Outcome>>> {
        Some(Box::pin(async move {
            let properties = v0_9_1::basic::Properties::default();
            on.publish_confirmed(&publish, &properties, body).await
        }))
    }

    fn wait_for_confirms(
        on: Channel<Self>,
        timeout: Duration,
    ) -> Option<Later<Result<Vec<Unconfirmed>>>> {
        Some(Box::pin(async move { on.wait_for_confirms(timeout).await }))
    }

    fn refuse(on: &Channel<Self>, delivery: DeliveryToken) -> Result<()> {
        on.nack(delivery, false, true)
    }
}
