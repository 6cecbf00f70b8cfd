//! Where messages go.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use pika::callbacks::{Connection, Loop, Publisher};
use pika::connection::Outcome;
use pika::recovery::Topology;

use super::relay::Options;
use super::source::Message;

/// How long to wait before a message is sent again that the target did not take.
const PAUSE: Duration = Duration::from_secs(1);

pub(crate) struct Target {
    name: String,
    options: Options,
    events: Loop,
    connection: Connection,
    /// None until the target was there once.
    publisher: RefCell<Option<Publisher>>,
    /// Messages that the publisher has not accepted yet, in order.
    waiting: RefCell<VecDeque<Rc<Message>>>,
}

impl Target {
    pub(crate) fn start(
        name: &str,
        options: &Options,
        (events, connection): (&Loop, Connection),
    ) -> Rc<Self> {
        let target = Rc::new(Self {
            name: name.to_owned(),
            options: options.clone(),
            events: events.clone(),
            connection,
            publisher: RefCell::default(),
            waiting: RefCell::default(),
        });
        let opened = target.clone();
        // Publishing to an exchange that is not there would close the channel.
        let exchange = Topology::new().with(options.exchange());
        let publisher = target.connection.publisher().setup(exchange);
        publisher.open().then(move |publisher| {
            // Where the connection ends first, its own handler tells.
            let Ok(publisher) = publisher else { return };
            let count = opened.waiting.borrow().len();
            println!("{}: ready, {count} messages wait", opened.name);
            opened.publisher.replace(Some(publisher));
            opened.send();
        });
        target
    }

    /// Sends a message now, or when the target is there.
    pub(crate) fn push(self: &Rc<Self>, message: Rc<Message>) {
        self.waiting.borrow_mut().push_back(message);
        self.send();
    }

    /// Gives up what the publisher has not accepted.
    pub(crate) fn forget(&self) {
        self.waiting.borrow_mut().clear();
    }

    /// Hands messages to the publisher, in order.
    fn send(self: &Rc<Self>) {
        let Some(publisher) = self.publisher.borrow().clone() else {
            return;
        };
        loop {
            let next = self.waiting.borrow().front().cloned();
            let Some(message) = next else { return };
            let content = (&message.properties, message.body.clone());
            let exchange = &self.options.exchange;
            match publisher.publish(exchange, &message.routing_key, content) {
                Ok(outcome) => {
                    self.waiting.borrow_mut().pop_front();
                    let target = self.clone();
                    outcome.then(move |outcome| target.settle(message, &outcome?));
                }
                Err(refused) => {
                    println!("{}: not accepted: {}", self.name, refused.error);
                    self.later(|target| target.send());
                    return;
                }
            }
        }
    }

    /// What became of a message.
    fn settle(self: &Rc<Self>, message: Rc<Message>, outcome: &Outcome) -> pika::Result<()> {
        if outcome.is_acked() {
            return message.taken();
        }
        if !self.connection.status().is_stopped() {
            println!("{}: not taken: {outcome:?}", self.name);
            self.later(|target| target.push(message));
        }
        Ok(())
    }

    fn later(self: &Rc<Self>, run: impl FnOnce(Rc<Self>) + 'static) {
        let target = self.clone();
        self.events.call_later(PAUSE, move || run(target));
    }
}
