//! Ways to bring a connection together with a transport, a clock and a style of programming.
//!
//! What all of them need is shared: the driver moves bytes and time, the session keeps what arrived
//! until somebody asks for it. An adapter adds the handles that programs hold.

#[cfg(feature = "asynchronous")]
pub mod asynchronous;
#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(any(feature = "asynchronous", feature = "blocking"))]
pub mod delivery;
#[cfg(feature = "futures")]
pub mod futures;
#[cfg(feature = "tokio")]
pub mod tokio;

#[cfg(any(feature = "blocking", feature = "futures"))]
mod connect;
#[cfg(feature = "blocking")]
mod driver;
#[cfg(any(feature = "asynchronous", feature = "blocking"))]
mod input;
#[cfg(feature = "futures")]
mod scratch;
#[cfg(any(feature = "asynchronous", feature = "blocking"))]
mod session;
#[cfg(feature = "blocking")]
mod transport;
