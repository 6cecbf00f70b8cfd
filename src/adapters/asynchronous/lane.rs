//! What publishers and subscriptions have in common: a lane of the keeper.

use std::sync::Arc;
use std::task::Context;

use super::link::{Link, Owner, State};
use super::wait::{For, wait};
use crate::adapters::session::{Hold, Place, Progress};
use crate::connection::Connection as Core;
use crate::error::{Closed, Misuse, Result};
use crate::protocol::Protocol;
use crate::recovery::keeper::{Keeper, LaneId};

/// The lane of a publisher, which ends with its last handle or confirm.
pub(super) struct PublisherLane<P: Protocol> {
    pub(super) owner: Arc<Owner<P>>,
    pub(super) lane: LaneId,
    pub(super) progress: Arc<Progress>,
}

impl<P: Protocol> PublisherLane<P> {
    pub(super) fn link(&self) -> &Arc<Link<P>> {
        &self.owner.0
    }
}

impl<P: Protocol> Drop for PublisherLane<P> {
    fn drop(&mut self) {
        let (lane, link) = (self.lane, &self.owner.0);
        let now = link.now();
        let hold = link.with(|state| {
            state.handle_dropped();
            state.remove_lane(lane, now)
        });
        drop(hold);
    }
}

/// A task that waits for a lane to change, for as long as this lives.
pub(super) struct LaneWait<'a, P: Protocol> {
    link: &'a Link<P>,
    lane: LaneId,
    place: Place,
}

impl<'a, P: Protocol> LaneWait<'a, P> {
    pub(super) fn new(link: &'a Link<P>, lane: LaneId) -> Self {
        let place = Place::default();
        Self { link, lane, place }
    }

    /// Wakes the task when the lane changes. The socket is read for that, past a full inbox.
    pub(super) fn wait(&mut self, state: &mut State<P>, cx: &Context<'_>) {
        if let Some(changes) = state.session.lane_changes(self.lane) {
            changes.wait_for_news(&mut self.place, cx.waker());
        }
        state.attention |= state.session.is_full();
    }
}

impl<P: Protocol> Drop for LaneWait<'_, P> {
    fn drop(&mut self) {
        if self.place.is_taken() {
            self.link.with(|state| {
                if let Some(changes) = state.session.lane_changes(self.lane) {
                    changes.leave(&self.place);
                }
            });
        }
    }
}

/// Waits until a lane has opened.
///
/// # Errors
/// When it has ended first.
pub(super) async fn opened<P: Protocol>(link: &Link<P>, lane: LaneId) -> Result<()> {
    wait(
        (link, For::News),
        |state| state.session.lane_changes(lane),
        |state| {
            let (keeper, _) = state.keeping().ok()?;
            let lane = keeper.lane(lane)?;
            match lane.ended() {
                Some(reason) => Some(Err(reason.clone().into())),
                None => lane.was_open().then_some(Ok(())),
            }
        },
    )
    .await
}

impl<P: Protocol> State<P> {
    /// The keeper, and the core of the current transport.
    ///
    /// # Errors
    /// [`Misuse::NoRecovery`] for a connection without recovery.
    pub(super) fn keeping(&mut self) -> Result<(&mut Keeper<P>, &mut Core<P>)> {
        match &mut self.keeper {
            Some(keeper) => Ok((keeper, &mut self.core)),
            None => Err(Misuse::NoRecovery.into()),
        }
    }

    /// Why a lane has ended, if it has.
    pub(super) fn lane_ended(&mut self, lane: LaneId) -> Option<Arc<Closed>> {
        let (keeper, _) = self.keeping().ok()?;
        keeper.lane(lane)?.ended().cloned()
    }

    /// No handle of a lane is left.
    #[must_use]
    pub(super) fn remove_lane(&mut self, lane: LaneId, now: std::time::Instant) -> Option<Hold> {
        if let Ok((keeper, core)) = self.keeping() {
            keeper.remove_lane(core, lane, now);
        }
        self.session.remove_lane(&mut self.core, lane, now)
    }
}
