use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Instant;

use super::channel::{Channel, Shared};
use super::held::{Held, Watched};
use crate::connection::{Outcome, PublishSeq, Returned};
use crate::error::{Closed, Result};
use crate::protocol::Protocol;
use crate::versions::Selected;
use crate::wire::{ReplyCode, ShortStr, Table};

/// Publishes in confirm mode of which it is known now what became of them, all the same.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Confirmed<P: Protocol = Selected> {
    /// The first publish.
    pub first: PublishSeq,
    /// The last publish.
    pub last: PublishSeq,
    /// What became of each of them.
    pub outcome: Outcome<P>,
}

impl<P: Protocol> Confirmed<P> {
    /// The publishes one by one.
    pub fn publishes(&self) -> impl Iterator<Item = PublishSeq> + use<P> {
        (self.first.0..=self.last.0).map(PublishSeq)
    }
}

/// What the server has to tell that needs no answer (0-8).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Alert {
    /// What it is about.
    pub code: ReplyCode,
    /// The same in words.
    pub text: ShortStr,
    /// Details.
    pub details: Table,
}

/// The handlers of one kind of event. Each can run while the list is not borrowed, and grow.
pub(super) type Handlers<O, A> = Vec<Handler<O, A>>;

pub(super) type Handler<O, A> = Rc<RefCell<dyn FnMut(&O, &A) -> Result<()>>>;

/// Handlers of something that happens once.
pub(super) type Finals<O, A> = Vec<Final<O, A>>;

pub(super) type Final<O, A> = Box<dyn FnOnce(&O, &A) -> Result<()>>;

/// What a program wants to hear of a channel.
pub(super) struct ChannelHandlers<P: Protocol> {
    pub(super) flow: Handlers<Channel<P>, bool>,
    pub(super) returned: Handlers<Channel<P>, Returned<P>>,
    pub(super) confirmed: Handlers<Channel<P>, Confirmed<P>>,
    pub(super) cancelled: Handlers<Channel<P>, ShortStr>,
    pub(super) alert: Handlers<Channel<P>, Alert>,
    pub(super) closed: Finals<Channel<P>, Arc<Closed>>,
}

/// A channel, from when it was asked for until nothing can come of it any more.
pub(super) struct ChannelState<P: Protocol> {
    pub(super) handle: Weak<Shared<P>>,
    pub(super) handlers: ChannelHandlers<P>,
    /// Whether content may be sent, as the program was told last.
    pub(super) flow: bool,
    /// Whether the close was reported to the program.
    pub(super) is_over: bool,
    /// A completion was told why the channel closes.
    pub(super) is_told: bool,
    /// Calls whose replies are not there.
    pub(super) calls: usize,
    pub(super) consumers: usize,
    /// Messages that wait for permission.
    pub(super) held: VecDeque<Held<P>>,
    /// Publishes whose fate somebody waits for.
    pub(super) watched: BTreeMap<PublishSeq, Watched<P>>,
}

impl<P: Protocol> ChannelState<P> {
    pub(super) fn new() -> Self {
        Self {
            handle: Weak::new(),
            handlers: ChannelHandlers {
                flow: Vec::new(),
                returned: Vec::new(),
                confirmed: Vec::new(),
                cancelled: Vec::new(),
                alert: Vec::new(),
                closed: Vec::new(),
            },
            flow: true,
            is_over: false,
            is_told: false,
            calls: 0,
            consumers: 0,
            held: VecDeque::new(),
            watched: BTreeMap::new(),
        }
    }

    /// Whether somebody holds the channel or something is still to come of it.
    pub(super) fn is_used(&self) -> bool {
        self.handle.strong_count() > 0 || self.calls > 0 || self.consumers > 0 || self.is_waiting()
    }

    /// Whether messages wait for permission or for their confirms.
    pub(super) fn is_waiting(&self) -> bool {
        !self.held.is_empty() || !self.watched.is_empty()
    }

    /// When the next publish has waited long enough for its confirm.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let (_, watched) = self.watched.first_key_value()?;
        watched.until
    }
}
