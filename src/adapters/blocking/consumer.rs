use std::fmt;
use std::task::Context;
use std::time::Duration;

use super::wait::{look, within};
use super::{Channel, ConsumerEnd, Delivery};
use crate::adapters::asynchronous;
use crate::error::Result;
use crate::protocol::Protocol;
use crate::versions::Selected;
use crate::wire::ShortStr;

/// A consumer of a queue, as an iterator over its messages.
///
/// ```no_run
/// # use pika::amqp::basic;
/// # use pika::blocking::Connection;
/// # use std::time::Duration;
/// # let channel = Connection::open("amqp://localhost")?.channel()?;
/// let mut consumer = channel.consume(basic::Consume::new("orders"))?;
/// for delivery in consumer.until_idle(Duration::from_secs(5)) {
///     let delivery = delivery?;
///     println!("{}", String::from_utf8_lossy(delivery.body()));
///     delivery.ack()?;
/// }
/// // Nothing came for five seconds; the consumer is still there.
/// consumer.cancel()?;
/// # Ok::<_, pika::Error>(())
/// ```
///
/// It can be sent to a thread of its own, and its deliveries to others, to be settled there. Two
/// threads at one consumer would take each other's messages, so that does not compile; begin a
/// consumer for each.
///
/// ```compile_fail,E0596
/// # fn share(consumer: &pika::blocking::Consumer) {
/// std::thread::scope(|scope| {
///     scope.spawn(|| consumer.next());
///     scope.spawn(|| consumer.next());
/// });
/// # }
/// ```
///
/// What was received waits here. Above [`Config::incoming_messages`] or a sixteenth of
/// [`Config::incoming_bytes`] the socket is read only while somebody waits for something else, such
/// as a reply or another consumer's message; above [`Config::incoming_bytes`] not at all. A prefetch
/// count (`basic.qos`) keeps one slow consumer from stopping the others.
///
/// [`Config::incoming_messages`]: crate::config::Config::incoming_messages
/// [`Config::incoming_bytes`]: crate::config::Config::incoming_bytes
///
/// Dropping it cancels it without waiting; messages that it did not hand out go back to the queue.
pub struct Consumer<P: Protocol = Selected> {
    inner: asynchronous::Consumer<P>,
    channel: Channel<P>,
}

impl<P: Protocol> Consumer<P> {
    pub(super) const fn new(inner: asynchronous::Consumer<P>, channel: Channel<P>) -> Self {
        Self { inner, channel }
    }

    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> &Channel<P> {
        &self.channel
    }

    /// The consumer tag; none once the consumer has ended.
    #[must_use]
    pub fn tag(&self) -> Option<ShortStr> {
        self.inner.tag()
    }

    /// The next message, waiting for it without limit; none when the consumer was cancelled, or the
    /// program closed its channel or connection. [`end`](Self::end) tells which.
    ///
    /// # Errors
    /// When the channel or the connection closed otherwise.
    #[allow(
        clippy::should_implement_trait,
        reason = "the name it has in all styles; a loop is over `&mut consumer`"
    )]
    #[inline]
    pub fn next(&mut self) -> Result<Option<Delivery<P>>> {
        match self.try_next() {
            None => own(self.channel.block_on(self.inner.next())),
            here => Ok(here),
        }
    }

    /// The next message, waiting for it no longer than `timeout`; none when none came, or when the
    /// consumer has ended as for [`next`](Self::next), which [`end`](Self::end) tells.
    ///
    /// # Errors
    /// As for [`next`](Self::next).
    #[inline]
    pub fn next_within(&mut self, timeout: Duration) -> Result<Option<Delivery<P>>> {
        match self.try_next() {
            None => {
                let received = within(self.channel.0.link(), self.inner.next(), timeout);
                own(received.map(Option::flatten))
            }
            here => Ok(here),
        }
    }

    /// The next message, if one is here already.
    #[inline]
    pub fn try_next(&mut self) -> Option<Delivery<P>> {
        look(self.channel.0.link());
        Some(self.inner.try_next()?.on(Channel::new))
    }

    /// The messages, until none comes for `timeout` or the consumer ends.
    #[must_use]
    pub const fn until_idle(&mut self, timeout: Duration) -> Deliveries<'_, P> {
        Deliveries {
            consumer: self,
            timeout: Some(timeout),
            failed: false,
        }
    }

    /// The messages, until the consumer ends.
    #[must_use]
    pub const fn iter(&mut self) -> Deliveries<'_, P> {
        Deliveries {
            consumer: self,
            timeout: None,
            failed: false,
        }
    }

    /// Why no more messages come, once all are handed out.
    #[must_use]
    pub fn end(&self) -> Option<ConsumerEnd> {
        self.inner.end()
    }

    /// Ends the consumer and waits for the server to confirm it. Messages that were received and
    /// not handed out go back to the queue.
    ///
    /// # Errors
    /// When the channel or the connection closed.
    pub fn cancel(self) -> Result<()> {
        self.channel.block_on(self.inner.cancel())
    }

    /// How many messages wait for it.
    pub(super) fn waiting(&self) -> usize {
        self.inner.waiting()
    }

    /// Whether a message is here, or none will come. Wakes the task when that changes.
    pub(super) fn poll_ready(&mut self, cx: &mut Context<'_>) -> bool {
        self.inner.poll_ready(cx)
    }
}

impl<P: Protocol> Channel<P> {
    /// Begins a consumer, to be read as an iterator.
    ///
    /// # Errors
    /// When the server refuses, which closes the channel, or the tag is in use.
    pub fn consume(&self, consume: P::Consume) -> Result<Consumer<P>> {
        let consumer = self.block_on(self.0.consume(consume))?;
        Ok(Consumer::new(consumer, self.clone()))
    }

    /// The specification's name for [`consume`](Self::consume).
    ///
    /// # Errors
    /// As for [`consume`](Self::consume).
    pub fn basic_consume(&self, consume: P::Consume) -> Result<Consumer<P>> {
        self.consume(consume)
    }
}

/// The message, with a channel of this style.
fn own<P: Protocol>(
    received: Result<Option<asynchronous::Delivery<P>>>,
) -> Result<Option<Delivery<P>>> {
    Ok(received?.map(|delivery| delivery.on(Channel::new)))
}

impl<P: Protocol> fmt::Debug for Consumer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// The messages of a [`Consumer`], one by one.
#[derive(Debug)]
pub struct Deliveries<'a, P: Protocol = Selected> {
    consumer: &'a mut Consumer<P>,
    timeout: Option<Duration>,
    failed: bool,
}

impl<P: Protocol> Iterator for Deliveries<'_, P> {
    type Item = Result<Delivery<P>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let received = match self.timeout {
            Some(timeout) => self.consumer.next_within(timeout),
            None => self.consumer.next(),
        };
        self.failed = received.is_err();
        received.transpose()
    }
}

impl<'a, P: Protocol> IntoIterator for &'a mut Consumer<P> {
    type Item = Result<Delivery<P>>;
    type IntoIter = Deliveries<'a, P>;

    fn into_iter(self) -> Deliveries<'a, P> {
        self.iter()
    }
}
