use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::handles::{Connection, Hold};
use super::{Channel, Delivery, IntoResult, Then};
use crate::adapters::asynchronous::{self, SubscriptionEvent, SubscriptionHandle};
use crate::adapters::settings::subscription_settings;
use crate::connection::ChannelKey;
#[cfg(doc)]
use crate::error::Misuse;
use crate::error::{Closed, Result};
use crate::protocol::Protocol;
use crate::recovery::{OnCancel, Topology};
use crate::versions::Selected;

/// A subscription that is about to begin; see [`Connection::subscribe`].
#[must_use = "a subscription begins when it is opened"]
pub struct SubscriptionBuilder<P: Protocol = Selected> {
    inner: asynchronous::SubscriptionBuilder<P>,
    connection: Connection<P>,
    on_gap: Option<OnGap>,
}

type OnDelivery<P> = Box<dyn FnMut(Delivery<P>) -> Result<()>>;

type OnGap = Box<dyn FnMut(&Arc<Closed>, Duration) -> Result<()>>;

impl<P: Protocol> SubscriptionBuilder<P> {
    pub(super) const fn new(
        inner: asynchronous::SubscriptionBuilder<P>,
        connection: Connection<P>,
    ) -> Self {
        Self {
            inner,
            connection,
            on_gap: None,
        }
    }

    subscription_settings! {}

    /// Runs `handler` after each gap, with the reason why the consumer was lost and how long there was none.
    /// Unacknowledged messages from before come again.
    pub fn on_gap<D: IntoResult>(
        mut self,
        mut handler: impl FnMut(&Arc<Closed>, Duration) -> D + 'static,
    ) -> Self {
        self.on_gap = Some(Box::new(move |reason, away| {
            handler(reason, away).into_result()
        }));
        self
    }

    /// Begins to consume; each message goes to `handler`. While the connection is away it waits.
    ///
    /// The subscription goes on until it is [stopped](Subscription::stop), whether the result is kept or not.
    /// When it ends otherwise, because the connection stopped or the broker refuses the consumer for longer than
    /// [`Recovery::refused_for`](crate::recovery::Recovery::refused_for), whoever serves the connection gets the
    /// reason as an error. Without recovery the result is [`Misuse::NoRecovery`].
    pub fn open<D: IntoResult>(
        self,
        mut handler: impl FnMut(Delivery<P>) -> D + 'static,
    ) -> Then<Subscription<P>, P> {
        let (inner, on_gap) = (self.inner, self.on_gap);
        let on_delivery = Box::new(move |delivery| handler(delivery).into_result());
        let opening = async move { inner.open().await };
        let begin = |connection: &Connection<P>, inner: asynchronous::Subscription<P>| {
            let handle = inner.handle();
            connection.hand_out_next(Running {
                inner,
                on_delivery,
                on_gap,
                current: None,
            });
            let connection = connection.clone();
            Subscription { handle, connection }
        };
        self.connection
            .begin(ChannelKey::CONNECTION, opening, begin)
    }
}

impl<P: Protocol> fmt::Debug for SubscriptionBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// A subscription and its handlers.
struct Running<P: Protocol> {
    inner: asynchronous::Subscription<P>,
    on_delivery: OnDelivery<P>,
    on_gap: Option<OnGap>,
    /// The channel of the current consumer, which is held.
    current: Option<Rc<Hold<P>>>,
}

impl<P: Protocol> Connection<P> {
    /// Waits for the next message of a subscription, hands it out, and goes on.
    fn hand_out_next(&self, mut running: Running<P>) {
        let next = async move {
            let event = running.inner.next_event().await;
            Ok((running, event))
        };
        let handed_out = self.begin(
            ChannelKey::CONNECTION,
            next,
            move |own, (mut running, event)| {
                let event = match event {
                    Ok(Some(event)) => event,
                    Ok(None) => return Ok(()),
                    // The end of the connection is reported by itself.
                    Err(_) if own.closed().is_some() => return Ok(()),
                    Err(error) => return Err(error),
                };
                let result = match event {
                    SubscriptionEvent::Delivery(delivery) => {
                        let channel = own.channel_of_delivery(&mut running, delivery.channel());
                        let delivery = Delivery::new(delivery.into_core(), channel);
                        (running.on_delivery)(delivery)
                    }
                    SubscriptionEvent::Gap { reason, away } => match &mut running.on_gap {
                        Some(on_gap) => on_gap(&reason, away),
                        None => Ok(()),
                    },
                };
                own.hand_out_next(running);
                result
            },
        );
        handed_out.then(|handed_out| handed_out?);
    }

    /// Returns the handle for the channel of a delivery.
    fn channel_of_delivery(
        &self,
        running: &mut Running<P>,
        front: &asynchronous::Channel<P>,
    ) -> Channel<P> {
        let current = running.current.take();
        let current = current.filter(|hold| hold.front.key() == front.key());
        let channel = match current {
            Some(hold) => self.channel_of(hold),
            None => self.attach_kept(front.clone()),
        };
        running.current = Some(channel.record.clone());
        channel
    }
}

/// A consumer that goes on after reconnects.
///
/// After a gap the broker delivers again what was not acknowledged, so a handler sees messages twice whose delivery
/// the program had in hand; settling the first one is [`Settled::Stale`](crate::connection::Settled::Stale) then.
///
/// Dropping this handle does not end the subscription. If its handler panics, it ends: messages that it did not see
/// go back to the queue.
pub struct Subscription<P: Protocol = Selected> {
    handle: SubscriptionHandle<P>,
    connection: Connection<P>,
}

impl<P: Protocol> Subscription<P> {
    /// Ends the subscription gracefully: the consumer is cancelled, and messages that were not handed out go back to
    /// the queue. Deliveries in hand can still be settled.
    pub fn stop(&self) {
        self.handle.stop();
    }

    /// Returns the connection.
    #[must_use]
    pub const fn connection(&self) -> &Connection<P> {
        &self.connection
    }
}

impl<P: Protocol> Clone for Subscription<P> {
    fn clone(&self) -> Self {
        let (handle, connection) = (self.handle.clone(), self.connection.clone());
        Self { handle, connection }
    }
}

impl<P: Protocol> fmt::Debug for Subscription<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handle.fmt(f)
    }
}
