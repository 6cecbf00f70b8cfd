//! Where messages go.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use pika::amqp::basic;
use pika::callbacks::{Channel, ConfirmingChannel, Loop};
use pika::connection::Outcome;

use super::link::{PAUSE, Role};
use super::pending::{Pending, Ticket};
use super::relay::Options;
use super::source::Message;

pub(crate) struct Target {
    name: String,
    options: Options,
    events: Loop,
    pending: RefCell<Pending<Rc<Message>>>,
    /// The channel, while there is one.
    channel: RefCell<Option<ConfirmingChannel>>,
    /// Whether a timer will send again what was not taken.
    is_waiting: Cell<bool>,
}

impl Target {
    pub(crate) fn new(name: &str, options: Options, events: &Loop) -> Rc<Self> {
        Rc::new(Self {
            name: name.to_owned(),
            options,
            events: events.clone(),
            pending: RefCell::new(Pending::new()),
            channel: RefCell::default(),
            is_waiting: Cell::new(false),
        })
    }

    /// Sends a message now, or when the target is there.
    pub(crate) fn push(self: &Rc<Self>, message: Rc<Message>) {
        self.pending.borrow_mut().push(message);
        self.send();
    }

    /// Gives up what has not arrived.
    pub(crate) fn forget(&self) {
        self.pending.borrow_mut().forget();
    }

    /// Sends what is to be sent, in order.
    fn send(self: &Rc<Self>) {
        let Some(channel) = self.channel.borrow().clone() else {
            return;
        };
        loop {
            let next = self.pending.borrow_mut().send();
            let Some((ticket, message)) = next else {
                return;
            };
            let publish = basic::Publish::new(&self.options.exchange, &message.routing_key);
            let body = message.body.clone();
            match channel.basic_publish(&publish, &message.properties, body) {
                Ok(confirmed) => {
                    let target = self.clone();
                    confirmed.then(move |outcome| target.settle(ticket, outcome));
                }
                Err(refused) => {
                    let error = refused.error;
                    return self.send_again(ticket, &format!("refused: {error}"));
                }
            }
        }
    }

    /// What became of a message.
    fn settle(self: &Rc<Self>, ticket: Ticket, outcome: pika::Result<Outcome>) -> pika::Result<()> {
        match outcome {
            Ok(Outcome::Acked) => {
                let message = self.pending.borrow_mut().taken(ticket);
                return message.map_or(Ok(()), |message| message.taken());
            }
            // It may have arrived or not; it is sent on the next channel.
            Ok(Outcome::Lost(_)) | Err(pika::Error::Closed(_) | pika::Error::Protocol(_)) => {}
            Ok(outcome) => self.send_again(ticket, &format!("not taken: {outcome:?}")),
            Err(error) => self.send_again(ticket, &format!("not taken: {error}")),
        }
        Ok(())
    }

    /// Sends a message again in a while, and others with it.
    fn send_again(self: &Rc<Self>, ticket: Ticket, why: &str) {
        self.pending.borrow_mut().not_taken(ticket);
        if self.is_waiting.replace(true) {
            return;
        }
        println!("{}: {why}", self.name);
        let target = self.clone();
        self.events.call_later(PAUSE, move || {
            target.is_waiting.set(false);
            let channel = target.channel.borrow().clone();
            if let Some(channel) = channel {
                target.declare(&channel);
            }
            target.send();
        });
    }

    /// Makes the exchange, if it is not there: publishing to one that is not would close the channel
    /// in the midst of messages.
    fn declare(&self, channel: &Channel) {
        let declare = self.options.exchange();
        channel.exchange_declare(declare).then(|_| ());
    }
}

impl Role for Target {
    fn ready(self: Rc<Self>, channel: Channel) {
        // Whatever goes wrong here closes the channel, and its handler tells.
        self.declare(&channel);
        let name = self.name.clone();
        let was_stopped = Cell::new(false);
        channel.on_flow(move |_, active| {
            if was_stopped.replace(!active) == active {
                println!("{name}: flow {}", if active { "on" } else { "off" });
            }
        });
        channel.confirming().then(move |channel| {
            if let Ok(channel) = channel {
                let count = self.pending.borrow().len();
                println!("{}: ready, {count} messages pending", self.name);
                self.channel.replace(Some(channel));
                self.send();
            }
        });
    }

    /// What was not confirmed is kept, and sent when the target is back.
    fn lost(&self) {
        self.channel.take();
        self.pending.borrow_mut().lost();
    }
}
