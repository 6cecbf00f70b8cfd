use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use super::link::{Link, State};
use super::permission::give_back;
use crate::connection::{Answer, CallId, ChannelKey, Delivery, Ticket};
use crate::error::{Error, Misuse, Result};
use crate::method::{Call, Reply, SimpleMethod};
use crate::protocol::Protocol;
use crate::versions::Selected;

/// The reply to a call, as a future.
///
/// The call is made at once, in the order of the program's text, and awaiting yields its reply; so
/// several calls can be on their way before the first reply is there. Only while too many bytes wait
/// to be written is a call made later, when this is polled and there is room.
///
/// # Cancel safety
/// Dropping it takes nothing back: the server does what was asked. The late reply is swallowed and
/// never taken for that of another call.
#[must_use = "the reply tells whether the server did what was asked"]
pub struct Replying<R, P: Protocol = Selected> {
    waiting: Waiting<(), P>,
    reply: PhantomData<fn() -> R>,
}

impl<R, P: Protocol> Replying<R, P> {
    pub(super) const fn new(waiting: Waiting<(), P>) -> Self {
        let reply = PhantomData;
        Self { waiting, reply }
    }
}

impl<R: Reply<Spec = P>, P: Protocol> Future for Replying<R, P> {
    type Output = Result<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<R>> {
        let name = self.waiting.name;
        let answer = ready!(Pin::new(&mut self.waiting).poll(cx));
        Poll::Ready(answer.and_then(|(answer, ())| answer.into_reply().ok_or_else(|| over(name))))
    }
}

impl<R, P: Protocol> fmt::Debug for Replying<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Replying").field(&self.waiting.name).finish()
    }
}

/// The answer to a call, as a future, and the handle of what the call has begun.
///
/// Where it is dropped before, the call is abandoned and the handle dropped, which undo what the call
/// has brought.
pub(super) struct Waiting<T, P: Protocol> {
    link: Arc<Link<P>>,
    name: &'static str,
    stage: Stage<T, P>,
}

/// Makes a call, once. What it holds and what it returns is not dropped while the link is locked: that
/// may be a handle, which locks it to be dropped.
type Make<T, P> = Box<dyn FnMut(&mut State<P>, Instant) -> Result<(CallId, T)> + Send>;

enum Stage<T, P: Protocol> {
    /// There is no room for the call yet.
    Room {
        make: Make<T, P>,
        channel: Option<ChannelKey>,
        ticket: Option<Ticket>,
    },
    Made(CallId, Option<T>),
    Done(Option<Error>),
}

impl<T, P: Protocol> Waiting<T, P> {
    /// Makes a call, now or when there is room.
    pub(super) fn begin(
        (link, channel): (&Arc<Link<P>>, Option<ChannelKey>),
        name: &'static str,
        mut make: impl FnMut(&mut State<P>, Instant) -> Result<(CallId, T)> + Send + 'static,
    ) -> Self {
        let now = link.now();
        let made = link.with(|state| {
            let waits = state.core.is_open() && state.core.refusal(None).is_some();
            (!waits).then(|| Stage::make(&mut make, state, now))
        });
        let stage = made.unwrap_or_else(|| Stage::Room {
            make: Box::new(make),
            channel,
            ticket: None,
        });
        Self::at(link, name, stage)
    }

    /// Makes a call now, whether there is room or not: for those that end something, of which there
    /// are only as many as there are things to end.
    pub(super) fn at_once(
        link: &Arc<Link<P>>,
        name: &'static str,
        make: impl FnOnce(&mut State<P>, Instant) -> Result<(CallId, T)>,
    ) -> Self {
        let now = link.now();
        let stage = link.with(|state| Stage::make(make, state, now));
        Self::at(link, name, stage)
    }

    fn at(link: &Arc<Link<P>>, name: &'static str, stage: Stage<T, P>) -> Self {
        let link = link.clone();
        Self { link, name, stage }
    }
}

impl<P: Protocol> Waiting<(), P> {
    /// Makes an ordinary call on a channel.
    pub(super) fn call<M: Call<Spec = P> + SimpleMethod>(
        link: &Arc<Link<P>>,
        channel: ChannelKey,
        method: M,
    ) -> Self {
        let mut method = Some(method);
        Self::begin((link, Some(channel)), M::NAME, move |state, now| {
            let method = method.take().ok_or_else(|| over(M::NAME))?;
            Ok((state.core.channel(channel)?.call(method, now)?, ()))
        })
    }
}

pub(super) fn over(name: &'static str) -> Error {
    Misuse::Finished(name).into()
}

impl<T, P: Protocol> Stage<T, P> {
    fn make(
        make: impl FnOnce(&mut State<P>, Instant) -> Result<(CallId, T)>,
        state: &mut State<P>,
        now: Instant,
    ) -> Self {
        // The driver's timer may be set for later.
        state.attention = true;
        match make(state, now) {
            Ok((call, begun)) => Self::Made(call, Some(begun)),
            Err(error) => Self::Done(Some(error)),
        }
    }

    /// Makes the call if there is room for it, else waits for that.
    fn poll_room(&mut self, link: &Link<P>, cx: &Context<'_>) -> Poll<()> {
        let Self::Room {
            make,
            channel,
            ticket,
        } = self
        else {
            return Poll::Ready(());
        };
        let now = link.now();
        let next = link.with(|state| {
            let closed = match *channel {
                Some(key) => state.core.channel_closed(key),
                None => state.core.closed(),
            };
            // Of what is closed there is nothing to wait for; the call says why.
            let refusal = state.core.refusal(*ticket).filter(|_| closed.is_none());
            if let Some(why) = refusal {
                let waits = state.wait_to_send((*channel, why), ticket, now, cx.waker());
                return waits.err().map(|error| Self::Done(Some(error)));
            }
            state.leave_queue(ticket);
            Some(Self::make(make.as_mut(), state, now))
        });
        match next {
            Some(next) => *self = next,
            None => return Poll::Pending,
        }
        Poll::Ready(())
    }
}

impl<T: Unpin, P: Protocol> Future for Waiting<T, P> {
    type Output = Result<(Answer<P>, T)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        ready!(me.stage.poll_room(&me.link, cx));
        let (call, begun) = match &mut me.stage {
            Stage::Made(call, begun) => (*call, begun),
            Stage::Room { .. } => return Poll::Pending,
            Stage::Done(error) => {
                return Poll::Ready(Err(error.take().unwrap_or_else(|| over(me.name))));
            }
        };
        let reply = me.link.with(|state| {
            let reply = state.core.take_reply(call);
            if reply.is_none() {
                state.session.wait_for_reply(call, cx.waker());
                // The reply may stand behind what is not read.
                state.attention |= state.session.is_full();
            }
            reply
        });
        let Some(reply) = reply else {
            return Poll::Pending;
        };
        let begun = begun.take();
        me.stage = Stage::Done(None);
        Poll::Ready(match (reply, begun) {
            (Ok(answer), Some(begun)) => Ok((answer, begun)),
            (Ok(_), None) => Err(over(me.name)),
            (Err(error), _) => Err(error),
        })
    }
}

impl<T, P: Protocol> Drop for Waiting<T, P> {
    fn drop(&mut self) {
        match &mut self.stage {
            Stage::Done(_) => {}
            Stage::Room { ticket, .. } => give_back(&self.link, ticket),
            Stage::Made(call, _) => {
                let (call, now) = (*call, self.link.now());
                self.link.with(|state| {
                    state.session.forget_call(call);
                    _ = mutant!(
                        "a dropped call is not abandoned",
                        state.core.abandon(call, now),
                        None
                    );
                    state.handle_dropped();
                });
            }
        }
    }
}

impl<P: Protocol> State<P> {
    /// Puts messages back into their queues that have no taker.
    pub(in crate::adapters) fn give_back(
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
