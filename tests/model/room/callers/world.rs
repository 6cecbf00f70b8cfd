//! What surrounds the line: a socket, threads that wait for answers, and output.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

use shuttle::sync::{Condvar, Mutex};
use shuttle::thread;

use super::line::{Line, Signal, Turn, Wait, Write, write};
use super::sync::is_left_out;

/// The end of one read, for nothing.
const NOTHING: usize = usize::MAX;

#[derive(Default)]
struct World {
    socket: Mutex<VecDeque<usize>>,
    arrived: Condvar,
    /// Of each thread whether it was answered, and how it is woken.
    threads: Mutex<Vec<(bool, Option<Waker>)>>,
}

impl World {
    fn new(threads: usize) -> Self {
        let threads = (0..threads).map(|_| (false, None)).collect();
        Self {
            threads: Mutex::new(threads),
            ..Self::default()
        }
    }

    fn send(&self, item: usize) {
        self.socket.lock().unwrap().push_back(item);
        self.arrived.notify_all();
    }

    fn receive(&self) -> usize {
        let mut socket = self.socket.lock().unwrap();
        loop {
            if let Some(item) = socket.pop_front() {
                return item;
            }
            socket = self.arrived.wait(socket).unwrap();
        }
    }

    fn answer(&self, thread: usize) {
        let waker = {
            let mut threads = self.threads.lock().unwrap();
            threads[thread].0 = true;
            threads[thread].1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The reader has nothing of its own.
struct Reader;

/// A thread that waits for its answer.
struct Waiting<'a> {
    world: &'a World,
    number: usize,
    signal: Arc<Signal>,
}

impl Wait<Reader> for Waiting<'_> {
    type End = ();

    fn poll(&mut self) -> Option<()> {
        let answered = {
            let threads = &mut self.world.threads.lock().unwrap()[self.number];
            if !threads.0 {
                threads.1 = Some(self.signal.clone().into());
            }
            threads.0
        };
        if is_left_out(1) {
            // Too late: what happened since is forgotten.
            self.signal.clear();
        }
        answered.then_some(())
    }

    fn write(&mut self) {}

    fn plan(&mut self, _: &mut Reader) -> Turn {
        Turn::Read(Instant::now())
    }

    fn read(&mut self, _: &mut Reader, _: Instant) {
        match self.world.receive() {
            NOTHING => {}
            number => self.world.answer(number),
        }
    }

    fn follow(&mut self) -> Option<Instant> {
        None
    }
}

fn wait(world: &World, line: &Line<Reader>, number: usize) {
    let signal = Arc::new(Signal::of_this_thread());
    let mut waiting = Waiting {
        world,
        number,
        signal: signal.clone(),
    };
    line.wait(&signal, &mut waiting);
}

/// Each thread waits for an answer of its own, which come in turn.
pub(crate) fn all_are_answered(count: usize) {
    let (world, line) = (Arc::new(World::new(count)), Arc::new(Line::new(Reader)));
    let threads: Vec<_> = (0..count)
        .map(|number| {
            let (world, line) = (world.clone(), line.clone());
            thread::spawn(move || wait(&world, &line, number))
        })
        .collect();
    (0..count).for_each(|number| world.send(number));
    for thread in threads {
        thread.join().unwrap();
    }
}

/// What a thread waits for is brought about by another one, and by no byte; reads end in steps.
pub(crate) fn a_local_event_wakes() {
    let (world, line) = (Arc::new(World::new(3)), Arc::new(Line::new(Reader)));
    let threads: Vec<_> = (0..3)
        .map(|number| {
            let (world, line) = (world.clone(), line.clone());
            thread::spawn(move || wait(&world, &line, number))
        })
        .collect();
    world.answer(0);
    world.send(NOTHING);
    world.send(1);
    world.answer(2);
    world.send(NOTHING);
    for thread in threads {
        thread.join().unwrap();
    }
}

/// The output of a connection.
#[derive(Default)]
struct Output {
    left: usize,
    written: usize,
    /// Whether a sender has to see to it itself.
    parked: bool,
}

struct Writing<'a>(&'a Mutex<Output>);

impl Write<()> for Writing<'_> {
    fn write(&mut self, (): &mut ()) -> bool {
        let mut output = self.0.lock().unwrap();
        let left = std::mem::take(&mut output.left);
        output.written += left;
        drop(output);
        thread::yield_now();
        true
    }

    fn is_done(&mut self) -> bool {
        let mut output = self.0.lock().unwrap();
        output.parked = output.left == 0;
        output.parked
    }
}

/// Each of some threads sends twice; nobody else writes.
pub(crate) fn all_is_written(count: usize) {
    let output = Arc::new(Mutex::new(Output {
        parked: true,
        ..Output::default()
    }));
    let writer = Arc::new(Mutex::new(()));
    let threads: Vec<_> = (0..count)
        .map(|_| {
            let (output, writer) = (output.clone(), writer.clone());
            thread::spawn(move || {
                for _ in 0..2 {
                    let called = {
                        let mut output = output.lock().unwrap();
                        output.left += 1;
                        std::mem::take(&mut output.parked)
                    };
                    if called {
                        write(&writer, &mut Writing(&output));
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let output = output.lock().unwrap();
    assert_eq!((output.written, output.left), (2 * count, 0));
}
