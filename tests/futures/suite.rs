use std::sync::Arc;
use std::thread;

use pika::Error;
use pika::broker::Server;
use pika::config::Config;
use pika::futures::{Connection, Driver, Io, open_as, over};
use smol::{Async, Executor};

use super::amqp::{Version, basic, queue};

/// Larger than what is read at once, so that it comes in pieces.
const LARGE: usize = 700_000;

/// Publishes and consumes messages of several sizes with acknowledgements.
async fn main_job(connection: Connection<Version>) {
    let channel = connection.channel().await.unwrap();
    let declare = queue::Declare::new("").exclusive(true);
    let queue = channel.queue_declare(declare).await.unwrap().queue;
    channel.basic_qos(basic::Qos::new(10)).await.unwrap();
    let sizes = [0, 1, 100, 4096, 70_000, LARGE];
    for (at, size) in sizes.into_iter().enumerate() {
        let body = vec![u8::try_from(at).unwrap(); size];
        channel.publish("", &queue, body).await.unwrap();
    }
    let consume = basic::Consume::new(queue.clone());
    let mut consumer = channel.consume(consume).await.unwrap();
    for (at, size) in sizes.into_iter().enumerate() {
        let delivery = consumer.next().await.unwrap().unwrap();
        assert_eq!(delivery.body().len(), size);
        assert!(delivery.body().iter().all(|byte| usize::from(*byte) == at));
        delivery.ack().unwrap();
    }
    consumer.cancel().await.unwrap();
    let left = channel.queue_declare(queue::Declare::new(queue).passive(true));
    assert_eq!(left.await.unwrap().message_count, 0);
    connection.close().await.unwrap();
}

fn server() -> Server {
    Server::bind("127.0.0.1:0").unwrap()
}

/// Runs a future on an executor that several threads serve.
fn on_threads<T>(count: usize, run: impl AsyncFnOnce(Arc<Executor<'static>>) -> T) -> T {
    let executor = Arc::new(Executor::new());
    let (stop, stopped) = smol::channel::unbounded::<()>();
    thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| smol::block_on(executor.run(stopped.recv())));
        }
        let result = smol::block_on(run(executor.clone()));
        drop(stop);
        result
    })
}

#[test]
fn a_program_does_its_work_in_one_thread() {
    let server = server();
    let executor = Executor::new();
    smol::block_on(executor.run(async {
        let spawn = |driver| executor.spawn(driver).detach();
        main_job(open_as(server.url(), spawn).await.unwrap()).await;
    }));
}

#[test]
fn a_program_does_its_work_in_several_threads() {
    let server = server();
    on_threads(4, async |executor| {
        let spawn = |driver| executor.spawn(driver).detach();
        let connection: Connection<Version> = open_as(server.url(), spawn).await.unwrap();
        let tasks: Vec<_> = (0..4)
            .map(|_| executor.spawn(work(connection.clone())))
            .collect();
        for task in tasks {
            task.await;
        }
        main_job(connection).await;
    });
}

/// Messages both ways, on a channel of its own.
async fn work(connection: Connection<Version>) {
    let channel = connection.channel().await.unwrap();
    let declare = queue::Declare::new("").exclusive(true);
    let queue = channel.queue_declare(declare).await.unwrap().queue;
    let consume = basic::Consume::new(queue.clone());
    let mut consumer = channel.consume(consume).await.unwrap();
    for number in 0u32..500 {
        let body = number.to_be_bytes();
        channel.publish("", &queue, &body[..]).await.unwrap();
    }
    for number in 0u32..500 {
        let delivery = consumer.next().await.unwrap().unwrap();
        assert_eq!(delivery.body(), &number.to_be_bytes()[..]);
        delivery.ack().unwrap();
    }
}

#[test]
fn the_name_of_a_host_is_looked_up_and_an_unknown_one_is_an_error() {
    let server = server();
    let port = server.local_addr().port();
    smol::block_on(async {
        let spawn = |driver: Driver<Version>| smol::spawn(driver).detach();
        let config = Config::new().host("localhost").port(port);
        let connection = open_as(config, spawn).await.unwrap();
        connection.close().await.unwrap();

        let config = Config::new().host("no-such-host.invalid").port(port);
        let error = open_as(config, spawn).await.unwrap_err();
        assert!(matches!(&error, Error::Unreachable(_)), "{error}");
        assert!(error.to_string().contains("no-such-host.invalid"));
    });
}

#[test]
fn nobody_at_the_address_is_an_error_that_names_it() {
    let address = server().local_addr();
    smol::block_on(async {
        let spawn = |driver: Driver<Version>| smol::spawn(driver).detach();
        let config = Config::new().host("127.0.0.1").port(address.port());
        let error = open_as(config, spawn).await.unwrap_err();
        assert!(error.to_string().contains(&address.to_string()), "{error}");
    });
}

#[test]
fn any_stream_of_futures_io_will_do() {
    let server = server();
    smol::block_on(async {
        let stream = Async::<std::net::TcpStream>::connect(server.local_addr());
        let stream = smol::io::BufReader::new(stream.await.unwrap());
        let spawn = |driver| smol::spawn(driver).detach();
        main_job(over(Io::new(stream), Config::new(), spawn).await.unwrap()).await;
    });
}
