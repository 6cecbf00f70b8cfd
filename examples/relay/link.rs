//! A connection that is made anew as a strategy says, with one channel that is too.

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pika::Error;
use pika::callbacks::{Channel, Connection, Loop, TimerId};
use pika::config::Config;
use pika::error::Closed;
use pika::recovery::{Failure, Strategy};

/// What the channel is for.
pub(crate) trait Role {
    /// There is a channel, the first or a new one.
    fn ready(self: Rc<Self>, channel: Channel);

    /// The channel is closed. It may be told more than once.
    fn lost(&self);
}

/// How long to wait before a channel is opened anew, and before a message is sent again.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);

pub(crate) struct Link {
    name: String,
    config: Config,
    events: Loop,
    strategy: RefCell<Box<dyn Strategy>>,
    role: Rc<dyn Role>,
    connection: RefCell<Option<Connection>>,
    timer: Cell<Option<TimerId>>,
    /// Whether the connection was open, so that its end is no failed attempt.
    was_open: Cell<bool>,
    is_over: Cell<bool>,
    /// Attempts since the connection was open.
    attempts: Cell<u32>,
}

impl Link {
    /// Begins to connect.
    pub(crate) fn start(
        (name, config): (&str, Config),
        events: &Loop,
        strategy: Box<dyn Strategy>,
        role: Rc<dyn Role>,
    ) -> Rc<Self> {
        let link = Rc::new(Self {
            name: name.to_owned(),
            config,
            events: events.clone(),
            strategy: RefCell::new(strategy),
            role,
            connection: RefCell::default(),
            timer: Cell::new(None),
            was_open: Cell::new(false),
            is_over: Cell::new(false),
            attempts: Cell::new(0),
        });
        link.attempt();
        link
    }

    /// Whether there is no connection and will be none.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.get()
    }

    /// Closes the connection in good order and makes no other.
    pub(crate) fn close(&self) {
        self.is_over.set(true);
        if let Some(timer) = self.timer.take() {
            self.events.cancel_timer(timer);
        }
        if let Some(connection) = self.connection.take() {
            // It ends however it ends; what was not confirmed, its server sends again.
            connection.close().then(|_closed| ());
        }
    }

    fn attempt(self: &Rc<Self>) {
        self.timer.take();
        self.was_open.set(false);
        let attempt = self.attempts.get() + 1;
        self.attempts.set(attempt);
        let mut strategy = self.strategy.borrow_mut();
        strategy.on_connect_attempt(attempt, Instant::now());
        drop(strategy);
        let begun = Connection::connect(self.config.clone()).and_then(|connection| {
            self.events.add(&connection)?;
            Ok(connection)
        });
        match begun {
            Ok(connection) => self.watch(connection),
            Err(error) => self.failed(&error),
        }
    }

    /// State handlers of the connection.
    fn watch(self: &Rc<Self>, connection: Connection) {
        let link = self.clone();
        connection.on_opened(move |connection| link.opened(connection));
        let link = self.clone();
        let was_blocked = Cell::new(false);
        connection.on_blocked(move |_, reason| match reason {
            Some(reason) => {
                was_blocked.set(true);
                link.say(format_args!("blocked: {reason}"));
            }
            None if was_blocked.take() => link.say("not blocked any more"),
            None => {}
        });
        let link = self.clone();
        connection.on_closed(move |_, reason| link.closed(reason));
        self.connection.replace(Some(connection));
    }

    fn opened(self: &Rc<Self>, connection: &Connection) {
        let now = Instant::now();
        self.was_open.set(true);
        self.attempts.set(0);
        // That the transport is connected is not told by itself; by now it has been.
        let mut strategy = self.strategy.borrow_mut();
        strategy.on_transport_connected(now);
        strategy.on_connection_open(now);
        drop(strategy);
        let seconds = connection.tuning().heartbeat_seconds();
        self.say(format_args!("connection open, heartbeat {seconds} s"));
        self.open_channel(connection);
    }

    fn open_channel(self: &Rc<Self>, connection: &Connection) {
        let link = self.clone();
        connection.open_channel().then(move |channel| {
            // Where the connection closes first, its own handler tells.
            let Ok(channel) = channel else { return };
            link.say("channel open");
            let watching = link.clone();
            channel.on_closed(move |channel, reason| watching.channel_closed(channel, reason));
            link.role.clone().ready(channel);
        });
    }

    fn channel_closed(self: &Rc<Self>, channel: &Channel, reason: &Closed) {
        self.role.lost();
        let connection = channel.connection().clone();
        if self.is_over() || !connection.is_open() {
            return;
        }
        self.say(reason);
        let link = self.clone();
        self.events.call_later(PAUSE, move || {
            if connection.is_open() {
                link.open_channel(&connection);
            }
        });
    }

    fn closed(self: &Rc<Self>, reason: &Arc<Closed>) {
        self.connection.take();
        self.role.lost();
        if !self.was_open.get() {
            return self.failed(&reason.clone().into());
        }
        self.say(reason);
        let now = Instant::now();
        let mut strategy = self.strategy.borrow_mut();
        strategy.on_connection_closed(&Failure::from(&**reason), now);
        strategy.on_transport_disconnected(now);
        drop(strategy);
        self.go_on();
    }

    fn failed(self: &Rc<Self>, error: &Error) {
        if !self.is_over() {
            self.say(format_args!("not connected: {error}"));
        }
        let mut strategy = self.strategy.borrow_mut();
        strategy.on_connect_attempt_failure(&Failure::from(error), Instant::now());
        drop(strategy);
        self.go_on();
    }

    /// Does what the strategy says.
    fn go_on(self: &Rc<Self>) {
        if self.is_over() {
            return;
        }
        let Some(at) = self.strategy.borrow().next_attempt() else {
            self.say("given up");
            return self.is_over.set(true);
        };
        let wait = at.saturating_duration_since(Instant::now());
        self.say(format_args!("next attempt in {wait:.2?}"));
        let link = self.clone();
        self.timer
            .set(Some(self.events.call_later(wait, move || link.attempt())));
    }

    fn say(&self, what: impl Display) {
        println!("{}: {what}", self.name);
    }
}
