//! No `Debug` form shows a password or a token, at any level between an argument and a chunk of bytes.

use pika::bytes::BytesMut;
use pika::frame::{self, Decoder, Frame, Frames};
use pika::method::{Args, decode_method};
use pika::wire::{ChannelId, LongStr};

const SECRET: &str = "hunter2";

fn secret() -> LongStr {
    LongStr::from("\0orders\0hunter2")
}

/// Fails if `text` has the secret in it, as text or as a list of numbers.
fn check(text: &str) {
    let numbers = format!("{:?}", SECRET.as_bytes());
    let numbers = numbers.trim_matches(['[', ']']);
    assert!(
        !text.contains(SECRET) && !text.contains(numbers),
        "shown: {text}"
    );
}

/// Checks all forms of one method.
fn is_concealed<M: Args>(method: M) {
    check(&format!("{method:?} {method:#?}"));
    let shown = format!("{method:?}");
    assert!(shown.contains("***"), "it says that there is one: {shown}");

    let mut stream = BytesMut::new();
    frame::put_method(&mut stream, ChannelId(0), &method);
    let chunk = Decoder::new().split(&mut stream).unwrap();
    let frames = Frames::new(&chunk);
    check(&format!("{frames:?}"));
    let frames: Vec<Frame<'_>> = frames.map(Result::unwrap).collect();
    check(&format!("{frames:?} {frames:#?}"));
    let [Frame::Method { payload, .. }] = frames[..] else {
        panic!("one method, not {frames:?}");
    };
    let set = decode_method::<M::Spec>(&mut payload.reader()).unwrap();
    check(&format!("{set:?} {set:#?}"));
}

#[cfg(feature = "amqp0-8")]
#[test]
fn passwords_are_not_shown_in_0_8() {
    use pika::v0_8::connection::{SecureOk, StartOk};
    is_concealed(StartOk::default().response(secret()));
    is_concealed(SecureOk::new(secret()));
}

#[cfg(feature = "amqp0-9-1")]
#[test]
fn passwords_and_tokens_are_not_shown_in_0_9_1() {
    use pika::v0_9_1::connection::{SecureOk, StartOk, UpdateSecret};
    is_concealed(StartOk::default().response(secret()));
    is_concealed(SecureOk::new(secret()));
    is_concealed(UpdateSecret::new(secret(), "renewed"));
}
