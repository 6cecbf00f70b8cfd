//! How a connection begins, whichever versions the build has.

use std::time::Duration;

use pika::VERSIONS;
use pika::broker::{Broker, Ending, Settings};
use pika::method::Spec;
use std::time::Instant;

use pika::bytes::{Buf, BytesMut};

fn answer(bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut broker = Broker::new(Settings::new());
    let now = Instant::now();
    let id = broker.accept(now);
    broker.receive(id, &mut BytesMut::from(bytes), now);
    let output = broker.outgoing(id).unwrap();
    let said = output.copy_to_bytes(output.remaining()).to_vec();
    let finished = broker.is_finished(id);
    if finished {
        assert_eq!(broker.ending(id), Ending::Close);
    }
    (said, finished)
}

fn is_start(said: &[u8], major: u8, minor: u8) -> bool {
    said[..3] == [1, 0, 0] && said[7..13] == [0, 10, 0, 10, major, minor]
}

#[test]
fn a_wrong_header_is_answered_with_our_own_and_the_end() {
    let own = if cfg!(feature = "amqp0-9-1") {
        *b"AMQP\x00\x00\x09\x01"
    } else {
        *b"AMQP\x01\x01\x08\x00"
    };
    for wrong in [
        *b"AMQP\x01\x01\x00\x0a",
        *b"AMQP\x00\x01\x00\x00",
        *b"GET / HT",
        *b"\x16\x03\x01\x02\x00\x01\x00\x01",
    ] {
        assert_eq!(answer(&wrong), (own.to_vec(), true), "{wrong:?}");
    }
}

#[test]
fn each_version_of_the_build_is_spoken_on_the_same_port() {
    let cases = [
        (*b"AMQP\x00\x00\x09\x01", "0-9-1", (0, 9)),
        (*b"AMQP\x01\x01\x00\x09", "0-9-1", (0, 9)),
        (*b"AMQP\x01\x01\x08\x00", "0-8", (8, 0)),
        (*b"AMQP\x01\x01\x09\x01", "0-8", (8, 0)),
    ];
    for (header, name, (major, minor)) in cases {
        let (said, finished) = answer(&header);
        // The tests have every version, whichever the build selects.
        assert!(VERSIONS.contains(&name));
        assert!(is_start(&said, major, minor) && !finished, "{header:?}");
    }
    assert_eq!(pika::v0_9_1::V0_9_1::PROTOCOL_HEADER, cases[0].0);
}

#[test]
fn a_header_that_does_not_come_is_not_waited_for_long() {
    let mut broker = Broker::new(Settings::new());
    let now = Instant::now();
    let id = broker.accept(now);
    let mut half = BytesMut::from(&b"AMQP"[..]);
    broker.receive(id, &mut half, now);
    assert_eq!(broker.poll_timeout(), Some(now + Duration::from_secs(10)));
    broker.handle_timeout(now + Duration::from_secs(10));
    assert!(broker.is_finished(id));
    assert_eq!(broker.ending(id), Ending::Reset);
}
