//! What the broker can be made to do wrong.

use pika::broker::{Ending, Moment, Plan, Refuse, Settings};
use pika::bytes::{Buf, Bytes};
use pika::wire::{ChannelId, ReplyCode};

use super::{Client, SECOND, World, basic, channel, connection, queue};

#[test]
fn a_reply_that_is_withheld_does_not_come_but_its_cause_does() {
    let plan = Plan::new().withhold("queue.declare-ok");
    let mut it = Client::open_with(Settings::new(), plan);
    it.opens(1);
    it.says(1, &queue::Declare::new("q"));
    it.hears_nothing();
    assert!(it.world.broker.queue("/", "q").is_some());
}

#[test]
fn a_method_that_is_ignored_has_not_come() {
    let mut it = Client::with_channel();
    let plan = Plan::new().ignore("queue.declare");
    it.world.broker.faults().on(it.id, plan);
    it.says(1, &queue::Declare::new("q"));
    it.hears_nothing();
    assert!(it.world.broker.queue("/", "q").is_none());
    it.world.broker.faults().on(it.id, Plan::new());
    it.declares(&queue::Declare::new("q"));
}

#[test]
fn flow_and_closes_come_at_will() {
    let mut it = Client::with_channel();
    let (id, one) = (it.id, ChannelId(1));
    let mut faults = it.world.broker.faults();
    faults.flow(id, one, false).flow(id, one, true);
    faults.close_channel(id, one, ReplyCode::RESOURCE_ERROR, "enough");
    faults.close(id, ReplyCode::CONNECTION_FORCED, "good night");
    assert!(!it.hears::<channel::Flow>(1).active);
    assert!(it.hears::<channel::Flow>(1).active);
    let close = it.hears::<channel::Close>(1);
    assert_eq!(close.reply_text, "RESOURCE_ERROR - enough");
    let close = it.hears::<connection::Close>(0);
    assert_eq!(close.reply_text, "CONNECTION_FORCED - good night");
}

#[test]
fn a_consumer_is_cancelled_at_will() {
    let mut it = Client::with_channel();
    it.declares(&queue::Declare::new("q"));
    it.says(1, &basic::Consume::new("q").consumer_tag("c"));
    it.hears::<basic::ConsumeOk>(1);
    it.world.broker.faults().cancel(it.id, ChannelId(1), "c");
    assert_eq!(it.hears::<basic::Cancel>(1).consumer_tag, "c");
    assert_eq!(it.world.broker.queue("/", "q").unwrap().consumers, 0);
}

#[test]
fn any_method_and_any_bytes_are_sent_at_will() {
    let mut it = Client::with_channel();
    let stray = basic::Deliver::new("nobody", 7, "", "k");
    let mut faults = it.world.broker.faults();
    faults.method(it.id, ChannelId(9), &stray);
    assert_eq!(it.hears::<basic::Deliver>(9), stray);
    let garbage = Bytes::from_static(b"garbage");
    it.world.broker.faults().bytes(it.id, garbage);
    assert_eq!(it.world.raw(it.id), "garbage");
}

#[test]
fn the_output_is_cut_at_any_byte() {
    for cut in [0, 1, 7, 100, 500] {
        let mut world = World::new(Settings::new());
        let plan = Plan::new().cut_output_after(cut, Ending::Reset);
        world.broker.faults().on_next(plan);
        let mut it = Client::greeting(world);
        let said = it.world.raw(it.id);
        let whole = said.len() < usize::try_from(cut).unwrap();
        assert_eq!(it.world.broker.is_finished(it.id), !whole, "{cut}");
        if !whole {
            assert_eq!(said.len() as u64, cut);
            assert_eq!(it.world.broker.ending(it.id), Ending::Reset);
        }
    }
}

#[test]
fn the_handshake_fails_at_each_step_in_each_way() {
    let ways = || {
        [
            Refuse::Close(ReplyCode::NOT_ALLOWED, "not you".into()),
            Refuse::Eof,
            Refuse::Reset,
            Refuse::Garbage(Bytes::from_static(b"\xff\xff")),
            Refuse::Silence,
            Refuse::WrongMethod,
            Refuse::Header(*b"AMQP\x00\x00\x09\x01"),
        ]
    };
    let moments = [
        Moment::Header,
        Moment::StartOk,
        Moment::TuneOk,
        Moment::Open,
    ];
    for moment in moments {
        for way in ways() {
            let mut world = World::new(Settings::new());
            let plan = Plan::new().refuse_at(moment, way.clone());
            world.broker.faults().on_next(plan);
            let mut it = Client::greeting(world);
            let steps = moments.iter().position(|it| *it == moment).unwrap();
            if steps > 0 {
                it.hears::<connection::Start>(0);
                it.logs_in("\0guest\0guest", pika::wire::Table::new());
            }
            if steps > 1 {
                it.hears::<connection::Tune>(0);
                it.says(0, &connection::TuneOk::new(2047, 131_072, 60));
            }
            if steps > 2 {
                it.says(0, &connection::Open::new("/"));
            }
            let said = it.world.raw(it.id);
            let over = it.world.broker.is_finished(it.id);
            let (speaks, ends) = match way {
                Refuse::Eof | Refuse::Reset => (false, true),
                Refuse::Silence => (false, false),
                Refuse::Header(_) => (true, true),
                _ => (true, false),
            };
            assert_eq!(
                (!said.is_empty(), over),
                (speaks, ends),
                "{moment:?} {way:?}"
            );
        }
    }
}

#[test]
fn output_is_late_or_does_not_come_at_all() {
    let mut it = Client::with_channel();
    let id = it.id;
    let late = Plan::new().delay_output(2 * SECOND);
    it.world.broker.faults().on(id, late);
    it.says(1, &queue::Declare::new("q"));
    it.hears_nothing();
    it.world.wait(2 * SECOND);
    it.hears::<queue::DeclareOk>(1);
    it.world.broker.faults().on(id, Plan::new().stop_writing());
    it.says(1, &queue::Declare::new("q"));
    it.hears_nothing();
    it.world.broker.faults().on(id, Plan::new());
    it.hears::<queue::DeclareOk>(1);
    it.world.broker.faults().on(id, Plan::new().stop_reading());
    it.says(1, &queue::Declare::new("q"));
    it.hears_nothing();
    assert!(!it.world.broker.reads(id));
}

#[test]
fn a_byte_is_corrupted() {
    let mut it = Client::with_channel();
    let at = it.world.broker.outgoing(it.id).map(|output| output.total());
    let plan = Plan::new().corrupt_output_at(at.unwrap());
    it.world.broker.faults().on(it.id, plan);
    it.says(1, &queue::Declare::new("q"));
    let said = it.world.raw(it.id);
    assert_eq!(said.first(), Some(&!1));
    assert_eq!(it.world.broker.outgoing(it.id).unwrap().remaining(), 0);
}
