//! What goes over a socket, frame by frame: the truth that handles are held to.

use std::collections::BTreeMap;

use crate::model::MessageId;

/// The life of a channel, from its `channel.open` on; they are counted for each connection.
#[derive(Debug, Default)]
pub(crate) struct Life {
    pub(crate) number: u16,
    /// Whether the server has said that it is open.
    pub(crate) is_open: bool,
    /// Whether the client has sent `channel.close`, and the server has said that it has it.
    pub(crate) close: (bool, bool),
    pub(crate) closed_by_server: bool,
    /// Whether the broker has ended it, of which the client may not have heard.
    pub(crate) ended_at_broker: bool,
    confirming: bool,
    /// What was published in confirm mode, in order.
    pub(crate) publishes: Vec<MessageId>,
    /// Which of them the server has acknowledged.
    acked: Vec<bool>,
}

impl Life {
    /// Whether the client was told that the server has this publish.
    pub(crate) fn is_acked(&self, seq: u64) -> bool {
        let at = (seq as usize).wrapping_sub(1);
        self.acked.get(at).is_some_and(|acked| *acked)
    }

    /// Whether what was settled here was settled for good.
    pub(crate) const fn ended_well(&self) -> bool {
        self.close.1 && !self.closed_by_server
    }

    fn acknowledge(&mut self, tag: u64, multiple: bool) {
        let last = self.acked.len().min(tag as usize);
        let first = if multiple { 0 } else { last.saturating_sub(1) };
        self.acked[first..last].fill(true);
    }
}

#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) lives: Vec<Life>,
    /// The lives that numbers stand for now.
    current: BTreeMap<u16, usize>,
    /// All messages that were sent.
    pub(crate) sent: Vec<MessageId>,
    /// Whether the client has sent `connection.close`, and the server has said that it has it.
    pub(crate) close: (bool, bool),
    pub(crate) is_open: bool,
    /// Whether the broker has closed it, of which the client may not have heard.
    pub(crate) ended_at_broker: bool,
    /// The frames of either direction, for a run that is looked at.
    pub(crate) log: Option<Vec<String>>,
    /// What is wrong with the bytes, if something is.
    pub(crate) fault: Option<String>,
    up: Frames,
    down: Frames,
    /// Channels with a publish whose content is not complete, and how many bytes it lacks.
    contents: BTreeMap<u16, (Option<u64>, Vec<u8>)>,
}

impl Wire {
    pub(crate) fn new() -> Self {
        Self {
            lives: Vec::new(),
            current: BTreeMap::new(),
            sent: Vec::new(),
            close: (false, false),
            is_open: false,
            ended_at_broker: false,
            log: None,
            fault: None,
            up: Frames {
                waiting: Vec::new(),
                header: 8,
            },
            down: Frames::default(),
            contents: BTreeMap::new(),
        }
    }

    /// The client sends something.
    pub(crate) fn went(&mut self, bytes: &[u8]) {
        let mut frames = std::mem::take(&mut self.up);
        frames.feed(bytes, |kind, channel, payload| {
            self.frame_up(kind, channel, payload)
        });
        self.up = frames;
    }

    /// The client receives something.
    pub(crate) fn came(&mut self, bytes: &[u8]) {
        let mut frames = std::mem::take(&mut self.down);
        frames.feed(bytes, |kind, channel, payload| {
            self.frame_down(kind, channel, payload)
        });
        self.down = frames;
    }

    fn write_down(&mut self, verb: &str, channel: u16, payload: &[u8]) {
        if let Some(log) = &mut self.log {
            let (class, number) = method(payload);
            let rest = payload[4..].escape_ascii();
            log.push(format!(
                "{verb} method {class}.{number} on {channel}: {rest}"
            ));
        }
    }

    pub(crate) fn life(&mut self, channel: u16) -> Option<&mut Life> {
        self.lives.get_mut(*self.current.get(&channel)?)
    }

    fn frame_up(&mut self, kind: u8, channel: u16, payload: &[u8]) {
        if kind != METHOD {
            return self.content_up(kind, channel, payload);
        }
        self.write_down("sends", channel, payload);
        if self.contents.contains_key(&channel) {
            self.fault = Some(format!("a method inside a content on channel {channel}"));
        }
        match method(payload) {
            (10, 50 | 60) if payload.len() > 4 => self.close.0 = true,
            (20, 10) => {
                self.current.insert(channel, self.lives.len());
                let number = channel;
                self.lives.push(Life {
                    number,
                    ..Life::default()
                });
            }
            (20, 40) => self
                .life(channel)
                .into_iter()
                .for_each(|life| life.close.0 = true),
            (85, 10) => self
                .life(channel)
                .into_iter()
                .for_each(|life| life.confirming = true),
            (60, 40) => drop(self.contents.insert(channel, (None, Vec::new()))),
            _ => {}
        }
    }

    fn content_up(&mut self, kind: u8, channel: u16, payload: &[u8]) {
        let Some((size, body)) = self.contents.get_mut(&channel) else {
            if kind != HEARTBEAT {
                self.fault = Some(format!("a content without a method on channel {channel}"));
            }
            return;
        };
        match (kind, &size) {
            (HEADER, None) => *size = payload[4..].first_chunk().map(|n| u64::from_be_bytes(*n)),
            (BODY, Some(_)) => body.extend_from_slice(payload),
            _ => self.fault = Some(format!("a frame of kind {kind} inside a content")),
        }
        if *size != Some(body.len() as u64) {
            return;
        }
        let id = body.first_chunk().map(|id| u64::from_be_bytes(*id));
        self.contents.remove(&channel);
        self.sent.extend(id);
        if let Some(life) = self.life(channel).filter(|life| life.confirming) {
            life.publishes.extend(id);
            life.acked.push(false);
        }
    }

    fn frame_down(&mut self, kind: u8, channel: u16, payload: &[u8]) {
        if kind != METHOD {
            return;
        }
        self.write_down("hears", channel, payload);
        match method(payload) {
            (10, 41) => self.is_open = true,
            (10, 51 | 61) => self.close.1 = self.close.0,
            (20, 11) => self
                .life(channel)
                .into_iter()
                .for_each(|life| life.is_open = true),
            (20, 40) => {
                self.life(channel)
                    .into_iter()
                    .for_each(|life| life.closed_by_server = true);
            }
            (20, 41) => self
                .life(channel)
                .into_iter()
                .for_each(|life| life.close.1 = true),
            (60, 80) => {
                let tag = payload[4..].first_chunk().map(|n| u64::from_be_bytes(*n));
                let multiple = payload[12] & 1 == 1;
                if let (Some(life), Some(tag)) = (self.life(channel), tag) {
                    life.acknowledge(tag, multiple);
                }
            }
            _ => {}
        }
    }
}

const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;
const HEARTBEAT: u8 = 8;

fn method(payload: &[u8]) -> (u16, u16) {
    let number = |at: usize| u16::from_be_bytes([payload[at], payload[at + 1]]);
    (number(0), number(2))
}

/// Cuts a stream into frames.
#[derive(Debug, Default)]
struct Frames {
    waiting: Vec<u8>,
    /// Bytes of a protocol header that are still to be passed over.
    header: usize,
}

impl Frames {
    fn feed(&mut self, bytes: &[u8], mut take: impl FnMut(u8, u16, &[u8])) {
        let passed = self.header.min(bytes.len());
        self.header -= passed;
        self.waiting.extend_from_slice(&bytes[passed..]);
        let mut at = 0;
        while let Some(head) = self.waiting[at..].first_chunk::<7>() {
            let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]) as usize;
            let (kind, channel) = (head[0], u16::from_be_bytes([head[1], head[2]]));
            let Some(frame) = self.waiting[at..].get(7..8 + size) else {
                break;
            };
            take(kind, channel, &frame[..size]);
            at += 8 + size;
        }
        self.waiting.drain(..at);
    }
}
