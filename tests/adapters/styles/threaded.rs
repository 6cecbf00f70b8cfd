//! Blocking calls, over one thread for each connection.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use pika::Result;
use pika::config::{Config, Tuning};
use pika::connection::{Outcome, Returned};
use pika::error::Closed;
use pika::method::{Call, Caller as _, OneWay, SimpleMethod};
use pika::protocol::{Confirming, Protocol};
use pika::threaded::{Channel, ConfirmingChannel, Connection, Consumer, ConsumerEnd, Delivery};

use super::{CLOSE_AFTER, Message, SOON, Style};

pub(crate) struct Threaded;

impl Style for Threaded {
    calls_that_wait!();

    fn idle<P: Protocol>(&self, _connection: &Connection<P>, time: Duration) {
        thread::sleep(time);
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
