use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::connection::{CallId, ChannelMut};
use crate::error::{Closed, Error, Misuse, Result};
use crate::method::{Args, Call, SimpleMethod, Spec};
use crate::protocol::Protocol;
use crate::versions::Selected;

/// What has to exist in the broker, as data: exchanges, queues and bindings, in this order.
///
/// ```
/// # #[cfg(feature = "amqp0-9-1")] {
/// use pika::recovery::Topology;
/// use pika::v0_9_1::{exchange, queue};
///
/// let topology = Topology::new()
///     .with(exchange::Declare::new("orders", "topic").durable(true))
///     .with(queue::Declare::new("billing").durable(true))
///     .with(queue::Bind::new("billing", "orders", "#"));
/// assert_eq!(topology.len(), 3);
/// # }
/// ```
///
/// Any method of the classes `exchange`, `queue` and `access` can be a step that the broker answers:
/// declare, bind, unbind, delete, purge. All steps are sent at once and answered together, so a topology of
/// any size takes one round trip.
///
/// An empty queue name means the queue that was declared last on the channel (AMQP 0-9-1, `queue.bind`
/// "queue"; `basic.consume` too). So the `setup` of a subscription can declare a queue that the broker names,
/// and bind and consume it without its name.
#[derive(Clone)]
pub struct Topology<P: Protocol = Selected> {
    steps: Vec<Arc<dyn Step<P>>>,
    /// The first step that makes no sense.
    misuse: Option<Misuse>,
}

impl<P: Protocol> Topology<P> {
    /// Returns a topology without steps.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            steps: Vec::new(),
            misuse: None,
        }
    }

    /// Adds a method as the last step.
    ///
    /// A method that cannot be a step, or that has its no-wait bit set, makes the topology unusable;
    /// [`check`](Self::check) says so, and so does whatever it is passed to.
    #[must_use]
    pub fn with<M: Call<Spec = P> + SimpleMethod>(mut self, method: M) -> Self {
        const CLASSES: [&str; 3] = ["exchange.", "queue.", "access."];
        let misuse = if method.declines_reply() {
            Some(Misuse::NoWaitInCall(M::NAME))
        } else if CLASSES.iter().any(|class| M::NAME.starts_with(class)) {
            None
        } else {
            Some(Misuse::NoTopology(M::NAME))
        };
        self.misuse = self.misuse.or(misuse);
        self.steps.push(Arc::new(method));
        self
    }

    /// Adds all steps of another topology.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.misuse = self.misuse.or(other.misuse);
        self.steps.extend(other.steps);
        self
    }

    /// Returns the number of steps.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Returns whether there are no steps.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Returns the steps as methods.
    pub fn methods(&self) -> impl Iterator<Item = P::Method> {
        self.steps.iter().map(|step| step.to_method())
    }

    /// Checks that each step can be one.
    ///
    /// # Errors
    /// [`Misuse::NoTopology`] for a method of another class, [`Misuse::NoWaitInCall`] for one that asks for
    /// no answer. Nothing was sent.
    pub fn check(&self) -> Result<()> {
        match &self.misuse {
            Some(misuse) => Err(misuse.clone().into()),
            None => Ok(()),
        }
    }

    /// Sends one step on a channel.
    pub(crate) fn send(
        &self,
        step: usize,
        channel: &mut ChannelMut<'_, P>,
        now: Instant,
    ) -> Result<CallId> {
        match self.steps.get(step) {
            Some(step) => step.send(channel, now),
            None => Err(Misuse::Finished("a topology").into()),
        }
    }

    /// Returns the method name of a step.
    pub(crate) fn name(&self, step: usize) -> &'static str {
        self.steps.get(step).map_or("", |step| step.name())
    }
}

impl<P: Protocol> Default for Topology<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Protocol> fmt::Debug for Topology<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.methods()).finish()
    }
}

/// Two topologies are equal when they have equal steps.
impl<P: Protocol> PartialEq for Topology<P> {
    fn eq(&self, other: &Self) -> bool {
        self.methods().eq(other.methods())
    }
}

/// One method, whichever it is.
trait Step<P: Protocol>: Send + Sync {
    fn send(&self, channel: &mut ChannelMut<'_, P>, now: Instant) -> Result<CallId>;
    fn name(&self) -> &'static str;
    fn to_method(&self) -> P::Method;
}

impl<P: Protocol, M: Call<Spec = P> + SimpleMethod> Step<P> for M {
    fn send(&self, channel: &mut ChannelMut<'_, P>, now: Instant) -> Result<CallId> {
        channel.call(self.clone(), now)
    }

    fn name(&self) -> &'static str {
        M::NAME
    }

    fn to_method(&self) -> <P as Spec>::Method {
        Args::into_method(self.clone())
    }
}

/// A step of a topology that the broker refused.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// The index of the step in its topology.
    pub step: usize,
    /// The name of its method, `queue.declare`.
    pub method: &'static str,
    /// Why the broker refused it.
    pub reason: Error,
}

impl Refusal {
    /// Returns the reason as the close of the channel, if it is one.
    #[must_use]
    pub fn closed(&self) -> Option<&Closed> {
        self.reason.closed()
    }
}

/// What to do about a step of a topology that the broker refuses when it is declared again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnRefused {
    /// Declare the topology without this step from now on.
    Skip,
    /// Declare the topology again, after a delay.
    Retry,
    /// Stop the connection, for the reason of the refusal.
    Stop,
}

/// Decides about refusals. A program may have its own, see [`KeptTopology::on_refused`].
pub(crate) type Decide = Arc<dyn Fn(&Refusal) -> OnRefused + Send + Sync>;

/// A topology for `keep`, with what to do about refusals.
///
/// `keep` accepts a [`Topology`] too, which behaves like `KeptTopology::new(topology)`.
#[derive(Clone)]
pub struct KeptTopology<P: Protocol = Selected> {
    pub(crate) topology: Topology<P>,
    pub(crate) decide: Decide,
}

impl<P: Protocol> KeptTopology<P> {
    /// Returns a topology with the default policy: [`OnRefused::Skip`] for 406, unequal arguments, since
    /// the queue or exchange exists, and [`OnRefused::Retry`] for everything else.
    #[must_use]
    pub fn new(topology: Topology<P>) -> Self {
        Self {
            topology,
            decide: Arc::new(default),
        }
    }

    /// Sets what to do about a step that the broker refuses when it is declared again after a reconnect.
    ///
    /// The first declaration is not subject to this: its refusal is the error of `keep`. The function must
    /// return at once, and must not use the connection.
    #[must_use]
    pub fn on_refused(
        mut self,
        decide: impl Fn(&Refusal) -> OnRefused + Send + Sync + 'static,
    ) -> Self {
        self.decide = Arc::new(decide);
        self
    }
}

impl<P: Protocol> From<Topology<P>> for KeptTopology<P> {
    fn from(topology: Topology<P>) -> Self {
        Self::new(topology)
    }
}

impl<P: Protocol> fmt::Debug for KeptTopology<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.topology.fmt(f)
    }
}

fn default(refusal: &Refusal) -> OnRefused {
    use crate::wire::ReplyCode;
    let code = refusal.closed().and_then(Closed::code);
    let is_retriable = refusal.reason.is_retriable();
    match code {
        Some(ReplyCode::PRECONDITION_FAILED) if !is_retriable => OnRefused::Skip,
        _ => OnRefused::Retry,
    }
}
