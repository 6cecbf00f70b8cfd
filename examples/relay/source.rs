//! Where messages come from.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use pika::amqp::basic;
use pika::bytes::Bytes;
use pika::callbacks::{Channel, Connection, Delivery};
use pika::connection::DeliveryToken;
use pika::recovery::Topology;
use pika::wire::ShortStr;

use super::relay::Options;
use super::target::Target;

/// A message on its way from the source to the targets.
pub(crate) struct Message {
    pub(crate) routing_key: ShortStr,
    pub(crate) properties: basic::Properties,
    pub(crate) body: Bytes,
    /// What acknowledges it at the source, once.
    receipt: RefCell<Option<(Channel, DeliveryToken)>>,
    /// Targets that have not confirmed it.
    missing: Cell<usize>,
}

impl Message {
    /// A target has it. When that was the last one, the source is told.
    pub(crate) fn taken(&self) -> pika::Result<()> {
        self.missing.set(self.missing.get().saturating_sub(1));
        if self.missing.get() > 0 {
            return Ok(());
        }
        match self.receipt.take() {
            // On a channel that is closed it settles nothing: the message is in its queue again.
            Some((channel, token)) => channel.ack(token, false).map(drop),
            None => Ok(()),
        }
    }
}

/// The header that a relayed message has. It has the source's id; what counts is that it is there.
pub(crate) const MARK: &str = "x-pika-relay";

pub(crate) struct Source {
    name: String,
    targets: Vec<Rc<Target>>,
    /// Messages taken, and messages passed over since they were relayed before.
    pub(crate) counts: Cell<(u64, u64)>,
}

impl Source {
    pub(crate) fn start(
        name: &str,
        options: &Options,
        (connection, targets): (&Connection, Vec<Rc<Target>>),
    ) -> Rc<Self> {
        let source = Rc::new(Self {
            name: name.to_owned(),
            targets,
            counts: Cell::default(),
        });
        let setup = Topology::new()
            .with(options.exchange())
            .with(options.queue())
            .with(options.bind());
        let (taking, lost) = (source.clone(), source.clone());
        let subscription = connection
            .subscribe(basic::Consume::new(&options.queue))
            .prefetch(options.prefetch)
            .setup(setup)
            .on_gap(move |_, _| lost.forget());
        // Where the connection ends first, its own handler tells.
        subscription
            .open(move |delivery| taking.take(delivery))
            .then(|_| ());
        source
    }

    /// What is on its way has gone back to its queue and comes again, with new delivery tags. A target
    /// that has it already gets it twice.
    fn forget(&self) {
        for target in &self.targets {
            target.forget();
        }
    }

    fn take(&self, delivery: Delivery) -> pika::Result<()> {
        let (taken, passed) = self.counts.get();
        let properties = match delivery.properties() {
            Ok(properties) => properties,
            Err(error) => {
                println!("{}: rejected, since it cannot be read: {error}", self.name);
                return delivery.reject(false).map(drop);
            }
        };
        let mut headers = properties.headers.clone().unwrap_or_default();
        if headers.contains(MARK) {
            // Of whatever relay. This is a copy in the relay's own queue, which nobody else waits for.
            self.counts.set((taken, passed + 1));
            return delivery.ack().map(drop);
        }
        self.counts.set((taken + 1, passed));
        headers.insert(MARK, self.name.as_str());
        let mut properties = properties.headers(headers);
        // A server takes messages of the user who is logged in, or of nobody.
        properties.user_id = None;
        let message = Rc::new(Message {
            routing_key: delivery.routing_key(),
            properties,
            body: delivery.shared_body(),
            missing: Cell::new(self.targets.len()),
            receipt: RefCell::new(Some((delivery.channel().clone(), delivery.into_token()))),
        });
        for target in &self.targets {
            target.push(message.clone());
        }
        Ok(())
    }
}
