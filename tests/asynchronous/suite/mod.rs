//! What holds in both versions. `amqp` is the version that the suite is compiled for.

use super::amqp;

mod closing;
mod dropped;
mod flow;
mod handles;
mod liveness;
mod memory;
mod opening;
mod pressure;
mod publishing;
mod rows;
mod sockets;
pub(super) mod stage;
mod waiting;

use stage::{Channel, Connection, Consumer, Stage, patient, soon};
