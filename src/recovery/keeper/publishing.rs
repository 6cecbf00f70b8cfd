//! Publishers: what they have accepted is sent until its outcome is known.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::lane::{LaneId, Life};
use super::publisher::{Publish, Publisher, Resend, Unresolved, blame, wait};
use super::{Keeper, News, accepting};
use crate::connection::{Body, Connection, Outcome, PublishSeq, Ticket, later};
use crate::error::{Cause, Closed, Error, Misuse, Result, TimedOut, Waiting};
use crate::protocol::Protocol;
use crate::recovery::ledger::Entry;
use crate::wire::{ReplyCode, Scope, ShortStr};

impl<P: Protocol> Keeper<P> {
    pub(super) fn publisher_mut(&mut self, id: LaneId) -> Option<&mut Publisher<P>> {
        self.lanes.get_mut(&id)?.publisher()
    }

    /// Accepts a message, and sends it if that is possible now. Returns its number, or `None` while the
    /// ledger is full.
    ///
    /// # Errors
    /// When the publisher has ended, or the message can never be sent. It was not accepted then.
    pub(crate) fn publish(
        &mut self,
        core: &mut Connection<P>,
        id: LaneId,
        message: &mut Publish<'_, P>,
        clock: impl Fn() -> Instant,
    ) -> Result<Option<u64>> {
        let Some(lane) = self.lanes.get_mut(&id) else {
            return Err(Misuse::NotOpen.into());
        };
        let channel = match &lane.life {
            Life::Open { channel, .. } => Some(*channel),
            Life::Ended(reason) => return Err(reason.clone().into()),
            Life::Idle | Life::Delayed(_) | Life::Opening { .. } => None,
        };
        let Some(publisher) = lane.publisher() else {
            return Err(Misuse::NotOpen.into());
        };
        let Some((publish, body)) = &message.content else {
            return Err(Misuse::Finished("accepting a message").into());
        };
        if !publisher.has_room(body.len()) {
            publisher.was_full = true;
            return Ok(None);
        }
        let checked = accepting::check::<P>((message.properties, body.len()), self.largest_message);
        mutant!("messages are accepted unchecked", checked, Ok(()))?;
        let properties = publisher.properties(message.properties);
        let mut sent = None;
        if let Some(channel) = channel.filter(|_| publisher.is_free()) {
            let message = (publish, properties.as_deref(), Body::of(body));
            let mut channel = core.channel(channel);
            let result = match &mut channel {
                Ok(channel) => channel.publish_permitted(message, None),
                Err(error) => Err(error.clone()),
            };
            match result {
                Ok(seq) => sent = seq,
                Err(Error::Misuse(misuse)) => return Err(misuse.into()),
                // It waits. Of a channel that closes the event is on its way.
                Err(_) => {}
            }
        }
        let starts_timer = publisher.is_timed() && publisher.ledger.unresolved() == 0;
        let Some((publish, body)) = message.content.take() else {
            return Ok(None);
        };
        let number = publisher.ledger.push(Entry {
            publish,
            properties,
            body,
            accepted: publisher.is_timed().then(&clock),
        });
        match (sent, channel) {
            (Some(seq), _) => publisher.ledger.sent(number, seq),
            (None, Some(_)) => self.pump(core, id, clock()),
            (None, None) => {}
        }
        self.attention |= starts_timer;
        Ok(Some(number))
    }

    /// Sends as much as is possible now.
    pub(super) fn pump(&mut self, core: &mut Connection<P>, id: LaneId, now: Instant) {
        let Some(lane) = self.lanes.get_mut(&id) else {
            return;
        };
        let Life::Open { channel, .. } = lane.life else {
            return;
        };
        let Some(publisher) = lane.publisher() else {
            return;
        };
        if publisher.is_paused(now) {
            return core.leave_queue(&mut publisher.ticket);
        }
        let largest = self.largest_message;
        let mut unsendable = Vec::new();
        while let Some((number, entry)) = {
            let ledger = &mut publisher.ledger;
            let is_probing = ledger.base() < publisher.probe_below;
            let waits = is_probing && ledger.is_in_flight();
            (!waits).then(|| ledger.next_unsent()).flatten()
        } {
            let sent = match accepting::check_len(entry.body.len(), largest) {
                Ok(()) => entry.send(core, channel, publisher.ticket),
                Err(misuse) => Err(misuse.into()),
            };
            match sent {
                Ok(Some(seq)) => publisher.ledger.sent(number, seq),
                Err(Error::Misuse(misuse)) => {
                    publisher.ledger.resolve(number);
                    let cause = Cause::Unsendable(Box::new(misuse));
                    unsendable.push((number, Arc::new(Closed::new(Scope::Channel, cause))));
                }
                Err(Error::ContentForbidden(_)) => {
                    wait(core, channel, publisher, now);
                    break;
                }
                // Of a channel that closes the event is on its way.
                Ok(None) | Err(_) => break,
            }
        }
        if publisher.ledger.next_unsent().is_none() {
            core.leave_queue(&mut publisher.ticket);
        }
        for (number, reason) in unsendable {
            self.resolved(id, (number, number), Outcome::Lost(reason));
        }
    }

    /// The holder of a ticket should ask again. Returns whether it is a publisher of the keeper.
    pub(super) fn ticket_ready(
        &mut self,
        core: &mut Connection<P>,
        ticket: Ticket,
        now: Instant,
    ) -> bool {
        let mut lanes = self.lanes.iter_mut();
        let holder = lanes.find_map(|(id, lane)| {
            let publisher = lane.publisher()?;
            (publisher.ticket == Some(ticket)).then_some(*id)
        });
        drop(lanes);
        if let Some(id) = holder {
            self.pump(core, id, now);
        }
        holder.is_some()
    }

    /// The server has confirmed publishes of a lane.
    pub(super) fn confirmed(
        &mut self,
        (id, core): (LaneId, &mut Connection<P>),
        (first, last): (u64, u64),
        outcome: &Outcome<P>,
        now: Instant,
    ) {
        if matches!(outcome, Outcome::Lost(_)) {
            // They are sent again.
            return;
        }
        let Some(publisher) = self.publisher_mut(id) else {
            return;
        };
        let runs = (publisher.ledger).confirmed(PublishSeq(first), PublishSeq(last));
        let was_probing = publisher.probe_below > 0;
        let begins_pause = publisher.pace(outcome, now);
        self.attention |= begins_pause;
        for run in runs {
            self.resolved(id, run, outcome.clone());
        }
        if was_probing {
            self.pump(core, id, now);
        }
    }

    /// Reports what became of publishes that were taken out of the ledger.
    fn resolved(&mut self, lane: LaneId, (first, last): (u64, u64), outcome: Outcome<P>) {
        self.news.push_back(News::Resolved {
            lane,
            first,
            last,
            outcome,
        });
        if let Some(publisher) = self.publisher_mut(lane) {
            let base = publisher.ledger.base();
            if base >= publisher.probe_below {
                publisher.probe_below = 0;
            }
            let before = publisher.flushes.len();
            publisher.flushes.retain(|below| *below > base);
            let is_flushed = publisher.flushes.len() < before;
            let has_room = publisher.was_full && publisher.has_room_again();
            if has_room {
                publisher.was_full = false;
            }
            if publisher.reports_empty && publisher.ledger.unresolved() == 0 {
                publisher.reports_empty = false;
                self.news.push_back(News::Status);
            }
            if is_flushed || has_room {
                self.news.push_back(News::Changed(lane));
            }
        }
    }

    /// The channel of a publisher is lost. Returns whether that led further, so that the next may be opened
    /// without a delay.
    pub(super) fn publisher_lost(
        &mut self,
        id: LaneId,
        reason: &Arc<Closed>,
        (is_connection, was_open): (bool, bool),
    ) -> bool {
        if let Some(largest) = reason.text().and_then(accepting::largest) {
            self.largest_message = Some(largest);
        }
        let Some(publisher) = self.publisher_mut(id) else {
            return false;
        };
        publisher.ticket = None;
        let mut lost: Vec<u64> = match publisher.options.resend {
            Resend::InOrder => Vec::new(),
            Resend::Never => {
                let in_flight = publisher.ledger.in_flight();
                in_flight.map(|(number, _)| number).collect()
            }
        };
        let is_progress = was_open && !is_connection && {
            let culprits = blame(publisher, reason);
            lost.extend(&culprits.resolved);
            culprits.is_progress
        };
        publisher.ledger.channel_lost();
        self.give_up_publishes(id, lost, reason);
        is_progress
    }

    /// The publisher can send again: what is too old for that is lost.
    pub(super) fn drop_old_publishes(&mut self, id: LaneId, now: Instant) {
        let Some(publisher) = self.publisher_mut(id) else {
            return;
        };
        let Some(after) = publisher.options.resend_for else {
            return;
        };
        let entries = publisher.ledger.iter();
        let is_old = |entry: &Entry<P>| entry.accepted.is_some_and(|at| later(at, after) <= now);
        let old = entries.filter(|(_, entry)| is_old(entry));
        let old: Vec<u64> = old.map(|(number, _)| number).collect();
        if !old.is_empty() {
            let reason = too_late(after);
            self.give_up_publishes(id, old, &reason);
        }
    }

    fn give_up_publishes(&mut self, id: LaneId, mut lost: Vec<u64>, reason: &Arc<Closed>) {
        lost.sort_unstable();
        for number in lost {
            let publisher = self.publisher_mut(id);
            if publisher.is_some_and(|it| it.ledger.resolve(number)) {
                self.resolved(id, (number, number), Outcome::Lost(reason.clone()));
            }
        }
    }

    /// The publisher has ended: everything it has is lost, and kept for [`take_unresolved`].
    ///
    /// [`take_unresolved`]: Self::take_unresolved
    pub(super) fn publisher_ended(&mut self, id: LaneId, reason: &Arc<Closed>) {
        let Some(publisher) = self.publisher_mut(id) else {
            return;
        };
        publisher.is_ended = true;
        publisher.flushes.clear();
        let open: Vec<u64> = publisher.ledger.iter().map(|(number, _)| number).collect();
        for number in open {
            self.news.push_back(News::Resolved {
                lane: id,
                first: number,
                last: number,
                outcome: Outcome::Lost(reason.clone()),
            });
        }
    }

    /// Gives up publishes whose confirm does not come in time, and ends a pause.
    pub(super) fn publishes_due(&mut self, core: &mut Connection<P>, id: LaneId, now: Instant) {
        let Some(publisher) = self.publisher_mut(id) else {
            return;
        };
        if publisher.ends_pause(now) {
            return self.pump(core, id, now);
        }
        let Some(after) = publisher.options.confirm_timeout else {
            return;
        };
        let entries = publisher.ledger.iter();
        let is_late = |entry: &Entry<P>| entry.accepted.is_some_and(|at| later(at, after) <= now);
        let late = entries.take_while(|(_, entry)| is_late(entry));
        let late: Vec<u64> = late.map(|(number, _)| number).collect();
        if late.is_empty() || publisher.is_ended {
            return;
        }
        self.give_up_publishes(id, late, &too_late(after));
    }

    /// Returns whether all publishes of all publishers are resolved. Otherwise the status is reported as changed
    /// once those of a publisher are.
    pub(crate) fn is_all_flushed(&mut self) -> bool {
        let publishers = self.lanes.iter_mut();
        let mut is_flushed = true;
        for publisher in publishers.filter_map(|(_, lane)| lane.publisher()) {
            publisher.reports_empty = publisher.ledger.unresolved() > 0 && !publisher.is_ended;
            is_flushed &= !publisher.reports_empty;
        }
        is_flushed
    }

    /// Returns how many publishes have no outcome yet.
    pub(crate) fn unresolved(&self, id: LaneId) -> usize {
        match self.lanes.get(&id).map(|lane| &lane.purpose) {
            Some(super::Purpose::Publish(publisher)) => publisher.ledger.unresolved(),
            _ => 0,
        }
    }

    /// Returns whether a publisher has room for a body. Otherwise the lane is reported as changed once it has.
    ///
    /// # Errors
    /// When the publisher has ended.
    pub(crate) fn has_room(&mut self, id: LaneId, len: usize) -> Result<bool> {
        let lane = self.lanes.get_mut(&id).ok_or(Misuse::NotOpen)?;
        if let Some(reason) = lane.ended() {
            return Err(reason.clone().into());
        }
        let publisher = lane.publisher().ok_or(Misuse::NotOpen)?;
        let has_room = publisher.has_room(len);
        publisher.was_full |= !has_room;
        Ok(has_room)
    }

    /// Returns the number below which all publishes so far are.
    pub(crate) fn published(&mut self, id: LaneId) -> u64 {
        self.publisher_mut(id).map_or(0, |it| it.ledger.end())
    }

    /// Returns whether all publishes below a number are resolved. Otherwise the lane is reported as changed
    /// once they are.
    ///
    /// # Errors
    /// Why the publisher has ended, when some of them were lost with it.
    pub(crate) fn is_flushed(&mut self, id: LaneId, below: u64) -> Result<bool> {
        let Some(lane) = self.lanes.get_mut(&id) else {
            return Ok(true);
        };
        let ended = lane.ended().cloned();
        let Some(publisher) = lane.publisher().filter(|it| it.ledger.base() < below) else {
            return Ok(true);
        };
        if let Some(reason) = ended {
            let lost = Err(reason.into());
            return mutant!("a publisher that has ended is flushed", lost, Ok(true));
        }
        if !publisher.flushes.contains(&below) {
            publisher.flushes.push(below);
        }
        Ok(false)
    }

    /// Ends a publisher and takes out what has no outcome, which is resolved as lost.
    pub(crate) fn take_unresolved(
        &mut self,
        core: &mut Connection<P>,
        id: LaneId,
        now: Instant,
    ) -> Vec<Unresolved<P>> {
        let cause = Cause::Local {
            code: ReplyCode::REPLY_SUCCESS,
            text: ShortStr::from_static("the publisher was closed by the program"),
        };
        let reason = Arc::new(Closed::new(Scope::Channel, cause));
        let channel = self.lanes.get(&id).and_then(|lane| lane.life.channel());
        self.end_lane(id, &reason);
        let publisher = self.publisher_mut(id);
        let entries = publisher.map(|publisher| {
            core.leave_queue(&mut publisher.ticket);
            mutant!(
                "unresolved messages cannot be taken out",
                publisher.ledger.drain(),
                Vec::new()
            )
        });
        if let Some(channel) = channel {
            core.drop_channel(channel, now);
        }
        let each = entries.unwrap_or_default().into_iter();
        each.map(|entry| Unresolved {
            publish: entry.publish,
            properties: entry.properties.map(|it| *it).unwrap_or_default(),
            body: entry.body,
        })
        .collect()
    }
}

/// Why a publish is given up that had no confirm for so long.
fn too_late(after: Duration) -> Arc<Closed> {
    let waiting_for = Waiting::Confirms;
    let cause = Cause::TimedOut(TimedOut { waiting_for, after });
    Arc::new(Closed::new(Scope::Channel, cause))
}
