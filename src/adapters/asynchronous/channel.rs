use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::Connection;
use super::consumer::Consumer;
use super::delivery::Delivery;
use super::link::{Link, Owner};
use super::reply::{Made, Replying, Undo, Waiting, close_unwanted};
use super::runtime::Runtime;
use super::watch::{self, FlowChanges};
use crate::adapters::session::Progress;
use crate::connection::{Answer, ChannelKey, ChannelMut, DeliveryToken, Returned};
use crate::error::{Closed, Forbidden, Misuse, Result};
use crate::method::{Args, Call, Caller, NoWait, ToServer};
use crate::protocol::{Confirming, Protocol};
use crate::versions::Selected;
use crate::wire::{ChannelId, ReplyCode, ShortStr};

/// A channel of a [`Connection`].
///
/// Every method that a client may send is a method here, under its name in the specification, by
/// the `Methods` trait of the version; it gives a future of the reply:
/// `channel.queue_declare(queue::Declare::new("orders")).await?`. What needs more than a reply has a
/// verb of its own: [`publish`](Self::publish), [`consume`](Self::consume), [`get`](Self::get).
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
}

/// Opens a channel.
pub(super) fn open<P: Protocol>(
    owner: &Arc<Owner<P>>,
) -> impl Future<Output = Result<Channel<P>>> + Send + use<P> {
    let mut opened = None;
    let waiting = owner.0.with(|state| {
        let now = owner.0.now();
        state.core.open_channel(now).map(|(key, call)| {
            state.attention = true;
            state.session.add_channel(key);
            state.session.watch_call(call);
            opened = Some((key, state.session.progress(key)));
            call
        })
    });
    let waiting = Waiting::made(&owner.0, "channel.open", waiting, Undo::Channel);
    let owner = owner.clone();
    async move {
        waiting.await?;
        let (key, progress) = opened.ok_or(Misuse::NotOpen)?;
        let shared = Shared {
            owner,
            key,
            progress,
        };
        Ok(Channel {
            shared: Arc::new(shared),
        })
    }
}

impl<P: Protocol> Channel<P> {
    /// The connection.
    ///
    /// A channel is the same in all runtimes, and so is all that an open connection does. The type
    /// that is asked for says which one it is: `let connection: pika::tokio::Connection =
    /// channel.connection();`.
    #[must_use]
    pub fn connection<R: Runtime>(&self) -> Connection<R, P> {
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
        self.link().with(|state| {
            state
                .channel(key)
                .ok()
                .and_then(|channel| channel.forbidden())
        })
    }

    /// Whether the server lets content through, now and whenever that changes.
    #[must_use]
    pub fn flow_changes(&self) -> FlowChanges<P> {
        FlowChanges::new(self.clone())
    }

    /// Begins a consumer, to be read as a stream.
    ///
    /// # Errors
    /// When the server refuses, which closes the channel, or the tag is in use.
    ///
    /// # Cancel safety
    /// The consumer is asked for at once; dropping the future cancels it again, and messages that
    /// came go back to the queue.
    pub fn consume(
        &self,
        consume: P::Consume,
    ) -> impl Future<Output = Result<Consumer<P>>> + Send + use<P> {
        let key = self.key();
        let waiting = Waiting::begin(
            (self.link(), Some(key)),
            P::Consume::NAME,
            move |state, now| {
                let (id, call) = state.channel(key)?.consume(consume, now)?;
                state.session.add_consumer(key, id);
                let undo = Undo::Consumer(id);
                Ok(Made { call, undo })
            },
        );
        let channel = self.clone();
        async move { Ok(Consumer::new(channel, waiting.consumer().await?)) }
    }

    /// The specification's name for [`consume`](Self::consume).
    ///
    /// # Errors
    /// As for [`consume`](Self::consume).
    ///
    /// # Cancel safety
    /// As for [`consume`](Self::consume).
    pub fn basic_consume(
        &self,
        consume: P::Consume,
    ) -> impl Future<Output = Result<Consumer<P>>> + Send + use<P> {
        self.consume(consume)
    }

    /// Fetches one message, if the queue has one.
    ///
    /// # Errors
    /// When the server refuses, which closes the channel.
    ///
    /// # Cancel safety
    /// The message is asked for at once; if the future is dropped it goes back to its queue, unless
    /// it was to need no acknowledgement: then it is lost.
    pub fn get(
        &self,
        get: P::Get,
    ) -> impl Future<Output = Result<Option<Delivery<P>>>> + Send + use<P> {
        let waiting = Waiting::call(self.link(), Some(self.key()), get);
        let channel = self.clone();
        async move {
            Ok(match waiting.await? {
                Answer::Message(message) => Some(Delivery::new(*message, channel)),
                Answer::Method(_) => None,
            })
        }
    }

    /// The specification's name for [`get`](Self::get).
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    ///
    /// # Cancel safety
    /// As for [`get`](Self::get).
    pub fn basic_get(
        &self,
        get: P::Get,
    ) -> impl Future<Output = Result<Option<Delivery<P>>>> + Send + use<P> {
        self.get(get)
    }

    /// Sends a method with its no-wait bit set, so that the server does not answer.
    ///
    /// # Errors
    /// When the channel is closed, or [`Forbidden::OutputFull`] when too many bytes wait to be
    /// written. What the server objects to closes the channel later.
    pub fn no_wait<M: NoWait<Spec = P> + ToServer>(&self, method: M) -> Result<()> {
        if M::ID == P::Consume::ID {
            return Err(Misuse::OwnVerb(M::NAME).into());
        }
        self.with(|channel| channel.no_wait(method))
    }

    /// Acknowledges a delivery, or with `multiple` all up to it; see also [`Delivery::ack`].
    ///
    /// # Errors
    /// When the channel is closed or the delivery was settled with others already; nothing is sent.
    pub fn ack(&self, delivery: DeliveryToken, multiple: bool) -> Result<()> {
        self.with(|channel| channel.ack(delivery, multiple))
    }

    /// Refuses a delivery; see also [`Delivery::reject`].
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn reject(&self, delivery: DeliveryToken, requeue: bool) -> Result<()> {
        self.with(|channel| channel.reject(delivery, requeue))
    }

    /// Waits for the next message that comes back.
    ///
    /// Messages published as mandatory come back when they reach no queue. Where several tasks wait
    /// each message goes to one of them.
    ///
    /// # Errors
    /// When the channel is closed and all that came back was taken.
    ///
    /// # Cancel safety
    /// Nothing is lost by dropping it.
    pub async fn next_returned(&self) -> Result<Returned<P>> {
        let key = self.key();
        watch::wait(
            self.link(),
            |state| state.session.channel_changes(key),
            |state| match state.session.returned(key) {
                Some(message) => Some(Ok(message)),
                None => state.closed(key).map(Err),
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
        if let Err(error) = self
            .link()
            .with(|state| state.channel(key).map(|open| open.is_open()))
        {
            let by_us = error.closed().is_some_and(Closed::is_normal);
            return if by_us { Ok(()) } else { Err(error) };
        }
        let waiting = Waiting::at_once(self.link(), "channel.close", |state, now| {
            let call = state.channel(key)?.close(code, text, now)?;
            state.session.channel_closing(key);
            Ok(call)
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
            .with(|state| state.channel(key).is_ok_and(|channel| channel.is_open()))
    }

    /// Why the channel is closed, if it is.
    #[must_use]
    pub fn closed(&self) -> Option<Arc<Closed>> {
        let key = self.key();
        self.link()
            .with(|state| state.session.channel_reason(key).cloned())
    }

    /// Waits until the channel is closed, and gives the reason.
    ///
    /// # Cancel safety
    /// Dropping it does nothing else.
    pub async fn wait_closed(&self) -> Arc<Closed> {
        let key = self.key();
        watch::wait(
            self.link(),
            |state| state.session.channel_changes(key),
            |state| state.session.channel_reason(key).cloned(),
        )
        .await
    }

    pub(super) fn key(&self) -> ChannelKey {
        self.shared.key
    }

    pub(super) fn link(&self) -> &Arc<Link<P>> {
        &self.shared.owner.0
    }

    pub(super) fn progress(&self) -> &Progress {
        &self.shared.progress
    }

    /// Does something that has no reply.
    #[inline]
    fn with(&self, act: impl FnOnce(&mut ChannelMut<'_, P>) -> Result<()>) -> Result<()> {
        let key = self.key();
        self.link().with(|state| act(&mut state.channel(key)?))
    }
}

impl<P: Confirming> Channel<P> {
    /// Refuses a delivery, or with `multiple` all up to it; see also [`Delivery::reject`].
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn nack(&self, delivery: DeliveryToken, multiple: bool, requeue: bool) -> Result<()> {
        self.with(|channel| channel.nack(delivery, multiple, requeue))
    }
}

impl<P: Protocol> Caller for Channel<P> {
    type Spec = P;
    type Ret<R> = Replying<R, P>;
    type Sent = Result<()>;

    fn call<M: Call<Spec = P> + ToServer>(&self, method: M) -> Replying<M::Reply, P> {
        Replying::new(if M::ID == P::Consume::ID || M::ID == P::Get::ID {
            Waiting::failed(self.link(), M::NAME, Misuse::OwnVerb(M::NAME).into())
        } else {
            Waiting::call(self.link(), Some(self.key()), method)
        })
    }

    fn send<M: ToServer<Spec = P>>(&self, method: M) -> Result<()> {
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

impl<P: Protocol> Drop for Shared<P> {
    fn drop(&mut self) {
        let (key, link) = (self.key, &self.owner.0);
        let now = link.now();
        link.with(|state| {
            state.attention = true;
            if let Ok(mut channel) = state.core.channel(key) {
                close_unwanted(&mut channel, now);
            }
            state.session.remove_channel(key);
        });
    }
}
