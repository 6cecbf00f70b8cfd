//! Blocking calls, in both ways of driving a connection.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use pika::Result;
use pika::blocking::{
    Channel, ConfirmingChannel, Connection, Consumer, ConsumerEnd, Delivery, background,
};
use pika::config::{Config, Tuning};
use pika::connection::{Outcome, Returned};
use pika::error::Closed;
use pika::method::{Call, Caller as _, OneWay, SimpleMethod};
use pika::protocol::{Confirming, Protocol};

use super::{CLOSE_AFTER, Message, SOON, Style};

/// Driven by the threads that call.
pub(crate) struct Blocking;

/// Driven by a thread of its own.
pub(crate) struct Background;

macro_rules! blocking {
    ($style:ty, $open:expr) => {
        impl Style for $style {
            type Connection<P: Protocol> = Connection<P>;
            type Channel<P: Protocol> = Channel<P>;
            type Consumer<P: Protocol> = Consumer<P>;
            type ConfirmingChannel<P: Confirming> = ConfirmingChannel<P>;
            type Settling<P: Protocol> = Channel<P>;

            fn new() -> Self {
                Self
            }

            fn open<P: Protocol>(&self, config: Config) -> Result<Connection<P>> {
                $open(config)
            }

            fn channel<P: Protocol>(&self, connection: &Connection<P>) -> Result<Channel<P>> {
                connection.channel()
            }

            fn close<P: Protocol>(&self, connection: &Connection<P>) -> Result<()> {
                connection.close()
            }

            fn closed<P: Protocol>(connection: &Connection<P>) -> Option<Arc<Closed>> {
                connection.closed()
            }

            fn tuning<P: Protocol>(connection: &Connection<P>) -> Tuning {
                connection.tuning()
            }

            fn call<P: Protocol, M: Call<Spec = P> + SimpleMethod>(
                &self,
                channel: &Channel<P>,
                method: M,
            ) -> Result<M::Reply> {
                channel.call(method)
            }

            fn send<P: Protocol, M: OneWay<Spec = P>>(
                &self,
                channel: &Channel<P>,
                method: M,
            ) -> Result<()> {
                channel.send(method)
            }

            fn close_channel<P: Protocol>(&self, channel: &Channel<P>) -> Result<()> {
                channel.close()
            }

            fn channel_closed<P: Protocol>(channel: &Channel<P>) -> Option<Arc<Closed>> {
                channel.closed()
            }

            fn publish<P: Protocol>(
                &self,
                channel: &Channel<P>,
                message: Message<P>,
            ) -> Result<()> {
                let Message {
                    publish,
                    properties,
                    body,
                } = message;
                channel.basic_publish(&publish, &properties, body)
            }

            fn confirming<P: Confirming>(
                &self,
                channel: &Channel<P>,
            ) -> Result<ConfirmingChannel<P>> {
                channel.confirming()
            }

            fn publish_confirmed<P: Confirming>(
                &self,
                channel: &ConfirmingChannel<P>,
                message: Message<P>,
            ) -> Result<Outcome<P>> {
                let Message {
                    publish,
                    properties,
                    body,
                } = message;
                channel.basic_publish_confirmed(&publish, &properties, body)
            }

            fn publish_all<P: Confirming>(
                &self,
                channel: &ConfirmingChannel<P>,
                messages: Vec<Message<P>>,
            ) -> Result<Vec<Outcome<P>>> {
                let mut confirms = Vec::new();
                for Message {
                    publish,
                    properties,
                    body,
                } in messages
                {
                    confirms.push(channel.basic_publish(&publish, &properties, body)?);
                }
                confirms.into_iter().map(|confirm| confirm.wait()).collect()
            }

            fn get<P: Protocol>(
                &self,
                channel: &Channel<P>,
                get: P::Get,
            ) -> Result<Option<Delivery<P>>> {
                channel.get(get)
            }

            fn consume<P: Protocol>(
                &self,
                channel: &Channel<P>,
                consume: P::Consume,
            ) -> Result<Consumer<P>> {
                channel.consume(consume)
            }

            fn next<P: Protocol>(
                &self,
                consumer: &mut Consumer<P>,
                time: Duration,
            ) -> Result<Option<Delivery<P>>> {
                consumer.next_within(time)
            }

            fn is_cancelled<P: Protocol>(consumer: &Consumer<P>) -> bool {
                matches!(consumer.end(), Some(ConsumerEnd::CancelledByServer))
            }

            fn cancel<P: Protocol>(&self, consumer: Consumer<P>) -> Result<()> {
                consumer.cancel()
            }

            fn idle<P: Protocol>(&self, connection: &Connection<P>, time: Duration) {
                connection.process_events(time).unwrap();
            }

            fn returned<P: Protocol>(
                &self,
                channel: &Channel<P>,
                time: Duration,
            ) -> Result<Option<Returned<P>>> {
                channel.next_returned_within(time)
            }

            fn next_while_closing<P: Protocol>(
                &self,
                channel: &Channel<P>,
                consumer: &mut Consumer<P>,
            ) -> Result<Option<Delivery<P>>> {
                thread::scope(|scope| {
                    scope.spawn(|| {
                        thread::sleep(CLOSE_AFTER);
                        channel.close().unwrap();
                    });
                    consumer.next_within(SOON)
                })
            }
        }
    };
}

blocking!(Blocking, Connection::open_as);
blocking!(Background, background::open_as);
