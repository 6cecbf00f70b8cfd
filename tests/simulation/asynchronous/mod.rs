//! The same world for the asynchronous front end: tasks that a seed orders, drops and wakes for
//! nothing, over sockets with a virtual clock.
//!
//! Beside what the core has to keep to, no task may miss its wake-up or be woken for ever, no
//! future that is dropped may leave anything behind, and what handles say has to agree with what
//! went over the wire.

mod executor;
mod hall;
mod net;
mod program;
mod rest;
#[path = "../../kit/sealed.rs"]
mod sealed;
mod socket;
mod spoken;
mod wire;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{Ran, STEPS, all_seeds, some_seeds};
use net::net;
use spoken::Spoken;
use world::World;

#[test]
fn no_task_hangs_in_0_9_1() {
    all_seeds("no_task_hangs_in_0_9_1", one_seed::<pika::v0_9_1::V0_9_1>);
}

#[test]
fn no_task_hangs_in_0_8() {
    all_seeds("no_task_hangs_in_0_8", one_seed::<pika::v0_8::V0_8>);
}

/// The same over TLS. Each connection takes a key exchange, so there are fewer seeds.
#[test]
fn no_task_hangs_over_tls() {
    let test = "no_task_hangs_over_tls";
    some_seeds(test, SEEDS_OF_TLS, |seed, traced| {
        run::<pika::v0_9_1::V0_9_1>(net::Begun::encrypted(seed, traced))
    });
}

/// How many seeds run over TLS if nothing is said.
const SEEDS_OF_TLS: u64 = 50;

fn one_seed<V: Spoken>(seed: u64, traced: bool) -> Ran {
    run::<V>(net::Begun::plain(seed, traced))
}

fn run<V: Spoken>(_begun: net::Begun) -> Ran {
    let mut world = World::<V>::new();
    let run = catch_unwind(AssertUnwindSafe(|| world.run(STEPS)));
    let result = run.unwrap_or_else(|_| Err("a panic".into()));
    drop(world);
    (result, net(|net| net.take_trace()))
}
