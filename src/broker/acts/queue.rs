//! Queues: made, bound, emptied, removed.

use super::names::{not_default, not_reserved, same, same_argument};
use crate::broker::dialect::{Bind, Delete, QueueDeclare, Reply};
use crate::broker::ids::At;
use crate::broker::machine::Broker;
use crate::broker::refusal::{Refusal, resource};
use crate::broker::store::{Binding, Invalid, Policy, Queue, Target};
use crate::wire::{ReplyCode, ShortStr};

/// The name that stands for "answer me on this channel".
pub(super) const DIRECT_REPLY: &[u8] = b"amq.rabbitmq.reply-to";

/// Arguments that a queue declared again must have as before.
const COMPARED: &[&str] = &[
    "x-expires",
    "x-message-ttl",
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-max-length",
    "x-max-length-bytes",
    "x-max-priority",
    "x-overflow",
    "x-single-active-consumer",
    "x-queue-mode",
    "x-queue-type",
];

impl Broker {
    pub(super) fn declare_queue(&mut self, at: At, declare: QueueDeclare) -> Result<(), Refusal> {
        let host = self.host(at)?;
        let no_wait = declare.no_wait;
        let name = declare.queue.clone();
        if name.as_bytes() == DIRECT_REPLY || self.is_reply_address(&name) {
            let reply = Reply::QueueDeclareOk {
                queue: name,
                messages: 0,
                consumers: 1,
            };
            return self.reply_unless(no_wait, at, reply);
        }
        let name = if declare.passive {
            self.usable_queue(at, &name)?;
            name
        } else {
            self.make_queue(at, &host, name, declare)?
        };
        let counts = self.vhost(&host)?.queues.get(&name);
        let (messages, consumers) =
            counts.map_or((0, 0), |queue| (queue.len(), queue.consumers.len()));
        self.channel(at)?.last_queue = name.clone();
        let reply = Reply::QueueDeclareOk {
            queue: name,
            messages: count(messages),
            consumers: count(consumers),
        };
        self.reply_unless(no_wait, at, reply)
    }

    /// Makes a queue, or finds the one that is there and as asked for.
    fn make_queue(
        &mut self,
        at: At,
        host: &ShortStr,
        name: ShortStr,
        declare: QueueDeclare,
    ) -> Result<ShortStr, Refusal> {
        let name = if name.is_empty() {
            self.name("amq.gen-")
        } else {
            self.may(at, "queue", &name)?;
            without_line_ends(name)
        };
        let owner = declare.exclusive.then_some(at.connection);
        if let Some(found) = self.vhost(host)?.queues.get(&name) {
            let what = resource("queue", &name, host);
            if found.owner != owner {
                return Err(locked(&what));
            }
            same(&what, "durable", declare.durable, found.durable)?;
            same(&what, "auto_delete", declare.auto_delete, found.auto_delete)?;
            for argument in COMPARED {
                same_argument(&what, argument, &declare.arguments, &found.arguments)?;
            }
            return Ok(name);
        }
        if !declare.queue.is_empty() {
            not_reserved("queue", &name)?;
        }
        let policy = Policy::read(&declare.arguments)
            .map_err(|invalid| refuse_argument(&invalid, &resource("queue", &name, host)))?;
        let now = self.now.ok_or(Refusal::Gone)?;
        self.next_queue += 1;
        let mut queue = Queue::new(declare.arguments, policy, self.next_queue, now);
        queue.durable = declare.durable;
        queue.auto_delete = declare.auto_delete;
        queue.owner = owner;
        self.vhost(host)?.queues.insert(name.clone(), queue);
        Ok(name)
    }

    /// Makes or undoes a binding of a queue.
    pub(super) fn bind_queue(&mut self, at: At, bind: Bind, make: bool) -> Result<(), Refusal> {
        let host = self.host(at)?;
        let routing_key = if bind.destination.is_empty() && bind.routing_key.is_empty() && make {
            self.channel(at)?.last_queue.clone()
        } else {
            bind.routing_key
        };
        let queue = self.last_or(at, bind.destination)?;
        not_default(&bind.source)?;
        self.may(at, "queue", &queue)?;
        if make {
            self.exchange(&host, &bind.source)?;
            self.usable_queue(at, &queue)?;
        }
        let binding = Binding {
            routing_key,
            arguments: bind.arguments,
            target: Target::Queue(queue),
        };
        self.change_binding(&host, &bind.source, binding, make)?;
        let reply = if make {
            Reply::QueueBindOk
        } else {
            Reply::QueueUnbindOk
        };
        self.reply_unless(bind.no_wait, at, reply)
    }

    pub(super) fn purge_queue(
        &mut self,
        at: At,
        queue: ShortStr,
        no_wait: bool,
    ) -> Result<(), Refusal> {
        let queue = self.last_or(at, queue)?;
        let purged = self.usable_queue(at, &queue)?.purge();
        let messages = count(purged.len());
        self.reply_unless(no_wait, at, Reply::QueuePurgeOk { messages })
    }

    pub(super) fn delete_queue(&mut self, at: At, delete: Delete) -> Result<(), Refusal> {
        let host = self.host(at)?;
        let name = self.last_or(at, delete.name)?;
        self.may(at, "queue", &name)?;
        let mut messages = 0;
        if self.vhost(&host)?.queues.contains_key(&name) {
            let queue = self.usable_queue(at, &name)?;
            let what = resource("queue", &name, &host);
            if delete.if_unused && !queue.consumers.is_empty() {
                return Err(Refusal::precondition(format!("{what} in use")));
            }
            if delete.if_empty && queue.len() > 0 {
                return Err(Refusal::precondition(format!("{what} not empty")));
            }
            messages = queue.len();
            self.remove_queue(&host, &name);
        }
        let messages = count(messages);
        self.reply_unless(delete.no_wait, at, Reply::QueueDeleteOk { messages })
    }

    /// Removes a queue and tells its consumers.
    pub(super) fn remove_queue(&mut self, host: &ShortStr, name: &ShortStr) {
        let Some(vhost) = self.virtual_hosts.get_mut(host) else {
            return;
        };
        let Some(queue) = vhost.queues.remove(name) else {
            return;
        };
        vhost.forget_target(&Target::Queue(name.clone()));
        for consumer in queue.consumers {
            let Some(session) = self.sessions.get_mut(&consumer.at.connection) else {
                continue;
            };
            if let Some(channel) = session.channels.get_mut(&consumer.at.channel) {
                channel.consumers.remove(&consumer.tag);
                if session.client.wants_cancel {
                    let tag = consumer.tag;
                    session.say(consumer.at.channel, Reply::Cancel { tag });
                }
            }
        }
    }

    /// The queue named, or the one this channel declared last.
    pub(super) fn last_or(&mut self, at: At, name: ShortStr) -> Result<ShortStr, Refusal> {
        if !name.is_empty() {
            return Ok(name);
        }
        let last = self.channel(at)?.last_queue.clone();
        if last.is_empty() {
            return Err(Refusal::not_found("no previously declared queue"));
        }
        Ok(last)
    }

    /// A queue that has to be there and open to this connection.
    pub(super) fn usable_queue(&mut self, at: At, name: &ShortStr) -> Result<&mut Queue, Refusal> {
        let host = self.host(at)?;
        let now = self.now.ok_or(Refusal::Gone)?;
        let what = resource("queue", name, &host);
        let queues = &mut self.vhost(&host)?.queues;
        let Some(queue) = queues.get_mut(name) else {
            return Err(Refusal::not_found(format!("no {what}")));
        };
        if queue.owner.is_some_and(|owner| owner != at.connection) {
            return Err(locked(&what));
        }
        queue.last_used = now;
        Ok(queue)
    }
}

fn locked(what: &str) -> Refusal {
    Refusal::Channel(
        ReplyCode::RESOURCE_LOCKED,
        format!(
            "cannot obtain exclusive access to locked {what}. It could be originally declared on \
             another connection or the exclusive property value does not match that of the \
             original declaration."
        ),
    )
}

fn refuse_argument(invalid: &Invalid, what: &str) -> Refusal {
    Refusal::precondition(match invalid {
        Invalid::Value(argument, why) => format!("invalid arg '{argument}' for {what}: {why}"),
        Invalid::Type(argument, kind) => {
            format!("invalid type '{kind}' for arg '{argument}' in {what}")
        }
    })
}

/// A name without what RabbitMQ takes out of it.
fn without_line_ends(name: ShortStr) -> ShortStr {
    let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    if !name.as_bytes().iter().any(is_line_end) {
        return name;
    }
    let kept: Vec<u8> = name
        .as_bytes()
        .iter()
        .copied()
        .filter(|byte| !is_line_end(byte))
        .collect();
    ShortStr::new(kept).unwrap_or_default()
}

/// A count as it goes over the wire.
pub(super) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
