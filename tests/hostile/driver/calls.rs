//! What the client does under attack.

use std::time::Instant;

use pika::Result;
use pika::connection::{CallId, ChannelKey, ChannelMut, Leave};
use pika::method::ContentArgs;
use pika::protocol::Protocol;
use pika::wire::{ReplyCode, ShortStr};

use super::Run;
use super::input::Input;
use super::version::{QUEUE, Version};

/// So much waits at the most, so that what it costs to end it is known.
const CALLS: usize = 12;
const CHANNELS: usize = 3;
const CONSUMERS: usize = 4;
const PUBLISHES: usize = 10;

impl<V: Version> Run<V> {
    /// Two channels, one of them with confirms where there are such, consumers, and a queue with
    /// some messages in it.
    pub(super) fn furnish(&mut self, input: &mut Input<'_>) {
        self.open();
        let Some(key) = self.client().channels.first().copied() else {
            return;
        };
        self.make(key, |on, now| Some(V::declare(on, false, now)));
        if input.below(2) == 0 {
            self.make(key, |on, now| V::confirm(on, now));
        }
        for n in 0..input.below(4) {
            self.publish(key, QUEUE, 100 * n);
        }
        if input.below(2) == 0 {
            self.open();
            self.consume(key, false);
        }
        if input.below(2) == 0 {
            self.consume(key, true);
        }
    }

    /// One call of some kind, if it is possible.
    pub(super) fn calls(&mut self, input: &mut Input<'_>) {
        let channels = self.client().channels.clone();
        let Some(key) = input.pick(&channels).copied() else {
            return self.open();
        };
        match input.below(24) {
            0 => self.open(),
            1 => self.make(key, |on, now| Some(V::declare(on, false, now))),
            2 => self.make(key, |on, now| Some(V::declare(on, true, now))),
            3 => self.make(key, |on, now| Some(V::qos(on, now))),
            4 => self.make(key, |on, now| V::confirm(on, now)),
            5..=7 => self.consume(key, input.below(2) == 0),
            8 | 9 => {
                let no_ack = input.below(2) == 0;
                self.make(key, |on, now| {
                    Some(on.call(V::get(QUEUE.into(), no_ack), now))
                });
            }
            10 | 11 => self.cancel(input),
            12..=15 => {
                let to = if input.below(2) == 0 {
                    QUEUE
                } else {
                    "nowhere"
                };
                self.publish(key, to, input.below(3000));
            }
            16..=18 => self.settle_one(input),
            19 => self.make(key, |on, now| Some(V::recover(on, now))),
            20 => self.make(key, |on, now| {
                Some(on.close(ReplyCode::REPLY_SUCCESS, "bye".into(), now))
            }),
            21 => self.abandon(input),
            22 => {
                let now = self.world.now();
                self.client().core.handle_timeout(now);
            }
            _ if input.chance(16) => {
                let (now, bye) = (self.world.now(), ShortStr::from("bye"));
                self.client().core.close(ReplyCode::REPLY_SUCCESS, bye, now);
            }
            _ => {}
        }
        // Calls are sent at once, or together with the next.
        if input.below(2) == 0 {
            self.settle();
        } else {
            let now = self.world.now();
            self.client().hear(now);
        }
    }

    fn open(&mut self) {
        let now = self.world.now();
        let client = self.client();
        if client.channels.len() >= CHANNELS || client.calls.len() >= CALLS {
            return;
        }
        if let Ok((key, call)) = client.core.open_channel(now) {
            client.channels.push(key);
            client.waits(call, now);
        }
    }

    fn make(
        &mut self,
        key: ChannelKey,
        call: impl FnOnce(&mut ChannelMut<'_, V>, Instant) -> Option<Result<CallId>>,
    ) {
        let now = self.world.now();
        let client = self.client();
        if client.calls.len() >= CALLS {
            return;
        }
        let Ok(mut on) = client.core.channel(key) else {
            return;
        };
        if let Some(Ok(call)) = call(&mut on, now) {
            client.waits(call, now);
        }
    }

    fn consume(&mut self, key: ChannelKey, no_ack: bool) {
        let now = self.world.now();
        let client = self.client();
        if client.calls.len() >= CALLS || client.consumers.len() >= CONSUMERS {
            return;
        }
        let Ok(mut on) = client.core.channel(key) else {
            return;
        };
        // One without acknowledgement is begun without waiting.
        if no_ack {
            if let Ok(consumer) = on.consume_no_wait(V::consume(no_ack)) {
                client.consumes(consumer, None, key);
            }
        } else if let Ok((consumer, call)) = on.consume(V::consume(no_ack), now) {
            client.consumes(consumer, Some(call), key);
            client.waits(call, now);
        }
    }

    fn cancel(&mut self, input: &mut Input<'_>) {
        let now = self.world.now();
        let client = self.client();
        let mut consumers: Vec<_> = client.consumers.iter().collect();
        consumers.sort();
        let Some((consumer, key)) = input.pick(&consumers).map(|(id, key)| (**id, **key)) else {
            return;
        };
        let Ok(mut on) = client.core.channel(key) else {
            return;
        };
        match input.below(3) {
            0 => {
                on.drop_consumer(consumer, now);
                client.drops(consumer);
            }
            leave => {
                let leave = [Leave::HandOver, Leave::Requeue][leave % 2];
                self.make(key, |on, now| Some(on.cancel(consumer, leave, now)));
            }
        }
    }

    fn publish(&mut self, key: ChannelKey, to: &'static str, size: usize) {
        let client = self.client();
        if client.publishes.len() >= PUBLISHES {
            return;
        }
        let Ok(mut on) = client.core.channel(key) else {
            return;
        };
        let properties = <<V as Protocol>::Publish as ContentArgs>::Properties::default();
        let publish = V::publish_to(to, size.is_multiple_of(2));
        if let Ok(Some(seq)) = on.publish(&publish, &properties, vec![size as u8; size]) {
            client.publishes.insert((key, seq));
        }
    }

    fn settle_one(&mut self, input: &mut Input<'_>) {
        let client = self.client();
        if client.tokens.is_empty() {
            return;
        }
        let at = input.below(client.tokens.len());
        let token = client.tokens.swap_remove(at);
        let Ok(mut on) = client.core.channel(token.channel()) else {
            return;
        };
        // What was settled already is refused here, which is as good.
        let _ = match input.below(4) {
            0 => on.ack(token, true),
            1 => on.reject(token, true),
            2 => V::nack(&mut on, token),
            _ => on.ack(token, false),
        };
    }

    fn abandon(&mut self, input: &mut Input<'_>) {
        let now = self.world.now();
        let client = self.client();
        let mut calls: Vec<_> = client.calls.keys().copied().collect();
        calls.sort();
        if let Some(call) = input.pick(&calls).copied() {
            client.abandons(call, now);
        }
    }
}
