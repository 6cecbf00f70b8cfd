//! Tickets: the queue of those that wait until they may send.

use pika::bytes::Buf as _;
use pika::connection::{ChannelKey, Ticket};
use pika::error::{Error, Forbidden, TimedOut, Waiting};
use pika::wire::ReplyCode;

use super::*;
use crate::kit::{SECOND, TUNE, forbidden, quiet};

const LOW: usize = 1000;
const HIGH: usize = 5000;

fn flow(it: &mut Dialogue, active: bool) {
    it.says(1, channel::Flow::new().active(active));
    it.hears(1, channel::FlowOk::new().active(active));
    it.event();
}

/// A channel on which content is stopped.
fn stopped() -> (Dialogue, ChannelKey) {
    let mut it = Dialogue::open_with(quiet().blocked_timeout(SECOND * 3), TUNE);
    let key = it.channel();
    flow(&mut it, false);
    (it, key)
}

/// A channel whose output is full, and not written.
fn full() -> (Dialogue, ChannelKey) {
    let config = quiet().output_water(LOW, HIGH).blocked_timeout(SECOND * 3);
    let mut it = Dialogue::open_with(config, TUNE);
    let key = it.channel();
    it.stalls();
    publishes(&mut it, key, HIGH).unwrap();
    (it, key)
}

fn publishes(it: &mut Dialogue, key: ChannelKey, len: usize) -> Result<(), Error> {
    let (publish, none) = (basic::Publish::new("", "q"), basic::Properties::new());
    let sent = it.on(key).publish(&publish, &none, vec![7; len]);
    sent.map(drop)
}

/// Publishes without a ticket, if that is permitted.
fn tries(it: &mut Dialogue, key: ChannelKey) -> Result<(), Error> {
    let publish = basic::Publish::new("", "q");
    let sent = it.on(key).try_publish(&publish, "body").map(drop);
    sent.map_err(|refused| {
        assert_eq!(refused.message, "body", "it comes back");
        refused.error
    })
}

/// Asks, is refused for this reason, and waits.
#[track_caller]
fn waits(it: &mut Dialogue, key: ChannelKey, why: Forbidden, ticket: &mut Option<Ticket>) {
    assert_eq!(it.on(key).refusal(*ticket), Some(why));
    let now = it.now();
    it.client.wait_to_send(Some(key), why, ticket, now).unwrap();
    assert!(ticket.is_some());
}

/// So many that wait for room.
fn many(it: &mut Dialogue, key: ChannelKey, count: usize) -> Vec<Option<Ticket>> {
    let mut tickets = vec![None; count];
    for ticket in &mut tickets {
        waits(it, key, Forbidden::OutputFull, ticket);
    }
    tickets
}

#[test]
fn a_ticket_is_ready_when_flow_resumes() {
    let (mut it, key) = stopped();
    let mut ticket = None;
    waits(&mut it, key, Forbidden::Flow, &mut ticket);
    assert_eq!(it.ready(), []);
    it.says(1, channel::Flow::new().active(true));
    assert_eq!(it.ready(), [ticket.unwrap()]);
    it.ignores();
    assert_eq!(it.on(key).refusal(ticket), None);
    publishes(&mut it, key, 10).unwrap();
    it.hears_content(1, &basic::Publish::new("", "q"));
    it.client.leave_queue(&mut ticket);
    assert_eq!((ticket, it.due()), (None, None));
}

#[test]
fn the_output_refuses_from_the_high_mark_down_to_the_low_one() {
    let (mut it, key) = full();
    let now = it.now();
    let mut ticket = None;
    waits(&mut it, key, Forbidden::OutputFull, &mut ticket);
    let many = it.client.outgoing_len() - LOW - 1;
    it.client.outgoing(now).advance(many);
    assert_eq!(it.client.outgoing_len(), LOW + 1);
    assert_eq!(forbidden(publishes(&mut it, key, 1)), Forbidden::OutputFull);
    let call = it.on(key).call(queue::Purge::new("q"), now);
    assert_eq!(forbidden(call), Forbidden::OutputFull);
    assert_eq!(it.client.refusal(None), Some(Forbidden::OutputFull));
    assert_eq!(it.ready(), []);
    it.client.outgoing(now).advance(1);
    assert!(it.client.has_events());
    assert_eq!(it.on(key).forbidden(), None);
    assert_eq!(it.ready(), [ticket.unwrap()]);
    assert_eq!(it.on(key).refusal(ticket), None);
    publishes(&mut it, key, 1).unwrap();
    it.client.leave_queue(&mut ticket);
    it.resumes();
    it.ignores();
}

#[test]
fn a_deadline_counts_from_the_first_refusal_whatever_the_reasons_since() {
    let mut it = Dialogue::open_with(
        quiet().output_water(LOW, HIGH).blocked_timeout(SECOND * 3),
        TUNE,
    );
    let key = it.channel();
    let other = it.channel();
    flow(&mut it, false);
    let mut ticket = None;
    waits(&mut it, key, Forbidden::Flow, &mut ticket);
    let start = it.elapsed();
    it.wait(SECOND);
    it.says(1, channel::Flow::new().active(true));
    assert_eq!(it.ready(), [ticket.unwrap()]);
    it.ignores();
    // Before its holder asks, there is another reason.
    it.stalls();
    publishes(&mut it, other, HIGH).unwrap();
    waits(&mut it, key, Forbidden::OutputFull, &mut ticket);
    assert_eq!(it.due(), Some(start + SECOND * 3));
    it.wait(SECOND);
    assert_eq!(it.ready(), []);
    it.wait(SECOND);
    assert_eq!(it.ready(), [ticket.unwrap()]);
    assert_eq!(it.due(), None);
    let (now, why) = (it.now(), Forbidden::OutputFull);
    let late = it.client.wait_to_send(Some(key), why, &mut ticket, now);
    let Err(Error::TimedOut(late)) = late else {
        panic!("{late:?}")
    };
    let waiting_for = Waiting::Permission(Forbidden::OutputFull);
    let after = SECOND * 3;
    assert_eq!(late, TimedOut { waiting_for, after });
    assert_eq!(ticket, None, "it was given back");
    it.resumes();
    it.ignores();
}

#[test]
fn one_that_is_late_may_still_send() {
    let (mut it, key) = stopped();
    let mut ticket = None;
    waits(&mut it, key, Forbidden::Flow, &mut ticket);
    it.wait(SECOND * 3);
    assert_eq!(it.ready(), [ticket.unwrap()]);
    flow(&mut it, true);
    assert_eq!(it.on(key).refusal(ticket), None);
    publishes(&mut it, key, 10).unwrap();
    it.hears_content(1, &basic::Publish::new("", "q"));
    it.client.leave_queue(&mut ticket);
}

#[test]
fn without_a_timeout_a_ticket_has_no_deadline() {
    let mut it = Dialogue::open_with(quiet().blocked_timeout(None), TUNE);
    let key = it.channel();
    flow(&mut it, false);
    let mut ticket = None;
    waits(&mut it, key, Forbidden::Flow, &mut ticket);
    assert_eq!(it.due(), None);
    it.wait(SECOND * 100_000);
    assert_eq!(it.ready(), []);
    it.client.leave_queue(&mut ticket);
}

#[test]
fn one_without_a_ticket_is_refused_while_others_wait() {
    let (mut it, key) = full();
    let mut tickets = many(&mut it, key, 17);
    it.resumes();
    let all: Vec<_> = tickets.iter().map(|ticket| ticket.unwrap()).collect();
    assert_eq!(it.ready(), all);
    it.ignores();
    // There is room, but the last one still waits for it: it asked before there was.
    let (now, why) = (it.now(), Forbidden::OutputFull);
    let again = it
        .client
        .wait_to_send(Some(key), why, &mut tickets[16], now);
    again.unwrap();
    assert_eq!(it.on(key).forbidden(), None);
    assert_eq!(forbidden(tries(&mut it, key)), Forbidden::OutputFull);
    assert_eq!(it.on(key).refusal(None), Some(Forbidden::OutputFull));
    assert_eq!(it.client.refusal(None), Some(Forbidden::OutputFull));
    for ticket in tickets.iter() {
        assert_eq!(it.on(key).refusal(*ticket), None);
        assert_eq!(it.client.refusal(*ticket), None);
    }
    it.hears_nothing();
    // One that succeeds or leaves wakes the next.
    it.client.leave_queue(&mut tickets[3]);
    assert_eq!(it.ready(), [tickets[16].unwrap()]);
    tries(&mut it, key).unwrap();
    it.hears_content(1, &basic::Publish::new("", "q"));
    for ticket in &mut tickets {
        it.client.leave_queue(ticket);
    }
    assert_eq!(it.ready(), []);
}

#[test]
fn those_that_are_woken_and_do_not_ask_stop_no_other() {
    let (mut it, key) = full();
    let mut tickets = many(&mut it, key, 100);
    it.resumes();
    assert_eq!(it.ready().len(), 100);
    it.ignores();
    assert_eq!(it.on(key).refusal(tickets[99]), None);
    publishes(&mut it, key, 10).unwrap();
    it.hears_content(1, &basic::Publish::new("", "q"));
    it.client.leave_queue(&mut tickets[99]);
    assert_eq!(it.ready(), []);
    tries(&mut it, key).unwrap();
    it.hears_content(1, &basic::Publish::new("", "q"));
}

#[test]
fn tickets_are_ready_in_the_order_in_which_they_came() {
    let (mut it, key) = stopped();
    let mut tickets = [None; 3];
    for ticket in &mut tickets {
        waits(&mut it, key, Forbidden::Flow, ticket);
    }
    // Waiting once more keeps the place.
    waits(&mut it, key, Forbidden::Flow, &mut tickets[0]);
    it.says(1, channel::Flow::new().active(true));
    assert_eq!(it.ready(), tickets.map(Option::unwrap));
    it.ignores();
}

#[test]
fn a_stopped_channel_holds_up_no_other() {
    let (mut it, key) = stopped();
    let other = it.channel();
    let mut ticket = None;
    waits(&mut it, key, Forbidden::Flow, &mut ticket);
    assert_eq!(it.on(other).refusal(None), None);
    assert_eq!(it.client.refusal(None), None, "flow stops no methods");
    tries(&mut it, other).unwrap();
    it.hears_content(2, &basic::Publish::new("", "q"));
    it.says(2, channel::Flow::new().active(true));
    assert_eq!(it.ready(), []);
    it.ignores();
}

#[test]
fn a_method_of_the_connection_waits_for_room_too() {
    let (mut it, _) = full();
    let (mut ticket, now) = (None, it.now());
    let why = it.client.refusal(None).unwrap();
    let waiting = it.client.wait_to_send(None, why, &mut ticket, now);
    waiting.unwrap();
    it.resumes();
    assert_eq!(it.ready(), [ticket.unwrap()]);
    assert_eq!(it.client.refusal(ticket), None);
    it.client.leave_queue(&mut ticket);
    it.ignores();
}

#[test]
fn a_channel_that_closes_wakes_its_tickets_and_no_other() {
    for by_server in [false, true] {
        let (mut it, key) = stopped();
        let other = it.channel();
        it.says(2, channel::Flow::new().active(false));
        it.ignores();
        let (mut ticket, mut stays) = (None, None);
        waits(&mut it, other, Forbidden::Flow, &mut stays);
        waits(&mut it, key, Forbidden::Flow, &mut ticket);
        let now = it.now();
        if by_server {
            it.says(1, channel::Close::new(406, "", 0, 0));
        } else {
            let on = &mut it.on(key);
            on.close(ReplyCode::REPLY_SUCCESS, "".into(), now).unwrap();
        }
        assert_eq!(it.ready(), [ticket.unwrap()], "by the server: {by_server}");
        assert!(it.client.channel_closed(key).is_some());
        it.client.leave_queue(&mut ticket);
        assert_eq!(it.ready(), []);
        assert!(it.due().is_some(), "the other one waits on");
        it.ignores();
    }
}

#[test]
fn the_end_of_the_connection_wakes_all() {
    let (mut it, key) = stopped();
    let mut tickets = [None; 20];
    for ticket in &mut tickets {
        waits(&mut it, key, Forbidden::Flow, ticket);
    }
    it.hangs_up();
    assert_eq!(it.ready(), tickets.map(Option::unwrap));
    assert_eq!(it.due(), None);
    it.ignores();
}
