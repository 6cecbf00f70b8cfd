use std::collections::{BTreeMap, BTreeSet};

use super::{Exchange, Kind, Message, Properties, Queue, Target, keys};
use crate::wire::ShortStr;

/// A virtual host: a room of its own for exchanges and queues.
#[derive(Debug)]
pub(crate) struct Vhost {
    pub(crate) exchanges: BTreeMap<ShortStr, Exchange>,
    pub(crate) queues: BTreeMap<ShortStr, Queue>,
}

impl Vhost {
    /// A virtual host with the exchanges that each begins with.
    pub(crate) fn new() -> Self {
        let exchanges = [
            ("", Kind::Direct, false),
            ("amq.direct", Kind::Direct, false),
            ("amq.fanout", Kind::Fanout, false),
            ("amq.headers", Kind::Headers, false),
            ("amq.match", Kind::Headers, false),
            ("amq.rabbitmq.trace", Kind::Topic, true),
            ("amq.topic", Kind::Topic, false),
        ];
        Self {
            exchanges: exchanges
                .into_iter()
                .map(|(name, kind, internal)| (name.into(), Exchange::predeclared(kind, internal)))
                .collect(),
            queues: BTreeMap::new(),
        }
    }

    /// The queues that a message published to `exchange` goes to, each once.
    pub(crate) fn route(
        &self,
        exchange: &ShortStr,
        message: &Message,
        properties: &Properties,
    ) -> BTreeSet<ShortStr> {
        let keys = keys(message, properties);
        let mut queues = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut left = vec![exchange.clone()];
        while let Some(name) = left.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let targets = self.targets(&name, &keys, properties);
            if targets.is_empty() {
                let exchange = self.exchanges.get(&name);
                left.extend(exchange.and_then(Exchange::alternate));
            }
            for target in targets {
                match target {
                    Target::Queue(name) => {
                        queues.insert(name);
                    }
                    Target::Exchange(name) => left.push(name),
                }
            }
        }
        queues
    }

    fn targets(
        &self,
        exchange: &ShortStr,
        keys: &[ShortStr],
        properties: &Properties,
    ) -> BTreeSet<Target> {
        let mut targets = BTreeSet::new();
        if exchange.is_empty() {
            let queues = keys.iter().filter(|key| self.queues.contains_key(*key));
            targets.extend(queues.cloned().map(Target::Queue));
        } else if let Some(exchange) = self.exchanges.get(exchange) {
            for key in keys {
                exchange.choose(key, properties, &mut targets);
            }
        }
        targets
    }

    /// Undoes every binding to `target`, and removes the exchanges that were to live only as long
    /// as they had bindings.
    pub(crate) fn forget_target(&mut self, target: &Target) {
        let mut left = Vec::new();
        for (name, exchange) in &mut self.exchanges {
            let emptied = exchange.forget(target) && exchange.bindings.is_empty();
            if emptied && exchange.auto_delete {
                left.push(name.clone());
            }
        }
        for name in left {
            self.remove_exchange(&name);
        }
    }

    /// Removes an exchange, its bindings and those to it.
    pub(crate) fn remove_exchange(&mut self, name: &ShortStr) {
        if self.exchanges.remove(name).is_some() {
            self.forget_target(&Target::Exchange(name.clone()));
        }
    }
}
