use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use super::link::{Link, State};
use crate::adapters::session::Place;
use crate::connection::{Answer, CallId, ChannelKey, ChannelMut, ConsumerId, Delivery, later};
use crate::error::{Error, Forbidden, Misuse, Result, TimedOut, Waiting as WaitingFor};
use crate::method::{Call, Reply, ToServer};
use crate::protocol::Protocol;
use crate::versions::Selected;
use crate::wire::{ReplyCode, ShortStr};

/// The reply to a call, as a future.
///
/// The call is made at once, in the order of the program's text, and awaiting gives its reply; so
/// calls can be put on their way before the first reply is there. Only where too many bytes wait to
/// be written already is a call made later, when this is polled and there is room.
///
/// # Cancel safety
/// Dropping it takes nothing back: the server does what was asked. The late reply is swallowed and
/// never taken for that of another call.
#[must_use = "the reply tells whether the server did what was asked"]
pub struct Replying<R, P: Protocol = Selected> {
    waiting: Waiting<P>,
    reply: PhantomData<fn() -> R>,
}

impl<R, P: Protocol> Replying<R, P> {
    pub(super) const fn new(waiting: Waiting<P>) -> Self {
        let reply = PhantomData;
        Self { waiting, reply }
    }
}

impl<R: Reply<Spec = P>, P: Protocol> Future for Replying<R, P> {
    type Output = Result<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<R>> {
        let name = self.waiting.name;
        Pin::new(&mut self.waiting).poll(cx).map(|answer| {
            let other = || Misuse::OwnVerb(name).into();
            match answer? {
                Answer::Method(method) => R::from_method(method).map_err(|_| other()),
                Answer::Message(_) => Err(other()),
            }
        })
    }
}

impl<R, P: Protocol> fmt::Debug for Replying<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Replying").field(&self.waiting.name).finish()
    }
}

/// The answer to a call, as a future.
///
/// When it is dropped before, what the call brings is undone.
pub(super) struct Waiting<P: Protocol> {
    link: Arc<Link<P>>,
    name: &'static str,
    stage: Stage<P>,
    undo: Undo,
}

/// Makes a call.
type Make<P> = Box<dyn FnOnce(&mut State<P>, Instant) -> Result<Made> + Send>;

enum Stage<P: Protocol> {
    /// There is no room for the call yet.
    Room(Option<Make<P>>, Option<ChannelKey>, Room),
    Made(CallId),
    Done(Option<Error>),
}

/// A call that was made.
pub(super) struct Made {
    pub(super) call: CallId,
    pub(super) undo: Undo,
}

/// What has to be done about an answer that nobody takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Undo {
    /// Nothing; a message that was fetched goes back by itself.
    Nothing,
    /// A consumer has begun.
    Consumer(ConsumerId),
    /// A channel was opened.
    Channel,
}

impl<P: Protocol> Waiting<P> {
    /// Makes a call, now or when there is room.
    pub(super) fn begin(
        (link, key): (&Arc<Link<P>>, Option<ChannelKey>),
        name: &'static str,
        make: impl FnOnce(&mut State<P>, Instant) -> Result<Made> + Send + 'static,
    ) -> Self {
        let now = link.now();
        let (stage, undo) = link.with(|state| {
            if state.core.is_open() && state.core.outgoing_len() >= high_water(state) {
                return (
                    Stage::Room(Some(Box::new(make)), key, Room::default()),
                    Undo::Nothing,
                );
            }
            Stage::make(make, state, now)
        });
        Self::at(link, name, stage, undo)
    }

    /// Makes a call now, whether there is room or not: for those that end something, of which there
    /// are only as many as there are things to end.
    pub(super) fn at_once(
        link: &Arc<Link<P>>,
        name: &'static str,
        make: impl FnOnce(&mut State<P>, Instant) -> Result<CallId>,
    ) -> Self {
        let now = link.now();
        let make = |state: &mut State<P>, now| {
            let undo = Undo::Nothing;
            make(state, now).map(|call| Made { call, undo })
        };
        let (stage, undo) = link.with(|state| Stage::make(make, state, now));
        Self::at(link, name, stage, undo)
    }

    /// Makes an ordinary call on a channel, or on the connection where there is none.
    pub(super) fn call<M: Call<Spec = P> + ToServer>(
        link: &Arc<Link<P>>,
        channel: Option<ChannelKey>,
        method: M,
    ) -> Self {
        Self::begin((link, channel), M::NAME, move |state, now| {
            let call = match channel {
                Some(key) => state.channel(key)?.call(method, now)?,
                None => state.core.call(method, now)?,
            };
            let undo = Undo::Nothing;
            Ok(Made { call, undo })
        })
    }

    /// A call that was made, or could not be made.
    pub(super) fn made(
        link: &Arc<Link<P>>,
        name: &'static str,
        call: Result<CallId>,
        undo: Undo,
    ) -> Self {
        let stage = match call {
            Ok(call) => Stage::Made(call),
            Err(error) => Stage::Done(Some(error)),
        };
        Self::at(link, name, stage, undo)
    }

    fn at(link: &Arc<Link<P>>, name: &'static str, stage: Stage<P>, undo: Undo) -> Self {
        let link = link.clone();
        Self {
            link,
            name,
            stage,
            undo,
        }
    }

    /// A call that cannot be made.
    pub(super) fn failed(link: &Arc<Link<P>>, name: &'static str, error: Error) -> Self {
        Self::made(link, name, Err(error), Undo::Nothing)
    }

    /// The consumer that the call began, once the server has confirmed it.
    pub(super) async fn consumer(mut self) -> Result<ConsumerId> {
        let answer = (&mut self).await;
        match (answer?, self.undo) {
            (_, Undo::Consumer(id)) => Ok(id),
            _ => Err(Misuse::OwnVerb(self.name).into()),
        }
    }
}

fn high_water<P: Protocol>(state: &State<P>) -> usize {
    state.core.config().output_high_water.max(1)
}

impl<P: Protocol> Stage<P> {
    fn make(
        make: impl FnOnce(&mut State<P>, Instant) -> Result<Made>,
        state: &mut State<P>,
        now: Instant,
    ) -> (Self, Undo) {
        // The driver's timer may be set for later.
        state.attention = true;
        match make(state, now) {
            Ok(Made { call, undo }) => {
                state.session.watch_call(call);
                (Self::Made(call), undo)
            }
            Err(error) => (Self::Done(Some(error)), Undo::Nothing),
        }
    }
}

impl<P: Protocol> Future for Waiting<P> {
    type Output = Result<Answer<P>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Answer<P>>> {
        let me = &mut *self;
        if let Stage::Room(make, key, room) = &mut me.stage {
            let mut ready = std::task::ready!(room.poll(&me.link, *key, cx));
            let now = me.link.now();
            (me.stage, me.undo) = me.link.with(|state| match (ready.take(), make.take()) {
                (None, Some(make)) => Stage::make(make, state, now),
                (error, _) => (Stage::Done(error), Undo::Nothing),
            });
        }
        let call = match &mut me.stage {
            Stage::Made(call) => *call,
            Stage::Room(..) => return Poll::Pending,
            Stage::Done(error) => {
                let over = || Misuse::Finished(me.name).into();
                return Poll::Ready(Err(error.take().unwrap_or_else(over)));
            }
        };
        let reply = me.link.with(|state| {
            let reply = state.session.reply(call);
            match &reply {
                None => state.session.wait_for_reply(call, cx.waker()),
                Some(Err(_)) => state.forget(call.channel(), me.undo),
                Some(Ok(_)) => {}
            }
            reply
        });
        let Some(reply) = reply else {
            return Poll::Pending;
        };
        me.stage = Stage::Done(None);
        Poll::Ready(reply)
    }
}

impl<P: Protocol> Drop for Waiting<P> {
    fn drop(&mut self) {
        match &self.stage {
            Stage::Done(_) => {}
            Stage::Room(_, _, room) => room.leave(&self.link),
            Stage::Made(call) => {
                let (call, undo, now) = (*call, self.undo, self.link.now());
                self.link.with(|state| state.give_up(call, undo, now));
            }
        }
    }
}

impl<P: Protocol> State<P> {
    /// Nobody waits for this call any more.
    fn give_up(&mut self, call: CallId, undo: Undo, now: Instant) {
        let key = call.channel();
        let reply = self.session.reply(call);
        self.session.forget_call(call);
        self.attention = true;
        match reply {
            None => self.core.abandon(call),
            Some(Err(_)) => {}
            Some(Ok(answer)) => {
                if let Ok(mut channel) = self.core.channel(key) {
                    undo_answer(&mut channel, answer, undo, now);
                }
            }
        }
        self.forget(key, undo);
    }

    /// Nobody will ask for what the call would have brought.
    fn forget(&mut self, key: ChannelKey, undo: Undo) {
        match undo {
            Undo::Nothing => {}
            Undo::Consumer(id) => {
                let inbox = self.session.remove_consumer(id);
                self.give_back(key, inbox);
            }
            Undo::Channel => self.session.remove_channel(key),
        }
    }

    /// Nobody wants these messages, which go back to their queues.
    pub(super) fn give_back(
        &mut self,
        key: ChannelKey,
        messages: impl IntoIterator<Item = Delivery<P>>,
    ) {
        let Ok(mut channel) = self.core.channel(key) else {
            return;
        };
        for message in messages {
            // One that needs no acknowledgement, or is settled, cannot go back.
            let _settled = channel.reject(message.into_token(), true);
        }
    }
}

fn undo_answer<P: Protocol>(
    channel: &mut ChannelMut<'_, P>,
    answer: Answer<P>,
    undo: Undo,
    now: Instant,
) {
    match (answer, undo) {
        (Answer::Message(message), _) => {
            // One that needs no acknowledgement cannot go back.
            let _gone = channel.reject(message.into_token(), true);
        }
        (Answer::Method(_), Undo::Consumer(id)) => channel.drop_consumer(id, now),
        (Answer::Method(_), Undo::Channel) => close_unwanted(channel, now),
        (Answer::Method(_), Undo::Nothing) => {}
    }
}

/// Closes a channel that nobody holds any more; nobody waits for the answer either.
pub(super) fn close_unwanted<P: Protocol>(channel: &mut ChannelMut<'_, P>, now: Instant) {
    let text = ShortStr::from_static("channel dropped");
    if let Ok(call) = channel.close(ReplyCode::REPLY_SUCCESS, text, now) {
        channel.abandon(call);
    }
}

/// A place in the queue for room in the output.
#[derive(Debug, Default)]
pub(super) struct Room {
    place: Place,
    deadline: Option<Instant>,
}

impl Room {
    /// Ready when there is room or the call cannot be made any more, or with the error that there
    /// was no room for too long.
    fn poll<P: Protocol>(
        &mut self,
        link: &Link<P>,
        key: Option<ChannelKey>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Error>> {
        let now = link.now();
        link.with(|state| {
            let waiting = state.core.outgoing_len();
            // Who had to wait waits until it is worth while; only then is anybody woken.
            let full = if self.place.is_taken() {
                waiting > state.core.config().output_low_water
            } else {
                waiting >= high_water(state)
            };
            // Those who wait are woken when either is told.
            let closed = key.is_some_and(|key| state.closed(key).is_some());
            let usable = !closed && state.session.closed().is_none();
            let wanted = (full && usable).then_some(Forbidden::OutputFull);
            state.poll_permission(wanted, self, now, cx)
        })
    }

    /// Waits no longer.
    pub(super) fn leave<P: Protocol>(&self, link: &Link<P>) {
        link.with(|state| state.session.publishers.leave(&self.place));
    }
}

impl<P: Protocol> State<P> {
    /// Ready when nothing is forbidden, or with the error that it has been for too long. Else the
    /// task will be woken when that may have changed.
    pub(super) fn poll_permission(
        &mut self,
        forbidden: Option<Forbidden>,
        room: &mut Room,
        now: Instant,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Error>> {
        let Some(forbidden) = forbidden else {
            self.session.publishers.leave(&room.place);
            return Poll::Ready(None);
        };
        let timeout = self.core.config().blocked_timeout;
        let deadline =
            timeout.map(|timeout| *room.deadline.get_or_insert_with(|| later(now, timeout)));
        if deadline.is_some_and(|at| at <= now) {
            let late = TimedOut {
                waiting_for: WaitingFor::Permission(forbidden),
                after: timeout.unwrap_or_default(),
            };
            return Poll::Ready(Some(late.into()));
        }
        self.starved |= forbidden == Forbidden::OutputFull;
        self.attention |= deadline.is_some() || self.session.is_full();
        let publishers = &mut self.session.publishers;
        publishers.wait(&mut room.place, cx.waker(), deadline);
        Poll::Pending
    }
}
