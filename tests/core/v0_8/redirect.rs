//! What only 0-8 has: redirects, alerts, and other classes that carry content.

use pika::connection::Event;
use pika::error::{Cause, ClosedBy};
use pika::v0_8::stream;
use pika::wire::{ReplyCode, Table};

use super::{V, channel, connection};
use crate::kit::{Dialogue, Version, quiet};

#[test]
fn a_redirect_names_the_other_server() {
    let mut it = Dialogue::<V>::begun(quiet());
    it.says(0, V::start("PLAIN", Table::new()));
    it.hears_any::<connection::StartOk>(0);
    it.says(0, V::tune(10, 4096, 0));
    it.hears_any::<connection::TuneOk>(0);
    it.hears_any::<connection::Open>(0);
    let redirect = connection::Redirect::new("b.example.org:5672").known_hosts("c.example.org");
    it.says(0, redirect);
    let why = it.closed();
    let cause = Cause::Redirected {
        host: "b.example.org:5672".into(),
        known_hosts: "c.example.org".into(),
    };
    assert_eq!((&why.cause, why.by()), (&cause, ClosedBy::Server));
    it.hears_nothing();
    assert!(it.client.is_finished());
}

#[test]
fn a_redirect_before_open_is_a_wrong_method() {
    let mut it = Dialogue::<V>::begun(quiet());
    it.says(0, connection::Redirect::new("b.example.org"));
    assert!(matches!(it.closed().cause, Cause::Protocol(_)));
}

#[test]
fn an_alert_is_told_and_needs_no_answer() {
    let (mut it, key) = Dialogue::<V>::with_channel();
    let table = Table::new().with("k", 1);
    it.says(
        1,
        channel::Alert::new(313, "mind the gap").details(table.clone()),
    );
    let Event::Alert {
        channel,
        code,
        text,
        details,
    } = it.event()
    else {
        panic!()
    };
    assert_eq!((channel, code), (key, ReplyCode::NO_CONSUMERS));
    assert_eq!((text.as_bytes(), details), (&b"mind the gap"[..], table));
    it.hears_nothing();
}

#[test]
fn content_of_other_classes_is_sent_whole() {
    let (mut it, key) = Dialogue::<V>::with_channel();
    let publish = stream::Publish::new("x", "k");
    it.on(key)
        .send_content(&publish, &stream::Properties::new(), b"frame")
        .unwrap();
    assert_eq!(it.hears_content(1, &publish), b"frame");
}
