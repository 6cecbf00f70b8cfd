//! The state machine in simulated time.

use std::time::Duration;

use pika::broker::{Ending, Settings};
use pika::table;
use pika::wire::{ReplyCode, Table, Value};

use super::{Client, SECOND, World, basic, channel, connection, exchange, queue};
use crate::dialogue::Heard;

#[test]
fn a_message_goes_from_one_who_publishes_to_one_who_consumes() {
    let mut it = Client::with_channel();
    it.says(1, &exchange::Declare::new("x", "direct"));
    it.hears::<exchange::DeclareOk>(1);
    it.declares(&queue::Declare::new("q"));
    it.says(1, &queue::Bind::new("q", "x", "key"));
    it.hears::<queue::BindOk>(1);
    it.publishes(1, &basic::Publish::new("x", "key"), b"hello");
    it.says(1, &basic::Consume::new("q").consumer_tag("me"));
    assert_eq!(it.hears::<basic::ConsumeOk>(1).consumer_tag, "me");
    let deliver = it.hears::<basic::Deliver>(1);
    assert_eq!(deliver, basic::Deliver::new("me", 1, "x", "key"));
    assert_eq!(it.hears_message().1, b"hello");
    it.says(1, &basic::Ack::new(1));
    let state = it.world.broker.queue("/", "q").unwrap();
    assert_eq!((state.ready, state.unacked, state.consumers), (0, 0, 1));
    assert_eq!(it.world.broker.held(), (0, 0));
}

#[test]
fn a_large_body_goes_out_in_frames_that_fit() {
    let mut it = Client::with_channel();
    it.declares(&queue::Declare::new("q"));
    let body: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
    it.publishes(1, &basic::Publish::new("", "q"), &body);
    it.says(1, &basic::Get::new("q").no_ack(true));
    it.hears::<basic::GetOk>(1);
    assert_eq!(it.hears_message().1, body);
}

#[test]
fn what_is_requeued_goes_back_to_where_it_was() {
    let mut it = Client::with_channel();
    it.declares(&queue::Declare::new("q"));
    for body in [b"a", b"b", b"c", b"d"] {
        it.publishes(1, &basic::Publish::new("", "q"), body);
    }
    for _ in 0..3 {
        it.says(1, &basic::Get::new("q"));
        it.hears::<basic::GetOk>(1);
        it.hears_message();
    }
    it.says(1, &basic::Reject::new(3).requeue(true));
    it.says(1, &basic::Reject::new(1).requeue(true));
    let expected = [("a", true), ("c", true), ("d", false)];
    assert_eq!(
        it.drains("q"),
        expected.map(|(body, again)| (body.into(), again))
    );
}

#[test]
fn a_channel_that_closes_gives_back_what_it_had() {
    let mut it = Client::with_channel();
    it.declares(&queue::Declare::new("q"));
    it.publishes(1, &basic::Publish::new("", "q"), b"a");
    it.opens(2);
    it.says(2, &basic::Get::new("q"));
    it.hears::<basic::GetOk>(2);
    it.hears_message();
    it.says(2, &channel::Close::new(200, "", 0, 0));
    it.hears::<channel::CloseOk>(2);
    assert_eq!(it.drains("q"), [("a".to_owned(), true)]);
}

#[test]
fn an_error_closes_its_channel_and_says_over_what() {
    let mut it = Client::with_channel();
    it.says(1, &queue::Declare::new("nowhere").passive(true));
    let close = it.hears::<channel::Close>(1);
    assert_eq!(close.reply_code, ReplyCode::NOT_FOUND);
    assert_eq!(
        close.reply_text,
        "NOT_FOUND - no queue 'nowhere' in vhost '/'"
    );
    assert_eq!((close.class_id, close.method_id), (50, 10));
    it.says(1, &queue::Declare::new("unheard"));
    it.hears_nothing();
    it.says(1, &channel::CloseOk::new());
    it.opens(1);
}

#[test]
fn an_error_closes_the_connection_and_waits_for_the_answer() {
    let mut it = Client::with_channel();
    it.says(1, &exchange::Declare::new("x", "odd"));
    let close = it.hears::<connection::Close>(0);
    assert_eq!(close.reply_code, ReplyCode::COMMAND_INVALID);
    assert_eq!(
        close.reply_text,
        "COMMAND_INVALID - unknown exchange type 'odd'"
    );
    it.says(1, &queue::Declare::new("unheard"));
    it.hears_nothing();
    assert!(!it.world.broker.is_finished(it.id));
    it.says(0, &connection::CloseOk::new());
    assert!(it.world.broker.is_finished(it.id));
    assert_eq!(it.world.broker.ending(it.id), Ending::Close);
}

#[test]
fn a_wrong_password_is_met_with_silence() {
    let mut it = Client::greeting(World::new(Settings::new()));
    it.hears::<connection::Start>(0);
    it.logs_in("\0guest\0wrong", Table::new());
    it.hears_nothing();
    assert!(!it.world.broker.is_finished(it.id));
    it.world.wait(3 * SECOND);
    assert!(it.world.broker.is_finished(it.id));
    assert_eq!(it.world.broker.ending(it.id), Ending::Reset);
}

#[test]
fn a_wrong_password_is_403_for_those_who_want_to_know() {
    let mut it = Client::greeting(World::new(Settings::new()));
    it.hears::<connection::Start>(0);
    let capabilities = table! { "authentication_failure_close" => true };
    it.logs_in("\0guest\0wrong", capabilities);
    let close = it.hears::<connection::Close>(0);
    assert_eq!(close.reply_code, ReplyCode::ACCESS_REFUSED);
    assert_eq!((close.class_id, close.method_id), (0, 0));
}

#[test]
fn a_message_expires_when_its_time_is_over() {
    let mut it = Client::with_channel();
    let arguments = table! {
        "x-message-ttl" => 1000,
        "x-dead-letter-exchange" => "",
        "x-dead-letter-routing-key" => "dead",
    };
    it.declares(&queue::Declare::new("dead"));
    it.declares(&queue::Declare::new("q").arguments(arguments));
    it.publishes(1, &basic::Publish::new("", "q"), b"late");
    it.world.wait(Duration::from_millis(999));
    assert_eq!(it.declares(&queue::Declare::new("dead")), 0);
    it.world.wait(Duration::from_millis(1));
    it.says(1, &basic::Get::new("dead").no_ack(true));
    assert_eq!(it.hears::<basic::GetOk>(1).routing_key, "dead");
    let (properties, body) = it.hears_message();
    assert_eq!(body, b"late");
    let headers = properties.headers.unwrap();
    let Some(deaths) = headers.get("x-death").and_then(|it| it.as_array()) else {
        panic!("expected x-death in {headers:?}");
    };
    let death = deaths.get(0).unwrap();
    let death = death.as_table().unwrap();
    assert_eq!(death.get("reason").unwrap().as_str(), Some("expired"));
    assert_eq!(death.get("queue").unwrap().as_str(), Some("q"));
    assert_eq!(death.get("count").unwrap(), Value::I64(1));
}

#[test]
fn heartbeats_go_out_and_their_absence_is_noticed() {
    let settings = Settings::new().heartbeat(10);
    let mut it = Client::open_with(settings, pika::broker::Plan::new());
    it.world.wait(5 * SECOND);
    assert_eq!(it.next(), Some(Heard::Heartbeat));
    it.hears_nothing();
    it.world.wait(20 * SECOND);
    assert!(!it.world.broker.is_finished(it.id));
    it.world.wait(6 * SECOND);
    assert!(it.world.broker.ending(it.id) == Ending::Reset);
    assert!(it.world.broker.is_finished(it.id));
}

#[test]
fn bytes_that_came_before_are_no_sign_of_life() {
    let settings = Settings::new().heartbeat(10);
    let mut it = Client::open_with(settings, pika::broker::Plan::new());
    it.world.gives(it.id, &mut it.ear, &[1, 0, 1]);
    for _ in 0..6 {
        it.world.wait(5 * SECOND);
        it.world.gives(it.id, &mut it.ear, &[]);
    }
    assert!(it.world.broker.is_finished(it.id));
    assert_eq!(it.world.broker.ending(it.id), Ending::Reset);
}

#[test]
fn a_transaction_does_nothing_until_it_is_committed() {
    use super::amqp::tx;

    let mut it = Client::with_channel();
    it.declares(&queue::Declare::new("q"));
    it.says(1, &tx::Select::new());
    it.hears::<tx::SelectOk>(1);
    it.publishes(1, &basic::Publish::new("", "q"), b"undone");
    it.says(1, &tx::Rollback::new());
    it.hears::<tx::RollbackOk>(1);
    it.publishes(1, &basic::Publish::new("", "q"), b"done");
    assert_eq!(it.declares(&queue::Declare::new("q")), 0);
    it.says(1, &tx::Commit::new());
    it.hears::<tx::CommitOk>(1);
    assert_eq!(it.drains("q"), [("done".to_owned(), false)]);
}

#[test]
fn a_mandatory_message_without_a_queue_comes_back() {
    let mut it = Client::with_channel();
    let publish = basic::Publish::new("", "nowhere").mandatory(true);
    it.publishes(1, &publish, b"lost");
    let back = it.hears::<basic::Return>(1);
    assert_eq!(back, basic::Return::new(312, "NO_ROUTE", "", "nowhere"));
    assert_eq!(it.hears_message().1, b"lost");
}

#[test]
fn a_queue_of_one_connection_is_locked_for_others_and_goes_with_it() {
    let mut it = Client::with_channel();
    it.declares(&queue::Declare::new("mine").exclusive(true));
    let other = it.world.accept();
    let mut ear = crate::dialogue::Ear::default();
    std::mem::swap(&mut ear, &mut it.ear);
    let owner = std::mem::replace(&mut it.id, other);
    let Client { world, .. } = it;
    let mut it = Client::on(world, Table::new());
    it.opens(1);
    it.says(1, &basic::Get::new("mine"));
    let close = it.hears::<channel::Close>(1);
    assert_eq!(close.reply_code, ReplyCode::RESOURCE_LOCKED);
    let now = it.world.now;
    it.world.broker.transport_ended(owner, now);
    assert_eq!(it.world.broker.queue("/", "mine"), None);
}

#[test]
fn consumers_of_a_deleted_queue_are_told_if_they_want_to_know() {
    let world = World::new(Settings::new());
    let capabilities = table! { "consumer_cancel_notify" => true };
    let mut it = Client::on(world, capabilities);
    it.opens(1);
    it.declares(&queue::Declare::new("q"));
    it.says(1, &basic::Consume::new("q").consumer_tag("c"));
    it.hears::<basic::ConsumeOk>(1);
    it.says(1, &queue::Delete::new("q"));
    let cancel = it.hears::<basic::Cancel>(1);
    assert!(cancel.no_wait && cancel.consumer_tag == "c");
    it.hears::<queue::DeleteOk>(1);
}
