//! What needs a broker that misbehaves, or none at all.

mod attacks;
mod ends;
mod flow;
mod narrow;
mod polls;

use super::amqp;
use super::kit::{self, Channel, Connection, Delivery, Log, Loop, Scene, ms};
