//! What a channel or a connection leaves behind when it goes.

use crate::broker::dialect::Reply;
use crate::broker::ids::{At, ConnectionId};
use crate::broker::machine::Broker;
use crate::broker::session::{Mode, State};

impl Broker {
    /// Puts back everything that a channel had taken and ends its consumers. The channel itself
    /// stays, empty.
    pub(super) fn leave_channel(&mut self, at: At) {
        let Ok(host) = self.host(at) else { return };
        let Ok(channel) = self.channel(at) else {
            return;
        };
        let consumers = std::mem::take(&mut channel.consumers);
        let mut unacked = std::mem::take(&mut channel.unacked);
        if let Mode::Transaction(transaction) = &mut channel.mode {
            let settles = std::mem::take(&mut transaction.settles);
            unacked.extend(settles.into_iter().flat_map(|(_, taken)| taken));
        }
        channel.replies = None;
        channel.content = None;
        for unacked in unacked.into_values() {
            self.requeue(&host, unacked);
        }
        for (tag, consumer) in consumers {
            self.forget_consumer(&host, &consumer.queue, at, &tag);
        }
    }

    /// Puts back everything that a connection had taken, and removes what was its own.
    pub(crate) fn leave(&mut self, id: ConnectionId) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        session.is_blocked = false;
        session.confirm();
        let host = session.virtual_host.clone();
        let channels: Vec<u16> = session.channels.keys().copied().collect();
        for channel in &channels {
            self.leave_channel(id.at(*channel));
        }
        if let Some(session) = self.sessions.get_mut(&id) {
            session.channels.clear();
        }
        let own: Vec<_> = self
            .virtual_hosts
            .get(&host)
            .into_iter()
            .flat_map(|vhost| &vhost.queues)
            .filter(|(_, queue)| queue.owner == Some(id))
            .map(|(name, _)| name.clone())
            .collect();
        for name in own {
            self.remove_queue(&host, &name);
        }
    }

    /// Whether there is no room for more messages.
    fn is_full(&self) -> bool {
        let (messages, bytes) = self.meter.read();
        messages >= self.settings.messages || bytes >= self.settings.bytes
    }

    /// Stops reading from a connection that publishes while there is no room.
    pub(super) fn block_if_full(&mut self, at: At) {
        if !self.is_full() {
            return;
        }
        let Ok(session) = self.session(at) else {
            return;
        };
        if session.is_blocked || session.state != State::Running {
            return;
        }
        session.is_blocked = true;
        if session.client.wants_blocked {
            let reason = "low on memory".into();
            session.say(0, Reply::Blocked { reason });
        }
    }

    /// Reads on from those who were stopped, once there is room.
    pub(crate) fn release_blocked(&mut self) {
        if self.is_full() {
            return;
        }
        for session in self.sessions.values_mut() {
            if std::mem::take(&mut session.is_blocked) && session.client.wants_blocked {
                session.say(0, Reply::Unblocked);
            }
        }
    }
}
