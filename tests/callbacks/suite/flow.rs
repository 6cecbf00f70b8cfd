//! Messages that may not be sent: the three attitudes.

use pika::broker::Plan;
use pika::connection::Body;
use pika::error::{Error, Forbidden, Misuse, Refused, TimedOut, Waiting};
use pika::wire::{ChannelId, ReplyCode, ShortStr};

use super::amqp::{basic, queue};
use super::{Channel, Delivery, Log, Scene, ms};

/// Lets the server stop or resume messages on a channel, and waits until that is known.
fn flow(scene: &Scene, channel: &Channel, active: bool) {
    say_flow(scene, channel.id(), active);
    scene.until("flow changes", || {
        (channel.forbidden() != Some(Forbidden::Flow)) == active
    });
}

fn say_flow(scene: &Scene, channel: ChannelId, active: bool) {
    scene.faults(|faults, id| {
        faults.flow(id, channel, active);
    });
}

fn to(queue: &ShortStr) -> (basic::Publish, basic::Properties) {
    (basic::Publish::new("", queue), basic::Properties::new())
}

/// Publishes when that is permitted, and notes what became of it.
fn hold(channel: &Channel, queue: &ShortStr, n: u32, log: &Log<(u32, pika::Result<()>)>) {
    let (publish, properties) = to(queue);
    let log = log.clone();
    let held = channel.basic_publish(&publish, &properties, n.to_string());
    held.unwrap()
        .then(move |sent| log.note((n, sent.map(drop))));
}

/// The numbers that went well.
fn good(log: &Log<(u32, pika::Result<()>)>) -> Vec<u32> {
    let all = log.take().into_iter();
    all.map(|(n, result)| result.map(|()| n).unwrap()).collect()
}

#[test]
fn r12_messages_are_refused_while_flow_is_off_and_everything_else_goes() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let (publish, properties) = to(&queue);
    let log = Log::new();
    let noting = log.clone();
    let begun = channel.consume(basic::Consume::new(&queue), move |delivery: Delivery| {
        noting.note(());
        delivery.ack()
    });
    scene.result(begun).unwrap();
    flow(&scene, &channel, false);
    let refused = channel.try_basic_publish(&publish, &properties, "refused");
    assert!(matches!(
        refused.unwrap_err().error,
        Error::ContentForbidden(Forbidden::Flow)
    ));
    let other = scene.channel();
    other.try_publish("", &queue, "other channels may").unwrap();
    scene.until("an ack goes", || log.len() == 1);
    let declare = queue::Declare::new(&queue).passive(true);
    scene.result(channel.queue_declare(declare)).unwrap();
    flow(&scene, &channel, true);
    channel
        .try_basic_publish(&publish, &properties, "taken")
        .unwrap();
    scene.until("it came", || log.len() == 2);
    scene.result(channel.close()).unwrap();
    assert_eq!(scene.count(&queue), 0, "both were acknowledged");
}

#[test]
fn r13_a_publish_waits_for_flow_and_the_order_is_kept() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let log = Log::new();
    let got = Log::new();
    let noting = got.clone();
    let consume = basic::Consume::new(&queue).no_ack(true);
    drop(channel.consume(consume, move |delivery: Delivery| {
        noting.note(String::from_utf8(delivery.body().to_vec()).unwrap());
    }));
    hold(&channel, &queue, 0, &log);
    flow(&scene, &channel, false);
    for n in 1..10 {
        hold(&channel, &queue, n, &log);
    }
    scene.for_a_while();
    assert_eq!(good(&log), [0]);
    // Off again before anything else is read: nothing may slip through, nothing change places.
    say_flow(&scene, channel.id(), true);
    say_flow(&scene, channel.id(), false);
    scene.for_a_while();
    say_flow(&scene, channel.id(), true);
    let (mine, inner) = (queue.clone(), log.clone());
    channel.on_flow(move |channel, active| {
        if active {
            // What waits must not be overtaken.
            hold(channel, &mine, 10, &inner);
        }
    });
    scene.until("all came", || got.len() == 11);
    let expected: Vec<_> = (0..11).map(|n| n.to_string()).collect();
    assert_eq!(got.take(), expected);
    assert_eq!(good(&log), (1..11).collect::<Vec<_>>());
}

#[test]
fn r13_a_publish_that_waits_too_long_is_given_up() {
    let scene = Scene::with(|config| config.blocked_timeout(ms(60)));
    let (channel, queue) = scene.channel_and_queue();
    flow(&scene, &channel, false);
    let log = Log::new();
    for n in 0..3 {
        hold(&channel, &queue, n, &log);
    }
    let late = TimedOut {
        waiting_for: Waiting::Permission(Forbidden::Flow),
        after: ms(60),
    };
    scene.until("all are given up", || log.len() == 3);
    for (_, result) in log.take() {
        assert!(matches!(result, Err(Error::TimedOut(found)) if found == late));
    }
    flow(&scene, &channel, true);
    scene.for_a_while();
    assert_eq!(scene.count(&queue), 0, "none was sent");
    hold(&channel, &queue, 4, &log);
    scene.until("the next one goes", || log.len() == 1);
}

#[test]
fn r14_a_flow_handler_is_called_at_registration_and_on_each_change() {
    let scene = Scene::new();
    let channel = scene.channel();
    flow(&scene, &channel, false);
    let (first, second) = (Log::new(), Log::new());
    let noting = first.clone();
    channel.on_flow(move |channel, active| noting.note((channel.id(), active)));
    scene.until("the state is told", || first.len() == 1);
    flow(&scene, &channel, true);
    let noting = second.clone();
    channel.on_flow(move |_, active| noting.note(active));
    flow(&scene, &channel, false);
    flow(&scene, &channel, true);
    scene.until("all is told", || first.len() == 4 && second.len() == 3);
    let one = ChannelId(1);
    let expected = [(one, false), (one, true), (one, false), (one, true)];
    assert_eq!(first.take(), expected);
    assert_eq!(second.take(), [true, false, true]);
}

#[test]
fn r15_a_message_that_is_refused_comes_back_as_it_was() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let (publish, properties) = to(&queue);
    flow(&scene, &channel, false);
    let body = vec![7; 100_000];
    let place = body.as_ptr();
    let refused = channel.try_basic_publish(&publish, &properties, body);
    let Err(Refused {
        error: Error::ContentForbidden(Forbidden::Flow),
        message: body,
    }) = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(body.as_ptr(), place, "it was not copied");
    // A program that asks again when it may.
    let log = Log::new();
    let (noting, waiting) = (log.clone(), std::cell::Cell::new(Some(body)));
    channel.on_flow(move |channel, active| {
        if let Some(body) = active.then(|| waiting.take()).flatten() {
            channel.try_basic_publish(&publish, &properties, body)?;
            noting.note(());
        }
        Ok(())
    });
    scene.for_a_while();
    say_flow(&scene, channel.id(), true);
    scene.until("it was sent", || log.len() == 1);
    scene.until("it is there", || scene.count(&queue) == 1);
    let too_long = "x".repeat(256);
    let refused = channel.try_publish("", too_long, "body").unwrap_err();
    assert!(matches!(
        refused.error,
        Error::Misuse(Misuse::NameTooLong { len: 256, .. })
    ));
    assert_eq!(refused.message, "body");
    let as_error = || -> pika::Result<()> {
        channel.try_publish("", "x".repeat(256), "body")?;
        Ok(())
    };
    assert!(as_error().is_err(), "`?` turns it into the error");
}

#[test]
fn so_much_waits_for_permission_and_no_more() {
    let scene = Scene::with(|config| config.output_water(1000, 20_000));
    let (channel, queue) = scene.channel_and_queue();
    let (publish, properties) = to(&queue);
    flow(&scene, &channel, false);
    let mut held = 0;
    let refused = loop {
        let body = Body::from(vec![0; 1000]);
        match channel.basic_publish(&publish, &properties, body) {
            Ok(_) => held += 1,
            Err(refused) => break refused,
        }
    };
    assert!((10..=20).contains(&held), "{held}");
    assert_eq!(refused.message.as_bytes().len(), 1000);
    assert!(matches!(
        refused.error,
        Error::ContentForbidden(Forbidden::Flow)
    ));
    flow(&scene, &channel, true);
    scene.until("what waited was sent", || scene.count(&queue) == held);
}

#[test]
fn output_is_bounded_while_the_server_does_not_read() {
    let scene = Scene::with(|config| config.output_water(100_000, 400_000));
    let (channel, queue) = scene.channel_and_queue();
    scene.faults(|faults, id| {
        faults.on(id, Plan::new().stop_reading());
    });
    let body = vec![0; 50_000];
    let mut sent = 0;
    let refused = loop {
        match channel.try_publish("", &queue, &body) {
            Ok(_) => sent += 1,
            Err(refused) => {
                // Until the network takes nothing any more.
                let before = scene.connection.traffic();
                scene.for_a_while();
                if scene.connection.traffic() == before {
                    break refused;
                }
            }
        }
    };
    let full = Forbidden::OutputFull;
    assert!(matches!(refused.error, Error::ContentForbidden(why) if why == full));
    let declare = queue::Declare::new(&queue).passive(true);
    let call = scene.result(channel.queue_declare(declare));
    assert!(matches!(call, Err(Error::ContentForbidden(why)) if why == full));
    let log = Log::new();
    hold(&channel, &queue, 0, &log);
    scene.for_a_while();
    assert_eq!(log.len(), 0);
    scene.faults(|faults, id| {
        faults.on(id, Plan::new());
    });
    scene.until("it reads again", || log.len() == 1);
    scene.until("all are there", || scene.count(&queue) == sent + 1);
}

#[test]
fn what_waits_when_its_channel_closes_completes_with_the_reason() {
    let scene = Scene::new();
    let log = Log::new();
    for by_server in [true, false] {
        let (channel, queue) = scene.channel_and_queue();
        channel.on_closed(|_, _| ());
        flow(&scene, &channel, false);
        for n in 0..3 {
            hold(&channel, &queue, n, &log);
        }
        match by_server {
            true => {
                let code = ReplyCode::RESOURCE_ERROR;
                scene.faults(|faults, id| {
                    faults.close_channel(id, channel.id(), code, "enough");
                });
            }
            false => drop(channel.close()),
        }
        scene.until("all are told", || log.len() == 3);
        for (_, result) in log.take() {
            let Err(Error::Closed(reason)) = result else {
                panic!("{result:?}");
            };
            assert_eq!(reason.is_normal(), !by_server);
        }
    }
}

#[test]
fn a_dropped_channel_is_closed_only_when_what_waits_was_sent() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    flow(&scene, &channel, false);
    let log = Log::new();
    hold(&channel, &queue, 1, &log);
    let (publish, properties) = to(&queue);
    let unwatched = channel.basic_publish(&publish, &properties, "2");
    drop(unwatched.unwrap());
    let number = channel.id();
    drop(channel);
    scene.for_a_while();
    assert_eq!(log.len(), 0);
    say_flow(&scene, number, true);
    scene.until("it was sent", || log.len() == 1);
    scene.until("both are there", || scene.count(&queue) == 2);
    scene.until("the number is free", || scene.channel().id() == number);
}
