use std::any::Any;
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use super::Connection;
use super::link::{Link, Owner, State};
use super::reply::{Replying, Waiting};
use super::wait::{For, wait};
use crate::adapters::session::Progress;
use crate::connection::{
    ChannelKey, ChannelMut, Delivery as CoreDelivery, DeliveryToken, Returned, Settled,
};
use crate::error::{Closed, Forbidden, Result};
use crate::method::{Args, Call, Caller, NoWait, OneWay, SimpleMethod};
use crate::protocol::{Confirming, Protocol};
use crate::versions::Selected;
use crate::wire::{ChannelId, ReplyCode, ShortStr};

/// A channel of a [`Connection`].
///
/// Every method that a client may send is a method here, under its name in the specification, and
/// returns a future of the reply: `channel.queue_declare(queue::Declare::new("orders")).await?`. What
/// needs more than a reply has a verb of its own: [`publish`](Self::publish),
/// [`consume`](Self::consume), [`get`](Self::get), [`confirming`](Self::confirming).
///
/// Clones are the same channel, and may be used by several tasks at once. When the last one is
/// dropped, those that deliveries and consumers hold counted, the channel is closed, without waiting
/// for the server.
pub struct Channel<P: Protocol = Selected> {
    shared: Arc<Shared<P>>,
}

/// What the clones of a handle share.
struct Shared<P: Protocol> {
    owner: Arc<Owner<P>>,
    key: ChannelKey,
    progress: Arc<Progress>,
    /// All deliveries up to this tag are settled.
    settled: Arc<AtomicU64>,
}

/// Opens a channel.
pub(super) fn open<P: Protocol>(
    owner: &Arc<Owner<P>>,
) -> impl Future<Output = Result<Channel<P>>> + Send + use<P> {
    let (waiting, _) = begin(owner);
    async move { waiting.await.map(|(_, channel)| channel) }
}

/// Asks for a channel. Returns its key too, if there is one, for calls that follow at once.
pub(super) fn begin<P: Protocol>(
    owner: &Arc<Owner<P>>,
) -> (Waiting<Channel<P>, P>, Option<ChannelKey>) {
    let handle = owner.clone();
    let mut opened = None;
    let waiting = Waiting::at_once(&owner.0, "channel.open", |state, now| {
        let (key, call) = state.core.open_channel(now)?;
        opened = Some(key);
        state.session.add_channel(key);
        let shared = Shared {
            owner: handle,
            key,
            progress: state.session.progress(key),
            settled: state.core.settled(key),
        };
        let shared = Arc::new(shared);
        Ok((call, Channel { shared }))
    });
    (waiting, opened)
}

impl<P: Protocol> Channel<P> {
    /// The handle of a channel that recovery has opened.
    pub(super) fn adopt(owner: &Arc<Owner<P>>, key: ChannelKey) -> Self {
        let (progress, settled) = owner
            .0
            .with(|state| (state.session.progress(key), state.core.settled(key)));
        let shared = Shared {
            owner: owner.clone(),
            key,
            progress,
            settled,
        };
        let shared = Arc::new(shared);
        Self { shared }
    }

    /// What keeps the channel open, and a handle that does not.
    pub(super) fn into_hold(self) -> (Arc<dyn Any + Send + Sync>, WeakChannel<P>) {
        let weak = WeakChannel(Arc::downgrade(&self.shared));
        (self.shared, weak)
    }

    /// The connection.
    ///
    /// A channel is the same in all runtimes, and so is all that an open connection does. The type
    /// that is asked for says which one it is: `let connection: pika::tokio::Connection =
    /// channel.connection();`.
    #[must_use]
    pub fn connection<R>(&self) -> Connection<R, P> {
        Connection::new(self.shared.owner.clone())
    }

    /// The channel number.
    #[must_use]
    pub fn id(&self) -> ChannelId {
        self.shared.key.id()
    }

    /// Why content may not be sent now, if so.
    #[must_use]
    pub fn forbidden(&self) -> Option<Forbidden> {
        let key = self.key();
        self.link()
            .with(|state| state.core.channel(key).ok()?.forbidden())
    }

    /// Sends a method with its no-wait bit set, so that the server does not answer.
    ///
    /// # Errors
    /// When the channel is closed, or [`Forbidden::OutputFull`] when too many bytes wait to be
    /// written. What the server objects to closes the channel later.
    pub fn no_wait<M: NoWait<Spec = P> + SimpleMethod>(&self, method: M) -> Result<()> {
        self.with(|channel| channel.no_wait(method))
    }

    /// Acknowledges a delivery, or with `multiple` all up to it; see also [`Delivery::ack`](crate::delivery::Delivery::ack).
    ///
    /// A delivery whose channel or connection is gone, or that was settled before, is
    /// [`Settled::Stale`]: nothing was sent, and nothing is lost.
    ///
    /// # Errors
    /// [`Misuse::NothingToSettle`](crate::error::Misuse::NothingToSettle) when it was delivered
    /// without acknowledgement.
    pub fn ack(&self, delivery: DeliveryToken, multiple: bool) -> Result<Settled> {
        self.link().with(|state| state.core.ack(delivery, multiple))
    }

    /// Refuses a delivery; see also [`Delivery::reject`](crate::delivery::Delivery::reject).
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn reject(&self, delivery: DeliveryToken, requeue: bool) -> Result<Settled> {
        self.link()
            .with(|state| state.core.reject(delivery, requeue))
    }

    /// Waits for the next message that comes back.
    ///
    /// Messages published as mandatory come back when they reach no queue. Where several tasks wait
    /// each message goes to one of them. On a channel with confirms a message comes with the
    /// [`Outcome`](crate::connection::Outcome) of its publish, and here only if that was not waited
    /// for.
    ///
    /// # Errors
    /// When the channel is closed and all that came back was taken.
    ///
    /// # Cancel safety
    /// Nothing is lost by dropping it.
    pub async fn next_returned(&self) -> Result<Returned<P>> {
        let key = self.key();
        wait(
            (self.link(), For::News),
            |state| state.session.channel_changes(key),
            |state| match state.session.returned(key) {
                Some(message) => Some(Ok(message)),
                None => state.over(key).map(|reason| Err(reason.into())),
            },
        )
        .await
    }

    /// Closes the channel in good order, with code 200.
    ///
    /// Closing one that the program has closed does nothing; one that something else closed gives
    /// that reason.
    ///
    /// # Errors
    /// When something else closed the channel first; the error is that reason.
    ///
    /// # Cancel safety
    /// The close is on its way as soon as this was polled; dropping the future does not stop it.
    pub async fn close(&self) -> Result<()> {
        let text = ShortStr::from_static("Normal shutdown");
        self.close_with(ReplyCode::REPLY_SUCCESS, text).await
    }

    /// Closes the channel with a code and a text for the server's log.
    ///
    /// # Errors
    /// As for [`close`](Self::close).
    ///
    /// # Cancel safety
    /// As for [`close`](Self::close).
    pub async fn close_with(&self, code: ReplyCode, text: ShortStr) -> Result<()> {
        let key = self.key();
        let waiting = Waiting::at_once(self.link(), P::ChannelClose::NAME, |state, now| {
            let call = state.core.channel(key)?.close(code, text, now)?;
            state.session.channel_closing(key);
            Ok((call, ()))
        });
        match waiting.await {
            Err(error) if error.closed().is_some_and(Closed::is_normal) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Whether the channel can be used, as far as is known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let key = self.key();
        self.link()
            .with(|state| state.core.channel_closed(key).is_none())
    }

    /// Why the channel is closed or closing, if it is.
    #[must_use]
    pub fn closed(&self) -> Option<Arc<Closed>> {
        let key = self.key();
        self.link()
            .with(|state| state.core.channel_closed(key).cloned())
    }

    /// Waits until the channel is closed and the server has confirmed it or will not, and returns the
    /// reason.
    ///
    /// # Cancel safety
    /// Dropping it does nothing else.
    pub async fn wait_closed(&self) -> Arc<Closed> {
        let key = self.key();
        wait(
            (self.link(), For::End),
            |state| state.session.channel_changes(key),
            |state| state.over(key),
        )
        .await
    }

    pub(in crate::adapters) fn key(&self) -> ChannelKey {
        self.shared.key
    }

    pub(in crate::adapters) fn link(&self) -> &Arc<Link<P>> {
        &self.shared.owner.0
    }

    /// Whether a delivery was settled together with others, by an acknowledgement of several or by
    /// `basic.recover`, before it was handed out.
    #[inline]
    pub(in crate::adapters) fn is_stale(&self, delivery: &CoreDelivery<P>) -> bool {
        let settled = self.shared.settled.load(Ordering::Relaxed);
        delivery.token().is_settled(settled)
    }

    pub(super) fn progress(&self) -> &Progress {
        &self.shared.progress
    }

    /// Does something that has no reply.
    #[inline]
    fn with(&self, act: impl FnOnce(&mut ChannelMut<'_, P>) -> Result<()>) -> Result<()> {
        let key = self.key();
        self.link().with(|state| act(&mut state.core.channel(key)?))
    }
}

impl<P: Confirming> Channel<P> {
    /// Refuses a delivery, or with `multiple` all up to it; see also [`Delivery::reject`](crate::delivery::Delivery::reject).
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn nack(&self, delivery: DeliveryToken, multiple: bool, requeue: bool) -> Result<Settled> {
        self.link()
            .with(|state| state.core.nack(delivery, multiple, requeue))
    }
}

impl<P: Protocol> State<P> {
    /// Why a channel is closed, once nothing more arrives on it.
    pub(super) fn over(&self, key: ChannelKey) -> Option<Arc<Closed>> {
        let is_over = self.core.is_channel_over(key) || self.session.is_over();
        let reason = self.core.channel_closed(key).filter(|_| is_over);
        reason.cloned()
    }
}

impl<P: Protocol> Caller for Channel<P> {
    type Spec = P;
    type Ret<R> = Replying<R, P>;
    type Sent = Result<()>;

    fn call<M: Call<Spec = P> + SimpleMethod>(&self, method: M) -> Replying<M::Reply, P> {
        Replying::new(Waiting::call(self.link(), self.key(), method))
    }

    fn send<M: OneWay<Spec = P>>(&self, method: M) -> Result<()> {
        self.with(|channel| channel.send(method))
    }
}

impl<P: Protocol> Clone for Channel<P> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<P: Protocol> fmt::Debug for Channel<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Channel").field(&self.id().0).finish()
    }
}

/// A handle that does not keep its channel open.
pub(super) struct WeakChannel<P: Protocol>(Weak<Shared<P>>);

impl<P: Protocol> WeakChannel<P> {
    /// Returns a handle, unless nothing keeps the channel open any more.
    #[inline]
    pub(super) fn upgrade(&self) -> Option<Channel<P>> {
        let shared = self.0.upgrade()?;
        Some(Channel { shared })
    }
}

impl<P: Protocol> Drop for Shared<P> {
    fn drop(&mut self) {
        let (key, link) = (self.key, &self.owner.0);
        let now = link.now();
        link.with(|state| {
            state.handle_dropped();
            state.core.drop_channel(key, now);
            state.session.remove_channel(key);
        });
    }
}
