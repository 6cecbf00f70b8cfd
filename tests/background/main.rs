//! Blocking handles that threads share, in both ways of driving a connection, with the embedded broker.
//!
//! One suite is compiled for each protocol version and each way, beside what only 0-9-1 has.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic, and its helpers with it"
)]
#![allow(
    clippy::duplicate_mod,
    reason = "one suite for several versions: `amqp` means another module in each"
)]

mod stage;
mod ways;

#[path = "."]
mod v0_9_1 {
    use pika::v0_9_1 as amqp;

    #[path = "."]
    mod background {
        use super::amqp;
        use crate::ways::background as way;

        mod confirms;
        mod suite;
    }

    #[path = "."]
    mod callers {
        use super::amqp;
        use crate::ways::callers as way;

        mod confirms;
        mod suite;
    }
}

#[path = "."]
mod v0_8 {
    use pika::v0_8 as amqp;

    #[path = "."]
    mod background {
        use super::amqp;
        use crate::ways::background as way;

        mod suite;
    }

    #[path = "."]
    mod callers {
        use super::amqp;
        use crate::ways::callers as way;

        mod suite;
    }
}
