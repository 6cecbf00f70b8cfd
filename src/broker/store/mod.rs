//! What the broker keeps: virtual hosts with exchanges, queues and messages.

mod exchange;
mod message;
mod policy;
mod properties;
mod queue;
mod topic;
mod vhost;

pub(crate) use exchange::{Binding, Exchange, Kind, Target, keys, same};
pub(crate) use message::{Body, Entry, Message, has_hidden_copies, hide_copies};
pub(crate) use policy::{Invalid, LONGEST, Overflow, Policy, kind_of};
pub(crate) use properties::Properties;
pub(crate) use queue::{Consumer, Offered, Queue};
pub(crate) use vhost::Vhost;
