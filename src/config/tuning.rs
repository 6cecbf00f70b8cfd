use std::fmt;
use std::time::Duration;

use super::Config;
use crate::wire::UNSENDABLE;

/// The frame-max that every peer must accept, and the least that may be agreed on (AMQP 0-9-1,
/// `frame-min-size`; RabbitMQ holds 0-8 to it too). In bytes.
pub const FRAME_MIN_SIZE: u32 = 4096;

/// The frame-max where neither side has an opinion, and the default opinion: what RabbitMQ
/// proposes. In bytes.
pub const FRAME_MAX: u32 = 131_072;

/// How often the peers show that they are alive while they have nothing to say.
///
/// A peer that is silent for two intervals is taken for dead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Heartbeat {
    /// As often as the server proposes; RabbitMQ does every 60 seconds. Off if it proposes none.
    #[default]
    Broker,
    /// As often as the server proposes, but at least once in this time: the shorter interval is
    /// taken, and this one if the server proposes none.
    ///
    /// The protocol counts whole seconds: a fraction is cut off, less than a second counts as one,
    /// and more than 65535 seconds count as 65535.
    AtMost(Duration),
    /// Never, whatever the server proposes. A peer that vanishes is then noticed by calls that time
    /// out, and by nothing else.
    Off,
}

impl Heartbeat {
    /// The interval for a server that proposes `server` seconds, 0 being none.
    #[must_use]
    pub fn negotiate(self, server: u16) -> Option<Duration> {
        let seconds = match self {
            Self::Off => 0,
            Self::Broker => server,
            Self::AtMost(most) => {
                let most = u16::try_from(most.as_secs()).unwrap_or(u16::MAX).max(1);
                if server == 0 { most } else { most.min(server) }
            }
        };
        (seconds > 0).then(|| Duration::from_secs(seconds.into()))
    }
}

/// What the server proposes in `connection.tune`. Zero is no opinion, or no heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The highest channel number.
    pub channel_max: u16,
    /// The largest frame in bytes, with the 8 of framing.
    pub frame_max: u32,
    /// The heartbeat interval in seconds.
    pub heartbeat: u16,
}

/// What both sides agreed on. Nothing in it is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tuning {
    /// The highest channel number, at least 1.
    pub channel_max: u16,
    /// The largest frame in bytes, with the 8 of framing; at least [`FRAME_MIN_SIZE`].
    pub frame_max: u32,
    /// The heartbeat interval, in whole seconds; none when there are no heartbeats.
    pub heartbeat: Option<Duration>,
}

/// The longest frame that is agreed on.
#[expect(clippy::cast_possible_truncation, reason = "2^27 - 1")]
const FRAME_LONGEST: u32 = UNSENDABLE as u32 - 1;

impl Tuning {
    /// What holds before anything is agreed on: the one frame size that every peer accepts
    /// (AMQP 0-9-1, `connection.tune`), no heartbeats, and the lowest number, as no channel can be opened yet.
    pub const HANDSHAKE: Self = Self {
        channel_max: 1,
        frame_max: FRAME_MIN_SIZE,
        heartbeat: None,
    };

    /// Agrees with a server: the lower number where both have an opinion, the one opinion where
    /// one has, and 65535 channels and [`FRAME_MAX`] where none has. Frames are at most 128 MiB less a
    /// byte, whatever both say: what cannot be encoded counts as longer than that.
    ///
    /// The result never exceeds what the server proposes. RabbitMQ resets the connection without
    /// a word over more (its limits are 2047 channels and 131072 bytes).
    ///
    /// # Errors
    /// When the server proposes frames of less than [`FRAME_MIN_SIZE`].
    pub fn negotiate(config: &Config, server: Proposal) -> Result<Self, FrameMaxTooSmall> {
        if (1..FRAME_MIN_SIZE).contains(&server.frame_max) {
            return Err(FrameMaxTooSmall {
                found: server.frame_max,
            });
        }
        let frame_max = lower(config.frame_max, server.frame_max).unwrap_or(FRAME_MAX);
        Ok(Self {
            channel_max: lower(config.channel_max, server.channel_max).unwrap_or(u16::MAX),
            frame_max: frame_max.clamp(FRAME_MIN_SIZE, FRAME_LONGEST),
            heartbeat: config.heartbeat.negotiate(server.heartbeat),
        })
    }

    /// The heartbeat as `connection.tune-ok` says it: whole seconds, 0 for none.
    #[must_use]
    pub fn heartbeat_seconds(&self) -> u16 {
        let seconds = self.heartbeat.map_or(0, |interval| interval.as_secs());
        u16::try_from(seconds).unwrap_or(u16::MAX)
    }
}

/// The lower of two opinions, where zero is none.
fn lower<T: Ord + Default>(a: T, b: T) -> Option<T> {
    let zero = T::default();
    match (a > zero, b > zero) {
        (true, true) => Some(a.min(b)),
        (true, false) => Some(a),
        (false, true) => Some(b),
        (false, false) => None,
    }
}

/// The server proposes frames smaller than the protocol allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameMaxTooSmall {
    /// The frame-max it proposes, in bytes.
    pub found: u32,
}

impl fmt::Display for FrameMaxTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "expected a frame-max of 0 or at least {FRAME_MIN_SIZE} bytes from the server, found {}",
            self.found
        )
    }
}

impl std::error::Error for FrameMaxTooSmall {}

#[cfg(test)]
mod tests {
    use super::*;

    const RABBITMQ: Proposal = Proposal {
        channel_max: 2047,
        frame_max: 131_072,
        heartbeat: 60,
    };

    #[test]
    fn channels_are_the_lower_opinion() {
        for (client, server, agreed) in [
            (0, 2047, 2047),
            (0, 0, 65535),
            (10, 2047, 10),
            (10, 0, 10),
            (65535, 2047, 2047),
            (1, 1, 1),
            (2047, 2048, 2047),
        ] {
            let server = Proposal {
                channel_max: server,
                ..RABBITMQ
            };
            let config = Config::new().channel_max(client);
            let tuning = Tuning::negotiate(&config, server).unwrap();
            assert_eq!(tuning.channel_max, agreed, "{client} {server:?}");
        }
    }

    #[test]
    fn frames_are_the_lower_opinion_and_at_least_4096() {
        for (client, server, agreed) in [
            (131_072, 131_072, 131_072),
            (0, 131_072, 131_072),
            (0, 0, 131_072),
            (0, 1 << 20, 1 << 20),
            (8192, 0, 8192),
            (8192, 131_072, 8192),
            (131_072, 4096, 4096),
            (4096, 4096, 4096),
            (1, 131_072, 4096),
            (4095, 0, 4096),
            (u32::MAX, u32::MAX, FRAME_LONGEST),
        ] {
            let server = Proposal {
                frame_max: server,
                ..RABBITMQ
            };
            let config = Config::new().frame_max(client);
            let tuning = Tuning::negotiate(&config, server).unwrap();
            assert_eq!(tuning.frame_max, agreed, "{client} {server:?}");
        }
    }

    #[test]
    fn a_server_with_tiny_frames_is_refused() {
        for found in [1, 8, 4095] {
            let server = Proposal {
                frame_max: found,
                ..RABBITMQ
            };
            let error = Tuning::negotiate(&Config::new(), server).unwrap_err();
            assert_eq!(error, FrameMaxTooSmall { found });
        }
        assert_eq!(
            FrameMaxTooSmall { found: 8 }.to_string(),
            "expected a frame-max of 0 or at least 4096 bytes from the server, found 8"
        );
    }

    #[test]
    fn heartbeats_are_the_explicit_choice() {
        let at_most = |seconds| Heartbeat::AtMost(Duration::from_secs(seconds));
        for (client, server, agreed) in [
            (Heartbeat::Broker, 60, 60),
            (Heartbeat::Broker, 0, 0),
            (Heartbeat::Off, 60, 0),
            (Heartbeat::Off, 0, 0),
            (at_most(10), 60, 10),
            (at_most(100), 60, 60),
            (at_most(10), 0, 10),
            (at_most(0), 60, 1),
            (at_most(u64::MAX), 0, 65535),
            (at_most(u64::MAX), 65535, 65535),
            (Heartbeat::AtMost(Duration::from_millis(2900)), 60, 2),
            (Heartbeat::AtMost(Duration::from_millis(10)), 60, 1),
        ] {
            let server = Proposal {
                heartbeat: server,
                ..RABBITMQ
            };
            let config = Config::new().heartbeat(client);
            let tuning = Tuning::negotiate(&config, server).unwrap();
            assert_eq!(tuning.heartbeat_seconds(), agreed, "{client:?} {server:?}");
            assert_eq!(tuning.heartbeat.is_some(), agreed > 0);
        }
    }
}
