use std::fmt;
use std::sync::Arc;

use super::wait::{block_on, look, patiently, sent};
use super::{Connection, FlowChanges};
use crate::adapters::{asynchronous, delivery};
use crate::connection::{DeliveryToken, Settled};
use crate::error::{Closed, Forbidden, Result};
use crate::method::{Call, Caller, NoWait, OneWay, SimpleMethod};
use crate::protocol::{Confirming, Protocol};
use crate::versions::Selected;
use crate::wire::{ChannelId, ReplyCode, ShortStr};

/// A channel of a [`Connection`].
///
/// Every method that a client may send is a method here, under its name in the specification:
/// `channel.queue_declare(queue::Declare::new("orders"))`. What needs more than a reply has a verb of
/// its own: [`publish`](Self::publish), [`consume`](Self::consume), [`get`](Self::get),
/// [`confirming`](Self::confirming).
///
/// Clones are the same channel, and several threads may use it at once. When the last one is
/// dropped, those that deliveries and consumers hold counted, the channel is closed, without waiting
/// for the server. A thread that publishes with confirms, or in transactions, is better off with a
/// channel of its own.
pub struct Channel<P: Protocol = Selected>(pub(super) asynchronous::Channel<P>);

/// A message that a consumer got or [`Channel::get`] fetched.
///
/// It keeps its channel open, so that it can be settled, by any thread.
pub type Delivery<P = Selected> = delivery::Delivery<Channel<P>>;

delivery::settle!(Channel);

impl<P: Protocol> Delivery<P> {
    /// Returns whether the delivery can no longer be settled since its channel has closed: the broker delivers the
    /// message again, unless it needs no acknowledgement. Long work asks this before it does something that must
    /// not be done twice.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        !self.channel().is_open()
    }
}

impl<P: Protocol> Channel<P> {
    #[inline]
    pub(super) const fn new(inner: asynchronous::Channel<P>) -> Self {
        Self(inner)
    }

    /// The connection.
    #[must_use]
    pub fn connection(&self) -> Connection<P> {
        let inner = self.0.connection();
        Connection { inner }
    }

    /// The channel number.
    #[must_use]
    pub fn id(&self) -> ChannelId {
        self.0.id()
    }

    /// Why content may not be sent now, if so.
    #[must_use]
    pub fn forbidden(&self) -> Option<Forbidden> {
        look(self.0.link());
        self.0.forbidden()
    }

    /// Whether the server lets content through, now and whenever that changes.
    #[must_use]
    pub fn flow_changes(&self) -> FlowChanges<P> {
        FlowChanges::new(self.0.flow_changes(), self.0.link())
    }

    /// Fetches one message, if the queue has one.
    ///
    /// # Errors
    /// When the server refuses, which closes the channel.
    pub fn get(&self, get: P::Get) -> Result<Option<Delivery<P>>> {
        let delivery = self.block_on(self.0.get(get))?;
        Ok(delivery.map(|delivery| delivery.on(Self)))
    }

    /// The specification's name for [`get`](Self::get).
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    pub fn basic_get(&self, get: P::Get) -> Result<Option<Delivery<P>>> {
        self.get(get)
    }

    /// Sends a method with its no-wait bit set, so that the server does not answer.
    ///
    /// # Errors
    /// When the channel is closed, or [`Forbidden::OutputFull`] when too many bytes wait to be
    /// written. What the server objects to closes the channel later.
    pub fn no_wait<M: NoWait<Spec = P> + SimpleMethod>(&self, method: M) -> Result<()> {
        self.sent(self.0.no_wait(method))
    }

    /// Acknowledges a delivery, or with `multiple` all up to it; see also
    /// [`Delivery::ack`](delivery::Delivery::ack).
    ///
    /// A delivery whose channel or connection is gone, or that was settled before, is
    /// [`Settled::Stale`]: nothing was sent, and nothing is lost.
    ///
    /// # Errors
    /// [`Misuse::NothingToSettle`](crate::error::Misuse::NothingToSettle) when it was delivered
    /// without acknowledgement.
    #[inline]
    pub fn ack(&self, delivery: DeliveryToken, multiple: bool) -> Result<Settled> {
        self.sent(self.0.ack(delivery, multiple))
    }

    /// Refuses a delivery; see also [`Delivery::reject`](delivery::Delivery::reject).
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn reject(&self, delivery: DeliveryToken, requeue: bool) -> Result<Settled> {
        self.sent(self.0.reject(delivery, requeue))
    }

    /// Closes the channel in good order, with code 200.
    ///
    /// Closing one that the program has closed does nothing; one that something else closed gives
    /// that reason.
    ///
    /// # Errors
    /// When something else closed the channel first; the error is that reason.
    pub fn close(&self) -> Result<()> {
        self.block_on(self.0.close())
    }

    /// Closes the channel with a code and a text for the server's log.
    ///
    /// # Errors
    /// As for [`close`](Self::close).
    pub fn close_with(&self, code: ReplyCode, text: ShortStr) -> Result<()> {
        self.block_on(self.0.close_with(code, text))
    }

    /// Whether the channel can be used, as far as is known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        look(self.0.link());
        self.0.is_open()
    }

    /// Why the channel is closed, if it is.
    #[must_use]
    pub fn closed(&self) -> Option<Arc<Closed>> {
        look(self.0.link());
        self.0.closed()
    }

    /// Waits until the channel is closed, and returns the reason.
    #[must_use]
    pub fn wait_closed(&self) -> Arc<Closed> {
        patiently(self.0.link(), self.0.wait_closed())
    }

    /// Waits for a result, and drives the connection meanwhile.
    pub(super) fn block_on<T>(&self, future: impl Future<Output = Result<T>>) -> Result<T> {
        block_on(self.0.link(), future)
    }

    /// Something was sent without waiting.
    #[inline]
    pub(super) fn sent<T>(&self, result: T) -> T {
        sent(self.0.link());
        result
    }
}

impl<P: Confirming> Channel<P> {
    /// Refuses a delivery, or with `multiple` all up to it; see also
    /// [`Delivery::reject`](delivery::Delivery::reject).
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn nack(&self, delivery: DeliveryToken, multiple: bool, requeue: bool) -> Result<Settled> {
        self.sent(self.0.nack(delivery, multiple, requeue))
    }
}

impl<P: Protocol> Caller for Channel<P> {
    type Spec = P;
    type Ret<R> = Result<R>;
    type Sent = Result<()>;

    fn call<M: Call<Spec = P> + SimpleMethod>(&self, method: M) -> Result<M::Reply> {
        self.block_on(self.0.call(method))
    }

    fn send<M: OneWay<Spec = P>>(&self, method: M) -> Result<()> {
        self.sent(self.0.send(method))
    }
}

impl<P: Protocol> Clone for Channel<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: Protocol> fmt::Debug for Channel<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
