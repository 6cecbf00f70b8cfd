//! The core without an adapter: many calls on their way at once, each answered in its turn or not.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use pika::bytes::{Buf, BytesMut};
use pika::connection::{Answer, CallId, ChannelKey, Connection as Core, Event, Leave};
use pika::method::MethodSet as _;

use super::amqp::{Version, basic, queue};
use crate::support::{SOON, config, own_node, unique};

/// A connection that is served by hand.
struct Pipe {
    core: Core<Version>,
    tcp: TcpStream,
    buffer: BytesMut,
    answers: HashMap<CallId, Answer<Version>>,
    events: Vec<Event<Version>>,
}

impl Pipe {
    fn open() -> (Self, ChannelKey) {
        let tcp = TcpStream::connect(own_node()).unwrap();
        tcp.set_nodelay(true).unwrap();
        tcp.set_read_timeout(Some(Duration::from_millis(20)))
            .unwrap();
        let mut pipe = Self {
            core: Core::new(config(), Instant::now()),
            tcp,
            buffer: BytesMut::new(),
            answers: HashMap::new(),
            events: Vec::new(),
        };
        let opened = |event: &Event<_>| matches!(event, Event::Opened(_));
        pipe.serve_until(|pipe| pipe.events.iter().any(opened));
        let (channel, call) = pipe.core.open_channel(Instant::now()).unwrap();
        pipe.serve_until(|pipe| pipe.answers.contains_key(&call));
        (pipe, channel)
    }

    /// Moves bytes until something is so. No call may fail.
    fn serve_until(&mut self, done: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + SOON;
        while !done(self) {
            assert!(Instant::now() < deadline, "{:?}", self.events);
            let output = self.core.outgoing(Instant::now());
            while output.has_remaining() {
                let written = self.tcp.write(output.chunk()).unwrap();
                output.advance(written);
            }
            let mut space = [0; 4096];
            if let Ok(count) = self.tcp.read(&mut space) {
                self.buffer.extend_from_slice(&space[..count]);
                self.core.receive(&mut self.buffer, Instant::now());
            }
            while let Some(event) = self.core.poll_event() {
                match event {
                    Event::Reply { call } => {
                        let answer = self.core.take_reply(call).unwrap();
                        self.answers.insert(call, answer.unwrap());
                    }
                    other => self.events.push(other),
                }
            }
        }
    }

    /// The names of the replies to these calls.
    fn names(&self, calls: &[CallId]) -> Vec<&'static str> {
        let name = |call| match &self.answers[call] {
            Answer::Method(method) => method.name(),
            Answer::Message(_) => "a message",
        };
        calls.iter().map(name).collect()
    }
}

/// Waits for the replies to calls, and gives their names.
fn replies(pipe: &mut Pipe, calls: &[CallId]) -> Vec<&'static str> {
    pipe.serve_until(|pipe| calls.iter().all(|call| pipe.answers.contains_key(call)));
    pipe.names(calls)
}

#[test]
fn calls_sent_at_once_get_each_its_own_answer() {
    let (mut pipe, key) = Pipe::open();
    for _ in 0..50 {
        let (first, second) = (unique("pipe"), unique("pipe"));
        let now = Instant::now();
        let declare = |name| queue::Declare::new(name).exclusive(true);
        let mut channel = pipe.core.channel(key).unwrap();
        let calls = [
            channel.call(declare(&first), now).unwrap(),
            channel.call(declare(&second), now).unwrap(),
        ];
        assert_eq!(replies(&mut pipe, &calls), ["queue.declare-ok"; 2]);

        let mut channel = pipe.core.channel(key).unwrap();
        let begin = basic::Consume::new(&first);
        let (one, first_begins) = channel.consume(begin, now).unwrap();
        let begin = basic::Consume::new(&second);
        let (other, second_begins) = channel.consume(begin, now).unwrap();
        let purge = channel.call(queue::Purge::new(&first), now).unwrap();
        let calls = [first_begins, second_begins, purge];
        let expected = ["basic.consume-ok", "basic.consume-ok", "queue.purge-ok"];
        assert_eq!(replies(&mut pipe, &calls), expected);

        // Not before now: RabbitMQ 3.10 fails with 541 when a consumer is cancelled before it is
        // confirmed.
        let mut channel = pipe.core.channel(key).unwrap();
        let calls = [
            channel.cancel(other, Leave::HandOver, now).unwrap(),
            channel.cancel(one, Leave::Requeue, now).unwrap(),
            channel.call(basic::Get::new(&second), now).unwrap(),
            channel.call(basic::Qos::new(7), now).unwrap(),
            channel.call(queue::Delete::new(&first), now).unwrap(),
        ];
        let expected = [
            "basic.cancel-ok",
            "basic.cancel-ok",
            "basic.get-empty",
            "basic.qos-ok",
            "queue.delete-ok",
        ];
        assert_eq!(replies(&mut pipe, &calls), expected);
    }
}
