//! How a run ends: everything comes to rest, and the books are balanced.

use std::collections::HashSet;
use std::time::Duration;

use pika::connection::Event;
use pika::wire::ReplyCode;

use crate::model::{Broken, LOSSY};
use crate::version::Version;
use crate::world::{QUEUES, World};

impl<V: Version> World<V> {
    /// Lets everything come to rest, closes all, and looks where the messages are.
    pub(crate) fn rest(&mut self) -> Result<(), Broken> {
        self.note(|| "the program is over".into());
        self.wait_out()?;
        for who in 0..self.clients.len() {
            let (now, text) = (self.now, "the end".into());
            self.clients[who]
                .core
                .close(ReplyCode::REPLY_SUCCESS, text, now);
            self.check(who)?;
        }
        self.wait_out()?;
        for (who, client) in self.clients.iter().enumerate() {
            if !self.model.ledgers[who].closed {
                return Err(format!("client {who} is never closed"));
            }
            if client.core.poll_timeout().is_some() {
                return Err(format!("a clock of client {who} ticks after the close"));
            }
        }
        for who in 0..self.clients.len() {
            self.clients[who].up.silent = false;
            self.clients[who].down.silent = false;
            self.cut(who)?;
        }
        self.balance()
    }

    /// Lets so much time pass that every deadline is over, with the network running where it runs.
    fn wait_out(&mut self) -> Result<(), Broken> {
        let until = self.now + Duration::from_secs(20);
        while self.now < until {
            for _ in 0..6 {
                for who in 0..self.clients.len() {
                    self.network(who)?;
                }
            }
            self.pass(Duration::from_millis(900))?;
        }
        for ledger in &self.model.ledgers {
            if let Some((call, expects)) = ledger.calls.iter().next() {
                return Err(format!("{call:?} waits for ever for {expects:?}"));
            }
        }
        Ok(())
    }

    /// A last client fetches all that is left; what was confirmed is there or was settled.
    fn balance(&mut self) -> Result<(), Broken> {
        self.connect();
        let who = self.clients.len() - 1;
        let mut left = HashSet::new();
        self.drive(who, |world| world.clients[who].core.is_open())?;
        let now = self.now;
        let (key, _) = self.clients[who]
            .core
            .open_channel(now)
            .map_err(|e| e.to_string())?;
        if self.fetched(who)?.is_some() {
            return Err("opening a channel gave a message".into());
        }
        for (queue, name) in QUEUES.iter().enumerate() {
            loop {
                let now = self.now;
                let mut on = self.clients[who]
                    .core
                    .channel(key)
                    .map_err(|e| e.to_string())?;
                on.call(V::get((*name).into(), true), now)
                    .map_err(|e| e.to_string())?;
                let Some(id) = self.fetched(who)? else { break };
                if !left.insert(id) {
                    return Err(format!("message {id} is in {name} twice"));
                }
                if self.model.messages[id as usize].queue != Some(queue) {
                    return Err(format!("message {id} is in {name}"));
                }
            }
        }
        for (id, message) in self.model.messages.iter().enumerate() {
            let there = left.contains(&(id as u64));
            let lossy = message.queue == Some(LOSSY) || message.may_be_gone;
            let wanted = message.acked && message.queue.is_some() && !lossy;
            if wanted && !there && message.consumed_on.is_none() {
                return Err(format!("message {id} was confirmed and is nowhere"));
            }
            let settled = message
                .consumed_on
                .is_some_and(|on| self.model.ended_well.contains(&on));
            if settled && there {
                return Err(format!("message {id} was settled and is there again"));
            }
        }
        Ok(())
    }

    /// The number of the message that the last client fetches, if there is one.
    fn fetched(&mut self, who: usize) -> Result<Option<u64>, Broken> {
        use pika::connection::Answer;
        for _ in 0..10_000 {
            while let Some(event) = self.clients[who].core.poll_event() {
                match event {
                    Event::Reply { call } => {
                        return match self.clients[who].core.take_reply(call) {
                            Some(Ok(Answer::Message(delivery))) => {
                                let head = delivery.content().body().first_chunk::<8>().copied();
                                Ok(head.map(u64::from_be_bytes))
                            }
                            Some(Ok(Answer::Method(_))) => Ok(None),
                            other => Err(format!("the last client hears {other:?}")),
                        };
                    }
                    Event::Opened(_) => {}
                    other => return Err(format!("the last client hears {other:?}")),
                }
            }
            self.shovel(who);
        }
        Err("the last client is not served".into())
    }

    fn drive(&mut self, who: usize, done: impl Fn(&Self) -> bool) -> Result<(), Broken> {
        for _ in 0..10_000 {
            if done(self) {
                return Ok(());
            }
            self.shovel(who);
        }
        Err("the last client is not served".into())
    }
}
