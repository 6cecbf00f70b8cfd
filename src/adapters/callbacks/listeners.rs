use std::fmt;

/// A handler that was registered, to be [removed](super::Connection::remove_handler).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HandlerId(pub(super) u64);

/// Handlers of one kind, in the order of their registration.
pub(super) struct Listeners<F>(Vec<(HandlerId, F)>);

impl<F> Default for Listeners<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<F> fmt::Debug for Listeners<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(id, _)| id))
            .finish()
    }
}

impl<F> Listeners<F> {
    /// Adds one that was registered after all others.
    pub(super) fn add(&mut self, id: HandlerId, handler: F) {
        self.0.push((id, handler));
    }

    pub(super) fn remove(&mut self, id: HandlerId) -> Option<F> {
        let at = self.0.iter().position(|(known, _)| *known == id)?;
        Some(self.0.remove(at).1)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The last one.
    pub(super) fn last(&self) -> Option<HandlerId> {
        self.0.last().map(|(id, _)| *id)
    }

    /// The one after another, or the first one.
    pub(super) fn after(&self, last: Option<HandlerId>) -> Option<(HandlerId, F)>
    where
        F: Clone,
    {
        let mut handlers = self.0.iter();
        let next = handlers.find(|(id, _)| last.is_none_or(|last| *id > last));
        next.cloned()
    }
}

impl<F> IntoIterator for Listeners<F> {
    type Item = F;
    type IntoIter = std::iter::Map<std::vec::IntoIter<(HandlerId, F)>, fn((HandlerId, F)) -> F>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().map(|(_, handler)| handler)
    }
}
