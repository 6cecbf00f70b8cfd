//! Blocking calls, without a hidden thread.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pika::Result;
use pika::blocking::{Channel, ConfirmingChannel, Connection, Consumer, ConsumerEnd, Delivery};
use pika::config::{Config, Tuning};
use pika::connection::{Outcome, Returned};
use pika::error::Closed;
use pika::method::{Call, Caller as _, OneWay, SimpleMethod};
use pika::protocol::{Confirming, Protocol};

use super::{Message, SOON, Style};

pub(crate) struct Blocking;

impl Style for Blocking {
    calls_that_wait!();

    fn idle<P: Protocol>(&self, connection: &Connection<P>, time: Duration) {
        connection.process_events(time).unwrap();
    }

    fn returned<P: Protocol>(
        &self,
        channel: &Channel<P>,
        time: Duration,
    ) -> Result<Option<Returned<P>>> {
        let end = Instant::now() + time;
        loop {
            let returned = channel.try_next_returned();
            if returned.is_some() || Instant::now() >= end {
                return Ok(returned);
            }
            channel
                .connection()
                .process_events(Duration::from_millis(1))?;
        }
    }

    fn next_while_closing<P: Protocol>(
        &self,
        channel: &Channel<P>,
        consumer: &mut Consumer<P>,
    ) -> Result<Option<Delivery<P>>> {
        // While this waits for a message the program does nothing else.
        channel.close()?;
        consumer.next_within(SOON)
    }
}
