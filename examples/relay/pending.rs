//! What waits for a target, in order: not sent yet, or sent and not confirmed.

use std::collections::VecDeque;

/// Items in the order in which they came. Nothing of the network is known here.
pub(crate) struct Pending<T> {
    entries: VecDeque<Entry<T>>,
    next: u64,
    /// How many connections were lost; what was sent on one of those is not known to have arrived.
    life: u64,
}

struct Entry<T> {
    number: u64,
    item: T,
    is_sent: bool,
}

/// One sending of one item.
#[derive(Clone, Copy)]
pub(crate) struct Ticket {
    number: u64,
    life: u64,
}

impl<T: Clone> Pending<T> {
    pub(crate) const fn new() -> Self {
        Self {
            entries: VecDeque::new(),
            next: 0,
            life: 0,
        }
    }

    pub(crate) fn push(&mut self, item: T) {
        let (number, is_sent) = (self.next, false);
        self.next += 1;
        self.entries.push_back(Entry {
            number,
            item,
            is_sent,
        });
    }

    /// The first item that is to be sent; it counts as sent from now on.
    pub(crate) fn send(&mut self) -> Option<(Ticket, T)> {
        let life = self.life;
        let entry = self.entries.iter_mut().find(|entry| !entry.is_sent)?;
        entry.is_sent = true;
        let number = entry.number;
        Some((Ticket { number, life }, entry.item.clone()))
    }

    /// The target has an item, which is given back unless it was forgotten.
    pub(crate) fn taken(&mut self, ticket: Ticket) -> Option<T> {
        let number = ticket.number;
        let at = self.entries.iter().position(|one| one.number == number)?;
        self.entries.remove(at).map(|entry| entry.item)
    }

    /// The target does not have an item: it is to be sent again, unless it was since.
    pub(crate) fn not_taken(&mut self, ticket: Ticket) {
        let mut entries = self.entries.iter_mut();
        let entry = entries.find(|entry| entry.number == ticket.number);
        if let Some(entry) = entry.filter(|_| ticket.life == self.life) {
            entry.is_sent = false;
        }
    }

    /// The connection is lost: everything is to be sent again.
    pub(crate) fn lost(&mut self) {
        self.life += 1;
        for entry in &mut self.entries {
            entry.is_sent = false;
        }
    }

    /// Nothing is to be sent any more.
    pub(crate) fn forget(&mut self) {
        self.entries.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}
