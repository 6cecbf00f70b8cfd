//! Whatever ends a connection, everybody who waits on it is told why, and soon.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

use pika::Error;
use pika::broker::{Ending, Plan, Settings};
use pika::bytes::Bytes;
use pika::config::Heartbeat;
use pika::error::{Cause, Closed, TransportEnd};
use pika::tokio::ConsumerEnd;
use pika::wire::{ChannelId, ReplyCode, Scope};

use super::amqp::{Version, basic, queue};
use super::stage::{consume, declare, get};
use super::*;
use crate::flavour::{Flavour, sleep, within};
use crate::hosted::Hosted;
use crate::task::{Task, spawn, waits};

/// Tasks that wait for everything that can be waited for, and for the reason of the end.
struct Everybody(Vec<(&'static str, Task<Option<Error>>)>);

impl Everybody {
    fn add<F: Flavour>(
        &mut self,
        name: &'static str,
        waits: impl Future<Output = Option<Error>> + Send + 'static,
    ) {
        self.0.push((name, spawn::<F, _>(waits)));
    }

    async fn waiting_on<F: Flavour>(stage: &Stage<F>) -> Self {
        let mut everybody = Self(Vec::new());
        let withheld = [
            "queue.declare-ok",
            "channel.open-ok",
            "basic.get-empty",
            "basic.qos-ok",
        ];
        let plan = withheld.into_iter().fold(Plan::new(), Plan::withhold);
        let mut consumer = stage.channel.consume(consume()).await.unwrap();
        let third = stage.connection.channel().await.unwrap();
        stage.flow(false).await;
        let mut flow = stage.channel.flow_changes();
        flow.next().await.unwrap();
        while stage.connection.next_notice().await.is_none() {}
        stage.hosted.now(plan);

        let (channel, connection) = (stage.channel.clone(), stage.connection.clone());
        everybody.add::<F>("consumer", async move {
            let told = consumer.next().await;
            // After a close of the program that is no error; the consumer knows the reason.
            let Some(ConsumerEnd::Closed(reason)) = consumer.end() else {
                return None;
            };
            assert_eq!(told.is_ok(), reason.is_normal());
            Some(reason.into())
        });
        everybody.add::<F>("flow", async move { flow.next().await.err() });
        let call = third.queue_declare(declare());
        everybody.add::<F>("call", async move {
            let told = call.await.err();
            drop(third);
            told
        });
        let fetch = stage.side.get(get());
        everybody.add::<F>("get", async move { fetch.await.err() });
        let open = connection.channel();
        everybody.add::<F>("channel", async move { open.await.err() });
        let on = channel.clone();
        everybody.add::<F>(
            "publish",
            async move { on.publish("", "q", "x").await.err() },
        );
        let on = channel.clone();
        everybody.add::<F>("returned", async move { on.next_returned().await.err() });
        let on = channel.clone();
        everybody.add::<F>("closed channel", async move {
            Some(on.wait_closed().await.into())
        });
        let on = connection.clone();
        everybody.add::<F>("closed", async move { Some(on.wait_closed().await.into()) });
        let on = connection.clone();
        everybody.add::<F>("notice", async move {
            while on.next_notice().await.is_some() {}
            Some(on.closed().unwrap().into())
        });
        sleep::<F>(Duration::from_millis(5)).await;
        for (name, task) in &everybody.0 {
            assert!(task.is_running(), "{name} should wait");
        }
        everybody
    }

    /// All are told, and the same.
    async fn are_told<F: Flavour>(self, time: Duration) -> Arc<Closed> {
        let mut reasons = Vec::new();
        for (name, task) in self.0 {
            let told = within::<F, _>(time, task).await;
            let error = told.unwrap_or_else(|| panic!("{name} waits for ever"));
            let error = error.unwrap_or_else(|| panic!("{name} was told that all is well"));
            let (Error::Closed(reason) | Error::Protocol(reason)) = error else {
                panic!("{name} was told {error:?}");
            };
            reasons.push((name, reason));
        }
        for (name, reason) in &reasons {
            assert_eq!(reason, &reasons[0].1, "{name}");
        }
        reasons.remove(0).1
    }
}

const SOON: Duration = Duration::from_secs(5);

in_each_runtime! {
    async fn all_are_told_that_the_server_closed() {
        let stage = Stage::<F>::new().await;
        let all = Everybody::waiting_on(&stage).await;
        let code = ReplyCode::CONNECTION_FORCED;
        stage.hosted.faults(|faults, id| { faults.close(id, code, "maintenance"); });
        let reason = all.are_told::<F>(SOON).await;
        assert_eq!((reason.code(), reason.scope), (Some(code), Scope::Connection));
        stage.hosted.hears("connection.close-ok", 1).await;
        stage.hosted.until(|hosted| hosted.open_transports() == 0).await;
    }

    async fn all_are_told_that_the_transport_ended() {
        for (ending, expected) in [
            (Ending::Close, TransportEnd::Eof),
            (Ending::Reset, TransportEnd::Failed(std::io::ErrorKind::ConnectionReset)),
        ] {
            let stage = Stage::<F>::new().await;
            let all = Everybody::waiting_on(&stage).await;
            stage.hosted.faults(|faults, id| { faults.end(id, ending); });
            let reason = all.are_told::<F>(SOON).await;
            let Cause::Transport { end, during: None } = &reason.cause else {
                panic!("{reason:?}");
            };
            assert_eq!(*end, expected);
            stage.hosted.until(|hosted| hosted.open_transports() == 0).await;
        }
    }

    async fn all_are_told_of_garbage() {
        for garbage in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], &[1, 0, 0, 0, 0, 0, 1, 7, 7], &[0xff; 600]] {
            let stage = Stage::<F>::new().await;
            let all = Everybody::waiting_on(&stage).await;
            let garbage = Bytes::from_static(garbage);
            stage.hosted.faults(|faults, id| { faults.bytes(id, garbage); });
            let reason = all.are_told::<F>(SOON).await;
            assert!(matches!(reason.cause, Cause::Protocol(_)), "{reason:?}");
            stage.hosted.until(|hosted| hosted.open_transports() == 0).await;
        }
    }

    async fn all_are_told_that_the_program_closed() {
        let stage = Stage::<F>::new().await;
        let all = Everybody::waiting_on(&stage).await;
        stage.connection.close().await.unwrap();
        assert!(all.are_told::<F>(SOON).await.is_normal());
    }

    async fn all_are_told_that_the_driver_is_gone() {
        let hosted = Hosted::new::<F>();
        let stream = F::stream(hosted.wire());
        let (opening, driver) = Connection::<F>::start(stream, patient());
        let driver = spawn::<F, _>(driver);
        let connection = opening.await.unwrap();
        let stage = Stage::<F>::play(hosted, connection).await;
        let all = Everybody::waiting_on(&stage).await;
        driver.abort();
        let reason = all.are_told::<F>(SOON).await;
        let expected = Cause::Transport { end: TransportEnd::Undriven, during: None };
        assert_eq!(reason.cause, expected);
        assert!(reason.to_string().contains("its runtime ended"), "{reason}");
        assert!(stage.channel.queue_declare(declare()).await.is_err());
        assert!(stage.connection.channel().await.is_err());
        assert!(stage.connection.close().await.is_err());
    }

    async fn the_last_words_of_a_server_that_resets_are_heard() {
        let stage = Stage::<F>::new().await;
        let code = ReplyCode::CONNECTION_FORCED;
        stage.hosted.faults(|faults, id| {
            faults.close(id, code, "go away").end(id, Ending::Close);
        });
        stage.channel.publish("", "q", &[0; 100_000]).await.unwrap_or_default();
        let reason = soon::<F, _>(stage.connection.wait_closed()).await.unwrap();
        assert_eq!(reason.code(), Some(code));
    }

    async fn a_driver_ends_with_its_connection() {
        let hosted = Hosted::new::<F>();
        let stream = F::stream(hosted.wire());
        let (opening, driver) = pika::asynchronous::Connection::<F::Runtime, Version>::start(
            stream,
            patient(),
        );
        let driver = spawn::<F, _>(driver);
        let connection = opening.await.unwrap();
        assert!(driver.is_running());
        connection.close().await.unwrap();
        soon::<F, _>(driver).await.expect("the driver ends");
        assert_eq!(hosted.open_transports(), 0);
    }

    async fn what_a_channel_waits_for_ends_with_it_and_other_channels_go_on() {
        let stage = Stage::<F>::new().await;
        stage.hosted.now(Plan::new().withhold("queue.delete-ok"));
        let mut consumer = stage.channel.consume(consume()).await.unwrap();
        let pending = stage.channel.queue_delete(queue::Delete::new("other"));
        let code = ReplyCode::PRECONDITION_FAILED;
        let channel = stage.channel.id();
        stage.hosted.faults(|faults, id| { faults.close_channel(id, channel, code, "no"); });
        for error in [
            soon::<F, _>(consumer.next()).await.unwrap().map(drop),
            soon::<F, _>(pending).await.unwrap().map(drop),
            soon::<F, _>(stage.channel.next_returned()).await.unwrap().map(drop),
            stage.channel.publish("", "q", "x").await.map(drop),
            stage.channel.close().await,
        ] {
            let reason = super::stage::reason(error);
            assert_eq!((reason.code(), reason.scope), (Some(code), Scope::Channel));
        }
        stage.settled().await;
        stage.side.basic_qos(basic::Qos::new(1)).await.unwrap();
    }
}

/// Runs a future, or does not.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<(bool, Option<Waker>)>>);

impl Gate {
    async fn run<T>(self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        poll_fn(|cx| {
            let mut gate = self.0.lock().unwrap();
            if gate.0 {
                gate.1 = Some(cx.waker().clone());
                return Poll::Pending;
            }
            drop(gate);
            future.as_mut().poll(cx)
        })
        .await
    }

    fn close(&self) {
        self.0.lock().unwrap().0 = true;
    }

    fn open(&self) {
        let (_, waker) = std::mem::take(&mut *self.0.lock().unwrap());
        waker.into_iter().for_each(Waker::wake);
    }
}

in_simulated_time! {
    async fn what_came_while_nobody_ran_the_driver_came_in_time() {
        let hosted = Hosted::new::<F>();
        let (opening, driver) = Connection::<F>::start(F::stream(hosted.wire()), patient());
        let gate = Gate::default();
        let _driver = spawn::<F, _>(gate.clone().run(driver));
        let stage = Stage::<F>::play(hosted, opening.await.unwrap()).await;
        stage.hosted.now(Plan::new().withhold("queue.purge-ok"));
        let mut purge = Box::pin(stage.channel.queue_purge(queue::Purge::new("q")));
        waits(purge.as_mut(), "a purge").await;
        stage.hosted.hears("queue.purge", 1).await;
        gate.close();
        stage.hosted.faults(|faults, id| {
            faults.method(id, ChannelId(1), &queue::PurgeOk::new(7));
        });
        // Calls may take 20 s.
        sleep::<F>(Duration::from_secs(21)).await;
        gate.open();
        let reply = soon::<F, _>(purge).await.expect("a reply").unwrap();
        assert_eq!(reply.message_count, 7);
    }

    async fn all_are_told_that_the_server_is_silent() {
        let hosted = Hosted::with_settings::<F>(Settings::new().heartbeat(10));
        let config = patient().heartbeat(Heartbeat::Broker).rpc_timeout(None).blocked_timeout(None);
        let stage = Stage::<F>::on(hosted, config).await;
        let all = Everybody::waiting_on(&stage).await;
        stage.hosted.now(Plan::new().stop_writing());
        let reason = all.are_told::<F>(Duration::from_secs(21)).await;
        let heartbeat = Duration::from_secs(10);
        assert_eq!(reason.cause, Cause::Silence { heartbeat });
        stage.hosted.until(|hosted| hosted.open_transports() == 0).await;
    }

    async fn an_idle_connection_lives_for_days() {
        let hosted = Hosted::with_settings::<F>(Settings::new().heartbeat(10));
        let stage = Stage::<F>::on(hosted, patient().heartbeat(Heartbeat::Broker)).await;
        sleep::<F>(Duration::from_secs(20_000)).await;
        stage.settled().await;
        let beats = stage.hosted.frames();
        assert!((3_000..6_000).contains(&beats.len()), "{} frames", beats.len());
    }

    async fn a_call_that_is_not_answered_closes_its_channel() {
        let stage = Stage::<F>::new().await;
        stage.hosted.now(Plan::new().withhold("queue.declare-ok"));
        let first = stage.channel.queue_declare(declare());
        let second = stage.channel.queue_declare(declare());
        let Error::TimedOut(late) = first.await.unwrap_err() else {
            panic!("nobody answered");
        };
        assert_eq!(late.after, patient().rpc_timeout.unwrap());
        assert!(second.await.is_err());
        stage.hosted.hears("channel.close", 1).await;
        let cause = stage.channel.wait_closed().await.cause.clone();
        assert_eq!(cause, Cause::TimedOut(late));
        stage.settled().await;
    }
}
