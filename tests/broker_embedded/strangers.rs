//! Programs of other clients, which know nothing of us.

use std::env;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use pika::broker::Server;

/// What a program prints. It has to succeed.
#[track_caller]
fn output(command: &mut Command) -> String {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => panic!("could not start {command:?}: {error}; tests/run installs it"),
    };
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs one of the scripts beside this file.
#[track_caller]
fn python(script: &str, address: SocketAddr) {
    // Debian's own interpreter: the one that finds Debian's modules.
    let python = env::var("PIKA_TEST_PYTHON").unwrap_or_else(|_| "/usr/bin/python3".into());
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broker_embedded/strangers");
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    output(
        Command::new("timeout")
            .args(["60", &python])
            .arg(scripts.join(script))
            .args([host, port]),
    );
}

#[test]
fn pika_of_python_finds_all_it_asks_for() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    python("pika_0_9_1.py", server.local_addr());
    assert_eq!(server.with(|broker| broker.held()), (0, 0));
}

#[test]
fn amqplib_of_python_finds_all_it_asks_for() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    python("amqplib_0_8.py", server.local_addr());
    assert_eq!(server.with(|broker| broker.held()), (0, 0));
}

#[test]
fn the_tools_of_rabbitmq_c_do_their_work() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let tool = |name: &str, arguments: &[&str]| {
        let url = format!("--url={}", server.url());
        output(
            Command::new("timeout")
                .args(["60", name, &url])
                .args(arguments),
        )
    };
    let declared = tool("amqp-declare-queue", &["--queue=tools"]);
    assert_eq!(declared.trim(), "tools");
    tool("amqp-publish", &["--routing-key=tools", "--body=first"]);
    tool("amqp-publish", &["--routing-key=tools", "--body=second"]);
    assert_eq!(tool("amqp-get", &["--queue=tools"]), "first");
    let consumed = tool("amqp-consume", &["--queue=tools", "--count=1", "cat"]);
    assert_eq!(consumed, "second");
    let deleted = tool("amqp-delete-queue", &["--queue=tools"]);
    assert_eq!(deleted.trim(), "0");
    assert!(server.with(|broker| broker.queue("/", "tools")).is_none());
}
