//! What may be shared and sent, which is checked when this is compiled; and threads.

use std::future::Future;
use std::process::Command;
use std::thread;

use pika::asynchronous::{self, Runtime};
use pika::broker::Server;
use pika::futures::FuturesIo;
use pika::protocol::Protocol;
use pika::tokio::Tokio;
use pika::v0_8::{V0_8, queue};
use tokio::runtime::Builder;

const fn shared<T: Send + Sync + Clone + 'static>() {}
const fn sent<T: Send + 'static>() {}
const fn looked_at<T: Sync>() {}
fn is_sent<T: Future + Send>(_: T) {}

const fn handles<R: Runtime<Stream: Send>, P: Protocol>() {
    shared::<asynchronous::Connection<R, P>>();
    shared::<asynchronous::Channel<P>>();
    sent::<asynchronous::Consumer<P>>();
    sent::<asynchronous::Delivery<P>>();
    sent::<asynchronous::Confirm<P>>();
    sent::<asynchronous::Driver<R, P>>();
    sent::<asynchronous::Opening<R, P>>();
    sent::<asynchronous::FlowChanges<P>>();
    sent::<asynchronous::BlockedChanges<P>>();
    looked_at::<asynchronous::Consumer<P>>();
    looked_at::<asynchronous::Delivery<P>>();
    looked_at::<asynchronous::Confirm<P>>();
}

const _: () = {
    handles::<Tokio, V0_8>();
    handles::<FuturesIo, V0_8>();
    #[cfg(feature = "amqp0-9-1")]
    {
        handles::<Tokio, pika::v0_9_1::V0_9_1>();
        handles::<FuturesIo, pika::v0_9_1::V0_9_1>();
    }
};

/// Every future of a connection and a channel may move between threads.
#[allow(dead_code, reason = "that it compiles is what it is for")]
fn futures<R: Runtime<Stream: Send>, P: Protocol>(
    connection: &asynchronous::Connection<R, P>,
    channel: &asynchronous::Channel<P>,
    (publish, properties): (&P::Publish, &P::BasicProperties),
    (consume, get): (P::Consume, P::Get),
) {
    is_sent(connection.channel());
    is_sent(connection.close());
    is_sent(connection.wait_closed());
    is_sent(connection.next_notice());
    is_sent(async { connection.blocked_changes().next().await });
    is_sent(channel.basic_publish(publish, properties, "x"));
    is_sent(channel.next_returned());
    is_sent(channel.close());
    is_sent(channel.wait_closed());
    is_sent(async { channel.flow_changes().next().await });
    is_sent(channel.get(get));
    let consuming = channel.consume(consume);
    is_sent(async {
        let mut consumer = consuming.await?;
        consumer.next().await?;
        consumer.cancel().await
    });
}

/// A whole session on a runtime of one thread.
fn session(url: String) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let connection = asynchronous::Connection::<Tokio, V0_8>::open_as(url)
            .await
            .unwrap();
        let channel = connection.channel().await.unwrap();
        let declare = queue::Declare::new("").exclusive(true);
        let queue = channel.queue_declare(declare).await.unwrap().queue;
        channel.publish("", &queue, "x").await.unwrap();
        let mut consumer = channel
            .consume(pika::v0_8::basic::Consume::new(&queue))
            .await
            .unwrap();
        consumer.next().await.unwrap().unwrap().ack().unwrap();
        connection.close().await.unwrap();
    });
}

#[test]
#[cfg(target_os = "linux")]
fn r05_the_client_starts_no_thread() {
    const URL: &str = "PIKA_TEST_COUNT_THREADS";
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
    // Alone in a process of its own: there nobody else starts threads.
    if let Ok(url) = std::env::var(URL) {
        let before = threads();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let connection = asynchronous::Connection::<Tokio, V0_8>::open_as(url)
                .await
                .unwrap();
            let channel = connection.channel().await.unwrap();
            channel
                .queue_declare(queue::Declare::new(""))
                .await
                .unwrap();
            assert_eq!(threads(), before);
            drop(connection);
        });
        return assert_eq!(threads(), before);
    }
    let server = Server::bind("127.0.0.1:0").unwrap();
    let program = std::env::current_exe().unwrap();
    let status = Command::new(program)
        .args([
            "--exact",
            "sharing::r05_the_client_starts_no_thread",
            "--test-threads=1",
        ])
        .env(URL, server.url())
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn r18_each_thread_may_have_a_connection_of_its_own() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| session(server.url()));
        }
    });
}
