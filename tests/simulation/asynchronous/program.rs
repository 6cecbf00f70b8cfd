//! Random programs: each task does one thing with what it takes from the hall.

use std::rc::Rc;
use std::time::Duration;

use pika::config::{Config, Heartbeat};
use pika::connection::Outcome;
use pika::error::Error;
use pika::method::ContentArgs;
use pika::wire::ShortStr;

use super::executor::trial;
use super::hall::{Arrived, Consuming, Held, Message, Place, Shared, Tracked, check, take};
use super::net::{DRIVER, Virtual, below, broken, net, note, once_in};
use super::sealed::trusting;
use super::socket::READ;
use super::spoken::{Later, Spoken};
use crate::model::{LOSSY, body};
use crate::program::SIZES;
use crate::world::QUEUES;

type Connection<V> = pika::asynchronous::Connection<Virtual, V>;
type Delivery<V> = pika::asynchronous::Delivery<V>;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// How long a call may take, waiting for room included.
const CALL: Option<Duration> = Some(seconds(4 + 5));
const PUBLISH: Option<Duration> = Some(seconds(4));
const CLOSE: Option<Duration> = Some(seconds(2));
const INCOMING: usize = 2 * 1024;

fn config(who: usize) -> Config {
    let config = match net(|net| net.is_encrypted) {
        true => Config::new().tls(trusting()),
        false => Config::new(),
    };
    config
        .port(who as u16)
        .heartbeat(Heartbeat::AtMost(seconds(4)))
        .connect_timeout(seconds(3))
        .handshake_timeout(seconds(4))
        .rpc_timeout(seconds(5))
        .close_timeout(seconds(2))
        .blocked_timeout(seconds(4))
        .output_water(16 * 1024, 64 * 1024)
        .incoming(20, INCOMING)
        .frame_max(8192)
}

/// Runs a future as a task.
pub(crate) fn spawn(name: impl Into<String>, task: impl Future<Output = ()> + 'static) {
    net(|net| net.spawned.push((name.into(), Box::pin(task))));
}

/// Connects client `who`.
pub(crate) async fn connect<V: Spoken>(hall: Shared<V>, who: usize, fickle: bool) {
    let connected = if once_in(2) {
        let all = async {
            let opening = trial(
                "connecting",
                Some(seconds(3)),
                fickle,
                Connection::<V>::connect(config(who)),
            );
            let (opening, driver) = opening.await?.map_err(|e| check("connecting", &e)).ok()?;
            spawn(DRIVER, driver);
            trial("opening", Some(seconds(4)), fickle, opening).await
        };
        all.await
    } else {
        let opening = Connection::<V>::open_as(config(who));
        trial("opening as", Some(seconds(3 + 4)), fickle, opening).await
    };
    match connected {
        Some(Ok(connection)) => {
            note(|| format!("client {who} is connected"));
            hall.borrow_mut().seats[who].connection = Some(connection);
            return;
        }
        Some(Err(error)) => check("opening", &error),
        None => {}
    }
    hall.borrow_mut().seats[who].is_gone = true;
}

/// Opens a channel.
pub(crate) fn open<V: Spoken>(hall: &Shared<V>, who: usize, fickle: bool) -> Option<Later<()>> {
    let connection = hall.borrow().seats[who].connection.clone()?;
    let begun = connection.is_open();
    let opening = connection.channel();
    // A handle that the task does not need must not keep the connection.
    drop(connection);
    let seat = &mut hall.borrow_mut().seats[who];
    let place: Place = (who, seat.opens);
    seat.opens += usize::from(begun);
    note(|| format!("client {who} asks for channel {place:?}"));
    let hall = hall.clone();
    Some(Box::pin(async move {
        match trial("channel.open", CALL, fickle, opening).await {
            Some(Ok(channel)) => {
                let number = super::hall::life(place, |life| life.number);
                if number != Some(channel.id().0) {
                    broken(format!("{place:?} is {number:?} and {}", channel.id()));
                }
                let confirming = Rc::default();
                let held = Held {
                    channel,
                    confirming,
                    place,
                };
                hall.borrow_mut().seats[who].channels.push(held);
            }
            Some(Err(error)) => check("channel.open", &error),
            None => {}
        }
    }))
}

/// Declares a queue. The call is made at once.
pub(crate) fn declare<V: Spoken>(on: &Held<V>, queue: usize, fickle: bool) -> Later<()> {
    let name = ShortStr::from(QUEUES[queue]);
    let reply = V::declare_queue(&on.channel, &name);
    Box::pin(async move {
        match trial("queue.declare", CALL, fickle, reply).await {
            Some(Ok(found)) if found != name => {
                broken(format!("the reply to declaring {name} is about {found}"));
            }
            Some(Err(error)) => check("queue.declare", &error),
            _ => {}
        }
    })
}

/// Something that is asked for on a channel and brings nothing. The call is made at once.
pub(crate) fn ask<V: Spoken>(on: &Held<V>) -> Later<()> {
    let confirming = V::confirming(&on.channel).filter(|_| once_in(2));
    let known = on.confirming.clone();
    let reply: Later<pika::Result<()>> = match confirming {
        Some(confirming) => Box::pin(async move {
            let channel = confirming.await?;
            known.get_or_init(|| channel);
            Ok(())
        }),
        None => V::basic_qos(&on.channel, 10),
    };
    Box::pin(async move {
        if let Some(Err(error)) = trial("asking", CALL, true, reply).await {
            check("asking", &error);
        }
    })
}

/// Fetches a message. The call is made at once.
pub(crate) fn get<V: Spoken>(hall: Shared<V>, on: &Held<V>, queue: usize) -> Later<()> {
    let reply = on.channel.get(V::get(QUEUES[queue].into(), false));
    let place = on.place;
    Box::pin(async move {
        match trial("basic.get", CALL, true, reply).await {
            Some(Ok(Some(delivery))) => hall.borrow_mut().arrived((place, true), queue, delivery),
            Some(Err(error)) => check("basic.get", &error),
            _ => {}
        }
    })
}

/// Begins a consumer. The call is made at once.
pub(crate) fn consume<V: Spoken>(hall: Shared<V>, on: &Held<V>, queue: usize) -> Later<()> {
    let reply = on
        .channel
        .consume(V::consume(&QUEUES[queue].into(), queue == LOSSY));
    let place = on.place;
    Box::pin(async move {
        match trial("basic.consume", CALL, true, reply).await {
            Some(Ok(consumer)) => {
                note(|| format!("{place:?} consumes {queue}"));
                let held = Consuming {
                    consumer,
                    place,
                    queue,
                };
                hall.borrow_mut().seats[place.0].consumers.push(held);
            }
            Some(Err(error)) => check("basic.consume", &error),
            None => {}
        }
    })
}

/// Takes some messages of a consumer, or ends it.
pub(crate) async fn receive<V: Spoken>(hall: Shared<V>, mut held: Consuming<V>) {
    let place = held.place;
    for _ in 0..=below(4) {
        let limit = once_in(3).then(|| Duration::from_millis(1 << below(13)));
        let received = match limit {
            Some(limit) => next_within(&mut held, limit).await,
            None => trial("a message", None, true, held.consumer.next()).await,
        };
        match received {
            Some(Ok(Some(delivery))) => {
                hall.borrow_mut().delivered(place, held.queue, delivery);
                check_inbox(&mut held, &hall);
            }
            Some(Ok(None)) if held.consumer.end().is_some() => return,
            Some(Ok(None)) if limit.is_some() => break,
            Some(Ok(None)) => return broken("a consumer says that it has ended, and not how"),
            Some(Err(error)) => return check("a message", &error),
            None => break,
        }
    }
    match below(5) {
        0 => {
            note(|| format!("a consumer of {place:?} is cancelled"));
            if let Some(Err(error)) = trial("cancel", CALL, true, held.consumer.cancel()).await {
                check("cancel", &error);
            }
        }
        1 => note(|| format!("a consumer of {place:?} is dropped")),
        _ => hall.borrow_mut().seats[place.0].consumers.push(held),
    }
}

/// Waits for a message no longer than this, and not shorter.
async fn next_within<V: Spoken>(
    held: &mut Consuming<V>,
    limit: Duration,
) -> Option<pika::Result<Option<Delivery<V>>>> {
    let until = net(|net| net.now) + limit;
    let next = held.consumer.next_within(limit);
    let received = trial("a message in time", Some(limit), true, next).await;
    let early = net(|net| net.now) < until;
    if matches!(received, Some(Ok(None))) && early && held.consumer.end().is_none() {
        broken(format!("none came within {limit:?}, before that was over"));
    }
    received
}

/// What waits for a consumer is no more than may and one read, and the message that this completes;
/// as much may be taken out already.
fn check_inbox<V: Spoken>(held: &mut Consuming<V>, hall: &Shared<V>) {
    if !once_in(4) {
        return;
    }
    let mut sizes = Vec::new();
    while let Some(delivery) = held.consumer.try_next() {
        sizes.push(delivery.body().len());
        hall.borrow_mut()
            .delivered(held.place, held.queue, delivery);
    }
    sizes.sort_unstable();
    let small: usize = sizes.iter().rev().skip(2).sum();
    if small > 2 * (INCOMING + READ) {
        broken(format!("bodies of {sizes:?} bytes waited for a consumer"));
    }
}

/// Publishes a message in one of the ways that there are.
pub(crate) async fn publish<V: Spoken>(hall: Shared<V>, on: Held<V>, queue: usize) {
    let id = hall.borrow().messages.len() as u64;
    let mandatory = once_in(3);
    let nowhere = once_in(6);
    let name = ShortStr::from(if nowhere { "nowhere" } else { QUEUES[queue] });
    let sizes = if once_in(6) { SIZES.len() } else { 4 };
    let body = body(id, SIZES[below(sizes)]);
    hall.borrow_mut().messages.push(Message {
        queue: (!nowhere).then_some(queue),
        mandatory,
        ..Message::default()
    });
    let publish = V::publish_to(&name, mandatory);
    let properties = <V::Publish as ContentArgs>::Properties::default();
    let way = below(6);
    note(|| format!("{:?} publishes {id} to {name} in way {way}", on.place));
    let (channel, confirming) = (on.channel.clone(), on.confirming.get().cloned());
    if let Some(confirming) = confirming.clone().filter(|_| way < 2) {
        if let Some(later) = V::publish_tracked(confirming, publish, body) {
            let result = trial("publishing tracked", PUBLISH, true, later).await;
            return tracked(&hall, on, id, result).await;
        }
    } else if let Some(confirming) = confirming.filter(|_| way == 2) {
        let Some(later) = V::publish_confirmed(confirming, publish, body) else {
            return;
        };
        let result = trial("publishing confirmed", CALL, true, later).await;
        confirmed(&hall, &on, id, result);
    } else {
        let result = match way {
            3 => {
                let sent = channel.try_basic_publish(&publish, &properties, body);
                Some(sent.map_err(Error::from))
            }
            _ => {
                let sending = channel.basic_publish(&publish, &properties, body);
                trial("publishing", PUBLISH, true, sending).await
            }
        };
        let mut hall = hall.borrow_mut();
        match result {
            Some(Ok(())) => return hall.published_plainly(on.place, id),
            Some(Err(error)) => check("publishing", &error),
            None => {}
        }
        hall.messages[id as usize].unsent = true;
    }
}

async fn tracked<V: Spoken>(
    hall: &Shared<V>,
    on: Held<V>,
    message: u64,
    result: Option<pika::Result<pika::asynchronous::Confirm<V>>>,
) {
    let confirm = match result {
        Some(Ok(confirm)) => confirm,
        other => {
            if let Some(Err(error)) = other {
                check("publishing tracked", &error);
            }
            hall.borrow_mut().messages[message as usize].unsent = true;
            return;
        }
    };
    let tracked = Tracked {
        confirm,
        on,
        message,
        alive: Rc::new(()),
    };
    hall.borrow_mut().watched(&tracked);
    match below(4) {
        0 => drop(tracked),
        1 => resolve(hall.clone(), tracked).await,
        _ => hall.borrow_mut().seats[tracked.on.place.0]
            .confirms
            .push(tracked),
    }
}

fn confirmed<V: Spoken>(
    hall: &Shared<V>,
    on: &Held<V>,
    id: u64,
    result: Option<pika::Result<Outcome<V>>>,
) {
    let mut hall = hall.borrow_mut();
    match result {
        Some(Ok(outcome)) => hall.resolved(on, id, &outcome),
        Some(Err(error)) => {
            check("publishing confirmed", &error);
            let late = matches!(&error, Error::TimedOut(late)
                if matches!(late.waiting_for, pika::error::Waiting::Confirms));
            hall.messages[id as usize].unsent = !late;
        }
        None => {}
    }
}

/// Waits for what becomes of a publish.
pub(crate) async fn resolve<V: Spoken>(hall: Shared<V>, mut tracked: Tracked<V>) {
    let outcome = trial("a confirm", None, true, &mut tracked.confirm).await;
    let mut hall = hall.borrow_mut();
    match outcome {
        Some(outcome) => hall.told(&tracked, &outcome),
        None if once_in(2) => hall.seats[tracked.on.place.0].confirms.push(tracked),
        None => {}
    }
}

/// Waits for all that was published on a channel.
pub(crate) async fn wait_for_confirms<V: Spoken>(hall: Shared<V>, on: Held<V>) {
    let confirming = on.confirming.get().cloned();
    let later = confirming.and_then(|on| V::wait_for_confirms(on, seconds(3)));
    let Some(later) = later else {
        return;
    };
    let before = hall.borrow().next_publish(on.place);
    match trial("wait_for_confirms", Some(seconds(3)), true, later).await {
        Some(Ok(failed)) => hall.borrow_mut().reported(&on, before, &failed),
        Some(Err(error)) => check("wait_for_confirms", &error),
        None => {}
    }
}

/// Settles some message.
pub(crate) fn settle<V: Spoken>(hall: &Shared<V>, who: usize) {
    let taken = take(&mut hall.borrow_mut().seats[who].arrived);
    if let Some(arrived) = taken {
        let arrived: Arrived<V> = arrived;
        hall.borrow_mut().settle(arrived, below(9));
    }
}

/// Waits for something that may never come.
pub(crate) async fn watch<V: Spoken>(hall: Shared<V>, on: Held<V>) {
    match below(4) {
        0 => {
            let mut changes = on.channel.flow_changes();
            while let Some(Ok(_)) = trial("flow", None, true, changes.next()).await {}
        }
        1 => match trial("a return", None, true, on.channel.next_returned()).await {
            Some(Ok(returned)) => {
                let mut hall = hall.borrow_mut();
                if let Some(id) = hall.known(returned.content.body()) {
                    let message: &mut Message = &mut hall.messages[id as usize];
                    if message.queue.is_some() || !message.mandatory {
                        broken(format!("message {id} came back though it had a queue"));
                    }
                }
            }
            Some(Err(error)) => check("a return", &error),
            None => {}
        },
        2 => {
            let connection = hall.borrow().seats[on.place.0].connection.clone();
            if let Some(connection) = connection {
                while let Some(Some(_)) =
                    trial("a notice", None, true, connection.next_notice()).await
                {}
            }
        }
        _ => {
            let closed = trial("the end", None, true, on.channel.wait_closed()).await;
            if closed.is_some() && on.channel.closed().is_none() {
                broken("a channel is closed and has no reason");
            }
        }
    }
}

/// Closes a channel.
pub(crate) async fn close<V: Spoken>(on: Held<V>) {
    note(|| format!("{:?} is closed", on.place));
    match trial("channel.close", CALL, true, on.channel.close()).await {
        Some(Ok(())) if on.channel.is_open() => broken("a channel is open after its close"),
        Some(Err(error)) => check("channel.close", &error),
        _ => {}
    }
}

/// Closes a connection.
pub(crate) async fn close_connection<V: Spoken>(connection: Connection<V>) {
    match trial("connection.close", CLOSE, true, connection.close()).await {
        Some(Ok(())) if connection.is_open() => broken("a connection is open after its close"),
        Some(Err(error)) => check("connection.close", &error),
        _ => {}
    }
}
