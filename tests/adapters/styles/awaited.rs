//! Futures: on tokio with one thread and with several, and on smol over `futures-io`.

use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use pika::Result;
use pika::asynchronous::{
    self, Channel, ConfirmingChannel, Consumer, ConsumerEnd, Delivery, Timer as _,
};
use pika::config::{Config, Tuning};
use pika::connection::{Outcome, Returned};
use pika::error::Closed;
use pika::futures::FuturesIo;
use pika::method::{Call, Caller as _, OneWay, SimpleMethod};
use pika::protocol::{Confirming, Protocol};
use pika::tokio::Tokio;
use tokio::runtime::{Builder, Runtime};

use super::{CLOSE_AFTER, Message, SOON, Style};

/// A runtime that a program starts and waits in.
pub(crate) trait Awaits: 'static {
    type Runtime: asynchronous::Runtime + Default;

    fn start() -> Self;

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T;

    fn open<P: Protocol>(config: Config) -> impl Future<Output = Result<Connection<Self, P>>>;
}

type Connection<A, P> = asynchronous::Connection<<A as Awaits>::Runtime, P>;

/// A runtime with one thread, which does everything while something is waited for.
pub(crate) struct TokioCurrentThread(Runtime);

/// A runtime with threads in the background.
pub(crate) struct TokioMultiThread(Runtime);

/// The executor of smol, with a thread in the background.
pub(crate) struct Smol;

macro_rules! on_tokio {
    ($style:ident, $builder:expr) => {
        impl Awaits for $style {
            type Runtime = Tokio;

            fn start() -> Self {
                Self($builder.enable_all().build().unwrap())
            }

            fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
                self.0.block_on(future)
            }

            async fn open<P: Protocol>(config: Config) -> Result<Connection<Self, P>> {
                asynchronous::Connection::open_as(config).await
            }
        }
    };
}

on_tokio!(TokioCurrentThread, Builder::new_current_thread());
on_tokio!(
    TokioMultiThread,
    Builder::new_multi_thread().worker_threads(2)
);

impl Awaits for Smol {
    type Runtime = FuturesIo;

    fn start() -> Self {
        Self
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        smol::block_on(future)
    }

    async fn open<P: Protocol>(config: Config) -> Result<Connection<Self, P>> {
        pika::futures::open_as(config, |driver| smol::spawn(driver).detach()).await
    }
}

/// What a future gives, if it does so in time.
async fn within<R: asynchronous::Runtime + Default, T>(
    time: Duration,
    future: impl Future<Output = T>,
) -> Option<T> {
    let mut future = pin!(future);
    let runtime = R::default();
    let mut timer = runtime.timer();
    let deadline = runtime.now() + time;
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => timer.poll_until(cx, deadline).map(|()| None),
    })
    .await
}

async fn sleep<R: asynchronous::Runtime + Default>(time: Duration) {
    within::<R, ()>(time, pending()).await;
}

impl<A: Awaits> Style for A {
    type Connection<P: Protocol> = Connection<A, P>;
    type Channel<P: Protocol> = Channel<P>;
    type Consumer<P: Protocol> = Consumer<P>;
    type ConfirmingChannel<P: Confirming> = ConfirmingChannel<P>;
    type Settling<P: Protocol> = Channel<P>;

    fn new() -> Self {
        A::start()
    }

    fn open<P: Protocol>(&self, config: Config) -> Result<Connection<A, P>> {
        self.block_on(A::open(config))
    }

    fn channel<P: Protocol>(&self, connection: &Connection<A, P>) -> Result<Channel<P>> {
        self.block_on(connection.channel())
    }

    fn close<P: Protocol>(&self, connection: &Connection<A, P>) -> Result<()> {
        self.block_on(connection.close())
    }

    fn closed<P: Protocol>(connection: &Connection<A, P>) -> Option<Arc<Closed>> {
        connection.closed()
    }

    fn tuning<P: Protocol>(connection: &Connection<A, P>) -> Tuning {
        connection.tuning()
    }

    fn idle<P: Protocol>(&self, _connection: &Connection<A, P>, time: Duration) {
        self.block_on(sleep::<A::Runtime>(time));
    }

    fn call<P: Protocol, M: Call<Spec = P> + SimpleMethod>(
        &self,
        channel: &Channel<P>,
        method: M,
    ) -> Result<M::Reply> {
        self.block_on(channel.call(method))
    }

    fn send<P: Protocol, M: OneWay<Spec = P>>(
        &self,
        channel: &Channel<P>,
        method: M,
    ) -> Result<()> {
        channel.send(method)
    }

    fn close_channel<P: Protocol>(&self, channel: &Channel<P>) -> Result<()> {
        self.block_on(channel.close())
    }

    fn channel_closed<P: Protocol>(channel: &Channel<P>) -> Option<Arc<Closed>> {
        channel.closed()
    }

    fn publish<P: Protocol>(&self, channel: &Channel<P>, message: Message<P>) -> Result<()> {
        let Message {
            publish,
            properties,
            body,
        } = message;
        self.block_on(channel.basic_publish(&publish, &properties, body))
    }

    fn confirming<P: Confirming>(&self, channel: &Channel<P>) -> Result<ConfirmingChannel<P>> {
        self.block_on(channel.confirming())
    }

    fn publish_confirmed<P: Confirming>(
        &self,
        channel: &ConfirmingChannel<P>,
        message: Message<P>,
    ) -> Result<Outcome<P>> {
        let Message {
            publish,
            properties,
            body,
        } = message;
        self.block_on(channel.basic_publish_confirmed(&publish, &properties, body))
    }

    fn publish_all<P: Confirming>(
        &self,
        channel: &ConfirmingChannel<P>,
        messages: Vec<Message<P>>,
    ) -> Result<Vec<Outcome<P>>> {
        self.block_on(async {
            let mut confirms = Vec::new();
            for Message {
                publish,
                properties,
                body,
            } in messages
            {
                confirms.push(channel.basic_publish(&publish, &properties, body).await?);
            }
            let mut outcomes = Vec::new();
            for confirm in confirms {
                outcomes.push(confirm.await);
            }
            Ok(outcomes)
        })
    }

    fn returned<P: Protocol>(
        &self,
        channel: &Channel<P>,
        time: Duration,
    ) -> Result<Option<Returned<P>>> {
        self.block_on(within::<A::Runtime, _>(time, channel.next_returned()))
            .transpose()
    }

    fn get<P: Protocol>(&self, channel: &Channel<P>, get: P::Get) -> Result<Option<Delivery<P>>> {
        self.block_on(channel.get(get))
    }

    fn consume<P: Protocol>(
        &self,
        channel: &Channel<P>,
        consume: P::Consume,
    ) -> Result<Consumer<P>> {
        self.block_on(channel.consume(consume))
    }

    fn next<P: Protocol>(
        &self,
        consumer: &mut Consumer<P>,
        time: Duration,
    ) -> Result<Option<Delivery<P>>> {
        let next = within::<A::Runtime, _>(time, consumer.next());
        self.block_on(next).unwrap_or(Ok(None))
    }

    fn next_while_closing<P: Protocol>(
        &self,
        channel: &Channel<P>,
        consumer: &mut Consumer<P>,
    ) -> Result<Option<Delivery<P>>> {
        let close = async {
            sleep::<A::Runtime>(CLOSE_AFTER).await;
            channel.close().await.unwrap();
        };
        let next = within::<A::Runtime, _>(SOON, consumer.next());
        let (next, ()) = self.block_on(smol::future::zip(next, close));
        next.unwrap_or(Ok(None))
    }

    fn is_cancelled<P: Protocol>(consumer: &Consumer<P>) -> bool {
        matches!(consumer.end(), Some(ConsumerEnd::CancelledByServer))
    }

    fn cancel<P: Protocol>(&self, consumer: Consumer<P>) -> Result<()> {
        self.block_on(consumer.cancel())
    }
}
