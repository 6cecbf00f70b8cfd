//! Messages that go out: to consumers, to those who fetch, straight back to who asked.

use std::collections::BTreeSet;

use super::queue::{DIRECT_REPLY, count};
use crate::broker::dialect::{Consume, Delivery, Reply};
use crate::broker::ids::At;
use crate::broker::machine::Broker;
use crate::broker::refusal::{Refusal, resource};
use crate::broker::session::{Replies, Session, State, Subscription, Unacked};
use crate::broker::store::{self, Entry, Message};
use crate::wire::{DeliveryTag, ShortStr, Table, Value};

impl Broker {
    pub(super) fn qos(
        &mut self,
        at: At,
        size: u32,
        count: u16,
        global: bool,
    ) -> Result<(), Refusal> {
        if size != 0 {
            return Err(Refusal::not_implemented(format!(
                "prefetch_size!=0 ({size})"
            )));
        }
        let channel = self.channel(at)?;
        if global {
            channel.shared_prefetch = count;
        } else {
            // RabbitMQ forgets the shared limit here, whether or not it was meant.
            channel.shared_prefetch = 0;
            channel.prefetch = count;
        }
        self.stir_channel(at)?;
        self.reply(at, Reply::QosOk)
    }

    pub(super) fn consume(&mut self, at: At, consume: Consume) -> Result<(), Refusal> {
        let host = self.host(at)?;
        if consume.queue.as_bytes() == DIRECT_REPLY {
            return self.consume_replies(at, consume);
        }
        let name = self.last_or(at, consume.queue)?;
        let what = resource("queue", &name, &host);
        let channel = self.channel(at)?;
        if !consume.tag.is_empty() && channel.consumers.contains_key(&consume.tag) {
            return Err(Refusal::not_allowed(format!(
                "attempt to reuse consumer tag '{}'",
                consume.tag
            )));
        }
        let prefetch = channel.prefetch;
        let queue = self.usable_queue(at, &name)?;
        if queue.is_held() || (consume.exclusive && !queue.consumers.is_empty()) {
            return Err(Refusal::access(format!("{what} in exclusive use")));
        }
        let priority = priority(&consume.arguments, &what)?;
        let tag = self.consumer_tag(consume.tag);
        let consumer = store::Consumer {
            at,
            tag: tag.clone(),
            priority,
            exclusive: consume.exclusive,
        };
        self.usable_queue(at, &name)?.consumers.push(consumer);
        let subscription = Subscription {
            queue: name.clone(),
            no_ack: consume.no_ack,
            prefetch,
            unacked: 0,
        };
        self.channel(at)?
            .consumers
            .insert(tag.clone(), subscription);
        self.stir(&host, &name);
        self.reply_unless(consume.no_wait, at, Reply::ConsumeOk { tag })
    }

    /// Consumes answers that come straight to this channel, without a queue.
    fn consume_replies(&mut self, at: At, consume: Consume) -> Result<(), Refusal> {
        if !consume.no_ack {
            return Err(Refusal::precondition("reply consumer cannot acknowledge"));
        }
        if self.channel(at)?.replies.is_some() {
            return Err(Refusal::precondition("reply consumer already set"));
        }
        let tag = self.consumer_tag(consume.tag);
        let address = self.name(&format!(
            "amq.rabbitmq.reply-to.{}.{}.",
            at.connection, at.channel
        ));
        self.channel(at)?.replies = Some(Replies {
            tag: tag.clone(),
            address,
        });
        self.reply_unless(consume.no_wait, at, Reply::ConsumeOk { tag })
    }

    pub(super) fn cancel(&mut self, at: At, tag: ShortStr, no_wait: bool) -> Result<(), Refusal> {
        let channel = self.channel(at)?;
        channel.replies.take_if(|replies| replies.tag == tag);
        self.drop_consumer(at, &tag);
        self.reply_unless(no_wait, at, Reply::CancelOk { tag })
    }

    /// Ends a consumer; what it was given stays unacknowledged.
    pub(crate) fn drop_consumer(&mut self, at: At, tag: &ShortStr) {
        let Ok(host) = self.host(at) else { return };
        let Ok(channel) = self.channel(at) else {
            return;
        };
        let Some(consumer) = channel.consumers.remove(tag) else {
            return;
        };
        self.forget_consumer(&host, &consumer.queue, at, tag);
    }

    /// Takes a consumer off its queue, which may have been the last it waited for.
    pub(super) fn forget_consumer(
        &mut self,
        host: &ShortStr,
        name: &ShortStr,
        at: At,
        tag: &ShortStr,
    ) {
        let now = self.now;
        let vhost = self.virtual_hosts.get_mut(host);
        let Some(queue) = vhost.and_then(|vhost| vhost.queues.get_mut(name)) else {
            return;
        };
        let before = queue.consumers.len();
        queue
            .consumers
            .retain(|consumer| consumer.at != at || consumer.tag != *tag);
        if let Some(now) = now {
            queue.last_used = now;
        }
        let emptied = before > 0 && queue.consumers.is_empty();
        if emptied && queue.auto_delete {
            self.remove_queue(host, name);
        } else {
            self.stir(host, name);
        }
    }

    pub(super) fn get(&mut self, at: At, queue: ShortStr, no_ack: bool) -> Result<(), Refusal> {
        let host = self.host(at)?;
        let name = self.last_or(at, queue)?;
        self.usable_queue(at, &name)?;
        self.expire_in(&host, &name, true);
        let queue = self.usable_queue(at, &name)?;
        let serial = queue.serial;
        let Some(entry) = queue.take(!no_ack) else {
            return self.reply(at, Reply::GetEmpty);
        };
        let messages = count(queue.len());
        let channel = self.channel(at)?;
        let delivery = delivery(channel.tag(), &entry);
        let message = std::sync::Arc::clone(&entry.message);
        if !no_ack {
            let unacked = Unacked {
                queue: name,
                serial,
                entry,
                consumer: None,
            };
            channel.unacked.insert(delivery.tag.0, unacked);
        }
        let reply = Reply::GetOk { delivery, messages };
        self.session(at)?.say_content(at.channel, reply, &message);
        Ok(())
    }

    /// Hands out messages of every queue where that may be possible.
    pub(crate) fn hand_out(&mut self) {
        while let Some((host, name)) = self.stirred.pop_first() {
            self.expire_in(&host, &name, false);
            while self.hand_out_one(&host, &name) {}
            self.expire_in(&host, &name, true);
            self.trim(&host, &name);
        }
    }

    fn hand_out_one(&mut self, host: &ShortStr, name: &ShortStr) -> bool {
        let vhost = self.virtual_hosts.get_mut(host);
        let Some(queue) = vhost.and_then(|vhost| vhost.queues.get_mut(name)) else {
            return false;
        };
        if queue.len() == 0 {
            return false;
        }
        let limit = self.settings.output;
        let single = queue.policy.single_active;
        let mut best: Option<(usize, i64)> = None;
        for (index, consumer) in queue.consumers.iter().enumerate() {
            let better = best.is_none_or(|(_, priority)| consumer.priority > priority);
            let session = self.sessions.get_mut(&consumer.at.connection);
            if better && session.is_some_and(|session| takes(session, consumer, limit)) {
                best = Some((index, consumer.priority));
            }
            if single {
                break;
            }
        }
        let Some((index, _)) = best else { return false };
        let Some(consumer) = queue.consumers.get(index).cloned() else {
            return false;
        };
        if !single {
            queue.served(index);
        }
        let Some(session) = self.sessions.get_mut(&consumer.at.connection) else {
            return false;
        };
        let Some(channel) = session.channels.get_mut(&consumer.at.channel) else {
            return false;
        };
        let Some(subscription) = channel.consumers.get_mut(&consumer.tag) else {
            return false;
        };
        let no_ack = subscription.no_ack;
        let Some(entry) = queue.take(!no_ack) else {
            return false;
        };
        subscription.unacked += usize::from(!no_ack);
        let delivery = delivery(channel.tag(), &entry);
        let message = std::sync::Arc::clone(&entry.message);
        if !no_ack {
            let unacked = Unacked {
                queue: name.clone(),
                serial: queue.serial,
                entry,
                consumer: Some(consumer.tag.clone()),
            };
            channel.unacked.insert(delivery.tag.0, unacked);
        }
        let reply = Reply::Deliver {
            consumer: consumer.tag,
            delivery,
        };
        session.say_content(consumer.at.channel, reply, &message);
        true
    }

    /// Whether some channel consumes answers under this address.
    pub(super) fn is_reply_address(&self, address: &ShortStr) -> bool {
        let mut channels = self
            .sessions
            .values()
            .flat_map(|session| session.channels.values());
        let at = |it: &Replies| it.address == *address;
        channels.any(|channel| channel.replies.as_ref().is_some_and(at))
    }

    /// Gives a message to the channel whose address it bears.
    pub(super) fn reply_directly(&mut self, message: &Message) -> bool {
        let key = message.routing_key.as_bytes();
        let address = key.strip_prefix(DIRECT_REPLY);
        if address.is_none_or(|rest| rest.first() != Some(&b'.')) {
            return false;
        }
        for session in self.sessions.values_mut() {
            for (number, channel) in &mut session.channels {
                let meant = |it: &&Replies| it.address == message.routing_key;
                let Some(replies) = channel.replies.as_ref().filter(meant) else {
                    continue;
                };
                let consumer = replies.tag.clone();
                let delivery = Delivery {
                    tag: DeliveryTag(channel.tag()),
                    redelivered: false,
                    exchange: message.exchange.clone(),
                    routing_key: message.routing_key.clone(),
                };
                let (number, reply) = (*number, Reply::Deliver { consumer, delivery });
                session.say_content(number, reply, message);
                return true;
            }
        }
        false
    }

    /// Remembers that the consumers of a channel may be given more.
    pub(super) fn stir_channel(&mut self, at: At) -> Result<(), Refusal> {
        let host = self.host(at)?;
        let channel = self.channel(at)?;
        let queues: BTreeSet<_> = channel
            .consumers
            .values()
            .map(|consumer| consumer.queue.clone())
            .collect();
        for queue in queues {
            self.stir(&host, &queue);
        }
        Ok(())
    }

    /// Hands out what was held back because too much waited to be written.
    pub(crate) fn feed_the_starved(&mut self) {
        let limit = self.settings.output;
        let mut fed = Vec::new();
        for (id, session) in &mut self.sessions {
            if session.is_starved && session.output.len() < limit {
                session.is_starved = false;
                fed.extend(session.channels.keys().map(|number| id.at(*number)));
            }
        }
        for at in fed {
            // A connection that has gone needs nothing.
            let _ = self.stir_channel(at);
        }
    }

    fn consumer_tag(&mut self, asked: ShortStr) -> ShortStr {
        if asked.is_empty() {
            return self.name("amq.ctag-");
        }
        asked
    }
}

fn priority(arguments: &Table, what: &str) -> Result<i64, Refusal> {
    let Some(value) = arguments.get("x-priority").map(Value::from) else {
        return Ok(0);
    };
    value.as_i64().ok_or_else(|| {
        let kind = store::kind_of(&value);
        Refusal::precondition(format!(
            "invalid arg 'x-priority' for {what}: \"expected integer, got {kind}\""
        ))
    })
}

/// Whether a consumer can be given a message now.
fn takes(session: &mut Session, consumer: &store::Consumer, limit: usize) -> bool {
    let channel = session.channels.get(&consumer.at.channel);
    if session.state != State::Running
        || !channel.is_some_and(|channel| channel.has_credit(&consumer.tag))
    {
        return false;
    }
    let room = session.output.len() < limit;
    session.is_starved |= !room;
    room
}

fn delivery(tag: u64, entry: &Entry) -> Delivery {
    Delivery {
        tag: DeliveryTag(tag),
        redelivered: entry.redelivered,
        exchange: entry.message.exchange.clone(),
        routing_key: entry.message.routing_key.clone(),
    }
}
