//! Handles in many hands, and dropped where no runtime is.

use std::time::Duration;

use pika::broker::Plan;
use tokio::runtime::Builder;

use super::amqp::queue;
use super::stage::{consume, declare, get};
use super::*;
use crate::flavour::{CurrentThread, Flavour, MultiThread, sleep};
use crate::hosted::Hosted;
use crate::task::{Task, poll_once, spawn};

in_each_runtime! {
    async fn a_task_that_is_aborted_with_all_it_holds_leaves_nothing() {
        for at in 0..6_u64 {
            let stage = Stage::<F>::new().await;
            stage.fill(10).await;
            let Stage { hosted, connection, channel, side } = stage;
            let task: Task<()> = spawn::<F, _>(async move {
                let mut consumer = channel.consume(consume()).await.unwrap();
                let first = consumer.next().await.unwrap().unwrap();
                let call = side.queue_declare(declare());
                let fetched = side.get(get()).await.unwrap();
                let other = connection.channel().await.unwrap();
                while consumer.next().await.is_ok() {}
                drop((first, call, fetched, other));
            });
            sleep::<F>(Duration::from_micros(at * 300)).await;
            task.abort();
            let ended = hosted.until(|hosted| hosted.open_transports() == 0);
            assert!(soon::<F, _>(ended).await.is_some(), "the connection stays");
            assert_eq!(hosted.heard("connection.close"), 1);
            assert_eq!(super::stage::queue_of(&hosted), (10, 0, 0));
        }
    }

    async fn a_channel_leads_to_its_connection_and_keeps_it() {
        let Stage { hosted, connection, channel, side } = Stage::<F>::new().await;
        drop((connection, side));
        let connection: Connection<F> = channel.connection();
        drop(channel);
        let next = connection.channel().await.unwrap();
        assert_eq!(next.queue_declare(declare()).await.unwrap().queue, "q");
        let other: Connection<F> = next.connection();
        other.close().await.unwrap();
        assert!(connection.closed().unwrap().is_normal());
        assert!(next.closed().unwrap().is_normal());
        assert_eq!(hosted.heard("connection.close"), 1);
    }

    async fn r17_a_connection_and_its_channels_may_be_shared_by_tasks() {
        let stage = Stage::<F>::new().await;
        let tasks: Vec<_> = (0..12)
            .map(|number: u32| {
                let (connection, shared) = (stage.connection.clone(), stage.channel.clone());
                spawn::<F, _>(async move {
                    let name = pika::wire::ShortStr::new(format!("own-{number}")).unwrap();
                    for round in 0..20 {
                        let declare = queue::Declare::new(&name);
                        assert_eq!(shared.queue_declare(declare).await.unwrap().queue, name);
                        let own = connection.channel().await.unwrap();
                        let body = [number.to_be_bytes(), u32::to_be_bytes(round)].concat();
                        shared.publish("", &name, &body).await.unwrap();
                        let fetched = own.queue_purge(queue::Purge::new(&name)).await.unwrap();
                        assert!(fetched.message_count <= 1);
                        own.close().await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            soon::<F, _>(task).await.expect("nobody waits for another");
        }
        stage.settled().await;
    }
}

/// All handles there are, each held once.
struct Held<F: Flavour> {
    stage: Stage<F>,
    consumer: Consumer,
    third: Channel,
}

async fn held<F: Flavour>() -> Held<F> {
    let stage = Stage::<F>::new().await;
    stage.fill(3).await;
    let consumer = stage.channel.consume(consume()).await.unwrap();
    let third = stage.connection.channel().await.unwrap();
    Held {
        stage,
        consumer,
        third,
    }
}

#[test]
fn handles_outlive_their_runtime_and_tell_that_it_is_gone() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let Held {
        stage,
        mut consumer,
        third,
    } = runtime.block_on(held::<MultiThread>());
    stage.hosted.now(Plan::new().withhold("queue.declare-ok"));
    let mut call = Box::pin(stage.channel.queue_declare(declare()));
    drop(runtime);
    // Another executor will do for what needs no driver.
    smol::block_on(async {
        assert!(call.as_mut().await.is_err());
        while let Ok(Some(delivery)) = consumer.next().await {
            assert!(delivery.ack().unwrap().is_stale());
        }
        assert!(stage.connection.close().await.is_err());
        assert!(third.publish("", "q", "x").await.is_err());
        assert!(stage.connection.channel().await.is_err());
        assert!(!stage.connection.is_open());
    });
    drop((consumer, third, stage));
}

#[test]
fn handles_are_dropped_outside_of_their_runtime_while_it_runs() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    for order in 0..4 {
        let Held {
            stage,
            consumer,
            third,
        } = runtime.block_on(held::<MultiThread>());
        let hosted = stage.hosted.clone();
        match order {
            0 => drop((stage, third, consumer)),
            1 => drop((consumer, third, stage)),
            2 => drop((third, stage, consumer)),
            _ => std::thread::spawn(move || drop((stage, consumer, third)))
                .join()
                .unwrap(),
        }
        runtime.block_on(hosted.until(|hosted| hosted.open_transports() == 0));
        assert_eq!(hosted.heard("connection.close"), 1);
        assert_eq!(super::stage::queue_of(&hosted), (3, 0, 0));
    }
}

#[test]
fn handles_are_dropped_in_the_drop_of_a_runtime() {
    for workers in [0, 2] {
        let mut builder = match workers {
            0 => Builder::new_current_thread(),
            _ => Builder::new_multi_thread(),
        };
        let runtime = builder.enable_all().build().unwrap();
        let hosted = runtime.block_on(async {
            let Held {
                stage,
                mut consumer,
                third,
            } = held::<CurrentThread>().await;
            let hosted = stage.hosted.clone();
            // Dropped by the runtime, before or after the driver.
            for _ in 0..3 {
                let (channel, connection) = (third.clone(), stage.connection.clone());
                tokio::spawn(async move {
                    let mut closed = Box::pin(connection.wait_closed());
                    let _ = poll_once(closed.as_mut()).await;
                    channel.next_returned().await
                });
            }
            tokio::spawn(async move {
                let stage = stage;
                while consumer.next().await.is_ok_and(|next| next.is_some()) {}
                drop(stage);
            });
            tokio::task::yield_now().await;
            hosted
        });
        drop(runtime);
        assert_eq!(hosted.open_transports(), 0);
    }
}

#[test]
fn a_driver_that_never_ran_is_dropped_outside_of_a_runtime() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (opening, driver) = runtime.block_on(async {
        let hosted = Hosted::new::<CurrentThread>();
        let stream = CurrentThread::stream(hosted.wire());
        Connection::<CurrentThread>::start(stream, patient())
    });
    drop(runtime);
    drop(driver);
    let opened = smol::block_on(opening);
    assert!(opened.is_err());
}
