use std::time::Duration;

use super::Trace;
use crate::wire::{ShortStr, Timestamp};

/// What a broker is like: users, virtual hosts, limits.
///
/// The defaults are those of a RabbitMQ node just installed, as far as they make sense in memory:
/// `guest` with the password `guest`, the vhost `/`, channel-max 2047, frame-max 131072, heartbeats
/// of 60 seconds.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) users: Vec<User>,
    pub(crate) virtual_hosts: Vec<ShortStr>,
    pub(crate) channel_max: u16,
    pub(crate) frame_max: u32,
    pub(crate) heartbeat: u16,
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
    pub(crate) message_size: usize,
    pub(crate) output: usize,
    pub(crate) handshake: Duration,
    pub(crate) silence: Duration,
    pub(crate) started: Timestamp,
    pub(crate) seed: u64,
    pub(crate) trace: bool,
    pub(crate) log: Option<fn(&Trace)>,
}

/// Someone who may log in.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) password: String,
    /// The vhosts open to the user; none stands for all.
    pub(crate) only: Option<Vec<ShortStr>>,
    /// What names must begin with that the user declares or deletes.
    pub(crate) prefix: Option<String>,
}

impl Settings {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            users: Vec::new(),
            virtual_hosts: Vec::new(),
            channel_max: 2047,
            frame_max: 131_072,
            heartbeat: 60,
            messages: 1_000_000,
            bytes: 256 << 20,
            message_size: 128 << 20,
            output: 1 << 20,
            handshake: Duration::from_secs(10),
            silence: Duration::from_secs(3),
            started: Timestamp(0),
            seed: 1,
            trace: false,
            log: None,
        }
        .user("guest", "guest")
        .virtual_host("/")
    }

    /// Adds a user, who may do everything in every vhost; one of the same name is replaced.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        let name = name.into();
        self.users.retain(|user| user.name != name);
        self.users.push(User {
            name,
            password: password.into(),
            only: None,
            prefix: None,
        });
        self
    }

    /// Keeps a user who was added out of all vhosts but these.
    #[must_use]
    pub fn only_in<const N: usize>(mut self, name: &str, virtual_hosts: [&'static str; N]) -> Self {
        for user in self.users.iter_mut().filter(|user| user.name == name) {
            user.only = Some(virtual_hosts.into_iter().map(ShortStr::from).collect());
        }
        self
    }

    /// Lets a user who was added declare, delete and bind only what has a name that begins so.
    #[must_use]
    pub fn only_named(mut self, name: &str, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        for user in self.users.iter_mut().filter(|user| user.name == name) {
            user.prefix = Some(prefix.clone());
        }
        self
    }

    /// Adds a virtual host.
    #[must_use]
    pub fn virtual_host(mut self, name: impl Into<ShortStr>) -> Self {
        let name = name.into();
        if !self.virtual_hosts.contains(&name) {
            self.virtual_hosts.push(name);
        }
        self
    }

    /// The most channels of a connection. 2047 by default, as RabbitMQ has it.
    #[must_use]
    pub const fn channel_max(mut self, channels: u16) -> Self {
        self.channel_max = channels;
        self
    }

    /// The largest frame, its 8 bytes of overhead included. 131072 by default, as RabbitMQ has it.
    #[must_use]
    pub const fn frame_max(mut self, bytes: u32) -> Self {
        self.frame_max = bytes;
        self
    }

    /// The seconds between signs of life that the broker proposes; 0 for none. 60 by default.
    #[must_use]
    pub const fn heartbeat(mut self, seconds: u16) -> Self {
        self.heartbeat = seconds;
        self
    }

    /// How many messages, and how many bytes of them, are kept before publishers are blocked.
    ///
    /// By default a million and 256 MiB. Nothing is dropped: a connection that publishes is not
    /// read on until there is room, and is told so with `connection.blocked` where it can be.
    #[must_use]
    pub const fn limits(mut self, messages: usize, bytes: usize) -> Self {
        self.messages = messages;
        self.bytes = bytes;
        self
    }

    /// The largest body of a message, in bytes. 128 MiB by default, as RabbitMQ has it.
    #[must_use]
    pub const fn message_size(mut self, bytes: usize) -> Self {
        self.message_size = bytes;
        self
    }

    /// How many bytes may wait to be written to one connection before its consumers are left
    /// waiting. 1 MiB by default.
    #[must_use]
    pub const fn output_limit(mut self, bytes: usize) -> Self {
        self.output = bytes;
        self
    }

    /// How long a client may take to open the connection. 10 seconds by default.
    #[must_use]
    pub const fn handshake_timeout(mut self, timeout: Duration) -> Self {
        self.handshake = timeout;
        self
    }

    /// How long the broker says nothing before it drops a client that it does not answer, one with
    /// a wrong password for example. 3 seconds by default, as RabbitMQ has it.
    #[must_use]
    pub const fn silence(mut self, time: Duration) -> Self {
        self.silence = time;
        self
    }

    /// The date at which the broker begins, for the times it writes into dead letters. The broker
    /// has no clock of its own; [`Server`](super::Server) sets it.
    #[must_use]
    pub const fn started(mut self, at: Timestamp) -> Self {
        self.started = at;
        self
    }

    /// Where the names begin that the broker makes up. The same seed gives the same names.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Calls `log` for each method that a [`Server`](super::Server) receives or sends.
    #[must_use]
    pub const fn log(mut self, log: fn(&Trace)) -> Self {
        self.log = Some(log);
        self.trace(true)
    }

    /// Whether the broker notes each method for [`Broker::poll_trace`](super::Broker::poll_trace).
    /// Off by default: notes that nobody takes stay in memory.
    #[must_use]
    pub const fn trace(mut self, on: bool) -> Self {
        self.trace = on;
        self
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}
