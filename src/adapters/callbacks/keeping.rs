//! What outlives transports: topologies, the status, the way to an end.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::handles::Connection;
use super::publisher::PublisherBuilder;
use super::subscription::SubscriptionBuilder;
use super::{IntoResult, Then};
use crate::adapters::asynchronous::StatusChanges;
use crate::connection::ChannelKey;
use crate::error::Result;
#[cfg(doc)]
use crate::error::{Error, Misuse};
use crate::protocol::{Confirming, Protocol};
use crate::recovery::{KeptTopology, Status, Topology};

impl<P: Protocol> Connection<P> {
    /// Returns whether the connection can be used, and if not, why.
    ///
    /// A readiness probe reports whether it is [`Status::Open`]; a liveness probe fails on
    /// [`Status::Stopped`].
    #[must_use]
    pub fn status(&self) -> Status {
        self.shared.front.status()
    }

    /// Runs `handler` with the status of the connection: once when the connection is served next, and at each
    /// change. Of changes that come faster than they are reported only the last one is. [`Status::Stopped`] is
    /// the last.
    pub fn on_status<D: IntoResult>(&self, mut handler: impl FnMut(&Self, &Status) -> D + 'static) {
        let changes = self.shared.front.status_changes();
        let handler = Rc::new(RefCell::new(move |own: &Self, status: &Status| {
            handler(own, status).into_result()
        }));
        self.watch(changes, handler);
    }

    fn watch(&self, mut changes: StatusChanges<P>, handler: Rc<RefCell<OnStatus<Self>>>) {
        let next = async move {
            let status = changes.next().await;
            Ok((changes, status))
        };
        let reported = self.begin(
            ChannelKey::CONNECTION,
            next,
            move |own, (changes, status)| {
                let Some(status) = status else { return Ok(()) };
                if !status.is_stopped() {
                    own.watch(changes, handler.clone());
                }
                match handler.try_borrow_mut() {
                    Ok(mut handler) => handler(own, &status),
                    Err(_) => Ok(()),
                }
            },
        );
        reported.then(|reported| reported?);
    }

    /// Connects now instead of waiting for the next attempt. Does nothing unless the connection is
    /// [`Status::Away`] and waits.
    pub fn reconnect(&self) {
        self.shared.front.reconnect();
    }

    /// Declares a topology now and after every reconnect, before anything is sent or consumed.
    ///
    /// All steps are sent at once and answered together. While the connection is away it waits. A refusal is
    /// the result, and nothing is kept then; steps before the refused one have been done. What happens when a
    /// later declaration is refused is up to [`KeptTopology::on_refused`]. Without recovery the result is
    /// [`Misuse::NoRecovery`].
    pub fn keep(&self, topology: impl Into<KeptTopology<P>>) -> Then<(), P> {
        let (front, topology) = (self.shared.front.clone(), topology.into());
        let kept = async move { front.keep(topology).await };
        self.begin(ChannelKey::CONNECTION, kept, |_, ()| ())
    }

    /// Declares a topology once; the result are the replies of the broker in its order. It needs no recovery.
    ///
    /// All steps are sent at once, on a channel of their own, so this takes one round trip whatever the size. The
    /// result is the reason of the broker for the first step that it refuses; steps before that have been done.
    pub fn declare(&self, topology: &Topology<P>) -> Then<Vec<P::Method>, P> {
        let (front, topology) = (self.shared.front.clone(), topology.clone());
        let declared = async move {
            front.wait_opened().await?;
            front.declare(&topology).await
        };
        self.begin(ChannelKey::CONNECTION, declared, |_, replies| replies)
    }

    /// Ends the connection gracefully: stops all subscriptions, waits until the deliveries in hand are settled or
    /// dropped, waits for the outcomes of all publishers, and closes the connection.
    ///
    /// The result is [`Error::TimedOut`] when work in hand or publishes were left after `timeout`; the connection
    /// is closed all the same.
    pub fn shutdown(&self, timeout: Duration) -> Then<(), P> {
        let front = self.shared.front.clone();
        let ended = async move { front.shutdown(timeout).await };
        self.begin(ChannelKey::CONNECTION, ended, |_, ()| ())
    }

    /// Prepares a consumer that goes on after reconnects; see [`Subscription`](super::Subscription).
    pub fn subscribe(&self, consume: P::Consume) -> SubscriptionBuilder<P> {
        let inner = self.shared.front.subscribe(consume);
        SubscriptionBuilder::new(inner, self.clone())
    }

    /// Prepares a publisher that goes on after reconnects; see [`Publisher`](super::Publisher).
    pub fn publisher(&self) -> PublisherBuilder<P>
    where
        P: Confirming,
    {
        let inner = self.shared.front.publisher();
        PublisherBuilder::new(inner, self.clone())
    }
}

type OnStatus<O> = dyn FnMut(&O, &Status) -> Result<()>;
