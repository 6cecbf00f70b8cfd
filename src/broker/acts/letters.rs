//! Messages that no consumer took in time: expired, pushed out, rejected.

use std::sync::Arc;

use crate::broker::machine::Broker;
use crate::broker::store::{Entry, Message, Overflow, Properties};
use crate::table;
use crate::wire::{Array, LongStr, ShortStr, Table, Timestamp, Value, ValueRef};

/// Why a message is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Rejected,
    Expired,
    MaxLength,
}

impl Reason {
    const fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::MaxLength => "maxlen",
        }
    }
}

impl Broker {
    /// Takes what has expired off every queue, and removes queues that nobody used for too long.
    pub(crate) fn expire(&mut self) {
        let Some(now) = self.now else { return };
        let mut due = Vec::new();
        let mut idle = Vec::new();
        for (host, vhost) in &self.virtual_hosts {
            for (name, queue) in &vhost.queues {
                let is_due = |time: Option<std::time::Instant>| time.is_some_and(|it| it <= now);
                if is_due(queue.idle_until()) {
                    idle.push((host.clone(), name.clone()));
                } else if is_due(queue.next_expiry()) {
                    due.push((host.clone(), name.clone()));
                }
            }
        }
        for (host, name) in due {
            self.expire_in(&host, &name, true);
        }
        for (host, name) in idle {
            self.remove_queue(&host, &name);
        }
    }

    /// Takes what has expired off the front of a queue. What expires this very moment is taken too
    /// if `now_too`: a consumer that waits still gets it.
    pub(super) fn expire_in(&mut self, host: &ShortStr, name: &ShortStr, now_too: bool) {
        let Some(now) = self.now else { return };
        let vhost = self.virtual_hosts.get_mut(host);
        let Some(queue) = vhost.and_then(|vhost| vhost.queues.get_mut(name)) else {
            return;
        };
        let mut dead = Vec::new();
        while queue
            .next_expiry()
            .is_some_and(|time| time < now || (now_too && time == now))
        {
            dead.extend(queue.take_expired(now));
        }
        self.bury(host, name, dead, Reason::Expired);
    }

    /// Takes away what a queue holds beyond its limits.
    pub(super) fn trim(&mut self, host: &ShortStr, name: &ShortStr) {
        let vhost = self.virtual_hosts.get_mut(host);
        let Some(queue) = vhost.and_then(|vhost| vhost.queues.get_mut(name)) else {
            return;
        };
        if queue.policy.overflow != Overflow::DropHead {
            return;
        }
        let dead: Vec<_> = std::iter::from_fn(|| queue.take_excess()).collect();
        self.bury(host, name, dead, Reason::MaxLength);
    }

    /// A queue is full and its limit says that what comes is dead at once.
    pub(super) fn bury_published(
        &mut self,
        host: &ShortStr,
        name: &ShortStr,
        message: &Arc<Message>,
    ) {
        let entry = Entry {
            position: 0,
            message: Arc::clone(message),
            redelivered: false,
            expires: None,
            priority: 0,
        };
        self.bury(host, name, vec![entry], Reason::MaxLength);
    }

    /// Sends dead messages to the exchange that their queue names for them.
    pub(super) fn bury(
        &mut self,
        host: &ShortStr,
        name: &ShortStr,
        entries: Vec<Entry>,
        reason: Reason,
    ) {
        if entries.is_empty() {
            return;
        }
        let Some(vhost) = self.virtual_hosts.get(host) else {
            return;
        };
        let Some(policy) = vhost.queues.get(name).map(|queue| &queue.policy) else {
            return;
        };
        let Some(exchange) = policy.dead_letter_exchange.clone() else {
            return;
        };
        if !vhost.exchanges.contains_key(&exchange) {
            return;
        }
        let key = policy.dead_letter_key.clone();
        for entry in entries {
            let letter = Letter {
                exchange: &exchange,
                key: key.as_ref(),
                queue: name,
                reason,
                date: self.date(),
            };
            let (message, decoded) = letter.write(self, &entry.message);
            let Some(vhost) = self.virtual_hosts.get(host) else {
                return;
            };
            let mut queues = vhost.route(&exchange, &message, &decoded);
            queues.retain(|queue| !goes_round(&decoded, queue, reason));
            let message = Arc::new(message);
            for queue in queues {
                self.enqueue(host, &queue, &message);
            }
        }
    }
}

/// What a dead message becomes.
struct Letter<'a> {
    exchange: &'a ShortStr,
    key: Option<&'a ShortStr>,
    queue: &'a ShortStr,
    reason: Reason,
    date: Timestamp,
}

impl Letter<'_> {
    fn write(&self, broker: &Broker, dead: &Message) -> (Message, Properties) {
        let mut properties = dead.decoded();
        let mut copies = Message::copies(&properties, "CC").unwrap_or_default();
        let mut headers: Vec<_> = properties
            .headers
            .iter()
            .flat_map(|headers| headers.iter().map(|(name, value)| (name, value.to_value())))
            .collect();
        if self.key.is_some() {
            headers.retain(|(name, _)| *name != "CC");
        }
        copies.insert(0, dead.routing_key.clone());
        let first = self.first_death(dead);
        for (name, value) in first {
            if !headers.iter().any(|(known, _)| *known == name) {
                headers.push((name.into(), value));
            }
        }
        let known = headers.iter().position(|(name, _)| *name == "x-death");
        let deaths = match known.map(|at| headers.remove(at)) {
            Some((_, Value::Array(deaths))) => deaths,
            _ => Array::new(),
        };
        let deaths = self.count_death(&deaths, dead, &copies, properties.expiration.as_ref());
        headers.push(("x-death".into(), deaths.into()));
        headers.sort_by(|(one, _), (other, _)| one.cmp(other));
        properties.headers = Some(headers.into_iter().collect());
        properties.expiration = None;
        let bytes = properties.encode();
        let message = Message {
            version: dead.version,
            exchange: self.exchange.clone(),
            routing_key: self.key.unwrap_or(&dead.routing_key).clone(),
            _share: broker.meter.take(Message::cost(&bytes, &dead.body)),
            properties: bytes,
            body: dead.body.clone(),
            priority: dead.priority,
            expiration: None,
        };
        (message, properties)
    }

    fn first_death(&self, dead: &Message) -> [(&'static str, Value); 3] {
        [
            ("x-first-death-exchange", text(&dead.exchange)),
            ("x-first-death-queue", text(self.queue)),
            ("x-first-death-reason", self.reason.name().into()),
        ]
    }

    /// The list of deaths with this one at the front; one for the same reason in the same queue
    /// is counted with it.
    fn count_death(
        &self,
        deaths: &Array,
        dead: &Message,
        keys: &[ShortStr],
        expiration: Option<&ShortStr>,
    ) -> Array {
        let mut all: Vec<_> = deaths.iter().map(ValueRef::to_value).collect();
        let same = |value: &Value| {
            let table = value.as_table();
            let is = |name: &str, wanted: &[u8]| {
                let found = table.and_then(|table| table.get(name));
                found.is_some_and(|found| found.as_bytes() == Some(wanted))
            };
            is("queue", self.queue.as_bytes()) && is("reason", self.reason.name().as_bytes())
        };
        let death = match all.iter().position(same).map(|at| all.remove(at)) {
            Some(Value::Table(before)) => count_again(&before),
            _ => {
                let keys: Array = keys.iter().map(text).collect();
                let mut death = table! {
                    "count" => 1i64,
                    "reason" => self.reason.name(),
                    "queue" => text(self.queue),
                    "time" => self.date,
                    "exchange" => text(&dead.exchange),
                    "routing-keys" => keys,
                };
                if let Some(expiration) = expiration {
                    death.insert("original-expiration", text(expiration));
                }
                death
            }
        };
        all.insert(0, Value::Table(death));
        all.into_iter().collect()
    }
}

/// An entry of the list of deaths with its count one higher; RabbitMQ sorts it then.
fn count_again(death: &Table) -> Table {
    let mut fields: Vec<_> = death
        .iter()
        .map(|(name, value)| (name, value.to_value()))
        .collect();
    for (name, value) in &mut fields {
        if let Some(count) = value.as_i64().filter(|_| *name == "count") {
            *value = Value::I64(count.saturating_add(1));
        }
    }
    fields.sort_by(|(one, _), (other, _)| one.cmp(other));
    fields.into_iter().collect()
}

/// Whether a dead message would come back to a queue that it died in, and nobody rejected it on
/// the way: then it would go round for ever.
fn goes_round(properties: &Properties, queue: &ShortStr, reason: Reason) -> bool {
    if reason == Reason::Rejected {
        return false;
    }
    let Some(Value::Array(deaths)) = properties.header("x-death") else {
        return false;
    };
    let text_of = |death: &Table, name: &str| {
        let value = death.get(name);
        value.and_then(|value| value.as_bytes().map(<[u8]>::to_vec))
    };
    let deaths = deaths.iter().map(ValueRef::to_value);
    for death in deaths {
        let Value::Table(death) = death else { continue };
        if text_of(&death, "reason").as_deref() == Some(b"rejected") {
            return false;
        }
        if text_of(&death, "queue").as_deref() == Some(queue.as_bytes()) {
            return true;
        }
    }
    false
}

fn text(name: &ShortStr) -> Value {
    Value::LongStr(LongStr::new(name.as_bytes()))
}
