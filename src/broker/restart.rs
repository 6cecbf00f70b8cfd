use std::time::Instant;

use super::machine::Broker;
use super::plan::Ending;
use super::store::Target;
use crate::wire::ShortStr;

/// The delivery mode of messages that are kept on disk.
const PERSISTENT: u8 = 2;

impl Broker {
    /// Restarts the broker, as a node of RabbitMQ that is killed and comes back.
    ///
    /// Every transport is reset. Durable exchanges and queues survive, with the bindings between them and the
    /// persistent messages (`delivery_mode` 2) in the queues, those that were delivered and not acknowledged
    /// included. Everything else is gone: transient and exclusive queues, transient messages, transient
    /// exchanges.
    ///
    /// ```
    /// # #[cfg(all(feature = "client", feature = "amqp0-9-1"))] {
    /// # use std::time::{Duration, Instant};
    /// # use pika::broker::Settings;
    /// # use pika::broker::loopback::Loopback;
    /// # use pika::config::Config;
    /// # use pika::connection::Connection;
    /// # use pika::v0_9_1::{V0_9_1, queue};
    /// let mut world = Loopback::new(Settings::new(), Instant::now());
    /// let id = world.connect(Connection::<V0_9_1>::new(Config::new(), world.now()));
    /// world.settle();
    /// let now = world.now();
    /// let (channel, _) = world.peer(id).open_channel(now)?;
    /// let mut on = world.peer(id).channel(channel)?;
    /// on.call(queue::Declare::new("kept").durable(true), now)?;
    /// on.call(queue::Declare::new("lost"), now)?;
    /// world.settle();
    ///
    /// world.broker().restart(now);
    /// world.settle();
    /// assert!(world.peer(id).closed().is_some());
    /// assert!(world.broker().queue("/", "kept").is_some());
    /// assert!(world.broker().queue("/", "lost").is_none());
    /// # }
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn restart(&mut self, now: Instant) {
        self.advance(now);
        self.is_disturbed = true;
        let all: Vec<_> = self.sessions.keys().copied().collect();
        for id in all {
            self.leave(id);
            if let Some(session) = self.sessions.get_mut(&id) {
                session.end(Ending::Reset);
            }
        }
        let hosts: Vec<ShortStr> = self.virtual_hosts.keys().cloned().collect();
        for host in hosts {
            self.restart_host(&host);
        }
        self.settle_down();
    }

    fn restart_host(&mut self, host: &ShortStr) {
        let Some(vhost) = self.virtual_hosts.get_mut(host) else {
            return;
        };
        vhost.queues.values_mut().for_each(|queue| {
            queue.retain(|message| message.decoded().delivery_mode == Some(PERSISTENT));
        });
        let queues = vhost.queues.iter().filter(|(_, queue)| !queue.durable);
        let queues: Vec<ShortStr> = queues.map(|(name, _)| name.clone()).collect();
        for name in queues {
            vhost.queues.remove(&name);
            vhost.forget_target(&Target::Queue(name));
        }
        let exchanges = vhost.exchanges.iter().filter(|(_, it)| !it.durable);
        let exchanges: Vec<ShortStr> = exchanges.map(|(name, _)| name.clone()).collect();
        for name in exchanges {
            vhost.remove_exchange(&name);
        }
    }
}
