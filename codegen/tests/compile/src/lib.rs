//! The code generated from every known specification file, in a crate that is not `pika`.
//!
//! That it compiles is the first half of the proof; the tests encode and decode every method.

/// Includes the generated code of one file.
macro_rules! version {
    ($module:ident, $doc:literal) => {
        #[doc = $doc]
        #[allow(
            clippy::large_enum_variant,
            reason = "message.transfer of 0-9 has 22 arguments"
        )]
        pub mod $module {
            include!(concat!(env!("OUT_DIR"), "/", stringify!($module), ".rs"));
        }
    };
}

version!(v0_8, "AMQP 0-8.");
version!(v0_8_qpid, "AMQP 0-8 as Qpid extends it.");
version!(v0_9, "AMQP 0-9.");
version!(v0_9_qpid, "AMQP 0-9 as Qpid extends it.");
version!(v0_9_1, "AMQP 0-9-1.");
version!(v0_9_1_qpid, "AMQP 0-9-1 as Qpid extends it.");
version!(
    v0_9_1_rabbit,
    "AMQP 0-9-1 as RabbitMQ's published file extends it."
);

#[cfg(test)]
mod tests;
