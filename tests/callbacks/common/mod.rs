//! What holds with every broker.

mod calls;
mod consumers;
mod loops;
mod publishing;

use super::amqp;
use super::kit::{self, Channel, Connection, Delivery, Log, Loop, Scene, ms, unique};
