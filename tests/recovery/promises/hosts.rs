//! Several hosts: another one is tried soon, the same one after a delay.

use std::time::Duration;

use pika::config::{Config, Credentials, HostOrder};
use pika::recovery::{Recovery, Status};
use tokio::time::{sleep, timeout};

use super::{Client, LONG, SECOND, gone_and_back, until};
use crate::world::{World, now};

fn config() -> Config {
    let recovery = Recovery::new().delays(10 * SECOND, 10 * SECOND);
    Config::new()
        .hosts(["a:1", "b:2", "c:3"])
        .host_order(HostOrder::Given)
        .recovery(recovery.random(|| 0.5))
}

async fn open(world: &World) -> Client {
    let opening = Client::open_with(world.clone(), config());
    timeout(LONG, opening).await.expect("it opens").unwrap()
}

#[tokio::test(start_paused = true)]
async fn p06_another_host_is_tried_soon_after_one_is_lost() {
    let world = World::new(1);
    let connection = open(&world).await;
    assert_eq!(world.lock().ports, [1]);
    world.with(|state, _| state.closed_ports = vec![1, 2]);
    let lost = now();
    world.cut();
    gone_and_back(&connection).await;
    assert_eq!(world.lock().ports, [1, 2, 3]);
    assert_eq!(now() - lost, Duration::from_millis(125), "half of 250 ms");

    // The one that was lost is tried last, after the delay.
    world.with(|state, _| state.closed_ports = vec![2, 3]);
    sleep(60 * SECOND).await;
    let lost = now();
    world.cut();
    gone_and_back(&connection).await;
    assert_eq!(world.lock().ports[3..], [1]);
    assert!(now() - lost < SECOND);
    world.with(|state, _| state.closed_ports = vec![2, 3]);
    sleep(60 * SECOND).await;
    world.cut();
    gone_and_back(&connection).await;
    assert_eq!(world.lock().ports[4..], [2, 3, 1]);
}

#[tokio::test(start_paused = true)]
async fn p06_a_host_that_ends_the_login_is_passed_over() {
    let world = World::new(1);
    world.with(|state, _| (state.mute_ports, state.closed_ports) = (vec![1], vec![2]));
    let connection = open(&world).await;
    assert!(connection.status().is_open());
    assert_eq!(world.lock().ports, [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn p06_hosts_that_all_end_the_login_are_not_tried_in_a_circle() {
    let world = World::new(1);
    let connection = open(&world).await;
    world.with(|state, _| (state.mute_ports, state.ports) = (vec![1, 2, 3], Vec::new()));
    let start = now();
    world.cut();
    sleep(60 * SECOND).await;
    let status = connection.status();
    assert!(matches!(status, Status::Away { .. }), "{status}");
    let state = world.lock();
    for port in 1..=3 {
        let attempts = state.attempts.iter().skip(1).zip(&state.ports);
        let times: Vec<_> = attempts
            .filter(|it| *it.1 == port)
            .map(|it| *it.0)
            .collect();
        for pair in times.windows(2) {
            assert!(pair[1] - pair[0] >= 5 * SECOND, "{port}: {pair:?}");
        }
        assert!(times.len() > 5, "{port}: {times:?} since {start:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn p06_a_refusal_is_one_of_all_hosts() {
    let world = World::new(1);
    let config = config().credentials(Credentials::new("guest", "wrong"));
    let opening = Client::open_with(world.clone(), config);
    let error = timeout(LONG, opening).await.expect("it ends").unwrap_err();
    assert!(!error.is_retriable(), "{error}");
    assert_eq!(world.lock().ports, [1]);
}

#[tokio::test(start_paused = true)]
async fn p06_without_a_way_to_any_host_the_error_names_all() {
    let world = World::new(1);
    world.with(|state, _| (state.mute_ports, state.closed_ports) = (vec![3], vec![1, 2]));
    let opening = Client::open_with(world.clone(), config());
    let error = timeout(LONG, opening).await.expect("it ends").unwrap_err();
    let text = error.to_string();
    assert!(text.contains("`a`") && text.contains("`b`"), "{text}");
    let connection = {
        world.with(|state, _| state.mute_ports.clear());
        open(&world).await
    };
    until(&connection, Status::is_open).await;
}

#[tokio::test(start_paused = true)]
async fn p08_reconnecting_by_hand_skips_the_delay_once() {
    let world = World::new(1);
    let recovery = Recovery::new().delays(100 * SECOND, 100 * SECOND);
    let config = Config::new().recovery(recovery.random(|| 1.0));
    let connection = Client::open_with(world.clone(), config).await.unwrap();
    connection.reconnect();
    assert_eq!(world.lock().ports.len(), 1, "it is open");
    world.with(|state, _| state.is_down = true);
    let lost = now();
    world.cut();
    until(&connection, |status| {
        matches!(
            status,
            Status::Away {
                next_attempt: Some(_),
                ..
            }
        )
    })
    .await;
    connection.reconnect();
    connection.reconnect();
    sleep(SECOND).await;
    assert_eq!(world.lock().ports.len(), 2, "one attempt at once");
    world.with(|state, _| state.is_down = false);
    until(&connection, Status::is_open).await;
    assert!(now() - lost >= 100 * SECOND, "the next one after the delay");
}
