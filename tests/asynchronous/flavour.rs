//! The runtimes that the tests run in.
//!
//! One more runtime is one more type here with an `impl Flavour`, the conversion of a [`Wire`] into
//! its streams, and one more module in each macro.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use pika::asynchronous::{Connection, Runtime, Timer};
use pika::config::Config;
use pika::futures::FuturesIo;
use pika::protocol::Protocol;
use pika::tokio::Tokio;
use tokio::runtime::Builder;

use crate::wire::Wire;

/// A way of running tests.
pub(crate) trait Flavour: Send + Sync + 'static {
    type Runtime: Runtime<Stream: Send> + Default;

    /// Runs a test whose other end is in memory, in simulated time where there is such a thing.
    fn run(test: impl Future<Output = ()>);

    /// Runs a test that uses sockets, in real time.
    fn run_on_sockets(test: impl Future<Output = ()>);

    /// Runs a task in the background.
    fn spawn(task: impl Future<Output = ()> + Send + 'static);

    /// Logs in over a transport in memory.
    fn over<P: Protocol>(
        wire: Wire,
        config: Config,
    ) -> impl Future<Output = pika::Result<Connection<Self::Runtime, P>>> + Send;

    /// Connects and logs in.
    fn open<P: Protocol>(
        config: Config,
    ) -> impl Future<Output = pika::Result<Connection<Self::Runtime, P>>> + Send;

    /// The stream that the runtime's connections take.
    fn stream(wire: Wire) -> <Self::Runtime as Runtime>::Stream;
}

/// A thread that does everything, in simulated time.
pub(crate) struct CurrentThread;

/// Several threads, in real time.
pub(crate) struct MultiThread;

/// The executor of smol, whose threads are shared by all tests, in real time.
pub(crate) struct Smol;

macro_rules! on_tokio {
    () => {
        fn spawn(task: impl Future<Output = ()> + Send + 'static) {
            tokio::spawn(task);
        }

        async fn over<P: Protocol>(
            wire: Wire,
            config: Config,
        ) -> pika::Result<Connection<Tokio, P>> {
            Connection::over(Self::stream(wire), config).await
        }

        async fn open<P: Protocol>(config: Config) -> pika::Result<Connection<Tokio, P>> {
            Connection::open_as(config).await
        }

        fn stream(wire: Wire) -> pika::tokio::Io {
            pika::tokio::Io::new(wire)
        }
    };
}

impl Flavour for CurrentThread {
    type Runtime = Tokio;

    fn run(test: impl Future<Output = ()>) {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_all().start_paused(true).build().unwrap();
        // A day of simulated time costs nothing.
        runtime.block_on(limited::<Self>(Duration::from_secs(86_400), test));
    }

    fn run_on_sockets(test: impl Future<Output = ()>) {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_all().build().unwrap();
        runtime.block_on(limited::<Self>(REAL_LIMIT, test));
    }

    on_tokio!();
}

impl Flavour for MultiThread {
    type Runtime = Tokio;

    fn run(test: impl Future<Output = ()>) {
        Self::run_on_sockets(test);
    }

    fn run_on_sockets(test: impl Future<Output = ()>) {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(limited::<Self>(REAL_LIMIT, test));
    }

    on_tokio!();
}

impl Flavour for Smol {
    type Runtime = FuturesIo;

    fn run(test: impl Future<Output = ()>) {
        Self::run_on_sockets(test);
    }

    fn run_on_sockets(test: impl Future<Output = ()>) {
        smol::block_on(limited::<Self>(REAL_LIMIT, test));
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        smol::spawn(task).detach();
    }

    async fn over<P: Protocol>(
        wire: Wire,
        config: Config,
    ) -> pika::Result<Connection<FuturesIo, P>> {
        pika::futures::over(Self::stream(wire), config, Self::spawn).await
    }

    async fn open<P: Protocol>(config: Config) -> pika::Result<Connection<FuturesIo, P>> {
        pika::futures::open_as(config, Self::spawn).await
    }

    fn stream(wire: Wire) -> pika::futures::Io {
        pika::futures::Io::new(wire)
    }
}

/// How long a test may take that runs in real time.
const REAL_LIMIT: Duration = Duration::from_secs(60);

/// A test that hangs fails.
async fn limited<F: Flavour>(limit: Duration, test: impl Future<Output = ()>) {
    let done = within::<F, _>(limit, test).await;
    assert!(done.is_some(), "the test hangs");
}

/// What a future gives, if it does so in time.
pub(crate) async fn within<F: Flavour, T>(
    time: Duration,
    future: impl Future<Output = T>,
) -> Option<T> {
    let mut future = pin!(future);
    let mut timer = F::Runtime::default().timer();
    let deadline = now::<F>() + time;
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => timer.poll_until(cx, deadline).map(|()| None),
    })
    .await
}

/// The time, by the clock of the runtime.
pub(crate) fn now<F: Flavour>() -> std::time::Instant {
    F::Runtime::default().now()
}

pub(crate) async fn sleep<F: Flavour>(time: Duration) {
    within::<F, ()>(time, std::future::pending()).await;
}

/// One module of tests for a runtime.
macro_rules! for_runtime {
    ($module:ident, $flavour:ident, $run:ident, [$($name:ident)*]) => {
        mod $module {
            use $crate::flavour::{Flavour as _, $flavour};

            $(#[test] fn $name() {
                $flavour::$run(super::$name::<$flavour>());
            })*
        }
    };
}

/// Tests with the other end in memory, for every runtime. `F` is the runtime's [`Flavour`].
macro_rules! in_each_runtime {
    ($(async fn $name:ident() $body:block)*) => {
        $(async fn $name<F: $crate::flavour::Flavour>() $body)*

        for_runtime!(current_thread, CurrentThread, run, [$($name)*]);
        for_runtime!(multi_thread, MultiThread, run, [$($name)*]);
        for_runtime!(with_smol, Smol, run, [$($name)*]);
    };
}

/// Tests that let much time pass, for runtimes that can simulate it.
macro_rules! in_simulated_time {
    ($(async fn $name:ident() $body:block)*) => {
        $(async fn $name<F: $crate::flavour::Flavour>() $body)*

        for_runtime!(simulated_time, CurrentThread, run, [$($name)*]);
    };
}

/// Tests that go over sockets, for every runtime.
macro_rules! over_sockets {
    ($(async fn $name:ident() $body:block)*) => {
        $(async fn $name<F: $crate::flavour::Flavour>() $body)*

        for_runtime!(current_thread_sockets, CurrentThread, run_on_sockets, [$($name)*]);
        for_runtime!(multi_thread_sockets, MultiThread, run_on_sockets, [$($name)*]);
        for_runtime!(with_smol_sockets, Smol, run_on_sockets, [$($name)*]);
    };
}
