//! Generates Rust types and codecs from the AMQP XML specification files.
