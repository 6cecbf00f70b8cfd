//! The handshake, with the link broken at every byte of it: in either direction, in each way.

use std::time::Duration;

use pika::error::{Cause, TimedOut, TransportEnd, Waiting};

use crate::link::{Break, Pipe};
use crate::model::Broken;
use crate::version::Version;
use crate::world::{Client, HANDSHAKE, HEARTBEAT, World};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Up,
    Down,
}

/// One place and one way to break the link.
#[derive(Clone, Copy, Debug)]
struct Case {
    way: Way,
    at: usize,
    how: Break,
    /// How many bytes arrive at once.
    pace: usize,
}

/// What the client waits for, one after the other.
const STEPS: [&str; 3] = ["connection.start", "connection.tune", "connection.open-ok"];

/// How many bytes have gone up before the broker answers, and have come down once it has: for each
/// step of the handshake.
struct Marks {
    up: [usize; 3],
    down: [usize; 3],
}

#[test]
fn a_link_that_breaks_at_any_byte_of_the_handshake_is_noticed_in_0_9_1() {
    every_case::<pika::v0_9_1::V0_9_1>();
}

#[test]
fn a_link_that_breaks_at_any_byte_of_the_handshake_is_noticed_in_0_8() {
    every_case::<pika::v0_8::V0_8>();
}

fn every_case<V: Version>() {
    let marks = Marks::of::<V>();
    let mut cases = 0;
    for (way, bytes) in [(Way::Up, marks.up[2]), (Way::Down, marks.down[2])] {
        for at in 0..=bytes {
            for how in [Break::Eof, Break::Reset, Break::Silence] {
                for pace in [1, usize::MAX] {
                    let case = Case { way, at, how, pace };
                    let outcome = case.run::<V>(&marks);
                    assert_eq!(outcome, Ok(()), "{case:?}");
                    cases += 1;
                }
            }
        }
    }
    let [up, down] = [marks.up[2], marks.down[2]];
    println!("{}: {cases} cases, {up} bytes up and {down} down", V::NAME);
}

impl Marks {
    fn of<V: Version>() -> Self {
        let mut world = World::<V>::new(0, 1, false);
        let (mut up, mut down) = ([0; 3], [0; 3]);
        for step in 0..STEPS.len() {
            assert!(!world.clients[0].core.is_open());
            world.shovel(0);
            up[step] = world.clients[0].core.bytes_sent() as usize;
            down[step] = world.clients[0].core.bytes_received() as usize;
        }
        assert!(world.clients[0].core.is_open());
        Self { up, down }
    }
}

impl Case {
    fn run<V: Version>(self, marks: &Marks) -> Result<(), Broken> {
        let mut world = World::<V>::new(0, 1, false);
        let client = &mut world.clients[0];
        for pipe in [&mut client.up, &mut client.down] {
            pipe.pace = Some(self.pace);
        }
        self.pipe(client).breaks = Some((self.at, self.how));
        until(&mut world, |world| world.model.ledgers[0].closed)?;
        let client = &world.clients[0];
        let cause = client.core.closed().map(|reason| reason.cause.clone());
        let after = world.now - world.start;
        self.check(marks, cause, after)?;
        let end = world.start + Duration::from_secs(60);
        until(&mut world, |world| world.now >= end)?;
        let client = &world.clients[0];
        if !client.core.is_finished() || client.core.poll_timeout().is_some() {
            return Err("the client is not done".into());
        }
        match world.broker.connections().count() {
            0 => Ok(()),
            count => Err(format!("the broker keeps {count} connections")),
        }
    }

    fn pipe<V: Version>(self, client: &mut Client<V>) -> &mut Pipe {
        match self.way {
            Way::Up => &mut client.up,
            Way::Down => &mut client.down,
        }
    }

    /// The step that the client has reached when the link breaks; 3 is beyond the last.
    fn step(self, marks: &Marks) -> usize {
        let passed = |marks: &[usize; 3]| marks.iter().filter(|mark| **mark <= self.at).count();
        match self.way {
            Way::Down => passed(&marks.down),
            // An answer that is under way is lost with the rest.
            Way::Up if self.how == Break::Reset && marks.up.contains(&self.at) => {
                passed(&marks.up) - 1
            }
            Way::Up => passed(&marks.up),
        }
    }

    fn check(self, marks: &Marks, found: Option<Cause>, after: Duration) -> Result<(), Broken> {
        let during = STEPS.get(self.step(marks)).copied();
        let ended = |end| Cause::Transport { end, during };
        let (cause, least, most) = match (self.how, during) {
            (Break::Eof, _) => (ended(TransportEnd::Eof), Duration::ZERO, Duration::ZERO),
            (Break::Reset, _) => {
                let end = TransportEnd::Failed(std::io::ErrorKind::ConnectionReset);
                (ended(end), Duration::ZERO, Duration::ZERO)
            }
            (Break::Silence, Some(step)) => {
                let waiting_for = Waiting::Handshake(step);
                let after = HANDSHAKE;
                let cause = Cause::TimedOut(TimedOut { waiting_for, after });
                (cause, after, after)
            }
            // The handshake is done; whoever hears nothing gives the other up.
            (Break::Silence, None) if self.way == Way::Down => {
                let heartbeat = HEARTBEAT;
                let cause = Cause::Silence { heartbeat };
                (cause, 2 * heartbeat, 2 * heartbeat)
            }
            (Break::Silence, None) => (ended(TransportEnd::Eof), 2 * HEARTBEAT, 3 * HEARTBEAT),
        };
        if found.as_ref() != Some(&cause) || !(least..=most).contains(&after) {
            return Err(format!(
                "expected {cause:?} after {least:?} to {most:?}, found {found:?} after {after:?}"
            ));
        }
        Ok(())
    }
}

/// Lets time go on until `done`, which takes few stops: nothing but heartbeats wakes anybody.
fn until<V: Version>(world: &mut World<V>, done: impl Fn(&World<V>) -> bool) -> Result<(), Broken> {
    for _ in 0..100 {
        still(world)?;
        if done(world) {
            return Ok(());
        }
        world.pass(Duration::from_secs(60))?;
    }
    Err("what should come does not come".into())
}

/// Lets the network run until nothing moves.
fn still<V: Version>(world: &mut World<V>) -> Result<(), Broken> {
    loop {
        let before = moved(&world.clients[0]);
        world.network(0)?;
        if moved(&world.clients[0]) == before {
            return Ok(());
        }
    }
}

fn moved<V: Version>(client: &Client<V>) -> (usize, usize, u64, (bool, bool)) {
    let sent = client.core.bytes_sent();
    (
        client.up.arrived,
        client.down.arrived,
        sent,
        client.connected,
    )
}
