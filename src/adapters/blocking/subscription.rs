use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[cfg(doc)]
use super::Connection;
use super::wait::{block_on, within};
use super::{Channel, Delivery};
use crate::adapters::asynchronous;
use crate::adapters::asynchronous::SubscriptionHandle;
use crate::adapters::asynchronous::link::Link;
use crate::adapters::settings::subscription_settings;
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
    link: Arc<Link<P>>,
}

impl<P: Protocol> SubscriptionBuilder<P> {
    pub(super) const fn new(
        inner: asynchronous::SubscriptionBuilder<P>,
        link: Arc<Link<P>>,
    ) -> Self {
        Self { inner, link }
    }

    subscription_settings! {}

    /// Begins to consume. While the connection is away it waits.
    ///
    /// # Errors
    /// [`Misuse::NoRecovery`] without recovery; why the broker refuses; when the connection has stopped.
    pub fn open(self) -> Result<Subscription<P>> {
        let inner = block_on(&self.link, self.inner.open())?;
        Ok(Subscription {
            inner,
            link: self.link,
        })
    }
}

impl<P: Protocol> fmt::Debug for SubscriptionBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// A consumer that goes on after reconnects.
///
/// It is an iterator over messages that waits across gaps; [`next_event`](Self::next_event) reports gaps too. After
/// a gap the broker delivers again what was not acknowledged, so a program sees messages twice whose delivery it
/// had in hand; settling the first one is [`Settled::Stale`](crate::connection::Settled::Stale) then.
///
/// Dropping it cancels the consumer without waiting; messages that it did not hand out go back to the queue.
pub struct Subscription<P: Protocol = Selected> {
    inner: asynchronous::Subscription<P>,
    link: Arc<Link<P>>,
}

/// What a subscription yields.
#[derive(Debug)]
#[non_exhaustive]
pub enum SubscriptionEvent<P: Protocol = Selected> {
    /// A message.
    Delivery(Delivery<P>),
    /// The subscription was interrupted and goes on now. Unacknowledged messages from before come again.
    Gap {
        /// Why its consumer was lost.
        reason: Arc<Closed>,
        /// How long there was no consumer.
        away: Duration,
    },
}

impl<P: Protocol> From<asynchronous::SubscriptionEvent<P>> for SubscriptionEvent<P> {
    fn from(event: asynchronous::SubscriptionEvent<P>) -> Self {
        match event {
            asynchronous::SubscriptionEvent::Delivery(delivery) => {
                Self::Delivery(delivery.on(Channel::new))
            }
            asynchronous::SubscriptionEvent::Gap { reason, away } => Self::Gap { reason, away },
        }
    }
}

impl<P: Protocol> Subscription<P> {
    /// Waits for the next message, across gaps; none once the subscription was stopped, or the program closed
    /// the connection.
    ///
    /// # Errors
    /// When the subscription has ended otherwise: the connection stopped, or the broker refuses the consumer for
    /// longer than [`Recovery::refused_for`](crate::recovery::Recovery::refused_for).
    #[allow(
        clippy::should_implement_trait,
        reason = "the name it has in all styles; a loop is over `&mut subscription`"
    )]
    pub fn next(&mut self) -> Result<Option<Delivery<P>>> {
        match self.try_next() {
            None => own(block_on(&self.link, self.inner.next())),
            here => Ok(here),
        }
    }

    /// Waits for the next message no longer than `timeout`; none when none came, or as for [`next`](Self::next).
    ///
    /// # Errors
    /// As for [`next`](Self::next).
    pub fn next_within(&mut self, timeout: Duration) -> Result<Option<Delivery<P>>> {
        match self.try_next() {
            None => {
                let received = within(&self.link, self.inner.next(), timeout);
                own(received.map(Option::flatten))
            }
            here => Ok(here),
        }
    }

    /// Waits for the next message or gap; none as for [`next`](Self::next).
    ///
    /// # Errors
    /// As for [`next`](Self::next).
    pub fn next_event(&mut self) -> Result<Option<SubscriptionEvent<P>>> {
        let event = block_on(&self.link, self.inner.next_event())?;
        Ok(event.map(Into::into))
    }

    /// Waits for the next message or gap no longer than `timeout`; none when none came, or as for
    /// [`next`](Self::next).
    ///
    /// # Errors
    /// As for [`next`](Self::next).
    pub fn next_event_within(&mut self, timeout: Duration) -> Result<Option<SubscriptionEvent<P>>> {
        let event = within(&self.link, self.inner.next_event(), timeout)?;
        Ok(event.flatten().map(Into::into))
    }

    /// Returns the next message, if one is here already.
    pub fn try_next(&mut self) -> Option<Delivery<P>> {
        let delivery = self.inner.try_next()?;
        Some(delivery.on(Channel::new))
    }

    /// Returns a handle that stops the subscription from elsewhere.
    #[must_use]
    pub fn handle(&self) -> SubscriptionHandle<P> {
        self.inner.handle()
    }
}

fn own<P: Protocol>(
    received: Result<Option<asynchronous::Delivery<P>>>,
) -> Result<Option<Delivery<P>>> {
    received.map(|received| received.map(|delivery| delivery.on(Channel::new)))
}

impl<P: Protocol> Iterator for Subscription<P> {
    type Item = Result<Delivery<P>>;

    fn next(&mut self) -> Option<Self::Item> {
        Self::next(self).transpose()
    }
}

impl<P: Protocol> fmt::Debug for Subscription<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
