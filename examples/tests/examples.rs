//! The examples, run as a user runs them: as processes, to their end, for what they print.
//!
//! Without `AMQP_URL` each that can starts its own broker; with it they meet on one, which is a
//! broker of the test's and, under `tests/run`, RabbitMQ too. Cargo builds examples along with all
//! tests; for this test alone, `cargo build --examples` with the same features comes first.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic, and its helpers with it"
)]

use std::env;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use pika::broker::Server;

/// How long an example may take; they need about two seconds when nothing else runs.
const DEADLINE: Duration = Duration::from_secs(60);

/// Runs an example to its end and gives the lines that it prints, without those in which it says
/// where its broker is.
#[track_caller]
fn run(example: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Vec<String> {
    let mut child = Command::new(program(example))
        .args(arguments)
        .env_remove("AMQP_URL")
        .env_remove("AMQP_PROTOCOL")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{example}: {error}; run cargo build --examples first"));
    let end = Instant::now() + DEADLINE;
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if Instant::now() > end => {
                child.kill().unwrap();
                break None;
            }
            None => thread::sleep(Duration::from_millis(10)),
        }
    };
    let (mut out, mut error) = (String::new(), String::new());
    child.stdout.unwrap().read_to_string(&mut out).unwrap();
    child.stderr.unwrap().read_to_string(&mut error).unwrap();
    match status {
        Some(status) if status.success() => {}
        Some(status) => panic!("{example} ended with {status}: {out}{error}"),
        None => panic!("{example} did not end within {DEADLINE:?}: {out}{error}"),
    }
    out.lines()
        .filter(|line| !line.starts_with("AMQP_URL is not set") && !line.starts_with("send to it"))
        .map(str::to_owned)
        .collect()
}

/// Where Cargo puts it: `target/debug/examples/NAME`, beside `target/debug/deps/THIS-TEST`.
fn program(example: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let name = format!("{example}{}", env::consts::EXE_SUFFIX);
    profile.join("examples").join(name)
}

/// Runs an example in each version, alone, and where there are brokers to share.
fn everywhere(check: impl Fn(&[(&str, &str)])) {
    let own = Server::bind("127.0.0.1:0").unwrap();
    let mut brokers = vec![own.url()];
    brokers.extend(env::var("AMQP_URL"));
    #[cfg(feature = "tls")]
    brokers.extend(env::var("AMQPS_URL"));
    for version in pika::VERSIONS {
        let protocol = ("AMQP_PROTOCOL", *version);
        check(&[protocol]);
        for broker in &brokers {
            check(&[protocol, ("AMQP_URL", broker)]);
        }
    }
}

/// Whether the example finds a broker that outlives it.
fn is_shared(variables: &[(&str, &str)]) -> bool {
    variables.iter().any(|(name, _)| *name == "AMQP_URL")
}

/// As [`everywhere`], for examples that speak the selected version.
fn in_the_selected_version(check: impl Fn(&[(&str, &str)])) {
    let own = Server::bind("127.0.0.1:0").unwrap();
    check(&[]);
    check(&[("AMQP_URL", &own.url())]);
    if let Ok(broker) = env::var("AMQP_URL") {
        check(&[("AMQP_URL", &broker)]);
    }
}

/// What is behind the name of a program in each style.
const STYLES: &[&str] = &[
    "",
    #[cfg(feature = "background")]
    "_threaded",
    #[cfg(feature = "tokio")]
    "_tokio",
    #[cfg(feature = "futures")]
    "_futures",
    #[cfg(feature = "callbacks")]
    "_callbacks",
];

/// What `receive` prints of a message: method, header and body; the server comes first, and the end
/// last.
fn received(lines: &[String]) -> [&str; 3] {
    let (server, rest): (Vec<_>, Vec<_>) = lines.iter().partition(|it| it.starts_with("server "));
    assert!(
        server
            .iter()
            .any(|line| line.starts_with("server product: "))
    );
    // A table in a table is lines too.
    assert!(server.iter().all(|line| !line.contains('{')), "{server:?}");
    let [method, header, body, end] = rest[..] else {
        panic!("{lines:?}");
    };
    assert!(end.contains("by the program"), "{end}");
    [method, header, body]
}

#[test]
fn r11_hello_is_the_sample_in_every_style() {
    everywhere(|variables| {
        for style in STYLES {
            let lines = run(&format!("hello{style}"), &[], variables);
            let expected = [
                "exchange `test_x` and queue `test_q` are bound",
                "sent to `test_x`: Hello World!",
            ];
            assert_eq!(lines, expected, "hello{style}");
            if is_shared(variables) {
                let lines = run(&format!("receive{style}"), &["test_q"], variables);
                let expected = [
                    "method: tag 1, exchange `test_x`, routing key ``, redelivered false",
                    "header: Properties",
                    "body: Hello World!",
                ];
                assert_eq!(received(&lines), expected, "receive{style}");
            }
        }
    });
}

/// Ends a program when it is dropped.
#[cfg(feature = "tls")]
struct Running(std::process::Child);

#[cfg(feature = "tls")]
impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}

#[cfg(feature = "tls")]
#[test]
fn the_example_of_a_broker_serves_tls_to_every_style() {
    let mut broker = Running(
        Command::new(program("broker"))
            .args(["127.0.0.1:0", "--tls"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let out = broker.0.stdout.take().unwrap();
    let url = BufReader::new(out).lines().next().unwrap().unwrap();
    assert!(
        url.starts_with("amqps://") && url.contains("cacertfile="),
        "{url}"
    );
    let variables = [("AMQP_URL", url.as_str())];
    for style in STYLES {
        let lines = run(&format!("hello{style}"), &[], &variables);
        assert_eq!(lines.last().unwrap(), "sent to `test_x`: Hello World!");
        let lines = run(&format!("receive{style}"), &["test_q"], &variables);
        assert_eq!(received(&lines)[2], "body: Hello World!", "receive{style}");
    }
}

#[test]
fn what_send_sent_is_received_and_fetched_in_every_style() {
    everywhere(|variables| {
        for style in STYLES {
            let program = |name: &str| format!("{name}{style}");
            let texts = ["Hello World!", "an apple", "a pear"];
            assert_eq!(
                run(&program("send"), &[], variables),
                ["sent: Hello World!"]
            );
            for text in &texts[1..] {
                let lines = run(&program("send"), &[text], variables);
                assert_eq!(lines, [format!("sent: {text}")]);
            }
            if !is_shared(variables) {
                continue;
            }
            let lines = run(&program("receive"), &[], variables);
            let [_, header, body] = received(&lines);
            let persistent =
                r#"header: Properties { content_type: "text/plain", delivery_mode: 2 }"#;
            assert_eq!((header, body), (persistent, "body: Hello World!"));
            let got = run(&program("get"), &["--drain"], variables);
            let expected = [
                "content type `text/plain`, tag 1: an apple",
                "content type `text/plain`, tag 2: a pear",
            ];
            assert_eq!(got, expected, "get{style}");
            assert_eq!(run(&program("get"), &["--drain"], variables), [""; 0]);
        }
    });
}

#[test]
fn receive_alone_says_where_to_send() {
    for style in STYLES {
        let mut receiving = Command::new(program(&format!("receive{style}")))
            .env_remove("AMQP_URL")
            .env_remove("AMQP_PROTOCOL")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(receiving.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let url = first.rsplit(' ').next().unwrap();
        let second = lines.next().unwrap().unwrap();
        assert!(second.contains("cargo run --example send"), "{second}");
        run("send", &["to the lonely"], &[("AMQP_URL", url)]);
        let rest: Vec<_> = lines.map(|line| line.unwrap()).collect();
        assert_eq!(received(&rest)[2], "body: to the lonely");
        assert!(receiving.wait().unwrap().success());
    }
}

#[test]
fn r06_an_adapter_in_one_file_receives_what_it_publishes() {
    everywhere(|variables| {
        let lines = run("custom_adapter", &[], variables);
        assert_eq!(lines.last().map(String::as_str), Some("Hello World!"));
    });
}

#[cfg(feature = "callbacks")]
#[test]
fn r06_two_connections_are_served_under_poll() {
    in_the_selected_version(|variables| {
        assert_eq!(run("poll_callbacks", &[], variables), ["Hello World!"]);
    });
}

#[cfg(all(feature = "amqp0-9-1", feature = "asynchronous"))]
#[test]
fn r06_a_runtime_in_one_file_receives_what_it_publishes() {
    in_the_selected_version(|variables| {
        assert_eq!(run("custom_runtime", &[], variables), ["Hello World!"]);
    });
}

#[test]
fn a_client_gets_an_answer_to_each_request() {
    let examples = [
        "rpc",
        #[cfg(feature = "background")]
        "rpc_threaded",
        #[cfg(feature = "tokio")]
        "rpc_tokio",
        #[cfg(feature = "futures")]
        "rpc_futures",
        #[cfg(feature = "callbacks")]
        "rpc_callbacks",
    ];
    in_the_selected_version(|variables| {
        for example in examples {
            let answers = ["one? ONE", "two? TWO"];
            assert_eq!(run(example, &[], variables), answers, "{example}");
        }
    });
}

#[cfg(all(feature = "amqp0-9-1", feature = "tokio"))]
#[test]
fn rpc_calls_are_answered_in_time_or_time_out() {
    in_the_selected_version(|variables| {
        let expected = [
            "no server: Err(Unroutable)",
            "45 right, 5 timed out",
            "server: Ok(())",
        ];
        assert_eq!(run("rpc_timeouts", &[], variables), expected);
    });
}

#[cfg(all(feature = "amqp0-9-1", feature = "callbacks"))]
#[test]
fn relay_keeps_messages_for_a_target_that_comes_late() {
    let lines = run("relay", &[], &[]);
    let told = lines.iter().filter(|line| !line.contains(": "));
    let expected = [
        "target 1 has 20 messages",
        "the source keeps 20, not acknowledged",
        "target 2 has 20 messages",
        "the source keeps none; 20 were relayed, 0 passed over",
    ];
    assert!(told.eq(&expected), "{lines:#?}");
}

#[cfg(feature = "tokio")]
mod tutorials {
    use super::*;

    fn sorted(mut lines: Vec<String>) -> Vec<String> {
        lines.sort();
        lines
    }

    #[cfg(feature = "amqp0-9-1")]
    #[test]
    fn workers_share_the_tasks() {
        in_the_selected_version(|variables| {
            let lines = run("work_queues", &[], variables);
            let tasks = lines.iter().map(|line| line.split_once(" did ").unwrap().1);
            let tasks = sorted(tasks.map(str::to_owned).collect());
            let expected = ["longer..", "short", "short", "short", "the longest..."];
            assert_eq!(tasks, expected);
            assert!(lines.iter().any(|line| line.starts_with("one worker")));
            assert!(
                lines
                    .iter()
                    .any(|line| line.starts_with("the other worker"))
            );
        });
    }

    #[test]
    fn every_subscriber_hears_everything() {
        in_the_selected_version(|variables| {
            let expected = [
                "one subscriber heard: it rains",
                "one subscriber heard: it shines",
                "the other subscriber heard: it rains",
                "the other subscriber heard: it shines",
            ];
            let lines = run("publish_subscribe", &[], variables);
            assert_eq!(sorted(lines), expected);
        });
    }

    #[cfg(feature = "amqp0-9-1")]
    #[test]
    fn a_receiver_gets_the_keys_that_it_named() {
        in_the_selected_version(|variables| {
            let expected = [
                "all got error: the disk is full",
                "all got info: all is well",
                "error: the disk is full is Acked",
                "errors got error: the disk is full",
                "info: all is well is Acked",
                "nobody wants debug: x is 7",
            ];
            assert_eq!(sorted(run("routing", &[], variables)), expected);
        });
    }

    #[test]
    fn a_pattern_is_words_and_gaps() {
        in_the_selected_version(|variables| {
            let expected = [
                "critical got kern.critical: it panics",
                "kernel got kern.critical: it panics",
                "kernel got kern.usb.info: a mouse",
            ];
            assert_eq!(sorted(run("topics", &[], variables)), expected);
        });
    }
}
