use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::Confirm;
use super::confirming::Limit;
use super::lane::{LaneWait, PublisherLane, opened};
use super::link::{Link, Owner, State};
use crate::connection::{Body, Message, Publishable};
use crate::error::{Error, Forbidden, Misuse, Refused, Result, Waiting};
use crate::protocol::{Confirming, Protocol};
use crate::recovery::keeper::{self, LaneId, PublisherOptions, Purpose};
use crate::recovery::{Resend, Topology, Unresolved};
use crate::versions::Selected;
use crate::wire::ShortStr;

/// A publisher that is about to begin; see [`Connection::publisher`](super::Connection::publisher).
#[must_use = "a publisher begins when it is opened"]
pub struct PublisherBuilder<P: Protocol = Selected> {
    owner: Arc<Owner<P>>,
    options: PublisherOptions,
    setup: Topology<P>,
    deadline: Option<Duration>,
}

impl<P: Confirming> PublisherBuilder<P> {
    pub(super) fn new(owner: &Arc<Owner<P>>) -> Self {
        let deadline = owner.0.with(|state| state.core.config().blocked_timeout);
        Self {
            owner: owner.clone(),
            options: PublisherOptions::default(),
            setup: Topology::new(),
            deadline,
        }
    }

    /// Sets how many messages may be without an outcome at once. Default: 1,000. At least one may.
    pub fn window(mut self, messages: usize) -> Self {
        self.options.window = messages.max(1);
        self
    }

    /// Sets how many bytes the bodies of messages without an outcome may have. Default: 64 MiB. A single
    /// message may be larger.
    pub fn window_bytes(mut self, bytes: usize) -> Self {
        self.options.window_bytes = bytes;
        self
    }

    /// Sets how long `publish` waits for room in the window. Default:
    /// [`Config::blocked_timeout`](crate::config::Config::blocked_timeout), 30 s. `None` waits without limit.
    pub fn deadline(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.deadline = time.into();
        self
    }

    /// Sets what happens to messages that were sent and not confirmed when the channel is lost. Default:
    /// [`Resend::InOrder`].
    pub fn resend(mut self, resend: Resend) -> Self {
        self.options.resend = resend;
        self
    }

    /// Sets the age up to which messages are sent again after a gap; older ones are resolved as lost. Default:
    /// no limit.
    pub fn resend_for(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.options.resend_for = age.into();
        self
    }

    /// Sets how long a message may be without an outcome before it is resolved as lost; the broker may have it
    /// or not. Default: no limit. RabbitMQ neither acknowledges nor rejects while a quorum queue has no
    /// majority.
    pub fn confirm_timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.options.confirm_timeout = time.into();
        self
    }

    /// Gives each message an id, unless it has one: random digits that stand for this publisher, and a number.
    /// A message that is sent again has the same id, so that consumers can tell duplicates. Default: no.
    pub fn message_ids(mut self) -> Self {
        self.options.message_ids = true;
        self
    }

    /// Sets the longest pause after a message that the broker rejects. The first rejection stops sending for
    /// 1 ms; each further one in a row doubles that, up to this. Default: 100 ms, so that a program that
    /// publishes rejected messages again does not spin: a classic queue whose node is down rejects at once.
    /// Zero disables it.
    pub fn nack_pause(mut self, longest: Duration) -> Self {
        self.options.nack_pause = longest;
        self
    }

    /// Declares a topology on the channel of the publisher each time before it sends.
    pub fn setup(mut self, topology: Topology<P>) -> Self {
        self.setup = topology;
        self
    }

    /// Opens the publisher. While the connection is away it waits.
    ///
    /// # Errors
    /// [`Misuse::NoRecovery`](crate::error::Misuse::NoRecovery) without recovery; why the broker refuses; when
    /// the connection has stopped.
    ///
    /// # Cancel safety
    /// Dropping the future ends the publisher.
    pub async fn open(self) -> Result<Publisher<P>> {
        let link = &self.owner.0;
        let now = link.now();
        let publisher =
            keeper::Publisher::new(self.options, |channel, now| channel.confirm_select(now));
        let purpose = Purpose::Publish(Box::new(publisher));
        let setup = self.setup;
        let (lane, progress) = link.with(|state| {
            let (keeper, core) = state.keeping()?;
            let lane = keeper.add_lane(core, (purpose, setup), now)?;
            Ok::<_, Error>((lane, state.session.add_lane(lane)))
        })?;
        let publisher = PublisherLane {
            owner: self.owner.clone(),
            lane,
            progress,
        };
        let publisher = Publisher {
            lane: Arc::new(publisher),
            deadline: self.deadline,
        };
        opened(link, lane).await?;
        Ok(publisher)
    }
}

impl<P: Protocol> fmt::Debug for PublisherBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublisherBuilder")
            .field("options", &self.options)
            .field("setup", &self.setup)
            .finish_non_exhaustive()
    }
}

/// A publisher that goes on after reconnects, and loses no message that it accepted.
///
/// [`publish`](Self::publish) accepts a message into a bounded ledger, where it stays until its outcome is known.
/// What was sent and not confirmed when the transport was lost is sent again, in order. The
/// [`Confirm`] of each message resolves exactly once.
///
/// Clones are the same publisher. Messages of one clone are sent in the order in which `publish` accepted them.
/// When the last handle is dropped, confirms that are awaited counted, messages without an outcome are dropped
/// too; [`close`](Self::close) waits for them.
pub struct Publisher<P: Protocol = Selected> {
    lane: Arc<PublisherLane<P>>,
    /// How long to wait for room.
    deadline: Option<Duration>,
}

impl<P: Confirming> Publisher<P> {
    /// Publishes a message, and returns a future of what becomes of it.
    ///
    /// It returns as soon as the message is accepted, also while the connection is away or blocked. While the
    /// ledger is full it waits, up to [`PublisherBuilder::deadline`].
    ///
    /// # Errors
    /// The message comes back with the reason: the publisher has ended, no room came in time, or the message can
    /// never be sent.
    ///
    /// # Cancel safety
    /// If the future is dropped while it waits, the message was not accepted.
    pub async fn publish<'b>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: impl Publishable<'b, P>,
    ) -> Result<Confirm<P>, Refused<Message<'b, P>>> {
        let message = message.into_message();
        let mut publish = to_publish((exchange.into(), routing_key.into()), &message);
        let accepted = match self.try_accept(&mut publish) {
            Ok(Some(number)) => return Ok(Confirm::kept(self.lane.clone(), number)),
            Ok(None) => self.accept_later(&mut publish).await,
            Err(error) => Err(error),
        };
        accepted.map_err(|error| Refused::new(error, message))
    }

    /// Publishes a message, or returns it at once while the ledger is full.
    ///
    /// # Errors
    /// [`Error::ContentForbidden`](crate::Error::ContentForbidden) while the ledger is full; and as for
    /// [`publish`](Self::publish).
    #[allow(
        clippy::result_large_err,
        reason = "the message comes back without an allocation"
    )]
    pub fn try_publish<'b>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: impl Publishable<'b, P>,
    ) -> Result<Confirm<P>, Refused<Message<'b, P>>> {
        let message = message.into_message();
        let accepted = {
            let mut publish = to_publish((exchange.into(), routing_key.into()), &message);
            self.try_accept(&mut publish)
        };
        match accepted {
            Ok(Some(number)) => Ok(Confirm::kept(self.lane.clone(), number)),
            Ok(None) => Err(Refused::new(Forbidden::WindowFull.into(), message)),
            Err(error) => Err(Refused::new(error, message)),
        }
    }

    /// As [`publish`](Self::publish), for a message that stays with the caller.
    pub(in crate::adapters) async fn accept(
        &self,
        exchange: ShortStr,
        routing_key: ShortStr,
        message: &Message<'_, P>,
    ) -> Result<Confirm<P>> {
        let mut publish = to_publish((exchange, routing_key), message);
        match self.try_accept(&mut publish)? {
            Some(number) => Ok(Confirm::kept(self.lane.clone(), number)),
            None => self.accept_later(&mut publish).await,
        }
    }

    /// Waits for room.
    async fn accept_later(&self, publish: &mut keeper::Publish<'_, P>) -> Result<Confirm<P>> {
        let (lane, link) = (self.lane.lane, self.link());
        let waiting_for = Waiting::Permission(Forbidden::WindowFull);
        let mut limit = Limit::new(link, self.deadline, waiting_for);
        let mut room = LaneWait::new(link, lane);
        let accepting = poll_fn(|cx| {
            let accepted = link.with(|state| {
                let accepted = state.accept(lane, publish, || link.now());
                if let Ok(None) = accepted {
                    room.wait(state, cx);
                }
                accepted
            });
            match accepted {
                Ok(Some(number)) => Poll::Ready(Ok(number)),
                Ok(None) => limit.poll(cx).map(Err),
                Err(error) => Poll::Ready(Err(error)),
            }
        });
        let number = accepting.await?;
        Ok(Confirm::kept(self.lane.clone(), number))
    }

    #[inline]
    fn try_accept(&self, publish: &mut keeper::Publish<'_, P>) -> Result<Option<u64>> {
        let link = self.link();
        link.with(|state| state.accept(self.lane.lane, publish, || link.now()))
    }

    /// Waits until the ledger has room for a message of this many bytes, so that [`try_publish`](Self::try_publish)
    /// accepts one. Nothing is reserved: another clone may be faster.
    ///
    /// # Errors
    /// When the publisher has ended.
    ///
    /// # Cancel safety
    /// Nothing is lost by dropping it.
    pub async fn room(&self, len: usize) -> Result<()> {
        let (lane, link) = (self.lane.lane, self.link());
        let mut room = LaneWait::new(link, lane);
        poll_fn(|cx| {
            link.with(|state| {
                let (keeper, _) = state.keeping()?;
                let has_room = keeper.has_room(lane, len)?;
                if !has_room {
                    room.wait(state, cx);
                }
                Ok(has_room)
            })
            .map_or_else(
                |error| Poll::Ready(Err(error)),
                |has_room| match has_room {
                    true => Poll::Ready(Ok(())),
                    false => Poll::Pending,
                },
            )
        })
        .await
    }

    /// Waits until the outcome of every message that was accepted so far is known. Outcomes are reported by the
    /// [`Confirm`]s.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut) when some are not known after `timeout`. Why the publisher has
    /// ended, when messages were lost with it. [`unresolved`](Self::unresolved) counts them, and
    /// [`take_unresolved`](Self::take_unresolved) returns them.
    ///
    /// # Cancel safety
    /// Nothing is lost by dropping it.
    pub async fn flush(&self, timeout: Duration) -> Result<()> {
        let (lane, link) = (self.lane.lane, self.link());
        let until = link.with(|state| match state.keeping() {
            Ok((keeper, _)) => keeper.published(lane),
            Err(_) => 0,
        });
        let mut limit = Limit::new(link, Some(timeout), Waiting::Confirms);
        let mut room = LaneWait::new(link, lane);
        poll_fn(|cx| {
            let is_flushed = link.with(|state| {
                let is_flushed = match state.keeping() {
                    Ok((keeper, _)) => keeper.is_flushed(lane, until),
                    Err(_) => Ok(true),
                };
                if let Ok(false) = is_flushed {
                    room.wait(state, cx);
                }
                is_flushed
            });
            match is_flushed {
                Ok(true) => Poll::Ready(Ok(())),
                Ok(false) => limit.poll(cx).map(Err),
                Err(error) => Poll::Ready(Err(error)),
            }
        })
        .await
    }

    /// Waits for all outcomes as [`flush`](Self::flush) does, and ends the publisher.
    ///
    /// # Errors
    /// As for [`flush`](Self::flush). Nothing is dropped then: [`take_unresolved`](Self::take_unresolved) returns what
    /// has no outcome.
    pub async fn close(&self, timeout: Duration) -> Result<()> {
        self.flush(timeout).await?;
        drop(self.take_unresolved());
        Ok(())
    }

    /// Ends the publisher, and returns the messages that have no outcome, in order. Their [`Confirm`]s resolve as
    /// lost; the broker may have got some of them.
    ///
    /// After the connection has stopped it returns what was lost with it.
    #[must_use]
    pub fn take_unresolved(&self) -> Vec<Unresolved<P>> {
        let now = self.link().now();
        self.link().with(|state| match state.keeping() {
            Ok((keeper, core)) => keeper.take_unresolved(core, self.lane.lane, now),
            Err(_) => Vec::new(),
        })
    }

    /// Returns how many messages have no outcome.
    #[must_use]
    pub fn unresolved(&self) -> usize {
        self.link().with(|state| match state.keeping() {
            Ok((keeper, _)) => keeper.unresolved(self.lane.lane),
            Err(_) => 0,
        })
    }

    #[inline]
    fn link(&self) -> &Arc<Link<P>> {
        self.lane.link()
    }
}

#[inline]
fn to_publish<'m, P: Protocol>(
    (exchange, routing_key): (ShortStr, ShortStr),
    message: &'m Message<'_, P>,
) -> keeper::Publish<'m, P> {
    let (properties, body, mandatory) = message.parts();
    let publish = P::publish(exchange, routing_key, mandatory);
    keeper::Publish::new(publish, properties, to_bytes(body))
}

#[inline]
fn to_bytes(body: &Body<'_>) -> Bytes {
    match body {
        Body::Borrowed(bytes) => Bytes::copy_from_slice(bytes),
        Body::Shared(bytes) => bytes.clone(),
    }
}

impl<P: Protocol> Clone for Publisher<P> {
    fn clone(&self) -> Self {
        let (lane, deadline) = (self.lane.clone(), self.deadline);
        Self { lane, deadline }
    }
}

impl<P: Protocol> fmt::Debug for Publisher<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Publisher").field(&self.lane.lane).finish()
    }
}

impl<P: Protocol> State<P> {
    /// Accepts a message for a publisher; none while its ledger is full.
    #[inline]
    fn accept(
        &mut self,
        lane: LaneId,
        publish: &mut keeper::Publish<'_, P>,
        clock: impl Fn() -> Instant,
    ) -> Result<Option<u64>> {
        let Some(keeper) = &mut self.keeper else {
            return Err(Misuse::NoRecovery.into());
        };
        let number = keeper.publish(&mut self.core, lane, publish, clock)?;
        if let Some(number) = number {
            self.session.watch_kept(lane, number);
        }
        Ok(number)
    }
}
