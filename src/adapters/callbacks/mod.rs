//! Your loop, or the one that comes with it: nothing blocks, completions and handlers do the rest.
//!
//! There is no thread behind this and no global state, and no call waits. Every call takes a
//! completion, which runs once with the reply or the reason why there is none; consumers, returned
//! messages, confirms, flow and ends have handlers. A [`Loop`] serves many connections and timers:
//!
//! ```no_run
//! use pika::amqp::{basic, queue};
//! use pika::callbacks::{Connection, Loop};
//!
//! let events = Loop::new()?;
//! let connection = Connection::connect("amqp://guest:guest@localhost:5672/%2f")?;
//! events.add(&connection)?;
//! connection.open_channel().then(|channel| {
//!     let channel = channel?;
//!     channel.queue_declare(queue::Declare::new("hello").durable(true)).then(|queue| {
//!         println!("{} messages wait", queue?.message_count);
//!         Ok(())
//!     });
//!     channel.publish("", "hello", "Hello World!")?;
//!     channel.consume(basic::Consume::new("hello"), |delivery| {
//!         println!("{}", String::from_utf8_lossy(delivery.body()));
//!         let connection = delivery.channel().connection().clone();
//!         delivery.ack()?;
//!         connection.close();
//!         Ok(())
//!     });
//!     Ok(())
//! });
//! events.run()?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # In a loop of your own
//!
//! The contract is one sentence: **wait for what [`interest`](Connection::interest) says, no longer
//! than until [`deadline`](Connection::deadline), then call [`on_ready`](Connection::on_ready) with
//! what came; and ask both anew each time you wait.**
//!
//! ```no_run
//! use std::time::{Duration, Instant};
//! use pika::callbacks::{Connection, Interest, Ready, Socket};
//! # fn poll(_: &Option<Socket>, _: Interest, _: Option<Duration>) -> Ready { Ready::NOTHING }
//!
//! let connection = Connection::connect("amqp://localhost")?;
//! while !connection.is_finished() {
//!     let time = connection.deadline().map(|at| at.saturating_duration_since(Instant::now()));
//!     // `poll` stands for poll(2), epoll, kqueue or a library over them.
//!     let ready = poll(&connection.socket(), connection.interest(), time);
//!     connection.on_ready(ready)?;
//! }
//! # Ok::<_, pika::Error>(())
//! ```
//!
//! That is for polls that tell of a state. With those that tell of a change, such as [`mio`]'s,
//! register the connection once for both directions: it is a [`mio::event::Source`], remembers that
//! it was told to be ready until it finds that it is not, and registers itself anew when it goes on
//! to the next address of the server.
//!
//! # Completions and handlers
//!
//! - They run inside [`on_ready`](Connection::on_ready) alone, one after the other and never one
//!   inside another. What a call finds out at once, its completion gets later, in order.
//! - They may do anything with the connection: call, publish, close, drop handles, register
//!   handlers.
//! - They return nothing, or a `Result`. An error stops none of the others; whoever serves the
//!   connection gets it when all have run.
//! - A call whose [`Then`] is dropped is sent all the same, and nobody hears of its reply. An error
//!   that no completion takes goes to whoever serves the connection, and so does the reason for
//!   which a channel closes, where neither a completion nor a handler of
//!   [`on_closed`](Channel::on_closed) was told.
//! - What is the state of something is told to a handler when it is registered, and from then on at
//!   each change.
//! - A handler that panics does not spoil the connection: if it was a consumer's, that consumer is
//!   cancelled, and everything else goes on where it was.
//!
//! A handler that keeps a handle of its own connection keeps the connection until it is closed;
//! handlers are given what they need instead.
//!
//! # Recovery
//!
//! With [`Config::recovery`](crate::config::Config::recovery) a connection outlives its transports. A
//! [`Subscription`] hands out messages across gaps, a [`Publisher`] sends again what was not confirmed, and
//! [`on_status`](Connection::on_status) reports how the connection stands. In a loop of your own nothing changes:
//! [`socket`](Connection::socket) is another one after a reconnect, or none while the connection waits.
//!
//! # When messages may not be sent
//!
//! While the server stops content with `channel.flow` or `connection.blocked`, or does not read what
//! is sent, a program can
//!
//! - have messages back: [`Channel::publish`] gives [`Refused`](crate::error::Refused) with the
//!   body;
//! - let them wait: [`Channel::publish`] sends them in order as soon as they may be
//!   sent, or gives up after [`Config::blocked_timeout`](crate::config::Config::blocked_timeout);
//! - watch: [`Channel::on_flow`] and [`Connection::on_blocked`] tell what holds.
//!
//! Everything else is sent all the while.

mod begin;
mod channel;
mod confirming;
mod event_loop;
mod handlers;
mod handles;
mod host;
mod interest;
mod keeping;
mod listeners;
mod news;
mod polled;
mod publish;
mod publisher;
mod stream;
mod subscription;
mod tasks;
mod tell;
mod then;
mod turn;

use std::sync::Arc;
use std::time::Instant;

pub use mio;

pub use self::confirming::ConfirmingChannel;
pub use self::event_loop::Loop;
pub use self::handles::{Channel, Connection};
pub use self::interest::{Interest, Ready};
pub use self::listeners::HandlerId;
pub use self::news::{Alert, Confirmed};
pub use self::publisher::{Publisher, PublisherBuilder};
pub use self::stream::Socket;
pub use self::subscription::{Subscription, SubscriptionBuilder};
pub use self::then::Then;
pub use super::outcome::IntoResult;
pub use super::timers::TimerId;
pub use super::transport::Transport;
pub use crate::error::Failures;

use self::then::Call;
use crate::config::{Secret, Tuning};
use crate::connection::{Answer, ChannelKey};
use crate::error::{Closed, Misuse, Result};
use crate::method::{ConnectionCall, Reply};
use crate::protocol::{Confirming, Protocol};
use crate::versions::Selected;
use crate::wire::{ReplyCode, ShortStr, Table};

/// A message that a consumer got or [`Channel::get`] fetched.
pub type Delivery<P = Selected> = super::delivery::Delivery<Channel<P>>;

impl<P: Protocol> Connection<P> {
    /// Opens a channel. It may be asked for before the connection is open, and is opened then.
    ///
    /// What it gives is an error when the connection closes first or all channel numbers are in
    /// use.
    pub fn open_channel(&self) -> Then<Channel<P>, P> {
        let front = self.shared.front.clone();
        let begun = front.is_open().then(|| front.channel());
        let opened = async move {
            if let Some(begun) = begun {
                return begun.await;
            }
            front.wait_opened().await?;
            front.channel().await
        };
        self.begin(ChannelKey::CONNECTION, opened, Self::attach)
    }

    /// Makes a call on the connection itself, such as `connection.update-secret`.
    pub fn call<M: ConnectionCall<Spec = P>>(&self, method: M) -> Then<M::Reply, P> {
        let now = Instant::now();
        let call = self.link().with(|state| state.core.call(method, now));
        let convert = |_: &Self, answer: Result<_>| reply(answer?, M::NAME);
        self.answered(call.map(|id| Call::undone(id, convert)))
    }

    /// Replaces the secret that the connection was opened with, before it expires: a token, mostly. RabbitMQ
    /// 3.8 and later know this; it closes the connection where the new secret is not accepted. `reason` is
    /// for its log.
    pub fn update_secret(
        &self,
        secret: impl Into<Secret>,
        reason: impl Into<ShortStr>,
    ) -> Then<<P::UpdateSecret as crate::method::Call>::Reply, P>
    where
        P: Confirming,
    {
        self.call(P::update_secret(
            secret.into().into_long_str(),
            reason.into(),
        ))
    }

    /// Closes the connection in good order, with code 200.
    ///
    /// Closing one that the program has closed does nothing. The completion gets an error when
    /// something else ended the connection first, or when the server does not confirm the close in
    /// time or ends the transport instead; what was sent last may then not have arrived. Messages
    /// that [wait for permission](Channel::publish) are not sent any more.
    pub fn close(&self) -> Then<(), P> {
        self.close_with(
            ReplyCode::REPLY_SUCCESS,
            ShortStr::from_static("Normal shutdown"),
        )
    }

    /// Closes the connection with a code and a text for the server's log.
    ///
    /// It ends as [`close`](Self::close) does.
    pub fn close_with(&self, code: ReplyCode, text: ShortStr) -> Then<(), P> {
        let front = self.shared.front.clone();
        let closed = async move { front.close_with(code, text).await };
        self.begin(ChannelKey::CONNECTION, closed, |_, ()| ())
    }

    /// Stops reading, or goes on; for a program that cannot take more for now.
    ///
    /// What was read before is still handed out. While nothing is read, the server's silence is not
    /// held against it and no call is late, since its answer may have come; the time of a call begins
    /// anew when reading goes on. Messages wait in the network and in their queues.
    pub fn pause_reading(&self, paused: bool) {
        self.shared.polled.pause(paused);
        self.link().hold_reading(paused);
        // The next turn sets the time of the next look at the peer.
        self.shared.waker.wake_by_ref();
    }

    /// Whether the connection can be used, as far as is known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.shared.front.is_open()
    }

    /// Why the connection is closed, if it is.
    #[must_use]
    pub fn closed(&self) -> Option<Arc<Closed>> {
        self.shared.front.closed()
    }

    /// What was agreed on in the handshake.
    #[must_use]
    pub fn tuning(&self) -> Tuning {
        self.shared.front.tuning()
    }

    /// What the server says of itself: product, version, capabilities.
    #[must_use]
    pub fn server_properties(&self) -> Table {
        self.shared.front.server_properties()
    }

    /// Why the server accepts no messages, while it does not.
    #[must_use]
    pub fn blocked(&self) -> Option<ShortStr> {
        self.shared.front.blocked()
    }

    /// Bytes received and bytes sent so far.
    #[must_use]
    pub fn traffic(&self) -> (u64, u64) {
        self.shared.front.traffic()
    }
}

/// The reply in an answer.
fn reply<R: Reply<Spec = P>, P: Protocol>(answer: Answer<P>, name: &'static str) -> Result<R> {
    answer
        .into_reply()
        .ok_or_else(|| Misuse::Finished(name).into())
}
