//! What programs did that meant harm, or were careless: handlers that panic, drops that call, loops at
//! their edges.

use std::cell::Cell;
use std::io::{self, IoSlice, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use pika::broker::{Plan, Server};
use pika::bytes::Bytes;
use pika::callbacks::{Ready, Transport};
use pika::config::{Config, Heartbeat};
use pika::error::{Cause, Error, Waiting};

use super::amqp::{basic, queue};
use super::kit::SOON;
use super::{Connection, Delivery, Log, Loop, Scene, ms};

/// Serves a loop until `done`, whatever panics.
fn until_done(events: &Loop, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < SOON, "waited in vain");
        let _panics = catch_unwind(AssertUnwindSafe(|| events.step(ms(20))));
    }
}

#[test]
fn a_panic_takes_an_event_from_no_other_handler() {
    let scene = Scene::new();
    let channel = scene.channel();
    let log = Log::new();
    for name in ["first", "second", "third"] {
        let (on_channel, on_connection) = (log.clone(), log.clone());
        channel.on_closed(move |_, _| -> () {
            on_channel.note(("channel", name));
            panic!("on purpose");
        });
        scene.connection.on_closed(move |_, _| -> () {
            on_connection.note(("connection", name));
            panic!("on purpose");
        });
    }
    scene.for_a_while();
    scene
        .connection
        .close()
        .then(|_| -> () { panic!("on purpose") });
    until_done(&scene.events, || scene.connection.is_finished());
    let names = ["first", "second", "third"];
    let of = |who| names.map(|name| (who, name)).to_vec();
    assert_eq!(log.take(), [of("channel"), of("connection")].concat());
    scene.events.run().unwrap();
}

#[test]
fn a_panic_takes_nothing_from_the_other_connections_of_a_loop() {
    let scene = Scene::with(|config| config.heartbeat(Heartbeat::Off));
    let other = scene.connect();
    scene.until("it is open", || other.is_open());
    let theirs = scene.result(other.open_channel()).unwrap();
    let ours = scene.channel();
    scene.for_a_while();
    let declare = || queue::Declare::new("").exclusive(true);
    ours.queue_declare(declare())
        .then(|_| -> () { panic!("on purpose") });
    let told = Rc::new(Cell::new(false));
    let flag = told.clone();
    theirs
        .queue_declare(declare())
        .then(move |_| flag.set(true));
    scene.events.step(ms(0)).unwrap();
    // Both replies are there before either is read.
    sleep(ms(100));
    until_done(&scene.events, || told.get());
}

#[test]
fn a_loop_does_not_wait_for_what_has_ended_or_is_held_by_nobody() {
    let scene = Scene::with(|config| config.heartbeat(Heartbeat::Off));
    scene.for_a_while();
    let Scene {
        connection, events, ..
    } = &scene;
    // It ends in the step in which a timer panics.
    connection.close().then(|closed| closed);
    events.step(ms(0)).unwrap();
    sleep(ms(100));
    events.call_later(ms(0), || -> () { panic!("on purpose") });
    let caught = catch_unwind(AssertUnwindSafe(|| events.step(ms(100))));
    assert!(caught.is_err());
    events.run().unwrap();
    // One that has ended already.
    let late = Loop::new().unwrap();
    late.add(connection).unwrap();
    late.run().unwrap();
    // One whose last handle goes while nothing is served.
    let idle = Scene::with(|config| config.heartbeat(Heartbeat::Off));
    idle.for_a_while();
    let Scene {
        connection, events, ..
    } = idle;
    drop(connection);
    events.run().unwrap();
}

#[test]
fn a_handler_of_failures_that_panics_stays_and_hears_of_the_rest() {
    let events = Loop::new().unwrap();
    let log = Log::new();
    let noting = log.clone();
    events.on_failure(move |error| -> () {
        noting.note(error.to_string());
        panic!("on purpose");
    });
    for _ in 0..3 {
        events.call_later(ms(0), || -> pika::Result<()> {
            Err(pika::error::Misuse::NotOpen.into())
        });
    }
    until_done(&events, || log.len() == 3);
}

#[test]
fn a_publish_behind_those_that_were_permitted_goes_with_them() {
    // As many as end a turn in the midst of them, and some around that.
    for count in [1, 2040, 2047, 2048, 2049] {
        let scene = Scene::with(|config| config.blocked_timeout(None));
        let (channel, queue) = scene.channel_and_queue();
        scene.faults(|faults, id| _ = faults.flow(id, channel.id(), false));
        scene.until("flow is off", || channel.forbidden().is_some());
        let log = Log::new();
        let publish = |number: usize| {
            let log = log.clone();
            let held = channel.publish("", &queue, number.to_string());
            held.unwrap().then(move |sent| {
                sent?;
                log.note(number);
                Ok(())
            });
        };
        (0..count).for_each(publish);
        scene.faults(|faults, id| _ = faults.flow(id, channel.id(), true));
        let mut next = count;
        scene.until("all are sent", || {
            if next < count + 50 {
                publish(next);
                next += 1;
            }
            log.len() == next && next == count + 50
        });
        assert_eq!(log.take(), (0..next).collect::<Vec<_>>());
    }
}

#[test]
fn a_slow_handler_does_not_make_a_reply_that_is_there_late() {
    let scene = Scene::with(|config| config.rpc_timeout(ms(300)));
    let (channel, queue) = scene.channel_and_queue();
    let other = scene.channel();
    let log = Log::new();
    let (noting, caller) = (log.clone(), other.clone());
    drop(
        channel.consume(basic::Consume::new(&queue), move |delivery: Delivery| {
            let noting = noting.clone();
            let declare = queue::Declare::new("").exclusive(true);
            caller.queue_declare(declare).then(move |declared| {
                noting.note(declared.is_ok());
            });
            // It is written now, and answered while the handler of the next message works.
            delivery
                .channel()
                .connection()
                .on_ready(pika::callbacks::Ready::BOTH)?;
            sleep(ms(400));
            delivery.ack()
        }),
    );
    channel.try_publish("", &queue, "x").unwrap();
    scene.until("it is answered", || log.len() == 1);
    assert_eq!(log.take(), [true]);
}

#[test]
fn an_answer_behind_many_messages_is_not_late_because_their_handlers_are_slow() {
    const COUNT: usize = 60;
    let scene = Scene::with(|config| config.rpc_timeout(ms(100)));
    let (channel, queue) = scene.channel_and_queue();
    for _ in 0..COUNT {
        channel.try_publish("", &queue, &[7; 4000][..]).unwrap();
    }
    scene.until("they are there", || scene.count(&queue) == COUNT as u32);
    let (log, handled) = (Log::new(), Log::new());
    let (noting, counting, caller) = (log.clone(), handled.clone(), scene.channel());
    let consume = basic::Consume::new(&queue).no_ack(true);
    drop(channel.consume(consume, move |_: Delivery| {
        if counting.len() == 0 {
            // All messages are on their way already, in front of its answer.
            let noting = noting.clone();
            let declare = queue::Declare::new("").exclusive(true);
            caller.queue_declare(declare).then(move |declared| {
                noting.note(declared.is_ok());
            });
        }
        counting.note(());
        sleep(ms(5));
    }));
    scene.until("it is answered", || log.len() == 1);
    assert_eq!(log.take(), [true]);
    scene.until("all are handled", || handled.len() == COUNT);
}

#[test]
fn calls_in_a_pause_are_answered_when_reading_goes_on() {
    let scene = Scene::with(|config| config.rpc_timeout(ms(40)).close_timeout(ms(40)));
    let (channel, other) = (scene.channel(), scene.channel());
    let log = Log::new();
    scene.connection.pause_reading(true);
    let (declared, closed) = (log.clone(), log.clone());
    let declare = queue::Declare::new("").exclusive(true);
    channel
        .queue_declare(declare)
        .then(move |result| declared.note(result.is_ok()));
    other
        .close()
        .then(move |result| closed.note(result.is_ok()));
    for _ in 0..4 {
        scene.for_a_while();
    }
    assert_eq!(log.len(), 0, "what is not read is not late");
    assert!(channel.is_open());
    scene.connection.pause_reading(false);
    scene.until("both are answered", || log.len() == 2);
    assert_eq!(log.take(), [true, true]);
}

#[test]
fn a_call_that_is_not_answered_is_late_in_the_middle_of_messages() {
    let scene = Scene::with(|config| config.rpc_timeout(ms(100)));
    let (channel, queue) = scene.channel_and_queue();
    let caller = scene.channel();
    scene.faults(|faults, id| {
        faults.on(id, Plan::new().withhold("queue.declare-ok"));
    });
    // Each message makes the next, so that there is always one.
    let next = queue.clone();
    let consume = basic::Consume::new(&queue).no_ack(true);
    drop(channel.consume(consume, move |delivery: Delivery| {
        delivery.channel().try_publish("", &next, "again")?;
        Ok(())
    }));
    channel.try_publish("", &queue, "first").unwrap();
    let declare = queue::Declare::new("").exclusive(true);
    let late = scene.result(caller.queue_declare(declare));
    assert!(matches!(late, Err(Error::TimedOut(_))), "{late:?}");
    assert!(channel.is_open());
}

#[test]
fn an_error_that_closes_nothing_hides_no_reason() {
    let scene = Scene::with(|config| config.blocked_timeout(ms(50)));
    let (channel, queue) = scene.channel_and_queue();
    scene.faults(|faults, id| _ = faults.flow(id, channel.id(), false));
    scene.until("flow is off", || channel.forbidden().is_some());
    // A completion gets an error, which is not why the channel closes later.
    let late = scene.result(channel.publish("", &queue, "late").unwrap());
    assert!(matches!(late, Err(Error::TimedOut(_))));
    scene.faults(|faults, id| _ = faults.flow(id, channel.id(), true));
    scene.until("flow is on", || channel.forbidden().is_none());
    channel.try_publish("no such exchange", "", "x").unwrap();
    let failures = scene.until_failures();
    let Cause::Server { .. } = failures[0].closed().unwrap().cause else {
        panic!("{failures:?}");
    };
    assert!(!channel.is_open());
}

/// Calls when it is dropped.
struct Bomb(Vec<u8>, Box<dyn Fn() + Send>);

impl AsRef<[u8]> for Bomb {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        (self.1)();
    }
}

thread_local! {
    static CONNECTION: std::cell::RefCell<Option<super::Connection>> = const { std::cell::RefCell::new(None) };
}

#[test]
fn a_body_that_calls_the_connection_when_it_is_dropped_does_no_harm() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    CONNECTION.set(Some(scene.connection.clone()));
    let calls = || {
        CONNECTION.with_borrow(|own| {
            let own = own.as_ref().unwrap();
            own.pause_reading(false);
            let _seen = (own.interest(), own.deadline(), own.socket().is_some());
            let _known = (own.is_finished(), own.traffic());
        });
    };
    let body = Bytes::from_owner(Bomb(vec![7; 200_000], Box::new(calls)));
    channel.publish("", &queue, body).unwrap().then(|sent| sent);
    scene.until("it is there", || scene.count(&queue) == 1);
    CONNECTION.set(None);
}

#[test]
fn a_handler_of_a_channel_that_is_closed_is_let_go() {
    let scene = Scene::new();
    let channel = scene.channel();
    scene.result(channel.close()).unwrap();
    scene.for_a_while();
    let log = Log::<()>::new();
    let (held, kept) = (log.clone(), channel.clone());
    channel.on_returned(move |_, _| {
        let _held = (&held, &kept);
    });
    scene.for_a_while();
    assert_eq!(log.holders(), 1);
}

#[test]
fn a_close_is_confirmed_though_reading_is_paused() {
    let scene = Scene::new();
    scene.connection.pause_reading(true);
    scene.result(scene.connection.close()).unwrap();
}

#[test]
fn an_error_of_one_handler_outlives_the_panic_of_the_next() {
    let scene = Scene::new();
    scene
        .connection
        .on_opened(|_| -> pika::Result<()> { Err(pika::error::Misuse::NotOpen.into()) });
    scene
        .connection
        .on_opened(|_| -> () { panic!("on purpose") });
    let caught = catch_unwind(AssertUnwindSafe(|| scene.events.step(ms(100))));
    assert!(caught.is_err());
    let failures = scene.until_failures();
    assert!(matches!(failures[..], [Error::Misuse(_)]), "{failures:?}");
}

#[test]
fn a_close_of_the_program_that_is_not_answered_is_no_other_error() {
    let scene = Scene::with(|config| config.close_timeout(ms(100)));
    let channel = scene.channel();
    scene.faults(|faults, id| {
        faults.on(id, Plan::new().withhold("channel.close-ok"));
    });
    let waited = match scene.result(channel.close()) {
        Err(Error::TimedOut(timed_out)) => timed_out.waiting_for,
        other => panic!("{other:?}"),
    };
    assert!(matches!(waited, Waiting::CloseOk), "{waited:?}");
    // Nothing may go wrong from here on.
    scene.for_a_while();
    assert!(channel.closed().is_some());
}

/// A socket that is read from in pieces which fill the space for them, and in no others once it is
/// told so.
#[derive(Debug)]
struct Full {
    socket: TcpStream,
    arrived: Vec<u8>,
    is_greedy: Rc<Cell<bool>>,
}

impl Transport for Full {
    fn read(&mut self, space: &mut [u8], _: Option<Duration>) -> io::Result<usize> {
        let mut chunk = [0; 64 << 10];
        match self.socket.read(&mut chunk) {
            Ok(count) => self.arrived.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        let count = space.len().min(self.arrived.len());
        if count == 0 || (self.is_greedy.get() && count < space.len()) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        space[..count].copy_from_slice(&self.arrived[..count]);
        self.arrived.drain(..count);
        Ok(count)
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], _: Option<Duration>) -> io::Result<usize> {
        self.socket.write_vectored(pieces)
    }

    fn shut_down(&mut self) {
        let _already_gone = self.socket.shutdown(Shutdown::Both);
    }
}

#[test]
fn a_call_is_late_also_behind_a_read_that_filled_its_space() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let socket = TcpStream::connect(server.local_addr()).unwrap();
    socket.set_nonblocking(true).unwrap();
    let is_greedy = Rc::new(Cell::new(false));
    let transport = Full {
        socket,
        arrived: Vec::new(),
        is_greedy: is_greedy.clone(),
    };
    let config = Config::new().rpc_timeout(ms(200));
    let connection = Connection::over_transport(transport, config);
    let (got, late) = (Log::new(), Log::new());
    let counting = got.clone();
    connection.open_channel().then(move |channel| {
        let channel = channel?;
        drop(channel.queue_declare(queue::Declare::new("full").exclusive(true)));
        let consume = basic::Consume::new("full").no_ack(true);
        let begun = channel.consume(consume, move |_: Delivery| counting.note(()));
        begun.then(|tag| tag.map(drop));
        for _ in 0..50 {
            channel.try_publish("", "full", &[7; 1000][..])?;
        }
        Ok(())
    });
    let begun = Instant::now();
    while late.len() == 0 {
        assert!(begun.elapsed() < SOON, "no call is late");
        connection.on_ready(Ready::BOTH).unwrap();
        if got.len() > 0 && !is_greedy.replace(true) {
            let noting = late.clone();
            let channel = connection.open_channel();
            channel.then(move |opened| noting.note(opened.is_err()));
        }
        sleep(ms(1));
    }
    assert_eq!(late.take(), [true]);
}
