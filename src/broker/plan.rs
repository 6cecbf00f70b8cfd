use std::time::Duration;

use bytes::Bytes;

use super::session::OutputFaults;
use crate::wire::ReplyCode;

/// How a transport ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// In good order: what was written arrives, then the stream is at its end.
    Close,
    /// At once: what was not read yet is lost.
    Reset,
}

/// A step of the handshake, named after what the client has just sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Moment {
    /// The protocol header; due is `connection.start`.
    Header,
    /// `connection.start-ok`; due is `connection.tune`.
    StartOk,
    /// `connection.tune-ok`; nothing is due.
    TuneOk,
    /// `connection.open`; due is `connection.open-ok`.
    Open,
}

/// What a client gets instead of the next step of the handshake.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Refuse {
    /// `connection.close` with this code and text.
    Close(ReplyCode, String),
    /// The end of the stream.
    Eof,
    /// A reset.
    Reset,
    /// These bytes.
    Garbage(Bytes),
    /// Nothing, for as long as the client waits.
    Silence,
    /// `channel.open-ok` on channel 1.
    WrongMethod,
    /// This protocol header, and the end of the stream.
    Header([u8; 8]),
}

/// What goes wrong on one connection.
///
/// ```
/// # #[cfg(feature = "amqp0-9-1")] {
/// use std::time::Instant;
/// use pika::broker::{Broker, Ending, Moment, Plan, Refuse, Settings};
///
/// let mut broker = Broker::new(Settings::new());
/// let mut faults = broker.faults();
/// faults.on_next(Plan::new().refuse_at(Moment::Open, Refuse::Eof));
/// faults.on_next(Plan::new().withhold("queue.declare-ok").cut_output_after(900, Ending::Reset));
/// let first = broker.accept(Instant::now());
/// # let _ = first;
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub(crate) refuse: Option<(Moment, Refuse)>,
    pub(crate) output: OutputFaults,
    pub(crate) stopped_reading: bool,
    pub(crate) input_cut: Option<(u64, Ending)>,
    pub(crate) output_ending: Option<Ending>,
    withheld: Vec<String>,
    ignored: Vec<String>,
}

impl Plan {
    /// Nothing goes wrong.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Does not go on with the handshake at a step.
    #[must_use]
    pub fn refuse_at(mut self, moment: Moment, how: Refuse) -> Self {
        self.refuse = Some((moment, how));
        self
    }

    /// Does what a method asks for but never sends the one named, `queue.declare-ok` for example;
    /// `heartbeat` stands for heartbeats.
    #[must_use]
    pub fn withhold(mut self, method: impl Into<String>) -> Self {
        self.withheld.push(method.into());
        self
    }

    /// Passes over a method that the client sends, as if it had never come.
    #[must_use]
    pub fn ignore(mut self, method: impl Into<String>) -> Self {
        self.ignored.push(method.into());
        self
    }

    /// Ends the transport after so many bytes were sent to the client.
    #[must_use]
    pub const fn cut_output_after(mut self, bytes: u64, ending: Ending) -> Self {
        self.output.cut_at = Some(bytes);
        self.output_ending = Some(ending);
        self
    }

    /// Ends the transport after so many bytes of whole frames came from the client.
    #[must_use]
    pub const fn cut_input_after(mut self, bytes: u64, ending: Ending) -> Self {
        self.input_cut = Some((bytes, ending));
        self
    }

    /// Turns over the bits of one byte of what is sent, counted from 0.
    #[must_use]
    pub const fn corrupt_output_at(mut self, byte: u64) -> Self {
        self.output.corrupt_at = Some(byte);
        self
    }

    /// Sends everything late.
    #[must_use]
    pub const fn delay_output(mut self, by: Duration) -> Self {
        self.output.delay = by;
        self
    }

    /// Sends nothing.
    #[must_use]
    pub const fn stop_writing(mut self) -> Self {
        self.output.stopped = true;
        self
    }

    /// Reads nothing.
    #[must_use]
    pub const fn stop_reading(mut self) -> Self {
        self.stopped_reading = true;
        self
    }

    pub(crate) fn withholds(&self, method: &str) -> bool {
        self.withheld.iter().any(|name| name == method)
    }

    pub(crate) fn ignores(&self, method: &str) -> bool {
        self.ignored.iter().any(|name| name == method)
    }
}
