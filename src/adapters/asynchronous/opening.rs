use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use super::Connection;
use super::connector::Connector;
use super::link::{Clock, Host, Link, Owner, State};
use super::runtime::{Runtime, Stream as _, Timer};
use crate::adapters::session::Place;
use crate::client;
use crate::config::{Config, Provider, Recovery};
use crate::connection::{Connection as Core, later};
use crate::dial::{self, Dial, Step};
use crate::error::{Cause, Misuse, Result, Unreachable};
use crate::protocol::Protocol;
use crate::recovery::keeper::Keeper;
use crate::versions::Selected;

/// Connects to a server, within [`Config::connect_timeout`], and sets its name in the configuration.
pub(in crate::adapters) async fn connect<R: Runtime>(
    runtime: &R,
    config: &mut Config,
) -> Result<R::Stream> {
    client::check(config)?;
    if let Some(connector) = runtime.connector() {
        let stream = connect_by(runtime, &connector, config).await?;
        stream.tune(config);
        return Ok(stream);
    }
    let mut dial = Dial::new(config, runtime.now(), runtime.races());
    let mut attempts: Vec<Attempt<'_, R::Stream>> = Vec::new();
    loop {
        match dial.next(runtime.now())? {
            Step::LookUp { until } => {
                let (host, port) = dial.host();
                let found = match &config.resolver {
                    Some(resolver) => resolver.look_up(host, port),
                    None => within(runtime, until, runtime.look_up(host, port)).await,
                };
                dial.found(found);
            }
            Step::Connect { address, until } => {
                let connecting = within(runtime, until, runtime.connect(address));
                attempts.push((address, Box::pin(connecting)));
            }
            Step::Wait { until } => match first(runtime, &mut attempts, until).await {
                None => {}
                Some((_, Ok(stream))) => {
                    stream.tune(config);
                    dial.reached(config);
                    return Ok(stream);
                }
                Some((address, Err(error))) => dial.failed(address, &error, runtime.now()),
            },
        }
    }
}

/// Opens a stream by the connector of a program, within [`Config::connect_timeout`]. Hosts are tried in turn.
async fn connect_by<R: Runtime>(
    runtime: &R,
    connector: &Connector<R::Stream>,
    config: &mut Config,
) -> Result<R::Stream> {
    let until = later(runtime.now(), config.connect_timeout);
    let mut failures: Vec<Unreachable> = Vec::new();
    for (host, port) in dial::hosts(config) {
        let connecting = connector.connect(host.clone(), port);
        match within(runtime, until, connecting).await {
            Ok(stream) => {
                (config.host, config.port) = (host, port);
                return Ok(stream);
            }
            Err(error) => mutant!(
                "the error of a connector is lost",
                failures.push(Unreachable::by_connector((host, port), &error)),
                ()
            ),
        }
    }
    Err(Arc::new(Unreachable::all(failures)).into())
}

/// An address, and the attempt to connect to it.
type Attempt<'a, S> = (
    SocketAddr,
    Pin<Box<dyn Future<Output = io::Result<S>> + Send + 'a>>,
);

/// Waits for the first attempt to end, which is taken out, or until a time.
async fn first<R: Runtime>(
    runtime: &R,
    attempts: &mut Vec<Attempt<'_, R::Stream>>,
    until: Instant,
) -> Option<(SocketAddr, io::Result<R::Stream>)> {
    let mut timer = runtime.timer();
    poll_fn(|cx| {
        // First, as attempts end sooner, and a program that polls knows one deadline only.
        let is_late = timer.poll_until(cx, until);
        let ended = attempts.iter_mut().enumerate().find_map(|(at, attempt)| {
            match attempt.1.as_mut().poll(cx) {
                Poll::Ready(result) => Some((at, result)),
                Poll::Pending => None,
            }
        });
        if let Some((at, result)) = ended {
            let (address, _) = attempts.swap_remove(at);
            return Poll::Ready(Some((address, result)));
        }
        is_late.map(|()| None)
    })
    .await
}

/// What comes until then, or that nothing came.
pub(in crate::adapters) async fn within<R: Runtime, T>(
    runtime: &R,
    until: Instant,
    what: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    let (mut what, mut timer) = (pin!(what), runtime.timer());
    poll_fn(|cx| {
        if let Poll::Ready(result) = what.as_mut().poll(cx) {
            return Poll::Ready(result);
        }
        let late = || Err(io::ErrorKind::TimedOut.into());
        timer.poll_until(cx, until).map(|()| late())
    })
    .await
}

/// Asks the provider for credentials, if there is one. Returns why it has none.
fn provide(config: &mut Config) -> Option<Cause> {
    let provided = config.credentials_provider.as_ref();
    match provided.map(Provider::credentials).transpose() {
        Ok(Some(credentials)) => config.credentials = credentials,
        Ok(None) => {}
        Err(error) => {
            let reason = error.to_string();
            return Some(Cause::Credentials { reason });
        }
    }
    None
}

/// The clock of a runtime.
pub(super) fn clock<R: Runtime>(runtime: &R) -> Clock {
    let runtime = runtime.clone();
    Box::new(move || runtime.now())
}

/// A connection that differs from all others, over one transport.
pub(super) fn core<P: Protocol>(mut config: Config, now: Instant) -> Core<P> {
    let mut failure = provide(&mut config);
    let asks_too_much = config.recovery.is_some();
    if mutant!(
        "recovery over one stream is passed over",
        asks_too_much,
        false
    ) {
        failure = Some(Cause::Unsendable(Box::new(Misuse::OneTransport)));
    }
    let mut core = Core::new(config, now);
    if let Some(cause) = failure {
        core.never_connected(cause, now);
    }
    // Keys of a hash map are random, which is all that telling connections apart takes.
    core.set_identity(RandomState::new().hash_one(()));
    core
}

/// Begins to log in, with a host if calls block.
pub(in crate::adapters) fn begin<R, P: Protocol>(
    config: Config,
    clock: Clock,
    host: impl FnOnce(&mut Core<P>) -> Option<Box<dyn Host<P>>>,
) -> (Opening<R, P>, Arc<Link<P>>) {
    let mut core = core(config, clock());
    let host = host(&mut core);
    let link = Arc::new(Link::new(core, clock, host));
    let opening = Opening {
        owner: Some(Arc::new(Owner(link.clone()))),
        place: Place::default(),
        runtime: PhantomData,
    };
    (opening, link)
}

/// Begins a connection that recovers, and whose first transport its driver opens.
pub(in crate::adapters) fn begin_away<R, P: Protocol>(
    config: Config,
    recovery: Recovery,
    (clock, host): (Clock, Option<Box<dyn Host<P>>>),
) -> (Opening<R, P>, Arc<Link<P>>) {
    let link = link_away(config, recovery, (clock, host));
    let opening = Opening {
        owner: Some(Arc::new(Owner(link.clone()))),
        place: Place::default(),
        runtime: PhantomData,
    };
    (opening, link)
}

/// A connection that recovers, without its first transport.
pub(super) fn link_away<P: Protocol>(
    config: Config,
    recovery: Recovery,
    (clock, host): (Clock, Option<Box<dyn Host<P>>>),
) -> Arc<Link<P>> {
    let now = clock();
    let keeper = Keeper::new(config.clone(), recovery, now);
    let link = Link::new(Core::new(config, now), clock, host);
    link.with(|state| {
        state.core.set_identity(RandomState::new().hash_one(()));
        state.keeper = Some(Box::new(keeper));
    });
    Arc::new(link)
}

/// The next transport of a connection is connected, with these settings.
pub(super) fn begin_again<P: Protocol>(state: &mut State<P>, mut config: Config, now: Instant) {
    let failure = provide(&mut config);
    if let Some(keeper) = &mut state.keeper {
        keeper.connected(&mut state.core, config, now);
    }
    if let Some(cause) = failure {
        state.core.never_connected(cause, now);
    }
}

/// A connection that is logging in, as a future.
///
/// # Cancel safety
/// Dropping it ends the connection.
#[must_use = "it ends the connection when it is dropped"]
pub struct Opening<R, P: Protocol = Selected> {
    owner: Option<Arc<Owner<P>>>,
    place: Place,
    runtime: PhantomData<fn() -> R>,
}

impl<R, P: Protocol> Future for Opening<R, P> {
    type Output = Result<Connection<R, P>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        let Some(owner) = me.owner.take() else {
            return Poll::Ready(Err(crate::error::Misuse::Finished("connecting").into()));
        };
        let done = owner.0.with(|state| {
            let done = outcome(state);
            if done.is_none() {
                state.session.changes.wait(&mut me.place, cx.waker(), None);
            }
            done
        });
        match done {
            None => {
                me.owner = Some(owner);
                Poll::Pending
            }
            Some(result) => Poll::Ready(result.map(|()| Connection::new(owner))),
        }
    }
}

/// Whether logging in is done, and how it went.
pub(super) fn outcome<P: Protocol>(state: &State<P>) -> Option<Result<()>> {
    if let Some(reason) = state.closed() {
        return Some(Err(reason.clone().into()));
    }
    state.session.is_opened().then_some(Ok(()))
}

impl<R, P: Protocol> fmt::Debug for Opening<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").finish_non_exhaustive()
    }
}
