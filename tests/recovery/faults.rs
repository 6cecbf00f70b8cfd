//! The faults that the tests of recovery have to find, see `mutant!` in the source.

pub(crate) const RECOVERY: [&str; 17] = [
    "a channel that closes over a publish opens after a delay",
    "a channel that the broker closes stays closed",
    "a first attempt is never retried",
    "a poison publish takes its neighbours along",
    "a cut during the replay sends only the rest again",
    "a successor begins its channels anew",
    "an attempt that is given up goes on",
    "delays have no jitter",
    "lanes open before the topology is answered",
    "no-ack messages are lost with their channel",
    "nothing is late while away",
    "recovery over one stream is passed over",
    "refusals are retried for ever",
    "heartbeats are not kept",
    "the first unresolved publish is not sent again",
    "the next attempt follows at once",
    "those who wait for a lane are not woken",
];
