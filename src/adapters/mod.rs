//! Ways to bring a connection together with a transport, a clock and a style of programming.
//!
//! What all of them need is shared: the driver moves bytes and time, the session keeps what arrived
//! until somebody asks for it. An adapter adds the handles that programs hold.

#[cfg(feature = "blocking")]
pub mod blocking;

#[cfg(feature = "blocking")]
mod driver;
#[cfg(feature = "broker")]
mod loopback;
#[cfg(feature = "blocking")]
mod session;
#[cfg(feature = "blocking")]
mod transport;
