//! An AMQP broker in memory, in your own process.

mod acts;
pub(crate) mod dialect;
mod faults;
mod machine;
mod meter;
mod refusal;
mod server;
mod session;
mod settings;
mod store;
mod trace;

pub use faults::{Ending, Faults, Moment, Plan, Refuse};
pub(crate) use machine::At;
pub use machine::{Broker, ConnectionId, QueueState};
pub use server::Server;
pub use session::Output;
pub use settings::Settings;
pub use trace::{Side, Trace};
