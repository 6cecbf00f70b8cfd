//! How a run ends: everything comes to rest, and the books are balanced.

use std::time::Duration;

use super::executor::trial;
use super::hall::Shared;
use super::net::{DRIVER, below, broken, net, note, once_in};
use super::program;
use super::spoken::Spoken;
use super::world::World;
use crate::model::Broken;
use crate::world::QUEUES;

impl<V: Spoken> World<V> {
    pub(crate) fn rest(&mut self) -> Result<(), Broken> {
        note(|| "the program is over".into());
        net(|net| net.over = true);
        for seat in &mut self.hall.borrow_mut().seats {
            while let Some(call) = seat.calls.pop() {
                program::spawn("a call made before", call);
            }
        }
        self.executor.wake_all();
        self.wait_out(Duration::from_secs(30))?;
        self.executor.probe()?;
        if let Some(name) = self.executor.names().find(|name| *name != DRIVER) {
            return Err(format!("{name} waits for ever"));
        }
        self.collect()?;
        self.hall.borrow().compare()?;
        self.idle()?;
        self.drop_all()?;
        self.balance()
    }

    /// Lets time pass with everything else running as it can.
    fn wait_out(&mut self, time: Duration) -> Result<(), Broken> {
        let until = net(|net| net.now) + time;
        while net(|net| net.now) < until {
            self.executor.calm()?;
            net(|net| net.pass(Duration::from_millis(900)));
            net(|net| net.check_limits())?;
        }
        self.executor.calm()
    }

    /// Takes all that has come, and compares what is held with what the broker waits for.
    fn collect(&mut self) -> Result<(), Broken> {
        while self.take_deliveries() {
            // What could not be read for want of room is read now, or missed.
            self.wait_out(Duration::from_secs(15))?;
        }
        for (queue, name) in QUEUES.iter().enumerate() {
            let found = net(|net| net.broker.queue("/", name)).map(|one| one.consumers);
            let held = self.hall.borrow().consumers(queue);
            if found != Some(held) {
                return Err(format!(
                    "{found:?} consumers of {queue}, and {held} are held"
                ));
            }
        }
        let states = QUEUES
            .iter()
            .filter_map(|name| net(|net| net.broker.queue("/", name)));
        let found: usize = states.map(|queue| queue.unacked).sum();
        let held = self.hall.borrow().unsettled();
        if found != held {
            let hall = self.hall.borrow();
            for (who, seat) in hall.seats.iter().enumerate() {
                note(|| format!("client {who} has {seat:?}"));
            }
            let sockets = net(|net| format!("{:?}", net.sockets));
            note(|| sockets);
            return Err(format!("{found} deliveries are open, and {held} are held"));
        }
        let waiting = net(|net| {
            let mut healthy = net.sockets.iter().filter(|socket| socket.is_healthy());
            healthy.any(|socket| !socket.is_drained())
        });
        if waiting {
            return Err("bytes are left lying in a socket".into());
        }
        self.collect_confirms()
    }

    fn take_deliveries(&mut self) -> bool {
        let mut hall = self.hall.borrow_mut();
        let mut some = false;
        for who in 0..hall.seats.len() {
            let mut consumers = std::mem::take(&mut hall.seats[who].consumers);
            for held in &mut consumers {
                while let Some(delivery) = held.consumer.try_next() {
                    hall.delivered(held.place, held.queue, delivery);
                    some = true;
                }
            }
            hall.seats[who].consumers = consumers;
        }
        drop(hall);
        if let Some(rule) = net(|net| net.broken.take()) {
            net(|net| net.broken = Some(rule));
            return false;
        }
        some
    }

    /// All publishes are resolved, now that nothing is under way.
    fn collect_confirms(&mut self) -> Result<(), Broken> {
        let mut open = Vec::new();
        for seat in &mut self.hall.borrow_mut().seats {
            open.append(&mut seat.confirms);
        }
        for mut tracked in open {
            let hall = self.hall.clone();
            program::spawn("a confirm that is due", async move {
                let limit = Some(Duration::ZERO);
                let due = trial("a confirm that is due", limit, false, &mut tracked.confirm).await;
                if let Some(outcome) = due {
                    hall.borrow_mut()
                        .resolved(&tracked.on, tracked.message, &outcome);
                }
            });
        }
        self.executor.calm()?;
        if self.executor.names().any(|name| name != DRIVER) {
            return Err("a publish is left open".into());
        }
        Ok(())
    }

    /// Nothing happens while nobody does anything, apart from heartbeats.
    fn idle(&mut self) -> Result<(), Broken> {
        const BEATS: u64 = 16;
        let sent = || net(|net| net.sockets.iter().map(|socket| socket.sent).sum::<u64>());
        let drivers = self.executor.names().count();
        let (polls, before) = (self.executor.driver_polls.get(), sent());
        self.wait_out(Duration::from_secs(20))?;
        let polls = self.executor.driver_polls.get() - polls;
        let beats = (sent() - before) / 8;
        let most = drivers as u64 * BEATS;
        if beats > most || polls as u64 > most * 6 {
            return Err(format!(
                "{polls} polls and {beats} beats of {drivers} idle drivers"
            ));
        }
        Ok(())
    }

    /// Drops all handles in any order; drivers end with them.
    fn drop_all(&mut self) -> Result<(), Broken> {
        let healthy: Vec<_> = net(|net| {
            let sockets = net.sockets.iter().enumerate();
            let healthy = sockets.filter(|(_, socket)| {
                socket.is_healthy() && socket.wire.is_open && !socket.wire.close.0
            });
            healthy.map(|(which, _)| which).collect()
        });
        while self.drop_handle() {
            if once_in(8) {
                self.executor.probe()?;
            } else if once_in(2) {
                self.executor.step()?;
                net(|net| {
                    let which = net.rng.below(net.sockets.len());
                    net.network(which);
                });
            } else if below(20) == 0 {
                net(|net| net.pass(Duration::from_millis(300)));
            }
        }
        self.wait_out(Duration::from_secs(6))?;
        if self.executor.names().next().is_some() {
            return Err("a driver goes on without handles".into());
        }
        for which in healthy {
            if net(|net| net.sockets[which].wire.close) != (true, true) {
                return Err("a connection was not closed in good order".into());
            }
        }
        net(|net| {
            for socket in &mut net.sockets {
                socket.cut(&mut net.broker, net.now);
            }
            match net.broker.connections().next() {
                Some(link) => Err(format!("the broker keeps connection {link}")),
                None => Ok(()),
            }
        })
    }

    /// A last client fetches all that is left.
    fn balance(&mut self) -> Result<(), Broken> {
        net(|net| net.hostile = false);
        let who = self.hall.borrow().seats.len();
        self.connect(false);
        self.executor.calm()?;
        let opening = program::open(&self.hall, who, false);
        program::spawn(
            "the last channel",
            opening.ok_or("the last client is not served")?,
        );
        self.executor.calm()?;
        program::spawn("fetching all", fetch(self.hall.clone(), who));
        self.executor.calm()?;
        if self.executor.names().any(|name| name != DRIVER) {
            return Err("the last client is not served".into());
        }
        self.hall.borrow().balance()
    }
}

async fn fetch<V: Spoken>(hall: Shared<V>, who: usize) {
    let Some(on) = hall.borrow_mut().seats[who].channels.pop() else {
        return broken("the last client has no channel");
    };
    for (queue, name) in QUEUES.iter().enumerate() {
        loop {
            let get = on.channel.get(V::get((*name).into(), true));
            match trial("basic.get", Some(Duration::ZERO), false, get).await {
                Some(Ok(Some(delivery))) => hall.borrow_mut().is_left(queue, delivery.body()),
                Some(Ok(None)) => break,
                _ => return broken("the last client is not served"),
            }
        }
    }
}
