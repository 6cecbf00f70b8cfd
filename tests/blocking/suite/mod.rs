//! What holds in both versions. `V` is the version that the suite is compiled for.

use super::{Method, V, answer_to, basic, channel, connection, queue};

mod closing;
mod handlers;
mod inbox;
mod many;
mod opening;
mod output;
pub(super) mod peer;
mod polling;
mod timers;

use peer::{Channel, Connection, Consumer, Peer, ms, open, open_with, patient};
