//! What holds in both versions. `V` is the version that the suite is compiled for.

use super::{V, basic, channel, connection, queue, tx};
use crate::kit::Version as _;

mod acks;
mod calls;
mod channels;
mod closing;
mod consumers;
mod content;
mod ends;
mod flow;
mod handshake;
mod heartbeats;
mod limits;
mod matrix;
mod names;
mod publishing;
mod session;
mod tickets;

type Dialogue = crate::kit::Dialogue<V>;
