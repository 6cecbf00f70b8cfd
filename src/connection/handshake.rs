use std::fmt;
use std::time::Instant;

use bytes::Bytes;

use super::heartbeat::Heartbeat;
use super::{Connection, Event, Opened, Phase};
use crate::config::{Exchange, Mechanism, NoCommonMechanism, Proposal, Tuning};
use crate::error::{Cause, Expected, ProtocolError};
use crate::frame::{Limits, OVERHEAD, ProtocolHeader};
use crate::method::MethodSet;
use crate::protocol::{Protocol, Signal, Start, StartOk, Tune};
use crate::wire::{ChannelId, CheckOverlong, LongStr, Table, find_overlong};

/// Bytes of a method frame besides the arguments.
const ENVELOPE: usize = OVERHEAD + 4;

/// What the handshake waits for.
///
/// ```text
/// header ──▶ Start ── start-ok ──▶ Tune ── tune-ok, open ──▶ Open ──▶ (open)
/// ```
///
/// `Secure` comes first where the transport is encrypted: the header is sent when the server has
/// proved its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Secure,
    Start,
    Tune,
    Open,
}

impl Step {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Secure => "TLS",
            Self::Start => "connection.start",
            Self::Tune => "connection.tune",
            Self::Open => "connection.open-ok",
        }
    }
}

/// The login that is under way, by a mechanism of the program.
#[derive(Default)]
pub(super) struct Login(Option<(Mechanism, Box<dyn Exchange>)>);

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login")
    }
}

impl<P: Protocol> Connection<P> {
    /// Says that the server has proved its name to the layer that encrypts the transport. The handshake
    /// of the protocol begins; the time for all of it runs since the transport was connected.
    pub fn secured(&mut self) {
        if let Phase::Handshake { step, .. } = &mut self.phase {
            if *step == Step::Secure {
                *step = Step::Start;
                self.shared.output.bytes(&P::PROTOCOL_HEADER);
            }
        }
    }

    /// Takes a method that came during the handshake.
    pub(super) fn handshake(
        &mut self,
        step: Step,
        (name, signal): (&'static str, Signal<P>),
        now: Instant,
    ) {
        match (step, signal) {
            (Step::Start, Signal::Start(start)) => self.started(start, now),
            (Step::Tune, Signal::Tune(tune)) => self.tuned(tune, now),
            (Step::Tune, Signal::Secure { challenge }) if self.login.0.is_some() => {
                self.challenged(&challenge, now);
            }
            (Step::Open, Signal::Opened) => self.opened(now),
            (Step::Open, Signal::Redirect { host, known_hosts }) => {
                self.fail(Cause::Redirected { host, known_hosts }, now);
            }
            (_, Signal::Close(close)) => self.closed_by_server(close, now),
            _ => {
                let channel = ChannelId::CONNECTION;
                let expected = Expected::Step(step.name());
                let error = ProtocolError::UnexpectedMethod {
                    channel,
                    found: name,
                    expected,
                };
                self.fail(Cause::Protocol(error), now);
            }
        }
    }

    /// Takes a protocol header, with which a server refuses ours.
    pub(super) fn refused(&mut self, step: Step, found: ProtocolHeader, now: Instant) {
        let sent = sent::<P>();
        self.fail(
            match step {
                Step::Start => Cause::Version { sent, found },
                Step::Secure | Step::Tune | Step::Open => {
                    Cause::Protocol(ProtocolError::Header(found))
                }
            },
            now,
        );
    }

    fn started(&mut self, start: Start, now: Instant) {
        if start.version != (P::MAJOR, P::MINOR) {
            return self.fail(
                Cause::Started {
                    sent: sent::<P>(),
                    found: start.version,
                },
                now,
            );
        }
        let config = &self.shared.config;
        let names: [(_, &dyn CheckOverlong); 3] = [
            ("virtual-host", &config.vhost),
            ("locale", &config.locale),
            ("client-properties", &config.client_properties),
        ];
        if let Some(overlong) = find_overlong(&names) {
            return self.fail(Cause::Overlong(overlong), now);
        }
        let offered = start.mechanisms.as_bytes();
        let is_encrypted = config.is_encrypted();
        let choice = Mechanism::choose(
            &config.mechanisms,
            offered,
            &config.credentials,
            is_encrypted,
        );
        let mechanism = match choice {
            Ok(mechanism) => mechanism,
            Err(NoCommonMechanism { wanted, offered }) => {
                let names: Vec<_> = wanted.iter().map(Mechanism::name).collect();
                let wanted = names.join(" ");
                return self.fail(Cause::NoMechanism { wanted, offered }, now);
            }
        };
        let (response, exchange) = mechanism.begin(&config.credentials);
        let answer = P::start_ok(StartOk {
            client_properties: config.announce(P::CAPABILITIES),
            mechanism: mechanism.name().into(),
            response: response.into_long_str(),
            locale: config.locale.clone(),
        });
        let (len, limit) = (
            answer.encoded_len() + ENVELOPE,
            self.shared.tuning.frame_max,
        );
        if len > limit as usize {
            return self.fail(Cause::TooLarge { len, limit }, now);
        }
        // A copy: they stay as long as the connection, and would keep what was read with them.
        let properties = start.server_properties.as_wire();
        self.server_properties = Table::from_wire(Bytes::copy_from_slice(properties));
        self.shared
            .output
            .any_method(ChannelId::CONNECTION, &answer);
        self.login = Login(exchange.map(|exchange| (mechanism, exchange)));
        self.step(Step::Tune);
    }

    /// Answers a challenge of the server, by a mechanism of the program.
    fn challenged(&mut self, challenge: &LongStr, now: Instant) {
        let Some((mechanism, exchange)) = &mut self.login.0 else {
            return;
        };
        let response = match exchange.answer(challenge.as_bytes()) {
            Ok(response) => response,
            Err(reason) => {
                let mechanism = mechanism.name().to_owned();
                return self.fail(Cause::Login { mechanism, reason }, now);
            }
        };
        let answer = P::secure_ok(response.into_long_str());
        let (len, limit) = (
            answer.encoded_len() + ENVELOPE,
            self.shared.tuning.frame_max,
        );
        if len > limit as usize {
            return self.fail(Cause::TooLarge { len, limit }, now);
        }
        let output = &mut self.shared.output;
        output.any_method(ChannelId::CONNECTION, &answer);
    }

    fn tuned(&mut self, tune: Tune, now: Instant) {
        let Tune {
            channel_max,
            frame_max,
            heartbeat,
        } = tune;
        let proposal = Proposal {
            channel_max,
            frame_max,
            heartbeat,
        };
        let Ok(tuning) = Tuning::negotiate(&self.shared.config, proposal) else {
            return self.fail(Cause::Tuning { frame_max }, now);
        };
        let virtual_host = self.shared.config.vhost.clone();
        self.shared.tuning = tuning;
        self.decoder.set_limits(Limits::agreed(tuning.frame_max));
        let tune_ok = P::tune_ok(Tune {
            channel_max: tuning.channel_max,
            frame_max: tuning.frame_max,
            heartbeat: tuning.heartbeat_seconds(),
        });
        let output = &mut self.shared.output;
        output.any_method(ChannelId::CONNECTION, &tune_ok);
        output.any_method(ChannelId::CONNECTION, &P::open(virtual_host));
        let heartbeat = mutant!("heartbeats are not kept", tuning.heartbeat, None);
        self.heartbeat = heartbeat.map(|interval| Heartbeat::new(interval, now));
        self.step(Step::Open);
    }

    fn opened(&mut self, now: Instant) {
        self.phase = Phase::Open;
        // The next connection has a configuration of its own.
        self.login = Login::default();
        self.begin_refreshing(now);
        self.shared.config.credentials.erase();
        let (server_properties, tuning) = (self.server_properties.clone(), self.shared.tuning);
        self.shared.emit(Event::Opened(Box::new(Opened {
            server_properties,
            tuning,
        })));
    }

    fn step(&mut self, next: Step) {
        if let Phase::Handshake { step, .. } = &mut self.phase {
            *step = next;
        }
    }
}

fn sent<P: Protocol>() -> ProtocolHeader {
    let [_, _, _, _, a, b, c, d] = P::PROTOCOL_HEADER;
    ProtocolHeader::new([a, b, c, d])
}
