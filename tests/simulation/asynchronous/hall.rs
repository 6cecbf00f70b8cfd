//! What the programs hold and know, and the rules that this has to keep to.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::{Rc, Weak};

use pika::asynchronous::{
    Channel, Confirm, ConfirmingChannel, Connection, Consumer, Delivery, NotAcked, Unconfirmed,
};
use pika::connection::{Outcome, Settled};
use pika::error::{Error, Misuse};

use super::net::{Virtual, below, broken, net, note};
use super::spoken::{Later, Spoken};
use super::wire::Life;
use crate::model::{Broken, LOSSY, MessageId, allowed, body};

/// The life of a channel: its client, and which of the client's channels it is.
pub(crate) type Place = (usize, usize);

pub(crate) type Shared<V> = Rc<RefCell<Hall<V>>>;

/// Everything that tasks share.
pub(crate) struct Hall<V: Spoken> {
    pub(crate) seats: Vec<Seat<V>>,
    pub(crate) messages: Vec<Message>,
    lives: BTreeMap<Place, Account>,
    /// Where messages were settled, and where they came again after that.
    contested: Vec<(Place, Place, MessageId)>,
    /// What is in the queues at the end.
    left: Vec<(usize, MessageId)>,
}

/// One client and its handles, which any task may take.
pub(crate) struct Seat<V: Spoken> {
    pub(crate) connection: Option<Connection<Virtual, V>>,
    /// Whether it was dropped, or never came about.
    pub(crate) is_gone: bool,
    pub(crate) channels: Vec<Held<V>>,
    pub(crate) consumers: Vec<Consuming<V>>,
    pub(crate) arrived: Vec<Arrived<V>>,
    pub(crate) confirms: Vec<Tracked<V>>,
    /// Calls that were made and that nobody waits for yet.
    pub(crate) calls: Vec<Later<()>>,
    /// How many channels were asked for.
    pub(crate) opens: usize,
}

impl<V: Spoken> Default for Seat<V> {
    fn default() -> Self {
        Self {
            connection: None,
            is_gone: false,
            channels: Vec::new(),
            consumers: Vec::new(),
            arrived: Vec::new(),
            confirms: Vec::new(),
            calls: Vec::new(),
            opens: 0,
        }
    }
}

impl<V: Spoken> fmt::Debug for Seat<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels = self
            .channels
            .iter()
            .map(|held| (held.place, held.channel.is_open()));
        let arrived = self.arrived.iter();
        let arrived = arrived.map(|one| (one.place, one.message, one.delivery.channel().is_open()));
        f.debug_struct("Seat")
            .field("channels", &channels.collect::<Vec<_>>())
            .field(
                "consumers",
                &self
                    .consumers
                    .iter()
                    .map(|one| (one.place, one.queue))
                    .collect::<Vec<_>>(),
            )
            .field("arrived", &arrived.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
pub(crate) struct Held<V: Spoken> {
    pub(crate) channel: Channel<V>,
    /// The same with confirms, once they are turned on.
    pub(crate) confirming: Rc<OnceCell<ConfirmingChannel<V>>>,
    pub(crate) place: Place,
}

pub(crate) struct Consuming<V: Spoken> {
    pub(crate) consumer: Consumer<V>,
    pub(crate) place: Place,
    pub(crate) queue: usize,
}

pub(crate) struct Arrived<V: Spoken> {
    pub(crate) delivery: Delivery<V>,
    pub(crate) place: Place,
    pub(crate) message: MessageId,
    /// Whether the server waits until it is settled.
    pub(crate) is_owed: bool,
}

pub(crate) struct Tracked<V: Spoken> {
    pub(crate) confirm: Confirm<V>,
    pub(crate) on: Held<V>,
    pub(crate) message: MessageId,
    /// Goes when this does.
    pub(crate) alive: Rc<()>,
}

#[derive(Debug, Default)]
pub(crate) struct Message {
    /// The queue it goes to; none if there is no such queue.
    pub(crate) queue: Option<usize>,
    pub(crate) mandatory: bool,
    /// The program was told that it was not sent.
    pub(crate) unsent: bool,
    /// The program was told that the server has it.
    pub(crate) acked: bool,
    pub(crate) settled_on: Option<Place>,
}

/// What the program knows of the life of a channel.
#[derive(Debug, Default)]
struct Account {
    /// Publishes, as they were numbered.
    published: BTreeMap<u64, MessageId>,
    /// Publishes whose numbers only the wire tells, if they have any.
    plain: Vec<MessageId>,
    /// Those with a future of their own, while there is one.
    watched: BTreeMap<u64, Weak<()>>,
    /// Those whose future has told what became of them.
    told: BTreeSet<u64>,
    /// Those that were told to have gone wrong.
    reported: BTreeSet<u64>,
    /// Deliveries that were dropped without being settled.
    dropped: usize,
}

impl Account {
    /// Whether only its own future tells what became of a publish.
    fn is_watched(&self, seq: u64) -> bool {
        let watched = self
            .watched
            .get(&seq)
            .is_some_and(|alive| alive.strong_count() > 0);
        watched || self.told.contains(&seq)
    }
}

/// Takes out one of these.
pub(crate) fn take<T>(items: &mut Vec<T>) -> Option<T> {
    if items.is_empty() {
        return None;
    }
    Some(items.swap_remove(below(items.len())))
}

/// Looks at the life of a channel as its bytes tell it, if there are any yet.
pub(crate) fn life<T>(place: Place, look: impl FnOnce(&Life) -> T) -> Option<T> {
    net(|net| {
        let socket = net.sockets.iter().find(|socket| socket.who == place.0)?;
        socket.wire.lives.get(place.1).map(look)
    })
}

/// An error that can come of what is done here.
pub(crate) fn check(what: &str, error: &Error) {
    note(|| format!("{what}: {error}"));
    let fine = match error {
        Error::Closed(reason) => allowed(reason).is_ok(),
        Error::TimedOut(_) | Error::ContentForbidden(_) | Error::Unreachable(_) => true,
        // A call that waited for room while the last handle of its channel was dropped.
        Error::Misuse(Misuse::UnknownChannel) => matches!(what, "asking" | "queue.declare"),
        _ => false,
    };
    if !fine {
        broken(format!("{what}: {error}"));
    }
}

impl<V: Spoken> Hall<V> {
    pub(crate) fn new() -> Shared<V> {
        Rc::new(RefCell::new(Self {
            seats: Vec::new(),
            messages: Vec::new(),
            lives: BTreeMap::new(),
            contested: Vec::new(),
            left: Vec::new(),
        }))
    }

    fn account(&mut self, place: Place) -> &mut Account {
        self.lives.entry(place).or_default()
    }

    /// The message that a body belongs to, which has to be whole and its own.
    pub(crate) fn known(&self, found: &[u8]) -> Option<MessageId> {
        let id = u64::from_be_bytes(*found.first_chunk::<8>()?);
        let whole = (id as usize) < self.messages.len() && found == body(id, found.len());
        if !whole {
            broken(format!("a body that nobody sent, of {} bytes", found.len()));
        }
        whole.then_some(id)
    }

    /// A message came for a consumer.
    pub(crate) fn delivered(&mut self, place: Place, queue: usize, delivery: Delivery<V>) {
        self.arrived((place, queue != LOSSY), queue, delivery);
    }

    /// A message came.
    pub(crate) fn arrived(
        &mut self,
        (place, is_owed): (Place, bool),
        queue: usize,
        delivery: Delivery<V>,
    ) {
        let Some(id) = self.known(delivery.body()) else {
            return;
        };
        note(|| format!("message {id} comes to {place:?} from {queue}"));
        let message = &self.messages[id as usize];
        if message.queue != Some(queue) {
            broken(format!(
                "message {id} of {:?} came from {queue}",
                message.queue
            ));
        }
        if message.unsent {
            broken(format!("message {id} came though it was not sent"));
        }
        // What waited here when the channel closed may have gone elsewhere since.
        let open = delivery.channel().is_open();
        if let Some(before) = message.settled_on.filter(|_| open) {
            self.contested.push((before, place, id));
        }
        let arrived = Arrived {
            delivery,
            place,
            message: id,
            is_owed,
        };
        self.seats[place.0].arrived.push(arrived);
    }

    /// Settles a delivery, or drops it.
    pub(crate) fn settle(&mut self, arrived: Arrived<V>, how: usize) {
        let Arrived {
            delivery,
            place,
            message,
            is_owed,
        } = arrived;
        note(|| format!("message {message} on {place:?} is settled by {how}"));
        let channel = delivery.channel().clone();
        let result = match how {
            0 => {
                self.account(place).dropped += usize::from(is_owed);
                return;
            }
            1 => delivery.reject(true),
            2 => V::refuse(&channel, delivery.into_token()),
            _ => delivery.ack(),
        };
        match result {
            Ok(Settled::Queued) if how > 2 => {
                self.messages[message as usize].settled_on = Some(place);
            }
            Ok(_) => {}
            Err(Error::Misuse(Misuse::NothingToSettle)) if !is_owed => {}
            Err(error) => check("settling", &error),
        }
    }

    /// A message was sent, under this number.
    pub(crate) fn published(&mut self, place: Place, id: MessageId, seq: u64) {
        if self.account(place).published.insert(seq, id).is_some() {
            broken(format!("publish {seq} of {place:?} was made twice"));
        }
    }

    /// A message was sent, and its number was not said.
    pub(crate) fn published_plainly(&mut self, place: Place, id: MessageId) {
        self.account(place).plain.push(id);
    }

    /// A publish has a future of its own.
    pub(crate) fn watched(&mut self, tracked: &Tracked<V>) {
        let (place, seq) = (tracked.on.place, tracked.confirm.seq().0);
        self.published(place, tracked.message, seq);
        let alive = Rc::downgrade(&tracked.alive);
        self.account(place).watched.insert(seq, alive);
    }

    /// The future of a publish has told what became of it.
    pub(crate) fn told(&mut self, tracked: &Tracked<V>, outcome: &Outcome<V>) {
        let (place, seq) = (tracked.on.place, tracked.confirm.seq().0);
        self.account(place).told.insert(seq);
        self.resolved(&tracked.on, tracked.message, outcome);
    }

    /// The number after those of publishes that were made, and how many have none.
    pub(crate) fn next_publish(&self, place: Place) -> (u64, usize) {
        let Some(account) = self.lives.get(&place) else {
            return (1, 0);
        };
        let last = account.published.keys().next_back();
        (last.map_or(1, |last| last + 1), account.plain.len())
    }

    /// It was told what became of a publish.
    pub(crate) fn resolved(&mut self, on: &Held<V>, id: MessageId, outcome: &Outcome<V>) {
        note(|| format!("message {id} on {:?} is {outcome:?}", on.place));
        let acked = life(on.place, |life| {
            let seq = life.publishes.iter().position(|other| *other == id);
            seq.is_some_and(|at| life.is_acked(at as u64 + 1))
        });
        let message = &mut self.messages[id as usize];
        let rule = match outcome {
            Outcome::Acked if acked != Some(true) => "is acked before the server said so",
            Outcome::Acked if message.mandatory && message.queue.is_none() => {
                "was acked though it has nowhere to go"
            }
            Outcome::Returned(back)
                if back.content.body().first_chunk() != Some(&id.to_be_bytes()) =>
            {
                "came back as another one"
            }
            Outcome::Returned(_) if message.queue.is_some() => "came back though it has a queue",
            Outcome::Nacked => "was refused, which the server never does",
            Outcome::Lost(_) if on.channel.is_open() => "is lost though its channel is open",
            _ => {
                message.acked |= outcome.is_acked();
                return;
            }
        };
        broken(format!("message {id} {rule}"));
    }

    /// All that was published is known, these publishes not to be acknowledged.
    pub(crate) fn reported(
        &mut self,
        on: &Held<V>,
        (before, plain): (u64, usize),
        failed: &[Unconfirmed],
    ) {
        let account = self.account(on.place);
        let mut faults = Vec::new();
        for seq in failed
            .iter()
            .flat_map(Unconfirmed::publishes)
            .map(|seq| seq.0)
        {
            let acked = life(on.place, |life| life.is_acked(seq)) == Some(true);
            let returned = failed.iter().any(|one| {
                (one.first.0..=one.last.0).contains(&seq)
                    && matches!(one.reason, NotAcked::Returned)
            });
            if acked && !returned && on.channel.is_open() {
                faults.push(format!("publish {seq} is reported though it was acked"));
            }
            if account.is_watched(seq) || !account.reported.insert(seq) {
                faults.push(format!("publish {seq} is reported twice"));
            }
        }
        // What was published before and is not reported was acknowledged.
        for (seq, id) in account.published.range(..before) {
            let known = account.is_watched(*seq) || account.reported.contains(seq);
            if !known && life(on.place, |life| life.is_acked(*seq)) != Some(true) {
                faults.push(format!("nobody knows what became of {id}, publish {seq}"));
            }
        }
        for id in &account.plain[..plain] {
            let at = |life: &Life| life.publishes.iter().position(|other| other == id);
            // Some were not confirmed, or their channel closed before they were on the wire.
            let Some(at) = life(on.place, at).flatten() else {
                continue;
            };
            let seq = at as u64 + 1;
            let acked = life(on.place, |life| life.is_acked(seq)) == Some(true);
            if !acked && !account.reported.contains(&seq) {
                faults.push(format!("nobody knows what became of {id}, publish {seq}"));
            }
        }
        faults.into_iter().for_each(broken);
    }

    /// Deliveries for which the server waits on channels that are open.
    pub(crate) fn unsettled(&self) -> usize {
        let mut count = 0;
        for seat in &self.seats {
            let held = seat.arrived.iter();
            let held = held.filter(|held| held.is_owed && held.delivery.channel().is_open());
            count += held.count();
        }
        let open = |place: &Place| {
            let seat = &self.seats[place.0];
            let channels = seat.channels.iter().map(|held| (held.place, &held.channel));
            let consumers = seat.consumers.iter();
            let consumers = consumers.map(|held| (held.place, held.consumer.channel()));
            let arrived = seat.arrived.iter();
            let arrived = arrived.map(|held| (held.place, held.delivery.channel()));
            let confirms = seat
                .confirms
                .iter()
                .map(|held| (held.on.place, &held.on.channel));
            let mut all = channels.chain(consumers).chain(arrived).chain(confirms);
            all.any(|(at, channel)| at == *place && channel.is_open())
        };
        let dropped = self.lives.iter().filter(|(place, _)| open(place));
        count + dropped.map(|(_, account)| account.dropped).sum::<usize>()
    }

    /// Consumers of a queue that go on.
    pub(crate) fn consumers(&self, queue: usize) -> usize {
        let all = self.seats.iter().flat_map(|seat| &seat.consumers);
        all.filter(|held| held.queue == queue && held.consumer.end().is_none())
            .count()
    }

    /// Compares what is known with what went over the wires.
    pub(crate) fn compare(&self) -> Result<(), Broken> {
        for (place, account) in &self.lives {
            let wrong = life(*place, |life| {
                let sent = |seq: u64| life.publishes.get(seq as usize - 1);
                let mut wrong = account.published.iter();
                wrong
                    .find(|(seq, id)| sent(**seq).is_some_and(|sent| sent != *id))
                    .is_some()
            });
            if wrong == Some(true) {
                return Err(format!("publishes of {place:?} went out in another order"));
            }
        }
        net(|net| {
            for socket in &net.sockets {
                if let Some(fault) = &socket.wire.fault {
                    return Err(fault.clone());
                }
                let unsent = |id: &&MessageId| self.messages[**id as usize].unsent;
                if let Some(id) = socket.wire.sent.iter().find(unsent) {
                    return Err(format!("message {id} was sent after all"));
                }
            }
            Ok(())
        })
    }

    /// A message is in a queue at the end.
    pub(crate) fn is_left(&mut self, queue: usize, body: &[u8]) {
        let id = self.known(body);
        self.left.extend(id.map(|id| (queue, id)));
    }

    /// Balances the books with the messages that are left at the broker.
    pub(crate) fn balance(&self) -> Result<(), Broken> {
        let well = |place: Place| life(place, Life::ended_well) == Some(true);
        for (one, other, id) in &self.contested {
            if well(*one) && well(*other) {
                return Err(format!("message {id} came again though it was settled"));
            }
        }
        for (id, message) in self.messages.iter().enumerate() {
            let id = id as MessageId;
            let places = self.left.iter().filter(|(_, other)| *other == id);
            let there = places.clone().count();
            let misplaced = places
                .clone()
                .any(|(queue, _)| message.queue != Some(*queue));
            if there > 1 || misplaced || (there == 1 && message.unsent) {
                return Err(format!("message {id} is where it does not belong"));
            }
            let kept = message.queue.is_some_and(|queue| queue != LOSSY);
            if message.acked && kept && there == 0 && message.settled_on.is_none() {
                return Err(format!("message {id} was confirmed and is nowhere"));
            }
            if there == 1 && message.settled_on.is_some_and(well) {
                return Err(format!("message {id} was settled and is there again"));
            }
        }
        Ok(())
    }
}
