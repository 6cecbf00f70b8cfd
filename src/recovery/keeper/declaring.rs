//! Declares the kept topology: all of it at once, on a channel of its own.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Keeper, News, Observed};
use crate::config::Recovery;
use crate::connection::{CallId, ChannelKey, Connection, OrderedMap, later};
use crate::error::{Cause, Closed, Error};
use crate::protocol::Protocol;
use crate::recovery::topology::{KeptTopology, OnRefused, Refusal};
use crate::recovery::{AfterRefusal, Simple, Strategy as _};
use crate::wire::{ReplyCode, ShortStr};

/// How long to wait when the declarations cannot be sent: too much output, or no channel is free.
const NO_ROOM: Duration = Duration::from_millis(100);

/// One topology that was passed to `keep`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeepId(u32);

/// All topologies that are kept, and the declaration that is under way.
pub(super) struct Declared<P: Protocol> {
    parts: Vec<Part<P>>,
    run: Option<Run>,
    retry_at: Option<Instant>,
    backoff: Option<Simple>,
    next_id: u32,
    /// How the first declaration of a topology went, until that is asked.
    results: OrderedMap<KeepId, Result<(), Error>>,
}

struct Part<P: Protocol> {
    id: KeepId,
    kept: KeptTopology<P>,
    /// Steps that the broker refused and that are left out.
    skipped: Vec<usize>,
    was_declared: bool,
}

/// A step: its part, and its index there.
type At = (KeepId, usize);

/// One declaration of several parts.
struct Run {
    channel: ChannelKey,
    /// The calls whose replies are due, in order. The first opens the channel.
    calls: VecDeque<(CallId, Option<At>)>,
    parts: Vec<KeepId>,
    /// The first step that was refused. All steps behind it are void.
    refused: Option<(Option<At>, Error)>,
}

impl<P: Protocol> Declared<P> {
    pub(super) fn new() -> Self {
        Self {
            parts: Vec::new(),
            run: None,
            retry_at: None,
            backoff: None,
            next_id: 0,
            results: OrderedMap::default(),
        }
    }

    pub(super) const fn deadline(&self) -> Option<Instant> {
        self.retry_at
    }

    fn part(&mut self, id: KeepId) -> Option<&mut Part<P>> {
        self.parts.iter_mut().find(|part| part.id == id)
    }

    /// Returns the delay policy of refusals.
    fn backoff(&mut self, settings: &Recovery, now: Instant) -> &mut Simple {
        self.backoff.get_or_insert_with(|| {
            let mut backoff = Simple::from(settings);
            backoff.on_connection_open(now);
            backoff
        })
    }
}

impl<P: Protocol> Keeper<P> {
    /// Declares a topology now, or when the connection is open, and after every reconnect.
    pub(crate) fn keep(
        &mut self,
        core: &mut Connection<P>,
        kept: KeptTopology<P>,
        now: Instant,
    ) -> Result<KeepId, Error> {
        kept.topology.check()?;
        if let Some(reason) = self.stopped() {
            return Err(reason.clone().into());
        }
        let id = KeepId(self.declared.next_id);
        self.declared.next_id += 1;
        self.declared.parts.push(Part {
            id,
            kept,
            skipped: Vec::new(),
            was_declared: false,
        });
        if self.is_ready {
            self.declare_rest(core, now);
        }
        Ok(id)
    }

    /// Returns how the first declaration of a topology went, once that is known.
    pub(crate) fn take_kept(&mut self, id: KeepId) -> Option<Result<(), Error>> {
        self.declared.results.remove(&id)
    }

    /// The transport is open: declares everything.
    pub(super) fn declare_all(&mut self, core: &mut Connection<P>, now: Instant) {
        let parts = self.declared.parts.iter().map(|part| part.id).collect();
        self.declare(core, parts, now);
    }

    /// Declares what was not yet, where nothing is under way.
    fn declare_rest(&mut self, core: &mut Connection<P>, now: Instant) {
        let new = self.declared.parts.iter().filter(|part| !part.was_declared);
        let parts: Vec<KeepId> = new.map(|part| part.id).collect();
        if !parts.is_empty() && self.declared.run.is_none() && self.declared.retry_at.is_none() {
            self.declare(core, parts, now);
        }
    }

    /// Sends all steps of some parts.
    fn declare(&mut self, core: &mut Connection<P>, parts: Vec<KeepId>, now: Instant) {
        self.declared.retry_at = None;
        let declared = &mut self.declared;
        let is_in = |part: &&Part<P>| parts.contains(&part.id);
        let steps = declared.parts.iter().filter(is_in).flat_map(|part| {
            let all = 0..part.kept.topology.len();
            let kept = all.filter(|step| !part.skipped.contains(step));
            kept.map(move |step| (part, step))
        });
        let mut steps = steps.peekable();
        if steps.peek().is_none() {
            return self.declared_all(core, &parts, now);
        }
        let Ok((channel, opening)) = core.open_channel(now) else {
            // Of a connection that closes the event is on its way.
            declared.retry_at = Some(later(now, NO_ROOM));
            self.attention = true;
            return;
        };
        let mut calls = VecDeque::from([(opening, None)]);
        let mut failure = None;
        for (part, step) in steps {
            let sent = core
                .channel(channel)
                .and_then(|mut channel| part.kept.topology.send(step, &mut channel, now));
            match sent {
                Ok(call) => calls.push_back((call, Some((part.id, step)))),
                Err(error) => {
                    failure = Some(((part.id, step), error));
                    break;
                }
            }
        }
        if let Some((at, error)) = failure {
            for (call, _) in calls {
                core.abandon(call, now);
            }
            core.drop_channel(channel, now);
            if matches!(error, Error::ContentForbidden(_)) {
                self.declared.retry_at = Some(later(now, NO_ROOM));
                self.attention = true;
                return;
            }
            return self.refused(core, Some(at), error, now);
        }
        self.declared.run = Some(Run {
            channel,
            calls,
            parts,
            refused: None,
        });
        if mutant!("lanes open before the topology is answered", false, true) {
            self.ready(core, now);
        }
    }

    /// A call has its reply. Returns whether it belongs to the declaration.
    pub(super) fn declaration_replied(
        &mut self,
        core: &mut Connection<P>,
        call: CallId,
        now: Instant,
    ) -> bool {
        let Some(run) = &mut self.declared.run else {
            return false;
        };
        if run.channel != call.channel() {
            return false;
        }
        let answer = core.take_reply(call);
        let at = run.calls.iter().position(|(it, _)| *it == call);
        let step = at.and_then(|at| run.calls.remove(at));
        if let (Some((_, at)), Some(Err(error))) = (step, answer) {
            run.refused.get_or_insert((at, error));
        }
        if !run.calls.is_empty() {
            return true;
        }
        if let Some(run) = self.declared.run.take() {
            core.drop_channel(run.channel, now);
            match run.refused {
                None => self.declared_all(core, &run.parts, now),
                Some((at, error)) => self.refused(core, at, error, now),
            }
        }
        true
    }

    /// All steps of some parts are answered.
    fn declared_all(&mut self, core: &mut Connection<P>, parts: &[KeepId], now: Instant) {
        let declared = &mut self.declared;
        for part in &mut declared.parts {
            if parts.contains(&part.id) && !std::mem::replace(&mut part.was_declared, true) {
                declared.results.insert(part.id, Ok(()));
            }
        }
        declared.backoff = None;
        let is_in = |part: &&Part<P>| parts.contains(&part.id);
        let declared = declared.parts.iter().filter(is_in);
        let steps = declared.map(|part| part.kept.topology.len() - part.skipped.len());
        let steps = steps.sum();
        if steps > 0 {
            self.observe(&Observed::Declared { steps });
        }
        self.news.push_back(News::Status);
        if !self.is_ready {
            self.ready(core, now);
        }
        self.declare_rest(core, now);
    }

    /// The broker refused a step, or the channel could not be opened.
    fn refused(&mut self, core: &mut Connection<P>, at: Option<At>, error: Error, now: Instant) {
        let Some((id, step)) = at else {
            return self.retry_later(core, &error, now);
        };
        let Some(part) = self.declared.part(id) else {
            return;
        };
        if !part.was_declared {
            // It may be declared on the next transport, unless it is why this one was closed.
            if core.closed().is_some() && !is_over_method(&error) {
                return;
            }
            self.declared.parts.retain(|part| part.id != id);
            self.declared.results.insert(id, Err(error));
            self.news.push_back(News::Status);
            return self.declare_again(core, now);
        }
        if core.closed().is_some() {
            return;
        }
        let refusal = Refusal {
            step,
            method: part.kept.topology.name(step),
            reason: error,
        };
        let decision = (part.kept.decide)(&refusal);
        if decision == OnRefused::Skip {
            part.skipped.push(step);
        }
        self.observe(&Observed::Refused {
            method: refusal.method,
            step,
            failure: (&refusal.reason).into(),
            then: match decision {
                OnRefused::Skip => AfterRefusal::Skipped,
                OnRefused::Retry => AfterRefusal::Retried,
                OnRefused::Stop => AfterRefusal::Stopped,
            },
        });
        match decision {
            OnRefused::Skip => self.declare_again(core, now),
            OnRefused::Retry => self.retry_later(core, &refusal.reason, now),
            OnRefused::Stop => self.give_up(core, refusal.reason, now),
        }
    }

    /// Begins again without what was skipped or removed. That is progress, so it needs no delay.
    fn declare_again(&mut self, core: &mut Connection<P>, now: Instant) {
        match (core.is_open(), self.is_ready) {
            (false, _) => {}
            (true, true) => self.declare_rest(core, now),
            (true, false) => self.declare_all(core, now),
        }
    }

    fn retry_later(&mut self, core: &mut Connection<P>, error: &Error, now: Instant) {
        if core.closed().is_some() {
            return;
        }
        if let Error::Closed(reason) | Error::Protocol(reason) = error {
            self.reason = Some(reason.clone());
        }
        let backoff = self.declared.backoff(&self.settings, now);
        backoff.on_connect_attempt_failure(&error.into(), now);
        match backoff.next_attempt() {
            Some(at) => {
                self.declared.retry_at = Some(at);
                self.attention = true;
            }
            None => self.give_up(core, error.clone(), now),
        }
        self.news.push_back(News::Status);
    }

    /// Stops over a step that is refused.
    fn give_up(&mut self, core: &mut Connection<P>, error: Error, now: Instant) {
        let reason = self.closed_over(error);
        self.stop(&reason);
        let text = ShortStr::from_static("the topology is refused");
        core.close(ReplyCode::REPLY_SUCCESS, text, now);
    }

    /// Declares again what was refused, if it is time.
    pub(super) fn retry_declaring(&mut self, core: &mut Connection<P>, now: Instant) {
        if self.declared.retry_at.take_if(|at| *at <= now).is_some() {
            self.declare_again(core, now);
        }
    }

    /// The transport is lost. What was not answered is declared on the next one.
    pub(super) fn abort_declaring(&mut self) {
        self.declared.run = None;
        self.declared.retry_at = None;
    }

    /// The connection has ended: nothing is declared any more.
    pub(super) fn stop_declaring(&mut self, reason: &Arc<Closed>) {
        self.declared.run = None;
        self.declared.retry_at = None;
        for part in self.declared.parts.drain(..) {
            if !part.was_declared {
                let error = Err(reason.clone().into());
                self.declared.results.insert(part.id, error);
            }
        }
    }
}

/// Whether the server closed over a method, or the method could not be sent.
fn is_over_method(error: &Error) -> bool {
    match error {
        Error::Closed(reason) => match &reason.cause {
            Cause::Server { method, .. } => method.is_some(),
            _ => false,
        },
        Error::Misuse(_) => true,
        _ => false,
    }
}
