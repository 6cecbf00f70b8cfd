//! Completions and handlers, in the loop that comes with them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pika::Result;
use pika::callbacks::{self, Connection, Delivery, Loop, Then};
use pika::config::{Config, Tuning};
use pika::connection::{Outcome, Returned};
use pika::error::{Closed, Error, Forbidden};
use pika::method::{Call, Caller as _, OneWay, SimpleMethod};
use pika::protocol::{Confirming, Protocol};
use pika::wire::ShortStr;

use super::{CLOSE_AFTER, Message, SOON, Style};

/// How long anything may take: pika itself gives up earlier.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct Callbacks(Loop);

/// What handlers noted, in order.
type Log<T> = Rc<RefCell<VecDeque<T>>>;

pub(crate) struct Channel<P: Protocol> {
    inner: callbacks::Channel<P>,
    returned: Log<Returned<P>>,
    cancelled: Log<ShortStr>,
}

pub(crate) struct Consumer<P: Protocol> {
    channel: callbacks::Channel<P>,
    tag: ShortStr,
    messages: Log<Delivery<P>>,
    cancelled: Log<ShortStr>,
}

impl<P: Protocol> Consumer<P> {
    fn is_cancelled(&self) -> bool {
        self.cancelled.borrow().contains(&self.tag)
    }
}

impl Callbacks {
    /// Serves everything until there is an answer, but no longer than `time`.
    fn within<T>(&self, time: Duration, mut answer: impl FnMut() -> Option<T>) -> Option<T> {
        let end = Instant::now() + time;
        loop {
            let answer = answer();
            let left = end.saturating_duration_since(Instant::now());
            if answer.is_some() || left.is_zero() {
                return answer;
            }
            // That a connection could not be opened is an error of the step, and told by what opens it.
            let failures = self.0.step(left).err().into_iter().flatten();
            for error in failures {
                let is_told = error.closed().is_some() || matches!(error, Error::Unreachable(_));
                assert!(is_told, "{error}");
            }
        }
    }

    /// Serves everything until calls are taken again: they are refused while too much output waits.
    fn wait_for_room<P: Protocol>(&self, channel: &Channel<P>) {
        let full = Some(Forbidden::OutputFull);
        let room = self.within(LIMIT, || (channel.inner.forbidden() != full).then_some(()));
        assert!(room.is_some(), "the output is not written");
    }

    /// What comes of a call.
    fn result<R: 'static, P: Protocol>(&self, then: Then<R, P>) -> Result<R> {
        let log = Log::default();
        let noting = log.clone();
        then.then(move |result| noting.borrow_mut().push_back(result));
        let result = self.within(LIMIT, || log.borrow_mut().pop_front());
        result.expect("a call ends")
    }

    fn next<P: Protocol>(
        &self,
        consumer: &Consumer<P>,
        time: Duration,
    ) -> Result<Option<Delivery<P>>> {
        let next = self.within(time, || {
            if let Some(message) = consumer.messages.borrow_mut().pop_front() {
                return Some(Ok(Some(message)));
            }
            if consumer.is_cancelled() {
                return Some(Ok(None));
            }
            let reason = consumer.channel.closed()?;
            Some(match reason.is_normal() {
                true => Ok(None),
                false => Err(reason.into()),
            })
        });
        next.unwrap_or(Ok(None))
    }
}

impl Style for Callbacks {
    type Connection<P: Protocol> = Connection<P>;
    type Channel<P: Protocol> = Channel<P>;
    type Consumer<P: Protocol> = Consumer<P>;
    type ConfirmingChannel<P: Confirming> = callbacks::ConfirmingChannel<P>;
    type Settling<P: Protocol> = callbacks::Channel<P>;

    fn new() -> Self {
        Self(Loop::new().unwrap())
    }

    fn open<P: Protocol>(&self, config: Config) -> Result<Connection<P>> {
        let connection = Connection::connect_as(config)?;
        self.0.add(&connection)?;
        let opened = self.within(LIMIT, || match connection.closed() {
            Some(reason) => Some(Err(reason.into())),
            None => connection.is_open().then_some(Ok(())),
        });
        opened.expect("opening ends").map(|()| connection)
    }

    fn channel<P: Protocol>(&self, connection: &Connection<P>) -> Result<Channel<P>> {
        let inner = self.result(connection.open_channel())?;
        let (returned, cancelled) = (Log::default(), Log::default());
        let (returns, cancels) = (Log::clone(&returned), Log::clone(&cancelled));
        inner.on_returned(move |_, message: &Returned<P>| {
            returns.borrow_mut().push_back(message.clone());
        });
        inner.on_cancelled(move |_, tag| cancels.borrow_mut().push_back(tag.clone()));
        // The jobs ask for it.
        inner.on_closed(|_, _| ());
        Ok(Channel {
            inner,
            returned,
            cancelled,
        })
    }

    fn close<P: Protocol>(&self, connection: &Connection<P>) -> Result<()> {
        self.result(connection.close())
    }

    fn closed<P: Protocol>(connection: &Connection<P>) -> Option<Arc<Closed>> {
        connection.closed()
    }

    fn tuning<P: Protocol>(connection: &Connection<P>) -> Tuning {
        connection.tuning()
    }

    fn idle<P: Protocol>(&self, _connection: &Connection<P>, time: Duration) {
        self.within(time, || None::<()>);
    }

    fn call<P: Protocol, M: Call<Spec = P> + SimpleMethod>(
        &self,
        channel: &Channel<P>,
        method: M,
    ) -> Result<M::Reply> {
        self.wait_for_room(channel);
        self.result(channel.inner.call(method))
    }

    fn send<P: Protocol, M: OneWay<Spec = P>>(
        &self,
        channel: &Channel<P>,
        method: M,
    ) -> Result<()> {
        channel.inner.send(method)
    }

    fn close_channel<P: Protocol>(&self, channel: &Channel<P>) -> Result<()> {
        self.result(channel.inner.close())
    }

    fn channel_closed<P: Protocol>(channel: &Channel<P>) -> Option<Arc<Closed>> {
        channel.inner.closed()
    }

    fn publish<P: Protocol>(&self, channel: &Channel<P>, message: Message<P>) -> Result<()> {
        let Message {
            publish,
            properties,
            body,
        } = message;
        let sent = channel.inner.basic_publish(&publish, &properties, body);
        self.result(sent?)
    }

    fn confirming<P: Confirming>(
        &self,
        channel: &Channel<P>,
    ) -> Result<callbacks::ConfirmingChannel<P>> {
        self.result(channel.inner.confirming())
    }

    fn publish_confirmed<P: Confirming>(
        &self,
        channel: &callbacks::ConfirmingChannel<P>,
        message: Message<P>,
    ) -> Result<Outcome<P>> {
        let Message {
            publish,
            properties,
            body,
        } = message;
        let outcome = channel.basic_publish(&publish, &properties, body);
        self.result(outcome?)
    }

    fn publish_all<P: Confirming>(
        &self,
        channel: &callbacks::ConfirmingChannel<P>,
        messages: Vec<Message<P>>,
    ) -> Result<Vec<Outcome<P>>> {
        let mut outcomes = Vec::new();
        for Message {
            publish,
            properties,
            body,
        } in messages
        {
            outcomes.push(channel.basic_publish(&publish, &properties, body)?);
        }
        outcomes
            .into_iter()
            .map(|outcome| self.result(outcome))
            .collect()
    }

    fn returned<P: Protocol>(
        &self,
        channel: &Channel<P>,
        time: Duration,
    ) -> Result<Option<Returned<P>>> {
        Ok(self.within(time, || channel.returned.borrow_mut().pop_front()))
    }

    fn get<P: Protocol>(&self, channel: &Channel<P>, get: P::Get) -> Result<Option<Delivery<P>>> {
        self.wait_for_room(channel);
        self.result(channel.inner.get(get))
    }

    fn consume<P: Protocol>(
        &self,
        channel: &Channel<P>,
        consume: P::Consume,
    ) -> Result<Consumer<P>> {
        self.wait_for_room(channel);
        let messages = Log::default();
        let inbox = Log::clone(&messages);
        let handler = move |delivery| inbox.borrow_mut().push_back(delivery);
        let tag = self.result(channel.inner.consume(consume, handler))?;
        Ok(Consumer {
            channel: channel.inner.clone(),
            tag,
            messages,
            cancelled: channel.cancelled.clone(),
        })
    }

    fn next<P: Protocol>(
        &self,
        consumer: &mut Consumer<P>,
        time: Duration,
    ) -> Result<Option<Delivery<P>>> {
        self.next(consumer, time)
    }

    fn next_while_closing<P: Protocol>(
        &self,
        channel: &Channel<P>,
        consumer: &mut Consumer<P>,
    ) -> Result<Option<Delivery<P>>> {
        let channel = channel.inner.clone();
        self.0
            .call_later(CLOSE_AFTER, move || drop(channel.close()));
        self.next(consumer, SOON)
    }

    fn is_cancelled<P: Protocol>(consumer: &Consumer<P>) -> bool {
        consumer.is_cancelled()
    }

    fn cancel<P: Protocol>(&self, consumer: Consumer<P>) -> Result<()> {
        if consumer.is_cancelled() {
            return Ok(());
        }
        let cancel = P::cancel(consumer.tag);
        self.result(consumer.channel.call(cancel)).map(drop)
    }
}
