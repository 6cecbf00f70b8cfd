//! One thread, one clock, one broker, and many tasks.

use std::time::Duration;

use pika::wire::{ChannelId, ReplyCode};

use super::executor::Executor;
use super::hall::{Hall, Seat, Shared, take};
use super::net::{below, net, note, once_in};
use super::program;
use super::spoken::Spoken;
use crate::model::Broken;
use crate::world::QUEUES;

pub(crate) struct World<V: Spoken> {
    pub(crate) executor: Executor,
    pub(crate) hall: Shared<V>,
}

/// What counts as a step here does less than with the core alone: a poll, some bytes, some time.
const STEPS: usize = 6;

/// Tasks that run at the same time, drivers too.
const TASKS: usize = 40;

impl<V: Spoken> World<V> {
    pub(crate) fn new() -> Self {
        Self {
            executor: Executor::default(),
            hall: Hall::new(),
        }
    }

    /// Runs programs for so many steps, then lets everything come to rest.
    pub(crate) fn run(&mut self, steps: usize) -> Result<(), Broken> {
        self.prepare()?;
        net(|net| net.hostile = true);
        for _ in 0..steps * STEPS {
            self.step()?;
            net(|net| net.check_limits())?;
        }
        self.rest()
    }

    fn step(&mut self) -> Result<(), Broken> {
        match below(60) {
            0..=19 => drop(self.executor.step()?),
            20..=37 => net(|net| {
                let which = net.rng.below(net.sockets.len());
                net.network(which);
            }),
            38..=40 => {
                // Who is ready runs before much time passes.
                let most = if self.executor.is_ready() { 3 } else { 12 };
                let most = Duration::from_millis(1 << below(most));
                net(|net| net.pass(most));
            }
            41 => self.executor.disturb()?,
            42 if once_in(2) => self.executor.probe()?,
            43 if once_in(2) => self.executor.drop_one(false),
            44 if once_in(8) => self.executor.drop_one(true),
            45 => self.disturb(),
            46 => drop(self.drop_handle()),
            _ => self.act(),
        }
        Ok(())
    }

    /// Lets the first clients connect and declare the queues.
    fn prepare(&mut self) -> Result<(), Broken> {
        for who in 0..2 {
            self.connect(false);
            self.executor.calm()?;
            for _ in 0..2 {
                let opening = program::open(&self.hall, who, false);
                program::spawn("opening a channel", opening.ok_or("no connection")?);
            }
            self.executor.calm()?;
        }
        let first = self.hall.borrow().seats[0].channels[0].clone();
        for queue in 0..QUEUES.len() {
            program::spawn("declaring", program::declare(&first, queue, false));
        }
        self.executor.calm()
    }

    pub(crate) fn connect(&mut self, fickle: bool) {
        let who = self.hall.borrow().seats.len();
        self.hall.borrow_mut().seats.push(Seat::default());
        let task = program::connect(self.hall.clone(), who, fickle);
        program::spawn("connecting", task);
    }

    /// Begins a task, whichever is possible.
    fn act(&mut self) {
        let seats = self.hall.borrow().seats.len();
        let who = below(seats);
        if self.executor.names().count() > TASKS {
            return;
        }
        let closed = {
            let seat = &self.hall.borrow().seats[who];
            let closed = seat.connection.as_ref().is_none_or(|one| !one.is_open());
            (
                closed,
                seat.is_gone || (closed && seat.connection.is_some()),
            )
        };
        if closed == (true, true) && seats < 6 && once_in(4) {
            self.connect(true);
        }
        let channels = self.hall.borrow().seats[who].channels.clone();
        if channels.is_empty() || (channels.len() < 4 && once_in(24)) {
            if let Some(opening) = program::open(&self.hall, who, true) {
                self.begin(who, "opening a channel", opening);
            }
            return;
        }
        let on = channels[below(channels.len())].clone();
        drop(channels);
        let (hall, queue) = (self.hall.clone(), below(QUEUES.len()));
        match below(30) {
            0 => self.begin(who, "declaring", program::declare(&on, queue, true)),
            1 | 2 => {
                self.begin(who, "declaring", program::declare(&on, queue, true));
                self.begin(
                    who,
                    "declaring",
                    program::declare(&on, below(QUEUES.len()), true),
                );
            }
            3 | 4 => self.begin(who, "asking", program::ask(&on)),
            5 | 6 => self.begin(who, "consuming", program::consume(hall, &on, queue)),
            7 | 8 => self.begin(who, "fetching", program::get(hall, &on, queue)),
            9..=12 => {
                let consuming = take(&mut self.hall.borrow_mut().seats[who].consumers);
                if let Some(consuming) = consuming {
                    program::spawn("receiving", program::receive(hall, consuming));
                }
            }
            13..=16 => program::settle(&hall, who),
            17 => {
                let tracked = take(&mut self.hall.borrow_mut().seats[who].confirms);
                if let Some(tracked) = tracked {
                    program::spawn("waiting for a confirm", program::resolve(hall, tracked));
                }
            }
            18 => program::spawn("waiting for confirms", program::wait_for_confirms(hall, on)),
            19 => program::spawn("watching", program::watch(hall, on)),
            20 => {
                let call = take(&mut self.hall.borrow_mut().seats[who].calls);
                if let Some(call) = call.filter(|_| !once_in(4)) {
                    program::spawn("a call made before", call);
                }
            }
            21 if once_in(6) => program::spawn("closing a channel", program::close(on)),
            22 if once_in(30) => {
                let connection = self.hall.borrow().seats[who].connection.clone();
                if let Some(connection) = connection {
                    program::spawn("closing", program::close_connection(connection));
                }
            }
            _ => program::spawn("publishing", program::publish(hall, on, queue)),
        }
    }

    /// Runs a task that has made a call, or leaves that for later.
    fn begin(&self, who: usize, name: &str, task: super::spoken::Later<()>) {
        if once_in(4) {
            self.hall.borrow_mut().seats[who].calls.push(task);
        } else {
            program::spawn(name, task);
        }
    }

    /// Drops some handle; gives `false` if there is none.
    pub(crate) fn drop_handle(&mut self) -> bool {
        let mut hall = self.hall.borrow_mut();
        let some: Vec<_> = (0..hall.seats.len())
            .filter(|who| !hall.seats[*who].is_empty())
            .collect();
        if some.is_empty() {
            return false;
        }
        let who = some[below(some.len())];
        let over = net(|net| net.over);
        let what = if over { below(6) } else { below(40) };
        let seat = &mut hall.seats[who];
        match what {
            0 => drop(take(&mut seat.channels)),
            1 => drop(take(&mut seat.consumers)),
            2 => drop(take(&mut seat.calls)),
            3 => drop(take(&mut seat.confirms)),
            4 => {
                if let Some(arrived) = take(&mut seat.arrived) {
                    hall.settle(arrived, 0);
                }
            }
            5 if over || once_in(10) => {
                seat.is_gone = true;
                drop(seat.connection.take());
            }
            _ => {}
        }
        true
    }

    /// The world is not kind.
    fn disturb(&mut self) {
        let which = net(|net| net.rng.below(net.sockets.len()));
        let Some((channel, who)) = self.open_at_broker(which).filter(|_| once_in(3)) else {
            return;
        };
        let fault = below(14);
        note(|| format!("client {who} suffers fault {fault}, channel {channel}"));
        let tag = {
            let seats = &self.hall.borrow().seats;
            let consumers = seats[who].consumers.iter();
            let mut on = consumers.filter(|held| held.consumer.channel().id() == channel);
            on.next().and_then(|held| held.consumer.tag())
        };
        net(|net| {
            let now = net.now;
            let socket = &mut net.sockets[which];
            if fault == 0 {
                return socket.cut(&mut net.broker, now);
            }
            let mut faults = net.broker.faults();
            match fault {
                1 => socket.up.silent = true,
                2 => socket.down.silent = true,
                3 | 4 => drop(faults.flow(socket.link, channel, false)),
                5 | 6 => drop(faults.flow(socket.link, channel, true)),
                7 if V::EXTENDED => drop(faults.blocked(socket.link, "for a test")),
                8 | 9 if V::EXTENDED => drop(faults.unblocked(socket.link)),
                10 => {
                    let code = ReplyCode::RESOURCE_ERROR;
                    faults.close_channel(socket.link, channel, code, "for a test");
                    let life = socket.wire.life(channel.0).expect("it is open");
                    life.ended_at_broker = true;
                }
                11 => {
                    let code = ReplyCode::CONNECTION_FORCED;
                    faults.close(socket.link, code, "for a test");
                    socket.wire.ended_at_broker = true;
                }
                12 | 13 => {
                    if let Some(tag) = tag {
                        faults.cancel(socket.link, channel, tag);
                    }
                }
                _ => {}
            }
        });
    }

    /// A channel of a socket that is surely open at the broker, and the client.
    fn open_at_broker(&self, which: usize) -> Option<(ChannelId, usize)> {
        net(|net| {
            let socket = &net.sockets[which];
            let wire = &socket.wire;
            if !wire.is_open || wire.ended_at_broker || wire.close.0 || socket.ends != (true, true)
            {
                return None;
            }
            let open = wire.lives.iter().filter(|life| {
                life.is_open && !life.close.0 && !life.closed_by_server && !life.ended_at_broker
            });
            let open: Vec<_> = open.map(|life| ChannelId(life.number)).collect();
            let who = socket.who;
            net.rng.pick(&open).map(|channel| (*channel, who))
        })
    }
}

impl<V: Spoken> Seat<V> {
    pub(crate) fn is_empty(&self) -> bool {
        self.connection.is_none()
            && self.channels.is_empty()
            && self.consumers.is_empty()
            && self.calls.is_empty()
            && self.confirms.is_empty()
            && self.arrived.is_empty()
    }
}
