//! What is said about messages afterwards: acknowledgements, confirms, transactions.

use super::letters::Reason;
use crate::broker::dialect::{Outcome, Reply, Settle};
use crate::broker::ids::At;
use crate::broker::machine::Broker;
use crate::broker::refusal::Refusal;
use crate::broker::session::{Confirms, Mode, Transaction, Unacked};
use crate::wire::ShortStr;

impl Broker {
    pub(super) fn settle(&mut self, at: At, settle: Settle) -> Result<(), Refusal> {
        let channel = self.channel(at)?;
        let Some(taken) = channel.settle(settle) else {
            return Err(Refusal::precondition(format!(
                "unknown delivery tag {}",
                settle.tag
            )));
        };
        if let Mode::Transaction(transaction) = &mut channel.mode {
            transaction.settles.push((settle, taken));
            return Ok(());
        }
        self.settled(at, settle.outcome, taken)
    }

    /// Does with messages what their consumer decided.
    fn settled(
        &mut self,
        at: At,
        outcome: Outcome,
        taken: Vec<(u64, Unacked)>,
    ) -> Result<(), Refusal> {
        let host = self.host(at)?;
        for (_, unacked) in taken {
            match outcome {
                Outcome::Accepted => self.forget(&host, &unacked),
                Outcome::Requeued => self.requeue(&host, unacked),
                Outcome::Rejected => {
                    self.forget(&host, &unacked);
                    let Unacked { queue, entry, .. } = unacked;
                    self.bury(&host, &queue, vec![entry], Reason::Rejected);
                }
            }
        }
        self.stir_channel(at)
    }

    fn forget(&mut self, host: &ShortStr, unacked: &Unacked) {
        let vhost = self.virtual_hosts.get_mut(host);
        let queue = vhost.and_then(|vhost| vhost.queues.get_mut(&unacked.queue));
        if let Some(queue) = queue.filter(|queue| queue.serial == unacked.serial) {
            queue.settled();
        }
    }

    /// Puts a message back to where it was in its queue.
    pub(super) fn requeue(&mut self, host: &ShortStr, unacked: Unacked) {
        let vhost = self.virtual_hosts.get_mut(host);
        let queue = vhost.and_then(|vhost| vhost.queues.get_mut(&unacked.queue));
        if let Some(queue) = queue.filter(|queue| queue.serial == unacked.serial) {
            queue.requeue(unacked.entry);
            self.stir(host, &unacked.queue);
        }
    }

    pub(super) fn recover(&mut self, at: At, requeue: bool, answered: bool) -> Result<(), Refusal> {
        if !requeue {
            return Err(Refusal::not_implemented("requeue=false"));
        }
        let host = self.host(at)?;
        let channel = self.channel(at)?;
        let all = std::mem::take(&mut channel.unacked);
        for consumer in channel.consumers.values_mut() {
            consumer.unacked = 0;
        }
        for unacked in all.into_values() {
            self.requeue(&host, unacked);
        }
        self.reply_unless(!answered, at, Reply::RecoverOk)
    }

    pub(super) fn confirm_select(&mut self, at: At, no_wait: bool) -> Result<(), Refusal> {
        let channel = self.channel(at)?;
        match channel.mode {
            Mode::Transaction(_) => {
                return Err(Refusal::precondition(
                    "cannot switch from tx to confirm mode",
                ));
            }
            Mode::Plain => channel.mode = Mode::Confirm(Confirms::default()),
            Mode::Confirm(_) => {}
        }
        self.reply_unless(no_wait, at, Reply::ConfirmSelectOk)
    }

    /// Sends the confirms that were put off, before the channel goes.
    pub(super) fn confirm_now(&mut self, at: At) {
        if let Ok(session) = self.session(at) {
            session.confirm();
        }
    }

    pub(super) fn tx_select(&mut self, at: At) -> Result<(), Refusal> {
        let channel = self.channel(at)?;
        match channel.mode {
            Mode::Confirm(_) => {
                return Err(Refusal::precondition(
                    "cannot switch from confirm to tx mode",
                ));
            }
            Mode::Plain => channel.mode = Mode::Transaction(Transaction::default()),
            Mode::Transaction(_) => {}
        }
        self.reply(at, Reply::TxSelectOk)
    }

    pub(super) fn tx_commit(&mut self, at: At) -> Result<(), Refusal> {
        let Transaction { publishes, settles } = self.transaction(at)?;
        for received in publishes {
            self.route(at, received)?;
        }
        for (settle, taken) in settles {
            self.settled(at, settle.outcome, taken)?;
        }
        self.reply(at, Reply::TxCommitOk)
    }

    /// Forgets what was published; what was settled counts as unsettled again.
    pub(super) fn tx_rollback(&mut self, at: At) -> Result<(), Refusal> {
        let Transaction { settles, .. } = self.transaction(at)?;
        let channel = self.channel(at)?;
        for (tag, unacked) in settles.into_iter().flat_map(|(_, taken)| taken) {
            let consumer = unacked.consumer.as_ref();
            if let Some(consumer) = consumer.and_then(|tag| channel.consumers.get_mut(tag)) {
                consumer.unacked += 1;
            }
            channel.unacked.insert(tag, unacked);
        }
        self.reply(at, Reply::TxRollbackOk)
    }

    fn transaction(&mut self, at: At) -> Result<Transaction, Refusal> {
        match &mut self.channel(at)?.mode {
            Mode::Transaction(transaction) => Ok(std::mem::take(transaction)),
            _ => Err(Refusal::precondition("channel is not transactional")),
        }
    }
}
