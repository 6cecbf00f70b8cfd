//! One program, run against RabbitMQ and against the embedded broker: everything that it sees has
//! to be the same.
//!
//! The program is random but seeded. `tests/run` starts the RabbitMQ node; `PIKA_TEST_SEED` chooses
//! one program instead of the usual ones.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, and its helpers with it"
)]
#![allow(
    clippy::duplicate_mod,
    reason = "one suite for several versions: `amqp` means another module in each"
)]

#[cfg(feature = "amqp0-9-1")]
#[path = "."]
mod v0_9_1 {
    use pika::v0_9_1 as amqp;

    mod script;
}

#[cfg(feature = "amqp0-8")]
#[path = "."]
mod v0_8 {
    use pika::v0_8 as amqp;

    mod script;
}

/// Numbers that look random and are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}
