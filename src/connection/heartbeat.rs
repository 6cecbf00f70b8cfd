use std::time::{Duration, Instant};

/// Signs of life in both directions.
///
/// A beat is due when nothing was written for half an interval, so that the peer, which waits for
/// at least one, never sees a whole one pass. Any received byte counts as life; after two silent
/// intervals the peer is given up (AMQP 0-9-1, 4.2.7).
///
/// Somebody has to look at least every half interval for that. Who did not for a whole one, because
/// the program was busy or its machine asleep, has not read either what came meanwhile: of such a
/// time no more than one interval counts as silence, so that there is another one to read in.
#[derive(Debug)]
pub(super) struct Heartbeat {
    interval: Duration,
    last_sent: Instant,
    last_received: Instant,
    /// When somebody looked last.
    looked: Instant,
    /// Bytes taken from the output when it was last handed out, and when that was.
    handed: (u64, Instant),
}

/// What a heartbeat asks for at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Beat,
    Dead,
}

impl Heartbeat {
    pub(super) fn new(interval: Duration, now: Instant) -> Self {
        Self {
            interval,
            last_sent: now,
            last_received: now,
            looked: now,
            handed: (0, now),
        }
    }

    pub(super) const fn interval(&self) -> Duration {
        self.interval
    }

    /// Notes that bytes came.
    pub(super) fn received(&mut self, now: Instant) {
        self.last_received = now;
    }

    /// Notes that the output is handed out for writing; `taken` were taken from it so far.
    pub(super) fn handing_out(&mut self, taken: u64, now: Instant) {
        self.last_sent = self.last_sent(taken);
        self.handed = (taken, now);
    }

    /// When the peer or we become due.
    pub(super) fn deadline(&self, taken: u64) -> Instant {
        let beat = self.last_sent(taken) + self.interval / 2;
        beat.min(self.last_received + self.interval * 2)
    }

    /// What is due now. A beat that is asked for counts as sent.
    pub(super) fn due(&mut self, taken: u64, now: Instant) -> Due {
        if now > self.looked + self.interval {
            self.last_received = self.last_received.max(now - self.interval);
        }
        self.looked = now;
        if now >= self.last_received + self.interval * 2 {
            return Due::Dead;
        }
        if now < self.last_sent(taken) + self.interval / 2 {
            return Due::Nothing;
        }
        self.last_sent = now;
        self.handed = (taken, now);
        Due::Beat
    }

    /// Bytes taken since the last handing out were written at that time.
    fn last_sent(&self, taken: u64) -> Instant {
        let (before, at) = self.handed;
        if taken != before {
            self.last_sent.max(at)
        } else {
            self.last_sent
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: Duration = Duration::from_secs(10);

    fn seconds(start: Instant, n: u64) -> Instant {
        start + Duration::from_secs(n)
    }

    #[test]
    fn a_beat_is_due_after_half_an_interval_of_silence() {
        let start = Instant::now();
        let mut heart = Heartbeat::new(H, start);
        assert_eq!(heart.deadline(0), seconds(start, 5));
        assert_eq!(heart.due(0, seconds(start, 4)), Due::Nothing);
        assert_eq!(heart.due(0, seconds(start, 5)), Due::Beat);
        assert_eq!(heart.deadline(0), seconds(start, 10));
    }

    #[test]
    fn written_bytes_put_the_beat_off_from_when_they_were_handed_out() {
        let start = Instant::now();
        let mut heart = Heartbeat::new(H, start);
        heart.handing_out(0, seconds(start, 3));
        assert_eq!(heart.deadline(0), seconds(start, 5));
        assert_eq!(heart.deadline(100), seconds(start, 8));
        assert_eq!(heart.due(100, seconds(start, 7)), Due::Nothing);
        assert_eq!(heart.due(100, seconds(start, 8)), Due::Beat);
    }

    #[test]
    fn two_silent_intervals_end_it() {
        let start = Instant::now();
        let mut heart = Heartbeat::new(H, start);
        heart.received(seconds(start, 7));
        for now in [12, 17, 22, 26] {
            assert_ne!(heart.due(0, seconds(start, now)), Due::Dead);
        }
        assert_eq!(heart.due(0, seconds(start, 27)), Due::Dead);
    }

    #[test]
    fn silence_that_nobody_listened_to_counts_as_one_interval() {
        let start = Instant::now();
        let mut heart = Heartbeat::new(H, start);
        assert_eq!(heart.due(0, seconds(start, 3600)), Due::Beat);
        assert_eq!(heart.due(0, seconds(start, 3609)), Due::Beat);
        assert_eq!(heart.due(0, seconds(start, 3610)), Due::Dead);
    }
}
