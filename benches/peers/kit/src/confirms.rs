use std::collections::VecDeque;

/// Counts publisher confirms (RabbitMQ mixes single and multiple acks) for clients that leave
/// that to their user.
#[derive(Default)]
pub struct Confirms {
    base: u64,
    win: VecDeque<bool>,
    pub acked: u64,
}

impl Confirms {
    /// All tags up to this one are confirmed.
    pub fn base(&self) -> u64 {
        self.base
    }

    pub fn ack(&mut self, tag: u64, multiple: bool) {
        if multiple {
            while self.base < tag {
                self.base += 1;
                if self.win.pop_front() != Some(true) {
                    self.acked += 1;
                }
            }
        } else if tag > self.base {
            let i = (tag - self.base - 1) as usize;
            if self.win.len() <= i {
                self.win.resize(i + 1, false);
            }
            if !self.win[i] {
                self.win[i] = true;
                self.acked += 1;
            }
            while self.win.front() == Some(&true) {
                self.win.pop_front();
                self.base += 1;
            }
        }
    }
}
