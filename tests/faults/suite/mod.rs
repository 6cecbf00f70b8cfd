//! The faults that both versions have. `V` is the version that the suite is compiled for.

use super::{V, amqp, basic, channel};

mod consumers;

pub(super) type Dialogue = crate::kit::Dialogue<V>;
