//! Decides which of the threads that use a connection reads, and which one writes.
//!
//! One thread at a time holds the reader. The others stand in a line and are parked; what arrives
//! wakes the threads that it is for. The writer is only tried: a thread that finds it taken leaves its
//! output to the holder. These rules keep a thread from sleeping while it is needed, and output from
//! being left behind:
//!
//! 1. A thread clears its signal before it polls, so that what happens from then on is not missed.
//! 2. A thread looks at its signal once more before it reads, since a read cannot be interrupted.
//! 3. A thread that found the reader taken looks once more when it stands in the line.
//! 4. A thread that gives the reader back wakes the first in the line.
//! 5. A thread that leaves while the reader is free wakes the first in the line: it may have been woken
//!    to read, and have got what it waited for meanwhile.
//! 6. A thread that gives the writer back looks once more for output.
//!
//! This file takes its primitives from [`sync`](super::sync) alone: `tests/model` checks it with those
//! of a model checker, and shows that it fails without each of the rules.

use std::sync::{Arc, PoisonError, TryLockError};
use std::task::Wake;
use std::time::Instant;

use super::sync::{AtomicBool, Mutex, MutexGuard, Ordering, Thread, current, park_until, rule};

/// Wakes one thread.
pub(in super::super) struct Signal {
    thread: Thread,
    woken: AtomicBool,
}

impl Signal {
    pub(in super::super) fn of_this_thread() -> Self {
        Self {
            thread: current(),
            woken: AtomicBool::new(false),
        }
    }

    pub(in super::super) fn clear(&self) {
        self.woken.swap(false, Ordering::AcqRel);
    }

    /// Sets the signal for its own thread.
    pub(in super::super) fn set(&self) {
        self.woken.store(true, Ordering::Release);
    }

    pub(in super::super) fn is_set(&self) -> bool {
        self.woken.load(Ordering::Acquire)
    }

    /// Parks the thread until the signal is set. Returns `false` if the time passed before.
    pub(in super::super) fn park(&self, until: Option<Instant>) -> bool {
        while !self.is_set() {
            if !park_until(until) {
                return self.is_set();
            }
        }
        true
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }
}

/// The reader, and the threads that wait without it.
pub(super) struct Line<R> {
    reader: Mutex<R>,
    waiting: Mutex<Vec<Arc<Signal>>>,
}

/// What a thread waits for, and what it does for the connection meanwhile.
pub(super) trait Wait<R> {
    /// How the wait ends.
    type End;

    /// Checks whether the wait is over. From here on the thread is woken by what happens.
    fn poll(&mut self) -> Option<Self::End>;

    /// Writes what waits to be written.
    fn write(&mut self);

    /// Does what is due, and decides what the holder of the reader does next.
    fn plan(&mut self, reader: &mut R) -> Turn;

    /// Reads once, for no longer than until a time.
    fn read(&mut self, reader: &mut R, until: Instant);

    /// Decides how long a thread without the reader sleeps at most.
    fn follow(&mut self) -> Option<Instant>;
}

/// What the holder of the reader does.
pub(super) enum Turn {
    /// Reads, for no longer than until a time.
    Read(Instant),
    /// Sleeps, because nothing may be read.
    Pause(Instant),
}

impl<R> Line<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader: Mutex::new(reader),
            waiting: Mutex::new(Vec::new()),
        }
    }

    /// Waits, and drives the connection meanwhile.
    pub(super) fn wait<W: Wait<R>>(&self, signal: &Arc<Signal>, wait: &mut W) -> W::End {
        let mut token = Token {
            line: self,
            reader: None,
        };
        loop {
            signal.clear();
            if let Some(end) = wait.poll() {
                return end;
            }
            wait.write();
            if token.reader.is_none() {
                token.reader = try_lock(&self.reader);
            }
            match &mut token.reader {
                Some(reader) => match wait.plan(reader) {
                    // What was due may have been for this thread.
                    _ if rule!(2, signal.is_set()) => {}
                    Turn::Read(until) => wait.read(reader, until),
                    Turn::Pause(until) => self.pause(signal, Some(until), false),
                },
                None => {
                    let until = wait.follow();
                    self.pause(signal, until, true);
                }
            }
        }
    }

    /// The reader, unless a thread has it.
    pub(super) fn try_read(&self) -> Option<Token<'_, R>> {
        let reader = Some(try_lock(&self.reader)?);
        Some(Token { line: self, reader })
    }

    /// Wakes all threads in the line.
    pub(super) fn wake_all(&self) {
        let waiting = std::mem::take(&mut *lock(&self.waiting));
        waiting.iter().for_each(Wake::wake_by_ref);
    }

    /// Sleeps in the line.
    fn pause(&self, signal: &Arc<Signal>, until: Option<Instant>, follows: bool) {
        lock(&self.waiting).push(signal.clone());
        let is_free = follows && rule!(3, try_lock(&self.reader).is_some());
        if !is_free {
            signal.park(until);
        }
        lock(&self.waiting).retain(|other| !Arc::ptr_eq(other, signal));
    }

    fn wake_first(&self) {
        let mut waiting = lock(&self.waiting);
        let first = (!waiting.is_empty()).then(|| waiting.remove(0));
        drop(waiting);
        if let Some(first) = first {
            first.wake();
        }
    }
}

/// A thread's place at the connection, with the reader while it has that.
pub(super) struct Token<'a, R> {
    line: &'a Line<R>,
    reader: Option<MutexGuard<'a, R>>,
}

impl<R> Token<'_, R> {
    pub(super) fn reader(&mut self) -> Option<&mut R> {
        self.reader.as_deref_mut()
    }
}

impl<R> Drop for Token<'_, R> {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.take() {
            drop(reader);
            rule!(4, self.line.wake_first());
        } else if !lock(&self.line.waiting).is_empty() && try_lock(&self.line.reader).is_some() {
            rule!(5, self.line.wake_first());
        }
    }
}

/// What a thread writes.
pub(super) trait Write<W> {
    /// Writes once. Returns `false` if nothing may be written.
    fn write(&mut self, writer: &mut W) -> bool;

    /// Checks whether nothing is left to do, and arranges to be called when there is.
    fn is_done(&mut self) -> bool;
}

/// Writes, unless another thread does.
pub(super) fn write<W>(writer: &Mutex<W>, work: &mut impl Write<W>) {
    while let Some(mut held) = try_lock(writer) {
        let may_write = work.write(&mut held);
        drop(held);
        if !may_write || rule!(6, work.is_done()) {
            return;
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}
