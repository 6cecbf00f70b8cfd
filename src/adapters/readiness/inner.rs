use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::channel::Channel;
use super::dispatch::{Resolve, Run, Task};
use super::handlers::{ConnectionHandlers, Consumer};
use super::link::{Link, Progress};
use super::state::ChannelState;
use super::then::Promise;
use super::{Interest, Ready};
use crate::adapters::driver::Moved;
use crate::connection::{CallId, ChannelKey, Connection as Core, ConsumerId};
use crate::error::{Closed, Error, Result};
use crate::protocol::Protocol;
use crate::wire::{ReplyCode, ShortStr};

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
    /// What is to be run, in order. Events that are still in the core come after it.
    tasks: VecDeque<Task<P>>,
    calls: HashMap<CallId, Resolve<P>>,
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
            tasks: VecDeque::new(),
            calls: HashMap::new(),
            consumers: HashMap::new(),
            channels: HashMap::new(),
            waiting: BTreeSet::new(),
            handlers: ConnectionHandlers::default(),
            blocked: None,
            opening: Vec::new(),
            closing: Vec::new(),
            running: None,
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

    /// Writes what can be written, and then what could not be sent for want of room.
    pub(super) fn flush(&mut self) {
        loop {
            self.write();
            if !self.send_held() {
                break;
            }
        }
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
        self.write();
        self.link.end();
    }

    /// Whether something is to be run.
    pub(super) fn has_tasks(&self) -> bool {
        !self.tasks.is_empty() || self.core.has_events()
    }

    /// What is to be run next.
    pub(super) fn next_task(&mut self) -> Option<Task<P>> {
        self.running = None;
        match self.tasks.pop_front() {
            Some(task) => Some(task),
            None => self.core.poll_event().map(Task::Event),
        }
    }

    /// Runs something after everything that has happened so far.
    pub(super) fn defer(&mut self, run: Run<P>) {
        while let Some(event) = self.core.poll_event() {
            self.tasks.push_back(Task::Event(event));
        }
        self.tasks.push_back(Task::Run(run));
    }

    /// A call was made.
    pub(super) fn add_call(&mut self, call: CallId, resolve: Resolve<P>) {
        self.calls.insert(call, resolve);
        if let Some(channel) = self.channels.get_mut(&call.channel()) {
            channel.calls += 1;
        }
    }

    /// A call came to its end.
    pub(super) fn take_call(&mut self, call: CallId) -> Option<Resolve<P>> {
        let resolve = self.calls.remove(&call)?;
        if let Some(channel) = self.channels.get_mut(&call.channel()) {
            channel.calls -= 1;
        }
        Some(resolve)
    }

    pub(super) fn add_consumer(&mut self, id: ConsumerId, consumer: Consumer<P>) {
        if let Some(channel) = self.channels.get_mut(&consumer.channel) {
            channel.consumers += 1;
        }
        self.consumers.insert(id, consumer);
    }

    /// A consumer gets nothing more.
    pub(super) fn take_consumer(&mut self, id: ConsumerId) -> Option<Consumer<P>> {
        let consumer = self.consumers.remove(&id)?;
        if let Some(channel) = self.channels.get_mut(&consumer.channel) {
            channel.consumers -= 1;
        }
        Some(consumer)
    }

    /// No consumer of a channel gets anything more.
    pub(super) fn take_consumers_of(&mut self, channel: ChannelKey) -> Vec<Consumer<P>> {
        let all = self.consumers.iter();
        let ids: Vec<_> = all
            .filter(|(_, consumer)| consumer.channel == channel)
            .map(|(id, _)| *id)
            .collect();
        ids.into_iter()
            .filter_map(|id| self.take_consumer(id))
            .collect()
    }

    /// Ends a consumer that nobody looks after any more.
    pub(super) fn drop_consumer(&mut self, id: ConsumerId) -> Option<Consumer<P>> {
        let consumer = self.take_consumer(id)?;
        if let Ok(mut channel) = self.core.channel(consumer.channel) {
            channel.drop_consumer(id, Instant::now());
        }
        Some(consumer)
    }

    /// Tells those who wait for the connection to be closed how it ended.
    pub(super) fn defer_close_result(&mut self) {
        let Some(reason) = self.core.closed().cloned() else {
            return;
        };
        let result = match self.core.close_failure().cloned() {
            Some(cause) => {
                let scope = reason.scope;
                Err(Arc::new(Closed { scope, cause }).into())
            }
            None if reason.is_normal() => Ok(()),
            None => Err(Error::from(reason)),
        };
        for promise in std::mem::take(&mut self.closing) {
            let result = result.clone();
            self.defer(Box::new(move |_| promise.resolve(result)));
        }
    }

    pub(super) fn open_channel(&mut self) -> Result<(ChannelKey, CallId)> {
        let (key, call) = self.core.open_channel(Instant::now())?;
        self.channels.insert(key, ChannelState::new());
        Ok((key, call))
    }

    /// Closes a channel that nothing can come of any more, without waiting for the answer. Gives
    /// what is left of one that is closed.
    pub(super) fn release_unused(&mut self, key: ChannelKey) -> Option<ChannelState<P>> {
        let state = self.channels.get(&key)?;
        if state.is_used() {
            return None;
        }
        if state.closed.is_some() {
            return self.channels.remove(&key);
        }
        let text = ShortStr::from_static("channel dropped");
        if let Ok(mut channel) = self.core.channel(key) {
            if let Ok(call) = channel.close(ReplyCode::REPLY_SUCCESS, text, Instant::now()) {
                channel.abandon(call);
            }
        }
        None
    }

    /// Whether nothing can come of the connection that anybody hears of.
    pub(super) fn is_unattended(&self) -> bool {
        let quiet = !self.has_tasks() && self.calls.is_empty() && self.consumers.is_empty();
        let wanted = !self.waiting.is_empty() || !self.opening.is_empty();
        quiet && !wanted && self.closing.is_empty() && self.handlers.is_empty()
    }

    /// Takes out what a connection that is over still holds, to be dropped when it is not borrowed.
    /// Handlers may hold handles, which would otherwise keep the connection for ever.
    pub(super) fn let_go(&mut self) -> impl Sized + use<P> {
        (self.is_over && !self.has_tasks()).then(|| {
            (
                std::mem::take(&mut self.consumers),
                std::mem::take(&mut self.channels),
                std::mem::take(&mut self.handlers),
            )
        })
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
