//! Names of more than 255 bytes, for which the wire has no room.

use pika::error::Misuse;
use pika::table;
use pika::wire::{Array, ShortStr, Table};

use super::*;
use crate::kit::{TUNE, misuse, quiet};

fn long() -> String {
    "x".repeat(256)
}

fn too_long(method: &'static str, argument: &'static str) -> Misuse {
    Misuse::NameTooLong {
        method,
        argument,
        len: 256,
    }
}

/// Tables with a long name: in itself, in a table, and in an array in a table.
fn tables() -> [Table; 3] {
    let bad = || table! { "fine" => 1, long() => 2 };
    [
        bad(),
        table! { "fine" => 1, "inner" => bad() },
        table! { "row" => Array::from([table! { "fine" => bad() }]) },
    ]
}

/// Frames of any length may have been agreed on.
const FRAME_MAX: [u32; 2] = [131_072, 1 << 30];

fn open(frame_max: u32) -> Dialogue {
    Dialogue::open_with(quiet().frame_max(frame_max), (TUNE.0, frame_max, 0))
}

#[test]
fn a_long_name_in_a_method_is_refused_and_nothing_is_written() {
    for frame_max in FRAME_MAX {
        let mut it = open(frame_max);
        let key = it.channel();
        let now = it.now();
        let declare = || queue::Declare::new(long());
        let refused = misuse(it.on(key).call(declare(), now));
        assert_eq!(refused, too_long("queue.declare", "queue"));
        let refused = misuse(it.on(key).no_wait(declare()));
        assert_eq!(refused, too_long("queue.declare", "queue"));
        let bind = queue::Bind::new("q", "x", long());
        let refused = misuse(it.on(key).call(bind, now));
        assert_eq!(refused, too_long("queue.bind", "routing-key"));
        let consume = basic::Consume::new("q").consumer_tag(long());
        let refused = misuse(it.on(key).consume(consume, now));
        assert_eq!(refused, too_long("basic.consume", "consumer-tag"));
        for arguments in tables() {
            let declare = queue::Declare::new("q").arguments(arguments);
            let refused = misuse(it.on(key).call(declare, now));
            assert_eq!(refused, too_long("queue.declare", "arguments"));
        }
        it.hears_nothing();
        assert_eq!(it.on(key).pending_calls(), 0);
        let call = it.calls(key, queue::Declare::new("x".repeat(255)));
        it.says(1, queue::DeclareOk::new("q", 0, 0));
        it.replies(call);
    }
}

#[test]
fn a_long_name_in_a_message_is_refused_and_nothing_is_written() {
    for frame_max in FRAME_MAX {
        let mut it = open(frame_max);
        let key = it.channel();
        let (good, none) = (basic::Publish::new("", "q"), basic::Properties::new());
        let mut bad = vec![
            (basic::Publish::new("", long()), none.clone(), "routing-key"),
            (basic::Publish::new(long(), "q"), none.clone(), "exchange"),
            (
                good.clone(),
                none.clone().correlation_id(long()),
                "correlation-id",
            ),
            (good.clone(), none.clone().app_id(long()), "app-id"),
        ];
        let headers = tables().map(|table| (good.clone(), none.clone().headers(table), "headers"));
        bad.extend(headers);
        for (publish, properties, argument) in bad {
            let expected = too_long("basic.publish", argument);
            let refused = it.on(key).publish(&publish, &properties, "body");
            assert_eq!(misuse(refused), expected, "{frame_max}");
            let refused = it.on(key).try_publish(&publish, (&properties, "body"));
            let refused = refused.map(drop).unwrap_err();
            assert_eq!(refused.message, (&properties, "body"), "it comes back");
            assert_eq!(misuse::<()>(Err(refused.error)), expected);
            let owned = (properties.clone(), "body");
            let refused = it.on(key).try_publish(&publish, owned);
            let refused = refused.map(drop).unwrap_err();
            assert_eq!(refused.message, (properties, "body"), "owned ones too");
        }
        it.hears_nothing();
        it.on(key).publish(&good, &none, "body").unwrap();
        assert_eq!(it.hears_content(1, &good), b"body");
    }
}

#[test]
fn the_text_of_a_close_is_cut() {
    let (mut it, key) = Dialogue::with_channel();
    let (now, code) = (it.now(), pika::wire::ReplyCode::REPLY_SUCCESS);
    let call = it.on(key).close(code, long().into(), now).unwrap();
    let close = it.hears_any::<channel::Close>(1);
    assert_eq!(close.reply_text, ShortStr::from("x".repeat(255)));
    it.says(1, channel::CloseOk::new());
    it.replies(call);
    it.channel_closed(key);
    it.client.close(code, long().into(), now);
    let close = it.hears_any::<connection::Close>(0);
    assert_eq!(close.reply_text.len(), 255);
    it.says(0, connection::CloseOk::new());
    it.closed();
}
