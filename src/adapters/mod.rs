//! Ways to bring a connection together with a transport, a clock and a style of programming.
//!
//! What all of them need is shared: the driver moves bytes and time, the session keeps what arrived
//! until somebody asks for it. An adapter adds the handles that programs hold.

#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
#[cfg_attr(
    not(all(
        feature = "asynchronous",
        feature = "background",
        feature = "callbacks"
    )),
    allow(dead_code, unused_imports, reason = "each face uses its part")
)]
pub mod asynchronous;
#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "callbacks")]
pub mod callbacks;
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
pub mod delivery;
#[cfg(feature = "futures")]
pub mod futures;
#[cfg(feature = "tokio")]
pub mod tokio;

#[cfg(any(feature = "blocking", feature = "futures", feature = "callbacks"))]
mod connect;
#[cfg(feature = "broker")]
mod loopback;
mod methods;
#[cfg(any(feature = "blocking", feature = "callbacks"))]
mod outcome;
#[cfg(any(feature = "background", feature = "callbacks", feature = "futures"))]
mod scratch;
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
#[cfg_attr(
    not(all(
        feature = "asynchronous",
        feature = "background",
        feature = "callbacks"
    )),
    allow(dead_code, unused_imports, reason = "each face uses its part")
)]
mod session;
#[cfg(any(feature = "blocking", feature = "callbacks"))]
mod settings;
#[cfg(feature = "blocking")]
mod sockets;
#[cfg(any(
    feature = "blocking",
    feature = "futures",
    feature = "callbacks",
    feature = "tokio"
))]
mod tcp;
#[cfg(any(feature = "blocking", feature = "callbacks"))]
mod timers;
#[cfg(any(feature = "blocking", feature = "callbacks"))]
mod transport;
