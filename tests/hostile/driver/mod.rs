//! A client core at the mercy of a peer who says anything at any time, in simulated time.
//!
//! Bytes of input decide what happens: calls of the client; bytes, frames and messages of a peer
//! that is out of its mind, in between those of a broker that is not; time; faults; the end of the
//! transport. It begins with a connection that is fresh, in the middle of its handshake, or open
//! with channels, consumers and confirms.
//!
//! Whatever happens, nothing panics, every call ends by its deadline and every publish is resolved,
//! no event is out of place, and nothing takes more memory than it may. What it may is in
//! `client.rs`: for each piece of input that is handed over, of 4096 bytes at the most, the limit of
//! the moment and 4 KiB.
//!
//! | moment | limit |
//! |---|---|
//! | until frame-max is agreed on | 8192 bytes |
//! | a method or a content header after that | 131072 bytes, since RabbitMQ relays such |
//! | a body frame after that | frame-max, which is 4096 here |
//! | a message that comes in several frames | the size that it announced, at most 8192 here |
//!
//! Where a frame is not whole yet it costs nothing but its own bytes, and where it is, what it makes
//! happen is counted in events; those bounds are far closer than the limits.

mod calls;
mod client;
mod frames;
mod input;
mod version;

use std::time::{Duration, Instant};

use pika::broker::loopback::Loopback;
use pika::broker::{ConnectionId, Ending, Moment, Plan, Refuse, Settings};
use pika::bytes::BytesMut;
use pika::wire::{ReplyCode, ShortStr};

use client::Client;
use input::Input;
pub(crate) use version::Version;

/// Runs something and tells how many bytes it had allocated at the most, beyond those before.
pub(crate) type Measure = fn(&mut dyn FnMut()) -> u64;

/// Steps of one run, so that none lasts.
const STEPS: usize = 300;

/// A run of what `bytes` say.
pub(crate) fn run<V: Version>(bytes: &[u8], measure: Measure) {
    let mut input = Input::new(bytes);
    let mut run = Run::<V>::begin(&mut input, measure);
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        run.step(&mut input);
    }
    run.end();
}

struct Run<V: Version> {
    world: Loopback<Client<V>>,
    id: ConnectionId,
    /// What likely ends the connection comes seldom, so that more can happen before.
    lasts: bool,
}

impl<V: Version> Run<V> {
    /// A connection in some state.
    fn begin(input: &mut Input<'_>, measure: Measure) -> Self {
        // The broker is patient, so that the client's own deadlines are seen.
        let settings = Settings::new()
            .handshake_timeout(Duration::from_secs(3600))
            .heartbeat(4);
        let mut world = Loopback::new(settings, Instant::now());
        let silent_from = [
            Moment::Header,
            Moment::StartOk,
            Moment::TuneOk,
            Moment::Open,
        ];
        let moment = silent_from.get(input.below(10)).copied();
        if let Some(moment) = moment {
            let plan = Plan::new().refuse_at(moment, Refuse::Silence);
            world.broker().faults().on_next(plan);
        }
        let piece = match input.below(4) {
            0 => 1 + input.below(16),
            1 => 1 + input.below(256),
            _ => 4096,
        };
        let client = Client::new(measure, piece, world.now());
        let id = world.connect(client);
        let lasts = input.below(4) > 0;
        let mut run = Self { world, id, lasts };
        run.settle();
        if moment.is_none() {
            run.furnish(input);
        }
        run
    }

    fn client(&mut self) -> &mut Client<V> {
        self.world.peer(self.id)
    }

    fn settle(&mut self) {
        let now = self.world.now();
        self.client().hear(now);
        self.world.settle();
        self.client().check_deadlines(now);
    }

    fn step(&mut self, input: &mut Input<'_>) {
        let mut what = input.below(32);
        if !self.client().core.is_open() {
            // There is little to call for; half of what is said is a step, though maybe a wrong one.
            what = if what < 16 { 7 } else { what - 16 };
        } else if what <= 8 && self.lasts && !input.chance(8) {
            return self.calls(input);
        }
        match what {
            0 => {
                let count = input.below(64);
                self.says(input.bytes(count).into());
            }
            1..=4 => self.says(frames::any_method::<V>(input)),
            5 => {
                let frame = frames::any_method::<V>(input);
                self.says(frames::damage(frame, input));
            }
            6 => self.says(frames::large(input)),
            7 | 8 => self.says(frames::step::<V>(input)),
            9..=12 => {
                let tag = self.some_tag(input);
                self.says(frames::content(&tag, input));
            }
            13 | 14 => self.says(frames::confirm(input)),
            15..=17 => self.broker_acts(input),
            18 | 19 => {
                let time = Duration::from_millis(1 << input.below(14));
                self.world.advance(time);
                self.settle();
            }
            20 if input.chance(8) => {
                let ending = match input.below(2) {
                    0 => Ending::Close,
                    _ => Ending::Reset,
                };
                self.world.broker().faults().end(self.id, ending);
                self.settle();
            }
            _ => self.calls(input),
        }
    }

    /// The peer says this, all at once.
    fn says(&mut self, bytes: BytesMut) {
        self.world.broker().faults().bytes(self.id, bytes.freeze());
        self.settle();
    }

    fn some_tag(&mut self, input: &mut Input<'_>) -> ShortStr {
        let client = self.client();
        let mut consumers: Vec<_> = client.consumers.iter().collect();
        consumers.sort();
        let picked = input.pick(&consumers).map(|(id, key)| (**id, **key));
        let tag = picked.and_then(|(id, key)| {
            let on = client.core.channel(key).ok()?;
            on.consumer_tag(id).cloned()
        });
        tag.unwrap_or_else(|| ShortStr::from("ctag0"))
    }

    /// What a broker may do, or one that is not well.
    fn broker_acts(&mut self, input: &mut Input<'_>) {
        let (id, on) = (self.id, frames::channel(input));
        let tag = self.some_tag(input);
        let mut faults = self.world.broker().faults();
        match input.below(12) {
            0 => faults.flow(id, on, false),
            1 => faults.flow(id, on, true),
            2 => faults.blocked(id, "for a test"),
            3 => faults.unblocked(id),
            4 => faults.cancel(id, on, tag),
            5 => faults.close_channel(id, on, ReplyCode::RESOURCE_ERROR, "for a test"),
            6 => faults.say_channel_close(id, on, ReplyCode::RESOURCE_ERROR, "for a test"),
            7 if input.chance(4) => faults.close(id, ReplyCode::CONNECTION_FORCED, "for a test"),
            8 => faults.on(id, Plan::new().stop_reading()),
            9 => {
                let names = [
                    "queue.declare-ok",
                    "basic.consume-ok",
                    "basic.cancel-ok",
                    "basic.get-ok",
                    "basic.ack",
                    "channel.open-ok",
                    "channel.close-ok",
                    "connection.close-ok",
                    "heartbeat",
                ];
                faults.on(id, Plan::new().withhold(names[input.below(names.len())]))
            }
            10 => faults.on(id, Plan::new().delay_output(Duration::from_secs(3))),
            _ => faults.on(id, Plan::new()),
        };
        self.settle();
    }

    /// All comes to its end: first what waits, by its deadline, then the connection.
    fn end(&mut self) {
        self.world.advance(Duration::from_secs(20));
        self.settle();
        let calls = &self.client().calls;
        assert!(calls.is_empty(), "left waiting: {calls:?}");
        let now = self.world.now();
        let bye = ShortStr::from("bye");
        self.client().core.close(ReplyCode::REPLY_SUCCESS, bye, now);
        self.settle();
        self.world.advance(client::CLOSE * 2);
        let client = self.client();
        assert!(client.core.closed().is_some() && client.core.is_finished());
        assert_eq!(client.core.poll_timeout(), None, "a clock ticks at the end");
    }
}
