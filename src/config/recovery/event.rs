use std::fmt;
use std::time::Duration;

use super::Failure;

/// One decision of recovery, for [`Recovery::observer`](super::Recovery::observer). Its text is one line for a log.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An attempt to connect begins.
    Attempt {
        /// The attempts since the connection was ready, this one included.
        attempt: u32,
    },
    /// A host is connected; the login begins.
    Connected {
        /// The name or address of the host.
        host: &'a str,
        /// Its port.
        port: u16,
    },
    /// An attempt failed.
    AttemptFailed {
        /// The attempts since the connection was ready, this one included.
        attempt: u32,
        /// Why.
        failure: Failure<'a>,
        /// After what delay the next begins.
        next_in: Duration,
    },
    /// A connection that was open is lost.
    Lost {
        /// Why.
        failure: Failure<'a>,
        /// After what delay the next attempt begins.
        next_in: Duration,
    },
    /// The broker refused a step of a kept topology when it was declared again.
    Refused {
        /// The method of the step, `queue.declare`.
        method: &'static str,
        /// Its index in the topology.
        step: usize,
        /// Why.
        failure: Failure<'a>,
        /// What follows.
        then: AfterRefusal,
    },
    /// The kept topology is declared.
    Declared {
        /// How many steps it has.
        steps: usize,
    },
    /// The connection is ready: it is open, and what it keeps is declared.
    Ready {
        /// How long it was away, or how long the first attempts took.
        away: Duration,
    },
    /// A publisher sends messages again whose confirms were lost.
    Resending {
        /// How many.
        messages: usize,
    },
    /// The broker closed the channel of a publisher or subscription, or cancelled its consumer, or opening it failed.
    ChannelLost {
        /// Whose it is.
        purpose: ChannelPurpose,
        /// Why.
        failure: Failure<'a>,
        /// After what delay it is opened again; none if the publisher or subscription ends over it.
        next_in: Option<Duration>,
    },
    /// The connection has ended for good.
    Stopped {
        /// Why: the program closed it, or recovery gave up.
        reason: &'a (dyn std::error::Error + 'static),
    },
}

/// What follows a step that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AfterRefusal {
    /// The topology is declared without it from now on.
    Skipped,
    /// The topology is declared again after a delay.
    Retried,
    /// The connection stops.
    Stopped,
}

/// What a channel that is kept is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelPurpose {
    /// It belongs to a publisher.
    Publisher,
    /// It belongs to a subscription.
    Subscription,
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attempt { attempt } => write!(f, "attempt {attempt} to connect"),
            Self::Connected { host, port } => write!(f, "connected to `{host}` (port {port})"),
            Self::AttemptFailed {
                attempt,
                failure,
                next_in,
            } => write!(
                f,
                "attempt {attempt} failed, the next follows in {next_in:.1?}: {failure}"
            ),
            Self::Lost { failure, next_in } => write!(
                f,
                "the connection is lost, the next attempt follows in {next_in:.1?}: {failure}"
            ),
            Self::Refused {
                method,
                step,
                failure,
                then,
            } => {
                let then = match then {
                    AfterRefusal::Skipped => "is skipped from now on",
                    AfterRefusal::Retried => "is tried again",
                    AfterRefusal::Stopped => "stops the connection",
                };
                write!(f, "{method}, step {step} of a topology, {then}: {failure}")
            }
            Self::Declared { steps } => {
                let s = plural(*steps);
                write!(f, "the topology is declared, {steps} step{s}")
            }
            Self::Ready { away } => write!(f, "ready after {away:.1?}"),
            Self::Resending { messages } => {
                let s = plural(*messages);
                write!(f, "a publisher sends {messages} message{s} again")
            }
            Self::ChannelLost {
                purpose,
                failure,
                next_in,
            } => {
                let purpose = match purpose {
                    ChannelPurpose::Publisher => "publisher",
                    ChannelPurpose::Subscription => "subscription",
                };
                match next_in {
                    Some(Duration::ZERO) => write!(
                        f,
                        "the channel of a {purpose} is lost, it is opened again at once: {failure}"
                    ),
                    Some(delay) => write!(
                        f,
                        "the channel of a {purpose} is lost, it is opened again in {delay:.1?}: {failure}"
                    ),
                    None => write!(f, "a {purpose} ends: {failure}"),
                }
            }
            Self::Stopped { reason } => write!(f, "stopped: {reason}"),
        }
    }
}

const fn plural(count: usize) -> &'static str {
    match count {
        1 => "",
        _ => "s",
    }
}
