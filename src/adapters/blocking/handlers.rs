use std::collections::HashMap;
use std::fmt;

use super::Delivery;
use crate::connection::{ChannelKey, ConsumerId};
use crate::error::Result;
use crate::protocol::Protocol;

/// What a program does with a message.
pub(super) type Handler<P> = Box<dyn FnMut(Delivery<P>) -> Result<()>>;

/// What a timer runs.
pub(super) type Action = Box<dyn FnOnce()>;

/// The handlers of consumers that have one. While one runs its place is empty.
pub(super) struct Handlers<P: Protocol>(pub(super) HashMap<ConsumerId, Handled<P>>);

/// A consumer with a handler.
pub(super) struct Handled<P: Protocol> {
    pub(super) channel: ChannelKey,
    pub(super) handler: Option<Handler<P>>,
}

impl<P: Protocol> fmt::Debug for Handlers<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
