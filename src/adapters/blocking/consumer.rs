use std::fmt;
use std::time::{Duration, Instant};

use super::{Channel, ConsumerEnd, Delivery};
use crate::connection::{ConsumerId, Leave, later};
use crate::error::{Error, Misuse, Result};
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
/// Dropping it cancels it without waiting; messages that it did not hand out go back to the queue.
pub struct Consumer<P: Protocol = Selected> {
    channel: Channel<P>,
    id: ConsumerId,
}

impl<P: Protocol> Consumer<P> {
    pub(super) const fn new(channel: Channel<P>, id: ConsumerId) -> Self {
        Self { channel, id }
    }

    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> &Channel<P> {
        &self.channel
    }

    /// The consumer tag; none once the consumer has ended.
    #[must_use]
    pub fn tag(&self) -> Option<ShortStr> {
        let mut inner = self.channel.inner();
        inner
            .core
            .channel(self.channel.key())
            .ok()?
            .consumer_tag(self.id)
            .cloned()
    }

    /// The next message, waiting for it without limit; none when the consumer was cancelled.
    ///
    /// # Errors
    /// When the channel or the connection closed.
    #[allow(
        clippy::should_implement_trait,
        reason = "the name it has in all styles; a loop is over `&mut consumer`"
    )]
    pub fn next(&mut self) -> Result<Option<Delivery<P>>> {
        self.receive(None)
    }

    /// The next message, waiting for it no longer than `timeout`; none when none came, or when the
    /// consumer was cancelled, which [`end`](Self::end) tells.
    ///
    /// # Errors
    /// When the channel or the connection closed.
    pub fn next_within(&mut self, timeout: Duration) -> Result<Option<Delivery<P>>> {
        self.receive(Some(later(Instant::now(), timeout)))
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
        self.channel.inner().session.consumer_end(self.id).cloned()
    }

    /// Ends the consumer and waits for the server to confirm it. Messages that were received and
    /// not handed out go back to the queue.
    ///
    /// # Errors
    /// When the channel or the connection closed.
    pub fn cancel(self) -> Result<()> {
        if matches!(
            self.end(),
            Some(ConsumerEnd::Cancelled | ConsumerEnd::CancelledByServer)
        ) {
            return Ok(());
        }
        let mut inner = self.channel.inner();
        let mut channel = inner.core.channel(self.channel.key())?;
        match channel.cancel(self.id, Leave::Requeue, Instant::now()) {
            Ok(call) => inner.reply(call).map(drop),
            // The server was quicker, and some of its messages are not handed out.
            Err(Error::Misuse(Misuse::ConsumerEnded)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn receive(&self, until: Option<Instant>) -> Result<Option<Delivery<P>>> {
        let id = self.id;
        let mut inner = self.channel.inner();
        if let Some(message) = inner.message_at_hand(id) {
            return Ok(Some(Delivery::new(message, self.channel.clone())));
        }
        let received = inner.wait_behind(until, |inner| {
            if let Some(message) = inner.session.next_delivery(id) {
                return Some(Ok(Some(message)));
            }
            match inner.session.consumer_end(id)? {
                ConsumerEnd::Closed(reason) => Some(Err(reason.clone().into())),
                ConsumerEnd::Cancelled | ConsumerEnd::CancelledByServer => Some(Ok(None)),
            }
        });
        let message = received.unwrap_or(Ok(None))?;
        Ok(message.map(|message| Delivery::new(message, self.channel.clone())))
    }
}

impl<P: Protocol> fmt::Debug for Consumer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer")
            .field("channel", &self.channel)
            .field("id", &self.id)
            .finish()
    }
}

impl<P: Protocol> Drop for Consumer<P> {
    fn drop(&mut self) {
        self.channel.drop_consumer(self.id);
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
