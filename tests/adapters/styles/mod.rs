//! The styles of programming, made to wait for everything, so that one job fits all.
//!
//! One more adapter is one more implementation of [`Style`], and one more line in each of the two
//! macros at the end.

mod awaited;
mod blocking;
mod callbacks;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use pika::Result;
use pika::bytes::Bytes;
use pika::config::{Config, Tuning};
use pika::connection::{Outcome, Returned};
use pika::delivery::{Delivery, Settle};
use pika::error::Closed;
use pika::method::{Call, Caller, OneWay, SimpleMethod};
use pika::protocol::{Confirming, Protocol};

pub(crate) use self::awaited::{Smol, TokioCurrentThread, TokioMultiThread};
pub(crate) use self::blocking::{Background, Blocking};
pub(crate) use self::callbacks::Callbacks;

/// How long to wait for what comes in milliseconds when all is well.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// When a channel is closed that is waited on: some time after the waiting has begun.
const CLOSE_AFTER: Duration = Duration::from_millis(5);

/// A message as the application publishes it.
pub(crate) struct Message<P: Protocol> {
    pub(crate) publish: P::Publish,
    pub(crate) properties: P::BasicProperties,
    pub(crate) body: Bytes,
}

/// Where connections of one style live: in a runtime, in a loop, or nowhere in particular. What its
/// functions do for the jobs is done by waiting until it has happened.
pub(crate) trait Style: Sized + 'static {
    type Connection<P: Protocol>;
    type Channel<P: Protocol>;
    type Consumer<P: Protocol>;
    /// A channel with confirms.
    type ConfirmingChannel<P: Confirming>;
    /// The channel that pika's deliveries are settled on.
    type Settling<P: Protocol>: Settle<Spec = P>;

    fn new() -> Self;

    fn open<P: Protocol>(&self, config: Config) -> Result<Self::Connection<P>>;

    fn channel<P: Protocol>(&self, connection: &Self::Connection<P>) -> Result<Self::Channel<P>>;

    fn close<P: Protocol>(&self, connection: &Self::Connection<P>) -> Result<()>;

    /// Why a connection is closed, if it is.
    fn closed<P: Protocol>(connection: &Self::Connection<P>) -> Option<Arc<Closed>>;

    fn tuning<P: Protocol>(connection: &Self::Connection<P>) -> Tuning;

    /// Does nothing for a while, as a program does that lets its connection live.
    fn idle<P: Protocol>(&self, connection: &Self::Connection<P>, time: Duration);

    fn call<P: Protocol, M: Call<Spec = P> + SimpleMethod>(
        &self,
        channel: &Self::Channel<P>,
        method: M,
    ) -> Result<M::Reply>;

    fn send<P: Protocol, M: OneWay<Spec = P>>(
        &self,
        channel: &Self::Channel<P>,
        method: M,
    ) -> Result<()>;

    fn close_channel<P: Protocol>(&self, channel: &Self::Channel<P>) -> Result<()>;

    /// Why a channel is closed, if it is.
    fn channel_closed<P: Protocol>(channel: &Self::Channel<P>) -> Option<Arc<Closed>>;

    fn publish<P: Protocol>(&self, channel: &Self::Channel<P>, message: Message<P>) -> Result<()>;

    /// Turns confirms on.
    fn confirming<P: Confirming>(
        &self,
        channel: &Self::Channel<P>,
    ) -> Result<Self::ConfirmingChannel<P>>;

    /// Publishes a message and waits until it is known what became of it.
    fn publish_confirmed<P: Confirming>(
        &self,
        channel: &Self::ConfirmingChannel<P>,
        message: Message<P>,
    ) -> Result<Outcome<P>>;

    /// Publishes all messages, and then waits until it is known what became of each.
    fn publish_all<P: Confirming>(
        &self,
        channel: &Self::ConfirmingChannel<P>,
        messages: Vec<Message<P>>,
    ) -> Result<Vec<Outcome<P>>>;

    /// The next message that came back, waiting for it no longer than `time`.
    fn returned<P: Protocol>(
        &self,
        channel: &Self::Channel<P>,
        time: Duration,
    ) -> Result<Option<Returned<P>>>;

    fn get<P: Protocol>(
        &self,
        channel: &Self::Channel<P>,
        get: P::Get,
    ) -> Result<Option<Delivery<Self::Settling<P>>>>;

    fn consume<P: Protocol>(
        &self,
        channel: &Self::Channel<P>,
        consume: P::Consume,
    ) -> Result<Self::Consumer<P>>;

    /// The next message, waiting for it no longer than `time`; none also when the consumer was
    /// cancelled.
    fn next<P: Protocol>(
        &self,
        consumer: &mut Self::Consumer<P>,
        time: Duration,
    ) -> Result<Option<Delivery<Self::Settling<P>>>>;

    /// The same while the program closes the channel, waiting for as long as that may take.
    fn next_while_closing<P: Protocol>(
        &self,
        channel: &Self::Channel<P>,
        consumer: &mut Self::Consumer<P>,
    ) -> Result<Option<Delivery<Self::Settling<P>>>>;

    /// Whether the server cancelled a consumer.
    fn is_cancelled<P: Protocol>(consumer: &Self::Consumer<P>) -> bool;

    fn cancel<P: Protocol>(&self, consumer: Self::Consumer<P>) -> Result<()>;
}

/// A connection of some style.
pub(crate) struct Connection<S: Style, P: Protocol> {
    inner: S::Connection<P>,
    style: Rc<S>,
}

impl<S: Style, P: Protocol> Connection<S, P> {
    pub(crate) fn open(style: &Rc<S>, config: Config) -> Result<Self> {
        let inner = style.open(config)?;
        let style = style.clone();
        Ok(Self { inner, style })
    }

    pub(crate) fn channel(&self) -> Result<Channel<S, P>> {
        let inner = self.style.channel(&self.inner)?;
        let style = self.style.clone();
        Ok(Channel { inner, style })
    }

    pub(crate) fn close(&self) -> Result<()> {
        self.style.close(&self.inner)
    }

    pub(crate) fn closed(&self) -> Option<Arc<Closed>> {
        S::closed(&self.inner)
    }

    pub(crate) fn tuning(&self) -> Tuning {
        S::tuning(&self.inner)
    }

    pub(crate) fn idle(&self, time: Duration) {
        self.style.idle(&self.inner, time);
    }
}

/// A channel of some style. Every method of the specification gives its reply.
pub(crate) struct Channel<S: Style, P: Protocol> {
    inner: S::Channel<P>,
    style: Rc<S>,
}

impl<S: Style, P: Protocol> Channel<S, P> {
    pub(crate) fn close(&self) -> Result<()> {
        self.style.close_channel(&self.inner)
    }

    pub(crate) fn closed(&self) -> Option<Arc<Closed>> {
        S::channel_closed(&self.inner)
    }

    pub(crate) fn publish(&self, message: Message<P>) -> Result<()> {
        self.style.publish(&self.inner, message)
    }

    pub(crate) fn returned(&self, time: Duration) -> Result<Option<Returned<P>>> {
        self.style.returned(&self.inner, time)
    }

    pub(crate) fn get(&self, get: P::Get) -> Result<Option<Delivery<S::Settling<P>>>> {
        self.style.get(&self.inner, get)
    }

    pub(crate) fn consume(&self, consume: P::Consume) -> Result<Consumer<S, P>> {
        let inner = self.style.consume(&self.inner, consume)?;
        let style = self.style.clone();
        Ok(Consumer { inner, style })
    }
}

impl<S: Style, P: Confirming> Channel<S, P> {
    pub(crate) fn confirming(&self) -> Result<ConfirmingChannel<S, P>> {
        let inner = self.style.confirming(&self.inner)?;
        let style = self.style.clone();
        Ok(ConfirmingChannel { inner, style })
    }
}

/// A channel of some style with confirms.
pub(crate) struct ConfirmingChannel<S: Style, P: Confirming> {
    inner: S::ConfirmingChannel<P>,
    style: Rc<S>,
}

impl<S: Style, P: Confirming> ConfirmingChannel<S, P> {
    pub(crate) fn publish_confirmed(&self, message: Message<P>) -> Result<Outcome<P>> {
        self.style.publish_confirmed(&self.inner, message)
    }

    pub(crate) fn publish_all(&self, messages: Vec<Message<P>>) -> Result<Vec<Outcome<P>>> {
        self.style.publish_all(&self.inner, messages)
    }
}

impl<S: Style, P: Protocol> Caller for Channel<S, P> {
    type Spec = P;
    type Ret<R> = Result<R>;
    type Sent = Result<()>;

    fn call<M: Call<Spec = P> + SimpleMethod>(&self, method: M) -> Result<M::Reply> {
        self.style.call(&self.inner, method)
    }

    fn send<M: OneWay<Spec = P>>(&self, method: M) -> Result<()> {
        self.style.send(&self.inner, method)
    }
}

/// A consumer of some style.
pub(crate) struct Consumer<S: Style, P: Protocol> {
    inner: S::Consumer<P>,
    style: Rc<S>,
}

impl<S: Style, P: Protocol> Consumer<S, P> {
    pub(crate) fn next(&mut self, time: Duration) -> Result<Option<Delivery<S::Settling<P>>>> {
        self.style.next(&mut self.inner, time)
    }

    pub(crate) fn next_while_closing(
        &mut self,
        channel: &Channel<S, P>,
    ) -> Result<Option<Delivery<S::Settling<P>>>> {
        self.style
            .next_while_closing(&channel.inner, &mut self.inner)
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        S::is_cancelled(&self.inner)
    }

    pub(crate) fn cancel(self) -> Result<()> {
        self.style.cancel(self.inner)
    }
}

/// A test of each job in each style, with each broker.
macro_rules! in_every_style {
    ($($job:ident)*) => {
        in_every_style! { with embedded [$($job)*] }
        in_every_style! { with rabbitmq [$($job)*] }
        in_every_style! { #[cfg(feature = "tls")] with embedded_tls [$($job)*] }
        in_every_style! { #[cfg(feature = "tls")] with rabbitmq_tls [$($job)*] }
    };
    ($(#[$attribute:meta])? with $broker:ident $jobs:tt) => {
        $(#[$attribute])?
        mod $broker {
            in_every_style! { $broker blocking Blocking $jobs }
            in_every_style! { $broker background Background $jobs }
            in_every_style! { $broker callbacks Callbacks $jobs }
            in_every_style! { $broker tokio_current_thread TokioCurrentThread $jobs }
            in_every_style! { $broker tokio_multi_thread TokioMultiThread $jobs }
            in_every_style! { $broker futures Smol $jobs }
        }
    };
    ($broker:ident $module:ident $style:ident [$($job:ident)*]) => {
        mod $module {
            $(#[test] fn $job() {
                super::super::$job::<$crate::styles::$style>(&$crate::brokers::$broker());
            })*
        }
    };
}

/// The same for a job that takes its time: one test with each broker, in all styles at once.
macro_rules! in_every_style_at_once {
    ($job:ident) => {
        mod $job {
            use super::{Broker, $job as job};
            use crate::{brokers, styles};

            #[test]
            fn embedded() {
                in_all(brokers::embedded);
            }

            #[test]
            fn rabbitmq() {
                in_all(brokers::rabbitmq);
            }

            #[cfg(feature = "tls")]
            #[test]
            fn embedded_tls() {
                in_all(brokers::embedded_tls);
            }

            #[cfg(feature = "tls")]
            #[test]
            fn rabbitmq_tls() {
                in_all(brokers::rabbitmq_tls);
            }

            fn in_all(broker: fn() -> Broker) {
                let jobs: [fn(&Broker); 6] = [
                    job::<styles::Blocking>,
                    job::<styles::Background>,
                    job::<styles::Callbacks>,
                    job::<styles::TokioCurrentThread>,
                    job::<styles::TokioMultiThread>,
                    job::<styles::Smol>,
                ];
                std::thread::scope(|scope| {
                    for job in jobs {
                        scope.spawn(move || job(&broker()));
                    }
                });
            }
        }
    };
}
