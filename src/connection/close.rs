use std::sync::Arc;
use std::time::Instant;

use super::handshake::Step;
use super::shared::Shared;
use super::{ChannelKey, Connection, Event, Phase, later};
use crate::error::{Cause, Closed, Target, TlsError, TlsErrorKind, TransportEnd};
use crate::protocol::{Close, Protocol};
use crate::wire::{ChannelId, MethodId, ReplyCode, Scope, ShortStr};

/// RabbitMQ 4.1 and later end the transport when a client asks for smaller frames.
const RABBITMQ_FRAME_MIN: u32 = 8192;

/// A close that waits for consumers to end first, see [`Channel::cancel_all`](super::channel::Channel).
#[derive(Debug)]
pub(super) struct Farewell {
    code: ReplyCode,
    text: ShortStr,
    /// How many answers are still to come.
    answers: usize,
    /// When the close is sent all the same.
    pub(super) by: Instant,
}

impl<P: Protocol> Connection<P> {
    /// Closes the connection in good order; [`Event::Closed`] says when it is done.
    ///
    /// Consumers are cancelled first, so that the acknowledgements of before count.
    ///
    /// All calls that wait are told at once, and publishes without a confirm are lost. Closing a
    /// connection that is closed or closing does nothing: the first reason stays. Before the
    /// handshake is done there is nothing to say good-bye to, and the connection is closed at once.
    pub fn close(&mut self, code: ReplyCode, text: ShortStr, now: Instant) {
        let text = text.into_sendable();
        match self.phase {
            Phase::Open => {
                let cause = Cause::Local {
                    code,
                    text: text.clone(),
                };
                let reason = Arc::new(Closed::new(Scope::Connection, cause));
                let answers = self.channels.cancel_all(&mut self.shared);
                let timeout = self.shared.config.close_timeout;
                self.farewell = Some(Farewell {
                    code,
                    text,
                    answers,
                    by: later(now, timeout / 2),
                });
                if answers == 0 {
                    self.say_farewell();
                }
                self.end_everything(&reason);
                let deadline = later(now, timeout);
                self.phase = Phase::Closing { reason, deadline };
            }
            Phase::Handshake { .. } => self.fail(Cause::Local { code, text }, now),
            Phase::Closing { .. } | Phase::Closed { .. } => {}
        }
    }

    /// Sends the close that still waits for consumers to end, for a transport that is given up.
    pub(crate) fn say_farewell(&mut self) {
        if let Some(Farewell { code, text, .. }) = self.farewell.take() {
            self.send_close(code, text, MethodId::default());
        }
    }

    /// A consumer has ended while the connection is being closed.
    pub(super) fn consumer_left(&mut self) {
        if let Some(farewell) = &mut self.farewell {
            farewell.answers = farewell.answers.saturating_sub(1);
            if farewell.answers == 0 {
                self.say_farewell();
            }
        }
    }

    /// Says that the transport ended, or that reading or writing failed.
    ///
    /// Before a failed write is reported, what can still be read should be received: a server that
    /// refuses says so first, and resets the connection right after.
    pub fn transport_ended(&mut self, end: TransportEnd, now: Instant) {
        self.shared.output.clear();
        match &self.phase {
            Phase::Closing { reason, .. } => {
                let reason = reason.clone();
                self.close_failure = Some(Cause::Transport { end, during: None });
                self.finish(reason, now);
            }
            Phase::Closed { .. } => {}
            Phase::Handshake { step, .. } => {
                let frame_max = self.shared.tuning.frame_max;
                let cause = match step {
                    // Which of the two it is depends on what was on its way.
                    Step::Secure if matches!(end, TransportEnd::Eof | TransportEnd::Failed(_)) => {
                        let detail = match end {
                            TransportEnd::Failed(kind) => kind.to_string(),
                            _ => String::new(),
                        };
                        Cause::Transport {
                            end: TlsError::new(TlsErrorKind::Ended, detail).into(),
                            during: Some(step.name()),
                        }
                    }
                    Step::Open if frame_max < RABBITMQ_FRAME_MIN => {
                        Cause::FrameMaxRefused { frame_max }
                    }
                    _ => Cause::Transport {
                        end,
                        during: Some(step.name()),
                    },
                };
                self.fail(cause, now);
            }
            Phase::Open => self.fail(Cause::Transport { end, during: None }, now),
        }
    }

    /// Says that the transport is connected only now, for an adapter that began before: the time
    /// for the handshake counts from here.
    pub fn connected(&mut self, now: Instant) {
        if let Phase::Handshake {
            step: Step::Secure | Step::Start,
            deadline,
        } = &mut self.phase
        {
            *deadline = later(now, self.shared.config.handshake_timeout);
        }
    }

    /// As [`connected`](Self::connected), to another server than the first of the settings.
    #[cfg(feature = "callbacks")]
    pub(crate) fn connected_to(&mut self, host: &str, port: u16, now: Instant) {
        host.clone_into(&mut self.shared.config.host);
        self.shared.config.port = port;
        self.connected(now);
    }

    /// Says that the transport could not be connected, for an adapter that began before: the
    /// connection is closed for this reason.
    pub fn never_connected(&mut self, cause: Cause, now: Instant) {
        if matches!(self.phase, Phase::Handshake { .. }) {
            self.fail(cause, now);
        }
    }

    /// The server closes.
    pub(super) fn closed_by_server(&mut self, close: Close, now: Instant) {
        self.shared
            .output
            .any_method(ChannelId::CONNECTION, &P::close_ok());
        if let Phase::Closing { reason, .. } = &self.phase {
            // Closes crossed; ours was the first that the program heard of.
            let reason = reason.clone();
            if close.code != ReplyCode::REPLY_SUCCESS {
                let Close { code, text, method } = close;
                let method = Some(method).filter(|method| *method != MethodId::default());
                self.close_failure = Some(Cause::Server { code, text, method });
            }
            return self.finish(reason, now);
        }
        let method = Some(close.method).filter(|method| *method != MethodId::default());
        let cause = Cause::Server {
            code: close.code,
            text: close.text,
            method,
        };
        self.finish(self.reason(cause), now);
    }

    /// The server confirms our close.
    pub(super) fn close_confirmed(&mut self, now: Instant) {
        if let Phase::Closing { reason, .. } = &self.phase {
            let reason = reason.clone();
            self.finish(reason, now);
        }
    }

    /// Ends the connection over an error.
    ///
    /// Once the handshake is done the server is told; its answer is not waited for.
    pub(super) fn fail(&mut self, cause: Cause, now: Instant) {
        match &self.phase {
            // The program has closed already, and that stays the reason.
            Phase::Closing { reason, .. } => {
                let reason = reason.clone();
                self.close_failure = Some(cause);
                return self.finish(reason, now);
            }
            Phase::Handshake { .. } => self.shared.output.clear(),
            Phase::Open | Phase::Closed { .. } => {}
        }
        if let (Cause::Protocol(error), Phase::Open) = (&cause, &self.phase) {
            let (code, text) = (error.reply_code(), ShortStr::cut(&error.to_string()));
            self.send_close(code, text, MethodId::default());
        }
        self.finish(self.reason(cause), now);
    }

    /// Why the connection closes; while it is being opened, with what was to be opened.
    fn reason(&self, cause: Cause) -> Arc<Closed> {
        let mut closed = Closed::new(Scope::Connection, cause);
        if matches!(self.phase, Phase::Handshake { .. }) && !closed.is_normal() {
            closed.opening = Some(Box::new(Target::of(&self.shared.config)));
        }
        Arc::new(closed)
    }

    /// Tells everything that waits that the connection is closed.
    pub(super) fn finish(&mut self, reason: Arc<Closed>, now: Instant) {
        if matches!(self.phase, Phase::Closed { .. }) {
            return;
        }
        self.end_everything(&reason);
        self.heartbeat = None;
        self.shared.blocked = None;
        let flush_by = later(now, self.shared.config.close_timeout);
        self.phase = Phase::Closed {
            reason: reason.clone(),
            flush_by,
        };
        self.shared.emit(Event::Closed(reason));
    }

    fn end_everything(&mut self, reason: &Arc<Closed>) {
        self.shared.fail_calls(ChannelKey::CONNECTION, 0, reason);
        self.channels.end_all(reason, &mut self.shared);
        let Shared {
            tickets, events, ..
        } = &mut self.shared;
        tickets.closed(None, events);
        self.shared.deadlines.clear();
    }

    fn send_close(&mut self, code: ReplyCode, text: ShortStr, method: MethodId) {
        let close = P::close(Close { code, text, method });
        self.shared.output.any_method(ChannelId::CONNECTION, &close);
    }
}
