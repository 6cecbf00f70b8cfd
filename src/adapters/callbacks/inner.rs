use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::channel::Channel;
use super::dispatch::{Awaited, Task};
use super::handlers::{ConnectionHandlers, Consumer};
use super::link::{Link, Progress};
use super::state::ChannelState;
use super::then::Promise;
use super::{Interest, Ready};
use crate::adapters::driver::Moved;
use crate::connection::{CallId, ChannelKey, Connection as Core, ConsumerId, Ticket};
use crate::protocol::Protocol;
use crate::wire::ShortStr;

/// How much a turn may read: as many of the largest reads, a mebibyte. Others want their turn too.
const READS_AT_A_TURN: usize = 4;

/// How often a turn may write.
const WRITES_AT_A_TURN: usize = 16;

/// The connection behind all handles.
///
/// Nothing of the program is called or dropped from in here: tasks and what is to be dropped are
/// handed out.
pub(super) struct Inner<P: Protocol> {
    pub(super) core: Core<P>,
    pub(super) link: Link,
    /// What the transport was said to be ready for and has not been found not to be.
    ready: Ready,
    /// The program reads nothing for now.
    pub(super) is_paused: bool,
    /// Completions and handlers run right now.
    pub(super) is_busy: bool,
    /// Everybody was told that the connection is closed.
    pub(super) is_over: bool,
    /// A completion was told why the connection closes.
    pub(super) is_told: bool,
    /// What is to be run, in order. Events that are still in the core come after it.
    pub(super) tasks: VecDeque<Task<P>>,
    pub(super) calls: HashMap<CallId, Awaited<P>>,
    /// The channels of messages that wait for permission.
    pub(super) tickets: HashMap<Ticket, ChannelKey>,
    pub(super) consumers: HashMap<ConsumerId, Consumer<P>>,
    pub(super) channels: HashMap<ChannelKey, ChannelState<P>>,
    /// Channels on which messages wait for permission or confirms.
    pub(super) waiting: BTreeSet<ChannelKey>,
    pub(super) handlers: ConnectionHandlers<P>,
    /// Why the server accepts no messages, as the program was told last.
    pub(super) blocked: Option<ShortStr>,
    /// Channels to be opened as soon as that is possible.
    pub(super) opening: Vec<Rc<Promise<Channel<P>>>>,
    /// Those who wait for the connection to be closed.
    pub(super) closing: Vec<Rc<Promise<()>>>,
    /// The consumer whose handler runs.
    pub(super) running: Option<ConsumerId>,
    /// The consumer of the run of deliveries that is being handed out.
    pub(super) served: Option<ConsumerId>,
    /// About how much memory the messages take that wait for permission.
    pub(super) held_bytes: usize,
    /// Some time in the past.
    past: Instant,
}

impl<P: Protocol> Inner<P> {
    pub(super) fn new(core: Core<P>, link: Link) -> Self {
        Self {
            core,
            link,
            // It costs one attempt to find out.
            ready: Ready::BOTH,
            is_paused: false,
            is_busy: false,
            is_over: false,
            is_told: false,
            tasks: VecDeque::new(),
            calls: HashMap::new(),
            tickets: HashMap::new(),
            consumers: HashMap::new(),
            channels: HashMap::new(),
            waiting: BTreeSet::new(),
            handlers: ConnectionHandlers::default(),
            blocked: None,
            opening: Vec::new(),
            closing: Vec::new(),
            running: None,
            served: None,
            held_bytes: 0,
            past: Instant::now(),
        }
    }

    /// Whether channels cannot be opened yet but may be later.
    pub(super) fn is_opening(&self) -> bool {
        !self.core.is_open() && self.core.closed().is_none()
    }

    pub(super) fn interest(&self) -> Interest {
        if self.link.is_connecting() {
            return Interest {
                readable: false,
                writable: true,
            };
        }
        let is_live = !self.link.is_gone();
        Interest {
            readable: is_live && !self.is_paused && !self.has_tasks(),
            writable: is_live && self.core.wants_write(),
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        if self.has_tasks() || self.link.has_failed() || self.can_move() {
            return Some(self.past);
        }
        let core = match self.link.is_connecting() {
            true => self.link.deadline(),
            false => self.core.poll_timeout(),
        };
        let channels = self.waiting.iter();
        let waiting = channels.filter_map(|key| self.channels.get(key)?.deadline());
        core.into_iter().chain(waiting).min()
    }

    /// Whether reading or writing may be possible right now.
    fn can_move(&self) -> bool {
        let is_live = !self.link.is_gone() && !self.link.is_connecting();
        let reads = self.ready.readable && !self.is_paused;
        is_live && (reads || (self.ready.writable && self.core.wants_write()))
    }

    /// Moves bytes and time. What comes of it waits as tasks and events.
    pub(super) fn serve(&mut self, ready: Ready) {
        self.ready.readable |= ready.readable;
        self.ready.writable |= ready.writable;
        if !self.connect() {
            return;
        }
        self.flush();
        self.read();
        let now = Instant::now();
        // Only now: what has come may be the sign of life that is waited for.
        self.core.handle_timeout(now);
        self.flush();
        self.give_up_waiting(now);
        self.flush();
    }

    /// Gives whether there is a connection to serve.
    fn connect(&mut self) -> bool {
        let now = Instant::now();
        if self.link.is_connecting() && self.core.closed().is_some() {
            // The program has closed it.
            self.link.end();
            return false;
        }
        match self.link.progress(now) {
            Progress::Waiting => false,
            Progress::Done => true,
            Progress::Connected => {
                self.core.connected(now);
                self.ready = Ready::BOTH;
                true
            }
            Progress::Failed(cause) => {
                self.core.never_connected(cause, now);
                self.link.end();
                false
            }
        }
    }

    /// Reads what is there, but not without end, and not while something is still to be handed out.
    fn read(&mut self) {
        for _ in 0..READS_AT_A_TURN {
            if self.is_paused || self.has_tasks() {
                return self.core.reading_paused(Instant::now());
            }
            let Some(driver) = self.link.driver().filter(|_| self.ready.readable) else {
                return;
            };
            match driver.read(&mut self.core, Some(Duration::ZERO)) {
                Moved::Some => {}
                Moved::Nothing => self.ready.readable = false,
                Moved::End => return self.link.end(),
            }
        }
    }

    /// Writes what can be written.
    pub(super) fn flush(&mut self) {
        self.write();
        if self.core.is_finished() {
            self.link.end();
        }
    }

    fn write(&mut self) {
        for _ in 0..WRITES_AT_A_TURN {
            let writes = self.ready.writable && self.core.wants_write();
            let Some(driver) = self.link.driver().filter(|_| writes) else {
                return;
            };
            match driver.write(&mut self.core, Some(Duration::ZERO)) {
                Moved::Some => {}
                Moved::Nothing => self.ready.writable = false,
                Moved::End => return self.link.end(),
            }
        }
    }

    /// Writes what can be written at once, and ends the transport.
    pub(super) fn hang_up(&mut self) {
        self.core.say_farewell();
        self.write();
        self.link.end();
    }
}

impl<P: Protocol> fmt::Debug for Inner<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("link", &self.link)
            .field("ready", &self.ready)
            .finish_non_exhaustive()
    }
}
