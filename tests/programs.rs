//! The examples `worker_pool`, `rpc_timeouts` and `lossless`, with brokers that fail.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic, and its helpers with it"
)]

#[path = "../examples/worker_pool/job.rs"]
mod job;
#[path = "../examples/lossless.rs"]
#[allow(dead_code, reason = "the tests call what its main function calls")]
mod lossless;
#[path = "../examples/worker_pool/pool.rs"]
mod pool;
#[path = "../examples/rpc_timeouts.rs"]
#[allow(dead_code, reason = "the tests call what its main function calls")]
mod rpc_timeouts;

use std::time::{Duration, Instant};

use pika::broker::{Ending, Moment, Plan, QueueState, Refuse, Server};
use pika::tokio::Connection;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use job::Job;
use rpc_timeouts::{CallError, Client};

/// How long to wait for what happens in a few seconds.
const DEADLINE: Duration = Duration::from_secs(20);

fn server() -> Server {
    Server::bind("127.0.0.1:0").unwrap()
}

/// Ends all connections at once.
fn reset(server: &Server) {
    server.with(|broker| {
        let all: Vec<_> = broker.connections().collect();
        for id in all {
            broker.faults().end(id, Ending::Reset);
        }
    });
}

/// A broker, and a pool that works on the jobs in its queue.
struct Bench {
    server: Server,
    stop: watch::Sender<bool>,
    pool: JoinHandle<pika::Result<()>>,
}

impl Bench {
    async fn new(jobs: &[Job]) -> Self {
        Self::with(jobs, None).await
    }

    async fn with(jobs: &[Job], plan: Option<Plan>) -> Self {
        let server = server();
        let connection = Connection::open(&server.url()).await.unwrap();
        let channel = connection.channel().await.unwrap();
        pool::declare(&channel).await.unwrap();
        for job in jobs {
            channel.publish("", "jobs", job.to_json()).await.unwrap();
        }
        connection.close().await.unwrap();
        if let Some(plan) = plan {
            server.with(|broker| {
                broker.faults().on_next(plan);
            });
        }
        let (stop, stopped) = watch::channel(false);
        let url = server.url();
        let pool = tokio::spawn(async move { pool::run(&url, 8, stopped).await });
        Self { server, stop, pool }
    }

    fn queue(&self, name: &str) -> QueueState {
        self.server.with(|broker| broker.queue("/", name)).unwrap()
    }

    async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        let end = Instant::now() + DEADLINE;
        while !is_so(self) {
            let queues = ["jobs", "jobs.retry", "jobs.dead"].map(|name| self.queue(name));
            assert!(Instant::now() < end, "{queues:?}");
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Jobs that are neither done nor dead.
    fn left(&self) -> usize {
        let queues = ["jobs", "jobs.retry"].map(|name| self.queue(name));
        queues.iter().map(|queue| queue.ready + queue.unacked).sum()
    }

    async fn stop(self) -> Server {
        self.stop.send_replace(true);
        let stopped = timeout(DEADLINE, self.pool).await;
        stopped.expect("the pool stops").unwrap().unwrap();
        self.server
    }
}

const fn job(id: u64, millis: u64, failures: u64) -> Job {
    Job {
        id,
        millis,
        failures,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_tried_three_times_again_before_it_is_dead() {
    let bench = Bench::new(&[job(1, 1, 0), job(2, 1, 3), job(3, 1, 4)]).await;
    bench.until(|it| it.left() == 0).await;
    assert_eq!(bench.queue("jobs.dead").ready, 1, "job 3 alone");
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_no_job_is_dead_in_the_end() {
    let bench = Bench::new(&[]).await;
    let connection = Connection::open(&bench.server.url()).await.unwrap();
    let channel = connection.channel().await.unwrap();
    channel.publish("", "jobs", "{").await.unwrap();
    connection.close().await.unwrap();
    bench.until(|it| it.queue("jobs.dead").ready == 1).await;
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_goes_on_after_its_connection_broke() {
    let jobs: Vec<_> = (0..60).map(|id| job(id, 30, 0)).collect();
    let bench = Bench::new(&jobs).await;
    bench.until(|it| it.left() < 40).await;
    assert!(bench.left() > 0, "the connection breaks in the middle");
    reset(&bench.server);
    bench.until(|it| it.left() == 0).await;
    assert_eq!(bench.queue("jobs.dead").ready, 0);
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_connects_again_after_a_broken_handshake() {
    let plan = Plan::new().refuse_at(Moment::Open, Refuse::Eof);
    let bench = Bench::with(&[job(1, 1, 0)], Some(plan)).await;
    bench.until(|it| it.left() == 0).await;
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_stops_finishes_the_work_in_flight() {
    let jobs: Vec<_> = (0..60).map(|id| job(id, 500, 0)).collect();
    let bench = Bench::new(&jobs).await;
    let all_taken = |it: &Bench| it.queue("jobs").consumers == 8 && it.queue("jobs").unacked == 60;
    bench.until(all_taken).await;
    sleep(Duration::from_millis(50)).await;
    let server = bench.stop().await;
    let jobs = server.with(|broker| broker.queue("/", "jobs")).unwrap();
    // Six workers held ten jobs each, and worked on one of them.
    assert_eq!((jobs.ready, jobs.unacked, jobs.consumers), (54, 0, 0));
}

#[tokio::test]
async fn calls_get_their_own_answers_and_late_ones_time_out() {
    let server = server();
    let serving = Connection::open(&server.url()).await.unwrap();
    tokio::spawn(rpc_timeouts::serve(serving.channel().await.unwrap()));
    let connection = Connection::open(&server.url()).await.unwrap();
    let client = Client::new(&connection).await.unwrap();
    let end = Instant::now() + DEADLINE;
    let queue = || server.with(|broker| broker.queue("/", "square"));
    while queue().is_none_or(|it| it.consumers == 0) {
        assert!(Instant::now() < end, "the server does not serve");
        sleep(Duration::from_millis(1)).await;
    }
    let calls: Vec<_> = (0..20_u64)
        .map(|number| {
            let client = client.clone();
            let limit = Duration::from_secs(1);
            let call = async move { client.call("square", number.to_string(), limit).await };
            (number, tokio::spawn(call))
        })
        .collect();
    for (number, call) in calls {
        let begun = Instant::now();
        let answer = timeout(DEADLINE, call).await.expect("a call ends").unwrap();
        match answer {
            Ok(body) => {
                assert_ne!(number % 10, 9);
                assert_eq!(body, (number * number).to_string().into_bytes());
            }
            Err(CallError::TimedOut) => assert_eq!(number % 10, 9),
            Err(error) => panic!("{number}: {error:?}"),
        }
        assert!(begun.elapsed() < Duration::from_millis(2500));
    }
}

#[tokio::test]
async fn a_call_that_reaches_no_server_fails_before_its_timeout() {
    let server = server();
    let connection = Connection::open(&server.url()).await.unwrap();
    let client = Client::new(&connection).await.unwrap();
    let call = client.call("no such queue", "1".into(), DEADLINE * 10);
    let answer = timeout(DEADLINE, call)
        .await
        .expect("well before its timeout");
    assert!(matches!(answer, Err(CallError::Unroutable)), "{answer:?}");
}

#[tokio::test]
async fn pending_calls_end_with_their_connection() {
    let server = server();
    let connection = Connection::open(&server.url()).await.unwrap();
    let channel = connection.channel().await.unwrap();
    let client = Client::new(&connection).await.unwrap();
    // A queue without a consumer.
    pool::declare(&channel).await.unwrap();
    let calling = client.clone();
    let call = tokio::spawn(async move { calling.call("jobs", "1".into(), DEADLINE * 10).await });
    let end = Instant::now() + DEADLINE;
    while server.with(|broker| broker.queue("/", "jobs").unwrap().ready) == 0 {
        assert!(Instant::now() < end, "the request does not arrive");
        sleep(Duration::from_millis(1)).await;
    }
    reset(&server);
    let answer = timeout(DEADLINE, call)
        .await
        .expect("well before its timeout");
    assert!(matches!(answer, Ok(Err(CallError::Closed))), "{answer:?}");
}

#[tokio::test]
async fn every_id_arrives_though_the_connection_breaks_twice() {
    const COUNT: u32 = 2000;
    let server = server();
    let url = server.url();
    let publishing = tokio::spawn(async move { lossless::publish_all(&url, COUNT).await });
    let arrived = || {
        let queue = server.with(|broker| broker.queue("/", "ledger"));
        queue.map_or(0, |it| it.ready)
    };
    let end = Instant::now() + DEADLINE;
    for part in [500, 1000] {
        while arrived() < part {
            assert!(Instant::now() < end, "{} of {part} arrived", arrived());
            sleep(Duration::from_millis(1)).await;
        }
        reset(&server);
    }
    let connections = timeout(DEADLINE, publishing)
        .await
        .expect("it ends")
        .unwrap();
    assert!(connections.unwrap() >= 3);
    let seen = timeout(DEADLINE, lossless::consume_all(&server.url())).await;
    let seen = seen.expect("it ends").unwrap();
    let missing: Vec<_> = (0..COUNT).filter(|id| !seen.contains_key(id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
