use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::link::Link;
use super::opening::{self, connect};
use super::runtime::{Runtime, Timer as _};
use crate::config::Config;
use crate::error::Result;
use crate::protocol::Protocol;
use crate::recovery::keeper::Next;

/// Opens the next transport of a connection, when its keeper says so.
pub(in crate::adapters) struct Redial<R: Runtime, P: Protocol> {
    runtime: R,
    link: Arc<Link<P>>,
    timer: R::Timer,
    attempt: Option<Attempt<R::Stream>>,
}

/// An attempt to connect. It yields the settings with the host that was reached.
type Attempt<S> = Pin<Box<dyn Future<Output = Result<(S, Config)>> + Send>>;

impl<R: Runtime, P: Protocol> Redial<R, P> {
    pub(in crate::adapters) fn new(runtime: R, link: Arc<Link<P>>) -> Self {
        let timer = runtime.timer();
        Self {
            runtime,
            link,
            timer,
            attempt: None,
        }
    }

    /// Ready with the next transport, or with none once the connection has ended for good. Meanwhile the
    /// deadlines of callers are kept.
    pub(in crate::adapters) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<R::Stream>> {
        loop {
            let now = self.link.now();
            let (next, deadline) = self.link.with(|state| {
                state.attention = false;
                let deadline =
                    mutant!("nothing is late while away", state.away_deadline(now), None);
                (state.next_transport(now), deadline)
            });
            let until = match next {
                Next::Stop | Next::Drive => {
                    mutant!(
                        "an attempt that is given up goes on",
                        self.attempt = None,
                        std::mem::forget(self.attempt.take())
                    );
                    return Poll::Ready(None);
                }
                Next::Wait(at) => Some(at),
                Next::Dial => {
                    let (runtime, link) = (&self.runtime, &self.link);
                    let attempt = self.attempt.get_or_insert_with(|| {
                        let config = link.with(|state| state.next_config());
                        Box::pin(dial(runtime.clone(), config))
                    });
                    match attempt.as_mut().poll(cx) {
                        Poll::Pending => None,
                        Poll::Ready(result) => {
                            self.attempt = None;
                            if let Some(stream) = self.attempted(result) {
                                return Poll::Ready(Some(stream));
                            }
                            continue;
                        }
                    }
                }
            };
            let until = until.into_iter().chain(deadline).min();
            if until.is_some_and(|at| self.timer.poll_until(cx, at).is_ready()) {
                continue;
            }
            // Output cannot be written for now, so it is nothing to be woken for.
            if self.link.park(cx.waker(), || usize::MAX) {
                return Poll::Pending;
            }
        }
    }

    /// Reports how an attempt went. Returns the stream, if the connection begins on it.
    fn attempted(&self, result: Result<(R::Stream, Config)>) -> Option<R::Stream> {
        let now = self.link.now();
        match result {
            Ok((stream, config)) => {
                self.link
                    .with(|state| opening::begin_again(state, config, now));
                Some(stream)
            }
            Err(error) => {
                self.link.with(|state| state.not_connected(error, now));
                None
            }
        }
    }
}

async fn dial<R: Runtime>(runtime: R, mut config: Config) -> Result<(R::Stream, Config)> {
    let stream = connect(&runtime, &mut config).await?;
    Ok((stream, config))
}
