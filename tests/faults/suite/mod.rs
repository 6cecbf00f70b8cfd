//! The faults that both versions have. `V` is the version that the suite is compiled for.

use super::{V, amqp, basic, channel, queue};

pub(super) mod closing;
mod consumers;
pub(super) mod desk;
mod handlers;
mod inbox;
mod settling;
mod tags;

pub(super) type Dialogue = crate::kit::Dialogue<V>;
