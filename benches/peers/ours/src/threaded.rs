//! `pika::threaded`: blocking calls, and one thread for each connection that moves the bytes.

crate::calls::calls!(threaded, |_, _| {});
