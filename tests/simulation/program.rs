//! Random programs: what clients do, and what is done to them.

use std::time::Duration;

use pika::broker::Plan;
use pika::connection::Leave;
use pika::error::Error;
use pika::method::{Args, ContentArgs};
use pika::wire::{ChannelId, ReplyCode, ShortStr};

use crate::link::Break;
use crate::model::{Arrived, Broken, Expects, LOSSY, Message, body};
use crate::version::Version;
use crate::world::{QUEUES, World};

/// Sizes of bodies: in one frame, in some, in many.
pub(crate) const SIZES: [usize; 7] = [8, 9, 100, 4000, 12_000, 20_000, 140_000];

impl<V: Version> World<V> {
    /// Runs a program of so many steps, then lets everything come to rest.
    pub(crate) fn run(&mut self, steps: usize) -> Result<(), Broken> {
        self.prepare()?;
        for _ in 0..steps {
            let who = self.rng.below(self.clients.len());
            match self.rng.below(20) {
                0..=7 => self.network(who)?,
                8 => {
                    let most = Duration::from_millis(1 << self.rng.below(12));
                    self.pass(most)?;
                }
                9 if self.rng.once_in(4) => self.disturb(who)?,
                _ => self.act(who)?,
            }
            self.check(who)?;
        }
        self.rest()
    }

    /// Lets the first client declare the queues.
    fn prepare(&mut self) -> Result<(), Broken> {
        self.settle(|world| world.clients.iter().all(|client| client.core.is_open()))?;
        for who in 0..self.clients.len() {
            self.open_channel(who);
        }
        for name in QUEUES {
            self.declare(0, self.clients[0].channels[0], &ShortStr::from(name));
        }
        self.settle(|world| {
            world
                .model
                .ledgers
                .iter()
                .all(|ledger| ledger.calls.is_empty())
        })
    }

    /// Lets the network and time go on until `done`, which has to come about in a minute.
    fn settle(&mut self, done: impl Fn(&Self) -> bool) -> Result<(), Broken> {
        let until = self.now + Duration::from_secs(60);
        while !done(self) {
            if self.now > until {
                return Err("what should come does not come in a minute".into());
            }
            for _ in 0..20 {
                for who in 0..self.clients.len() {
                    self.network(who)?;
                }
            }
            self.pass(Duration::from_millis(500))?;
        }
        Ok(())
    }

    /// One call of the program, whichever is possible.
    fn act(&mut self, who: usize) -> Result<(), Broken> {
        if !self.clients[who].core.is_open() {
            return self.replace(who);
        }
        let Some(key) = self.rng.pick(&self.clients[who].channels).copied() else {
            self.open_channel(who);
            return Ok(());
        };
        let queue = self.rng.below(QUEUES.len());
        let name = ShortStr::from(QUEUES[queue]);
        match self.rng.below(24) {
            0 if self.clients[who].channels.len() < 4 => self.open_channel(who),
            0 | 1 => self.declare(who, key, &name),
            2 => self.call(who, key, Expects::QosOk, |on, now| {
                Some(V::qos(on, 10, now))
            }),
            3 => self.call(who, key, Expects::Anything, |on, now| V::confirm(on, now)),
            4 if self.rng.once_in(3) => {
                self.call(who, key, Expects::Anything, |on, now| {
                    Some(V::recover(on, now))
                });
            }
            5 => self.consume(who, key, queue),
            6 => self.cancel(who),
            7 | 8 => self.call(who, key, Expects::Got(queue), |on, now| {
                Some(on.call(V::get(name, false), now))
            }),
            9 if self.rng.once_in(6) => self.close_channel(who, key),
            10 if self.rng.once_in(4) => self.abandon(who),
            11..=15 => self.settle_one(who),
            _ => return self.publish(who, key, queue),
        }
        Ok(())
    }

    /// A client that is closed and gone gives way to a new one now and then.
    fn replace(&mut self, who: usize) -> Result<(), Broken> {
        let gone = self.model.ledgers[who].closed && self.clients[who].core.is_finished();
        if gone && self.clients.len() < 6 && self.rng.once_in(3) {
            self.connect();
        }
        Ok(())
    }

    fn open_channel(&mut self, who: usize) {
        let now = self.now;
        if let Ok((key, call)) = self.clients[who].core.open_channel(now) {
            self.note(|| format!("client {who} opens channel {key}"));
            self.model.ledgers[who].calls.insert(call, Expects::Opened);
            self.clients[who].channels.push(key);
        }
    }

    fn declare(&mut self, who: usize, key: pika::connection::ChannelKey, name: &ShortStr) {
        let expects = Expects::Declared(name.clone());
        self.call(who, key, expects, |on, now| Some(V::declare(on, name, now)));
    }

    fn call(
        &mut self,
        who: usize,
        key: pika::connection::ChannelKey,
        expects: Expects,
        make: impl FnOnce(
            &mut pika::connection::ChannelMut<'_, V>,
            std::time::Instant,
        ) -> Option<pika::Result<pika::connection::CallId>>,
    ) {
        let now = self.now;
        let Ok(mut on) = self.clients[who].core.channel(key) else {
            self.clients[who].channels.retain(|other| *other != key);
            return;
        };
        if let Some(Ok(call)) = make(&mut on, now) {
            self.note(|| format!("client {who} on {key} makes {call:?}, expects {expects:?}"));
            self.model.ledgers[who].calls.insert(call, expects);
        }
    }

    fn consume(&mut self, who: usize, key: pika::connection::ChannelKey, queue: usize) {
        let now = self.now;
        let Ok(mut on) = self.clients[who].core.channel(key) else {
            return;
        };
        let consume = V::consume(&QUEUES[queue].into(), queue == LOSSY);
        if let Ok((consumer, call)) = on.consume(consume, now) {
            self.note(|| format!("client {who} on {key} consumes {queue} as {consumer:?}"));
            let ledger = &mut self.model.ledgers[who];
            ledger.calls.insert(call, Expects::Anything);
            ledger.beginning.insert(call, consumer);
            ledger.consumers.insert(consumer, (key, queue));
        }
    }

    fn cancel(&mut self, who: usize) {
        let mut consumers: Vec<_> = self.model.ledgers[who].consumers.iter().collect();
        consumers.sort();
        let Some((consumer, (key, _))) = self.rng.pick(&consumers).copied() else {
            return;
        };
        let (consumer, key, now) = (*consumer, *key, self.now);
        // RabbitMQ cannot end a consumer that has not begun.
        if !self.model.ledgers[who].calls.is_empty() {
            return;
        }
        let leave = if self.rng.once_in(2) {
            Leave::Requeue
        } else {
            Leave::HandOver
        };
        self.note(|| format!("client {who} on {key} cancels {consumer:?}, {leave:?}"));
        self.call(who, key, Expects::Anything, |on, _| {
            Some(on.cancel(consumer, leave, now))
        });
    }

    fn close_channel(&mut self, who: usize, key: pika::connection::ChannelKey) {
        self.note(|| format!("client {who} closes channel {key}"));
        self.call(who, key, Expects::Anything, |on, now| {
            Some(on.close(ReplyCode::REPLY_SUCCESS, "bye".into(), now))
        });
        self.clients[who].channels.retain(|other| *other != key);
    }

    /// Nobody waits any more for some call.
    fn abandon(&mut self, who: usize) {
        let mut calls: Vec<_> = self.model.ledgers[who].calls.keys().copied().collect();
        calls.sort();
        let Some(call) = self.rng.pick(&calls).copied() else {
            return;
        };
        self.note(|| format!("client {who} abandons {call:?}"));
        let now = self.now;
        // An error had come before, and the model hears of none.
        let _failed = self.clients[who].core.abandon(call, now);
        if let Some(Expects::Opened) = self.model.ledgers[who].calls.remove(&call) {
            self.clients[who]
                .channels
                .retain(|key| *key != call.channel());
        }
        // A consumer whose call nobody waits for is ended without a word.
        self.model.ledgers[who].orphan(call);
    }

    fn settle_one(&mut self, who: usize) {
        if self.clients[who].arrived.is_empty() {
            return;
        }
        let at = self.rng.below(self.clients[who].arrived.len());
        let Arrived {
            message,
            token,
            channel,
        } = self.clients[who].arrived.swap_remove(at);
        let back = self.rng.once_in(4);
        let Ok(mut on) = self.clients[who].core.channel(channel) else {
            return;
        };
        let settled = if back {
            V::nack(&mut on, token, false)
        } else {
            on.ack(token, false)
        };
        if settled.is_ok_and(|settled| !settled.is_stale()) && !back {
            self.model.messages[message as usize].consumed_on = Some((who, channel));
        }
        self.note(|| format!("client {who} on {channel} settles {message}, back: {back}"));
    }

    fn publish(
        &mut self,
        who: usize,
        key: pika::connection::ChannelKey,
        queue: usize,
    ) -> Result<(), Broken> {
        let id = self.model.messages.len() as u64;
        let mandatory = self.rng.once_in(3);
        let nowhere = self.rng.once_in(6);
        let name = ShortStr::from(if nowhere { "nowhere" } else { QUEUES[queue] });
        let sizes = if self.rng.once_in(8) { SIZES.len() } else { 4 };
        let size = SIZES[self.rng.below(sizes)];
        let Ok(mut on) = self.clients[who].core.channel(key) else {
            self.clients[who].channels.retain(|other| *other != key);
            return Ok(());
        };
        let properties = <V::Publish as ContentArgs>::Properties::default();
        let sent = on.publish(
            &V::publish_to(&name, mandatory),
            &properties,
            body(id, size),
        );
        let stopped = self.model.ledgers[who].stopped.contains(&key);
        match sent {
            Ok(_) if stopped => return Err(format!("content on {key}, which is stopped")),
            Ok(seq) => {
                if let Some(seq) = seq {
                    self.model.ledgers[who].publishes.insert((key, seq), id);
                }
                let may_be_gone = queue == LOSSY;
                self.model.messages.push(Message {
                    queue: (!nowhere).then_some(queue),
                    mandatory,
                    acked: false,
                    consumed_on: None,
                    may_be_gone,
                });
                self.note(|| format!("client {who} on {key} publishes {id} to {name}, {seq:?}"));
            }
            Err(Error::ContentForbidden(_) | Error::Closed(_)) => {}
            Err(error) => return Err(format!("{} refused: {error}", <V::Publish as Args>::NAME)),
        }
        Ok(())
    }

    /// The world is not kind.
    fn disturb(&mut self, who: usize) -> Result<(), Broken> {
        let link = self.clients[who].link;
        let Some(channel) = self.open_at_broker(who) else {
            return Ok(());
        };
        let fault = self.rng.below(15);
        self.note(|| format!("client {who} suffers fault {fault}, channel {channel}"));
        match fault {
            0 => {
                self.note(|| format!("the link of client {who} is cut"));
                return self.cut(who);
            }
            1 => self.clients[who].up.silent = true,
            2 => self.clients[who].down.silent = true,
            3 | 4 => drop(self.broker.faults().flow(link, channel, false)),
            5 | 6 => drop(self.broker.faults().flow(link, channel, true)),
            7 if V::EXTENDED => drop(self.broker.faults().blocked(link, "for a test")),
            8 if V::EXTENDED => drop(self.broker.faults().unblocked(link)),
            9 => {
                let code = ReplyCode::RESOURCE_ERROR;
                self.broker
                    .faults()
                    .close_channel(link, channel, code, "for a test");
                self.clients[who].closed_by_broker.push(channel);
            }
            10 => {
                let code = ReplyCode::CONNECTION_FORCED;
                self.broker.faults().close(link, code, "for a test");
            }
            11 => self.wear_out(who),
            // It shows that it lives, and does nothing of what it is asked for.
            12 => drop(self.broker.faults().on(link, Plan::new().stop_reading())),
            13 => drop(self.broker.faults().on(link, Plan::new())),
            _ => {
                self.note(|| format!("client {who} closes"));
                let (now, text) = (self.now, ShortStr::from("done"));
                self.clients[who]
                    .core
                    .close(ReplyCode::REPLY_SUCCESS, text, now);
            }
        }
        Ok(())
    }

    /// One direction of the link breaks after some bytes more.
    fn wear_out(&mut self, who: usize) {
        let (down, after) = (self.rng.once_in(2), self.rng.below(2000));
        let how = match self.rng.below(3) {
            0 => Break::Eof,
            1 => Break::Reset,
            _ => Break::Silence,
        };
        self.note(|| format!("the link of client {who} has {after} bytes left, {how:?}"));
        let client = &mut self.clients[who];
        let pipe = if down {
            &mut client.down
        } else {
            &mut client.up
        };
        pipe.breaks.get_or_insert((pipe.arrived + after, how));
    }

    /// A channel that is surely open at the broker, whom nobody may make say something on another.
    fn open_at_broker(&mut self, who: usize) -> Option<ChannelId> {
        let client = &self.clients[who];
        let calls = &self.model.ledgers[who].calls;
        let open: Vec<_> = client
            .channels
            .iter()
            .filter(|key| !calls.keys().any(|call| call.channel() == **key))
            .filter(|key| !self.model.ledgers[who].closed_channels.contains_key(*key))
            .map(|key| key.id())
            .filter(|id| !client.closed_by_broker.contains(id))
            .collect();
        self.rng.pick(&open).copied()
    }
}
