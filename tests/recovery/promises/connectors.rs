//! Streams that a program opens itself.

use std::io;
use std::sync::{Arc, Mutex};

use pika::asynchronous::{Connection, Runtime as _};
use pika::config::Config;
use pika::recovery::Status;
use pika::tokio::Tokio;
use tokio::time::timeout;

use super::{LONG, recovery};
use crate::world::World;

#[tokio::test(start_paused = true)]
async fn p12_a_connector_opens_the_stream_of_each_attempt() {
    let world = World::new(1);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let runtime = {
        let (world, asked) = (world.clone(), asked.clone());
        Tokio::with_connector(move |host, port| {
            asked.lock().unwrap().push(format!("{host}:{port}"));
            let world = world.clone();
            async move { world.connect(([127, 0, 0, 1], port).into()).await }
        })
    };
    let config = Config::new().hosts(["a:1", "b:2"]).recovery(recovery());
    let opening = Connection::<Tokio>::open_with(runtime, config);
    let connection = timeout(LONG, opening).await.expect("it opens").unwrap();
    world.with(|state, _| state.closed_ports = vec![2]);
    world.cut();
    let mut changes = connection.status_changes();
    let back = async {
        while !matches!(changes.next().await, Some(Status::Away { .. })) {}
        while !changes.next().await.expect("it comes back").is_open() {}
    };
    timeout(LONG, back).await.expect("it comes back");
    assert_eq!(*asked.lock().unwrap(), ["a:1", "b:2", "a:1"]);
    connection.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn p12_the_error_of_a_connector_is_named() {
    for with_recovery in [false, true] {
        let runtime = Tokio::with_connector(|_, _| async {
            Err(io::Error::other("the proxy knows no such host"))
        });
        let mut config = Config::new().hosts(["a:1", "b:2"]);
        config.recovery = with_recovery.then(recovery);
        let opening = Connection::<Tokio>::open_with(runtime, config);
        let opened = timeout(LONG, opening).await.expect("it ends");
        let text = opened.expect_err("there is no way").to_string();
        for host in ["`a` (port 1)", "`b` (port 2)"] {
            let expected = format!("could not connect to {host}: the proxy knows no such host");
            assert!(text.contains(&expected), "{text}");
        }
    }
}
