//! Where the broker is, names nobody else uses, and what all tests ask for again and again.

#![allow(dead_code, reason = "not every test program needs all of it")]

use std::env;
use std::path::Path;
use std::process::{self, Command};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use pika::Error;
use pika::config::Config;
use pika::error::ClosedBy;
use pika::wire::{MethodId, ReplyCode, Scope, ShortStr};

/// How long to wait for what comes in milliseconds when all is well.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// How long to wait for what must not come.
pub(crate) const BRIEFLY: Duration = Duration::from_millis(100);

/// The URI of the broker's vhost `/`, without a path.
pub(crate) fn url() -> String {
    from_tests_run("AMQP_URL")
}

/// Host and port of a node that is the tests' own, to do with it what they like.
pub(crate) fn own_node() -> (String, u16) {
    let address = from_tests_run("PIKA_TEST_BROKER");
    let (host, port) = address.rsplit_once(':').unwrap();
    (host.to_owned(), port.parse().unwrap())
}

/// How to reach the broker as `guest`.
pub(crate) fn config() -> Config {
    Config::from_uri(&url()).unwrap()
}

/// The same for the user who may configure only what begins with `allowed`.
pub(crate) fn limited() -> Config {
    config().login("limited", "limited")
}

/// Whether the node is a RabbitMQ 4 or later, which differs in places (`docs/specs.md`).
pub(crate) fn is_4() -> bool {
    static IS_4: OnceLock<bool> = OnceLock::new();
    *IS_4.get_or_init(|| {
        let connection = pika::blocking::Connection::open(config()).unwrap();
        let properties = connection.server_properties();
        let version = properties.get("version").unwrap();
        let major = version.as_str().unwrap().split('.').next().unwrap();
        major.parse::<u32>().unwrap() >= 4
    })
}

/// The smallest frames that the node agrees to.
pub(crate) fn smallest_frame() -> u32 {
    if is_4() { 8192 } else { 4096 }
}

/// A name that no other test uses, in this program or another one that runs at the same time.
pub(crate) fn unique(what: &str) -> ShortStr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("pika-{what}-{}-{number}", process::id());
    ShortStr::new(name).unwrap()
}

/// What `rabbitmqctl` prints.
pub(crate) fn ctl(arguments: &[&str]) -> String {
    from_tests_run("PIKA_TEST_NODE_DIR");
    output(Command::new(in_package("tests/broker/ctl")).args(arguments))
}

/// What a program of another client prints, one of those in `strangers/`.
pub(crate) fn stranger(script: &str, arguments: &[&str]) -> String {
    // Debian's own interpreter: the one that finds Debian's libraries.
    let python = env::var("PIKA_TEST_PYTHON").unwrap_or_else(|_| "/usr/bin/python3".into());
    let (host, port) = own_node();
    let script = in_package("tests/live/strangers").join(script);
    output(
        Command::new(python)
            .arg(script)
            .args([host, port.to_string()])
            .args(arguments),
    )
}

/// What a program prints. It has to succeed.
pub(crate) fn output(command: &mut Command) -> String {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => panic!("could not start {command:?}: {error}; run tests/run"),
    };
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Asks again and again until there is an answer.
pub(crate) fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + SOON;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Bytes without a period, the same for the same length.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ len as u64;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_be_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// The Fletcher checksum of 64 bits, which notices when pieces change places.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    let modulus = u64::from(u32::MAX);
    let (mut sum, mut sums) = (0_u64, 0_u64);
    for chunk in bytes.chunks(4) {
        let word = chunk
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte));
        sum = (sum + word) % modulus;
        sums = (sums + sum) % modulus;
    }
    sums << 32 | sum
}

/// What the server has to say when it refuses something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub(crate) scope: Scope,
    pub(crate) code: ReplyCode,
    pub(crate) method: Option<(u16, u16)>,
    pub(crate) text: &'static str,
}

impl Refusal {
    /// The channel is closed over this method; the text contains `text`.
    pub(crate) const fn channel(code: ReplyCode, method: (u16, u16), text: &'static str) -> Self {
        Self {
            scope: Scope::Channel,
            code,
            method: Some(method),
            text,
        }
    }

    /// The connection is closed over this method; the text contains `text`.
    pub(crate) const fn connection(
        code: ReplyCode,
        method: (u16, u16),
        text: &'static str,
    ) -> Self {
        Self {
            scope: Scope::Connection,
            code,
            method: Some(method),
            text,
        }
    }

    /// The server names no method.
    pub(crate) const fn of_no_method(self) -> Self {
        Self {
            method: None,
            ..self
        }
    }

    /// The error is this refusal and nothing else.
    #[track_caller]
    pub(crate) fn is(self, error: &Error) {
        let Error::Closed(closed) = error else {
            panic!("expected {self:?}, found {error:?}");
        };
        let method = self
            .method
            .map(|(class, method)| MethodId::new(class, method));
        assert_eq!(
            (closed.scope, closed.by(), closed.code(), closed.method()),
            (self.scope, ClosedBy::Server, Some(self.code), method),
            "{error}"
        );
        let text = closed.text().unwrap().as_str().unwrap();
        let name = self.code.name().unwrap();
        assert!(text.starts_with(name), "`{text}` begins with `{name}`");
        assert!(
            text.contains(self.text),
            "`{text}` contains `{}`",
            self.text
        );
    }
}

fn in_package(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn from_tests_run(variable: &str) -> String {
    match env::var(variable) {
        Ok(value) => value,
        Err(_) => panic!("{variable} is not set, so there is no broker: run tests/run"),
    }
}
