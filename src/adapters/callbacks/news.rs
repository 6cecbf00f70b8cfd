use crate::connection::{Outcome, PublishSeq};
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
