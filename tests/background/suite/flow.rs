use std::thread;
use std::time::Instant;

use pika::Error;
use pika::blocking::Notice;
use pika::broker::Plan;
use pika::error::{Forbidden, Refused, TimedOut, Waiting};

use super::*;

fn set_flow<G>(stage: &Stage<G>, channel: &Channel, active: bool) {
    let (id, number) = (stage.first(), channel.id());
    stage.with(|broker| {
        broker.faults().flow(id, number, active);
    });
}

#[test]
fn a_publish_waits_until_the_server_lets_it_through() {
    let stage = Stage::new();
    let connection = open(&stage);
    let (channel, queue) = channel_and_queue(&connection);
    let mut changes = channel.flow_changes();
    assert!(changes.next().unwrap());
    set_flow(&stage, &channel, false);
    assert!(!changes.next().unwrap());
    assert_eq!(channel.forbidden(), Some(Forbidden::Flow));
    assert_eq!(changes.next_within(BRIEFLY).unwrap(), None);
    let publish = basic::Publish::new("", queue.clone());
    let properties = basic::Properties::new();
    let refused = channel.try_basic_publish(&publish, &properties, "no");
    assert!(matches!(
        refused.map_err(Error::from),
        Err(Error::ContentForbidden(Forbidden::Flow))
    ));

    let publishers: Vec<_> = (0..4)
        .map(|_| {
            let (channel, queue) = (channel.clone(), queue.clone());
            thread::spawn(move || channel.publish("", &queue, "yes"))
        })
        .collect();
    // Other methods go on meanwhile.
    let passive = queue::Declare::new(queue.clone()).passive(true);
    assert_eq!(
        channel
            .queue_declare(passive.clone())
            .unwrap()
            .message_count,
        0
    );
    set_flow(&stage, &channel, true);
    assert!(changes.next().unwrap());
    for publisher in publishers {
        publisher.join().unwrap().unwrap();
    }
    assert_eq!(channel.queue_declare(passive).unwrap().message_count, 4);
    let notices = [connection.try_next_notice(), connection.try_next_notice()];
    for (notice, expected) in notices.into_iter().zip([false, true]) {
        let Some(Notice::Flow { active, .. }) = notice else {
            panic!("{notice:?}");
        };
        assert_eq!(active, expected);
    }
    connection.close().unwrap();
}

#[test]
fn a_publish_that_is_stopped_for_too_long_says_so() {
    let stage = Stage::new();
    let config = config(&stage).blocked_timeout(BRIEFLY);
    let connection: Connection = way::open_as(config).unwrap();
    let (channel, queue) = channel_and_queue(&connection);
    set_flow(&stage, &channel, false);
    assert!(soon(|| channel.forbidden().is_some()));
    let began = Instant::now();
    let error = channel.publish("", &queue, "late").unwrap_err();
    assert!(began.elapsed() < PATIENCE);
    let expected = TimedOut {
        waiting_for: Waiting::Permission(Forbidden::Flow),
        after: BRIEFLY,
    };
    assert!(
        matches!(error, Error::TimedOut(found) if found == expected),
        "{error:?}"
    );
    set_flow(&stage, &channel, true);
    assert!(soon(|| channel.forbidden().is_none()));
    channel.publish("", &queue, "in time").unwrap();
    let passive = queue::Declare::new(queue).passive(true);
    assert_eq!(channel.queue_declare(passive).unwrap().message_count, 1);
}

#[test]
fn a_server_that_does_not_read_stops_publishers_and_no_memory_is_filled() {
    let stage = Stage::new();
    let low = 64 * 1024;
    let config = config(&stage).output_water(low, 4 * low);
    let connection: Connection = way::open_as(config).unwrap();
    let (channel, queue) = channel_and_queue(&connection);
    let id = stage.first();
    stage.with(|broker| {
        broker.faults().on(id, Plan::new().stop_reading());
    });
    let publish = basic::Publish::new("", queue);
    let (properties, body) = (basic::Properties::new(), vec![0; low]);
    // The system takes some megabytes before it is full.
    let full = |_: &u32| match channel.try_basic_publish(&publish, &properties, &body) {
        Ok(_) => false,
        Err(Refused {
            error: Error::ContentForbidden(Forbidden::OutputFull),
            ..
        }) => {
            thread::sleep(BRIEFLY);
            channel.forbidden() == Some(Forbidden::OutputFull)
        }
        Err(error) => panic!("{error:?}"),
    };
    assert!((0..10_000).any(|round| full(&round)));
    stage.with(|broker| {
        broker.faults().on(id, Plan::new());
    });
    channel.basic_publish(&publish, &properties, &body).unwrap();
    assert_eq!(channel.forbidden(), None);
    connection.close().unwrap();
}

#[test]
fn notices_and_changes_end_with_the_connection() {
    let stage = Stage::new();
    let connection = open(&stage);
    let channel = connection.channel().unwrap();
    assert!(connection.try_next_notice().is_none());
    assert!(connection.next_notice_within(BRIEFLY).is_none());
    let mut blocked = connection.blocked_changes();
    assert_eq!(blocked.next().unwrap(), None);
    assert_eq!(blocked.next_within(BRIEFLY).unwrap(), None);
    let mut flow = channel.flow_changes();
    assert!(flow.next().unwrap());
    let other = connection.clone();
    let waiting = thread::spawn(move || other.next_notice_within(PATIENCE).is_none());
    let watching = thread::spawn(move || (blocked.next().is_err(), flow.next().is_err()));
    connection.close().unwrap();
    assert!(waiting.join().unwrap());
    assert_eq!(watching.join().unwrap(), (true, true));
}
