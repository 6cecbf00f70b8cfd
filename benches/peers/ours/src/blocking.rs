//! `pika::blocking`: the thread that calls does everything.
//!
//! `blocking` sends each message when it is given; `blocking-held` lets 64 KiB come together.
//!
//! publish-confirm sends `--window` messages and waits for all of them: the adapter has no way to
//! wait for only some.

#![allow(
    unused_mut,
    reason = "the consumer of one adapter is changed by reading, of the other not"
)]

crate::calls::calls!(blocking, |args, connection| {
    if args.is("held") {
        connection.hold_back(64 * 1024);
    }
});
