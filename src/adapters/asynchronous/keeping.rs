use std::fmt;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use super::confirming::Limit;
use super::link::{Owner, State};
use super::reply::Waiting;
use super::wait::{For, change};
use super::{Connection, PublisherBuilder, SubscriptionBuilder, channel};
use crate::connection::Answer;
#[cfg(doc)]
use crate::error::Misuse;
use crate::error::{Error, Result, Waiting as Waits};
use crate::protocol::{Confirming, Protocol};
use crate::recovery::{KeptTopology, Status, Topology};
use crate::versions::Selected;

/// How a connection stands: the status now, and then each change.
///
/// Of changes that come faster than they are asked for only the last one is seen.
pub struct StatusChanges<P: Protocol = Selected> {
    owner: Arc<Owner<P>>,
    last: Option<Status>,
}

impl<P: Protocol> StatusChanges<P> {
    /// Waits for the next status: at once the first time, then when it changes. None after
    /// [`Status::Stopped`], which is the last.
    ///
    /// # Cancel safety
    /// Nothing is lost by dropping it.
    pub async fn next(&mut self) -> Option<Status> {
        if self.last.as_ref().is_some_and(Status::is_stopped) {
            return None;
        }
        let last = &self.last;
        let status = change(&self.owner.0, For::End, |state| {
            let status = state.status();
            (last.as_ref() != Some(&status)).then_some(status)
        })
        .await;
        self.last = Some(status.clone());
        Some(status)
    }
}

impl<P: Protocol> fmt::Debug for StatusChanges<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusChanges")
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

impl<R, P: Protocol> Connection<R, P> {
    /// Returns whether the connection can be used, and if not, why.
    ///
    /// A readiness probe reports whether it is [`Status::Open`]; a liveness probe fails on
    /// [`Status::Stopped`].
    #[must_use]
    pub fn status(&self) -> Status {
        self.link().with(|state| state.status())
    }

    /// Returns the status of the connection as it is now and whenever it changes.
    #[must_use]
    pub fn status_changes(&self) -> StatusChanges<P> {
        let owner = self.owner.clone();
        StatusChanges { owner, last: None }
    }

    /// Connects now instead of waiting for the next attempt. Does nothing unless the connection is
    /// [`Status::Away`] and waits.
    pub fn reconnect(&self) {
        let now = self.link().now();
        self.link().with(|state| {
            if let Some(keeper) = &mut state.keeper {
                keeper.reconnect(now);
                state.attention = true;
            }
        });
    }

    /// Declares a topology now and after every reconnect, before anything is sent or consumed.
    ///
    /// All steps are sent at once and answered together. While the connection is away it waits. A refusal is
    /// the error, and nothing is kept then; steps before the refused one have been done. What happens when a
    /// later declaration is refused is up to [`KeptTopology::on_refused`].
    ///
    /// # Errors
    /// [`Misuse::NoRecovery`] without recovery; the reason of the broker for the first step that it refuses;
    /// when the connection has stopped.
    ///
    /// # Cancel safety
    /// The topology is kept as soon as this was polled; dropping the future does not change that.
    pub async fn keep(&self, topology: impl Into<KeptTopology<P>>) -> Result<()> {
        let (link, kept) = (self.link(), topology.into());
        let now = link.now();
        let id = link.with(|state| {
            let (keeper, core) = state.keeping()?;
            keeper.keep(core, kept, now)
        })?;
        change(link, For::News, |state| {
            let (keeper, _) = state.keeping().ok()?;
            keeper.take_kept(id)
        })
        .await
    }

    /// Declares a topology once, and returns the replies of the broker in its order. It needs no recovery.
    ///
    /// All steps are sent at once, on a channel of their own, so this takes one round trip whatever the size.
    ///
    /// # Errors
    /// The reason of the broker for the first step that it refuses; steps before that have been done. When the
    /// connection is closed.
    ///
    /// # Cancel safety
    /// Dropping the future takes nothing back that was sent.
    pub async fn declare(&self, topology: &Topology<P>) -> Result<Vec<P::Method>> {
        topology.check()?;
        let (opening, key) = channel::begin(&self.owner);
        let Some(key) = key else {
            return opening.await.map(|_| Vec::new());
        };
        let link = self.link();
        let mut calls = Vec::with_capacity(topology.len());
        for step in 0..topology.len() {
            let (name, topology) = (topology.name(step), topology.clone());
            calls.push(Waiting::begin(
                (link, Some(key)),
                name,
                move |state, now| {
                    let mut channel = state.core.channel(key)?;
                    Ok((topology.send(step, &mut channel, now)?, ()))
                },
            ));
        }
        // Dropped at the end, which closes it without waiting.
        let (_, _channel) = opening.await?;
        let mut replies = Vec::with_capacity(calls.len());
        for call in calls {
            if let (Answer::Method(reply), ()) = call.await? {
                replies.push(reply);
            }
        }
        Ok(replies)
    }

    /// Ends the connection gracefully: stops all subscriptions, waits until the deliveries in hand are settled or
    /// dropped, waits for the outcomes of all publishers, and closes the connection.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when work in hand or publishes were left after `timeout`, and which; the connection is
    /// closed all the same. As for [`close`](Self::close).
    ///
    /// # Cancel safety
    /// The subscriptions are stopped as soon as this was polled. Dropping the future leaves the rest undone.
    pub async fn shutdown(&self, timeout: Duration) -> Result<()> {
        let link = self.link();
        let now = link.now();
        let (in_hand, holds) = link.with(|state| state.stop_lanes(now));
        drop(holds);
        let mut limit = Limit::new(link, Some(timeout), Waits::Confirms);
        let mut settled = pin!(change(link, For::News, |state| {
            let is_settled = in_hand.iter().all(|key| !state.session.has_channel(*key));
            let is_flushed = match &mut state.keeper {
                Some(keeper) => keeper.is_all_flushed(),
                None => true,
            };
            (is_settled && is_flushed).then_some(())
        }));
        let settled = poll_fn(|cx| match settled.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Ok(())),
            Poll::Pending => limit.poll(cx).map(Err),
        })
        .await;
        let is_in_hand = link.with(|state| in_hand.iter().any(|it| state.session.has_channel(*it)));
        self.close().await?;
        settled.map_err(|error| match error {
            Error::TimedOut(mut timed_out) if is_in_hand => {
                timed_out.waiting_for = Waits::Settlements;
                timed_out.into()
            }
            error => error,
        })
    }

    /// Prepares a consumer that goes on after reconnects; see [`Subscription`](super::Subscription).
    pub fn subscribe(&self, consume: P::Consume) -> SubscriptionBuilder<P> {
        SubscriptionBuilder::new(&self.owner, consume)
    }

    /// Prepares a publisher that goes on after reconnects; see [`Publisher`](super::Publisher).
    pub fn publisher(&self) -> PublisherBuilder<P>
    where
        P: Confirming,
    {
        PublisherBuilder::new(&self.owner)
    }
}

impl<P: Protocol> State<P> {
    fn status(&self) -> Status {
        match (&self.keeper, self.core.closed(), self.core.blocked()) {
            (Some(keeper), _, _) => keeper.status(&self.core),
            (None, Some(reason), _) => Status::Stopped(reason.clone()),
            (None, None, Some(reason)) => Status::Blocked(reason.clone()),
            (None, None, None) => Status::Open,
        }
    }
}
