use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::rc::Rc;
use std::time::Instant;

use super::IntoResult;
use super::handles::{Awaited, Connection, Run};
use crate::connection::{Answer, CallId, ChannelKey};
use crate::error::Result;
use crate::protocol::Protocol;
use crate::versions::Selected;

/// What comes of a call: [`then`](Self::then) says what to do with it.
///
/// The call itself is made already. Dropping this forgets about its result: the reply is swallowed,
/// a message that was fetched goes back to its queue, a channel that was opened is closed. A message
/// that waits for permission is sent all the same. Errors are not lost: whatever serves the connection
/// gets those that no completion takes.
pub struct Then<R, P: Protocol = Selected> {
    connection: Connection<P>,
    source: Source<R, P>,
}

/// Where a result comes from.
enum Source<R, P: Protocol> {
    /// The answer to a call, which stays in the core until a completion is there.
    Call(Call<R, P>),
    /// The end of a task.
    Task(Rc<Promise<R>>),
    Known(Result<R>),
    /// It was handed over, or nothing wants it.
    Over,
}

/// A call that was made.
pub(super) struct Call<R, P: Protocol> {
    id: CallId,
    /// Holds its channel, which is not closed before the answer was taken.
    convert: Convert<R, P>,
    /// What happens when nothing wants its result.
    unwanted: fn(&Connection<P>, Self),
}

/// Makes the result of an answer.
type Convert<R, P> = Box<dyn FnOnce(&Connection<P>, Result<Answer<P>>) -> Result<R>>;

/// The result of a task, known or still to come.
struct Promise<R>(RefCell<State<R>>);

enum State<R> {
    /// Neither is the result known nor what to do with it.
    Open,
    Wanted(Completion<R>),
    Known(Result<R>),
    /// It was handed over, or nothing wants it.
    Over,
}

type Completion<R> = Box<dyn FnOnce(Result<R>) -> Result<()>>;

impl<R> Promise<R> {
    /// Hands the result over. Gives the completion's error, or the result's if nothing wants it.
    fn resolve(&self, result: Result<R>) -> Result<()> {
        match self.0.replace(State::Over) {
            State::Wanted(completion) => completion(result),
            State::Over => result.map(drop),
            State::Open | State::Known(_) => {
                self.0.replace(State::Known(result));
                Ok(())
            }
        }
    }
}

impl<R: 'static, P: Protocol> Then<R, P> {
    /// Runs `completion` once with the result, when the connection is served and the result is
    /// known; never from inside of this call.
    pub fn then<D: IntoResult>(mut self, completion: impl FnOnce(Result<R>) -> D + 'static) {
        let connection = &self.connection;
        match std::mem::replace(&mut self.source, Source::Over) {
            Source::Known(result) => {
                connection.in_turn(move |_| completion(result).into_result());
            }
            Source::Task(promise) => match promise.0.replace(State::Over) {
                State::Known(result) => {
                    connection.in_turn(move |_| completion(result).into_result());
                }
                _ => {
                    let completion = Box::new(move |result| completion(result).into_result());
                    promise.0.replace(State::Wanted(completion));
                }
            },
            Source::Call(call) => {
                connection.await_answer(call, move |result| completion(result).into_result());
            }
            Source::Over => {}
        }
    }

    /// A result that is known at once.
    pub(super) fn known(connection: &Connection<P>, result: Result<R>) -> Self {
        let source = Source::Known(result);
        Self::new(connection, source)
    }

    fn new(connection: &Connection<P>, source: Source<R, P>) -> Self {
        let connection = connection.clone();
        Self { connection, source }
    }
}

impl<R, P: Protocol> fmt::Debug for Then<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = match &self.source {
            Source::Call(call) => Some(call.id),
            _ => None,
        };
        f.debug_struct("Then")
            .field("call", &call)
            .finish_non_exhaustive()
    }
}

impl<R, P: Protocol> Drop for Then<R, P> {
    fn drop(&mut self) {
        let connection = &self.connection;
        let unwanted = match std::mem::replace(&mut self.source, Source::Over) {
            Source::Call(call) => return (call.unwanted)(connection, call),
            Source::Known(result) => result.map(drop),
            Source::Task(promise) => match promise.0.replace(State::Over) {
                State::Known(result) => result.map(drop),
                _ => return,
            },
            Source::Over => return,
        };
        if unwanted.is_err() {
            connection.in_turn(|_| unwanted);
        }
    }
}

impl<P: Protocol> Connection<P> {
    /// The result of a call that was made, or of one that could not be.
    pub(super) fn answered<R: 'static>(&self, call: Result<Call<R, P>>) -> Then<R, P> {
        let source = match call {
            Ok(call) => Source::Call(call),
            Err(error) => Source::Known(Err(error)),
        };
        Then::new(self, source)
    }

    /// Begins a verb that takes several frames; its result goes through `convert`.
    pub(super) fn begin<T: 'static, R: 'static>(
        &self,
        key: ChannelKey,
        verb: impl Future<Output = Result<T>> + 'static,
        convert: impl FnOnce(&Self, T) -> R + 'static,
    ) -> Then<R, P> {
        let promise = Rc::new(Promise(RefCell::new(State::Open)));
        let result = promise.clone();
        let task = async move {
            let ended = verb.await;
            let run: Run<P> = Box::new(move |connection| {
                if let Err(error) = &ended {
                    connection.note_told(key, error);
                }
                result.resolve(ended.map(|it| convert(connection, it)))
            });
            run
        };
        let (_, known) = self.link().progress();
        self.shared.tasks.begin(known, task);
        Then::new(self, Source::Task(promise))
    }

    /// A completion waits for the answer to a call.
    fn await_answer<R: 'static>(
        &self,
        call: Call<R, P>,
        completion: impl FnOnce(Result<R>) -> Result<()> + 'static,
    ) {
        let Call { id, convert, .. } = call;
        let resolve = Box::new(move |connection: &Self, answer: Result<Answer<P>>| {
            if let Err(error) = &answer {
                connection.note_told(id.channel(), error);
            }
            completion(convert(connection, answer))
        });
        let awaited = Awaited { resolve };
        self.shared.calls.borrow_mut().insert(id, awaited);
        if self.shared.unclaimed.borrow_mut().remove(&id) {
            self.in_turn(move |connection| {
                let awaited = connection.shared.calls.borrow_mut().remove(&id);
                let answer = connection.link().with(|state| state.core.take_reply(id));
                match awaited.zip(answer) {
                    Some((awaited, answer)) => (awaited.resolve)(connection, answer),
                    None => Ok(()),
                }
            });
        }
    }

    /// Nothing wants the result of a call: what it brings is undone.
    fn undo<R>(&self, call: Call<R, P>) {
        self.shared.unclaimed.borrow_mut().remove(&call.id);
        let now = Instant::now();
        let failed = self.link().with(|state| state.core.abandon(call.id, now));
        if let Some(error) = failed {
            self.in_turn(|_| Err(error));
        }
    }
}

impl<R: 'static, P: Protocol> Call<R, P> {
    /// A call that is undone when nothing wants its result.
    pub(super) fn undone(
        id: CallId,
        convert: impl FnOnce(&Connection<P>, Result<Answer<P>>) -> Result<R> + 'static,
    ) -> Self {
        Self {
            id,
            convert: Box::new(convert),
            unwanted: Connection::undo,
        }
    }

    /// A call that counts whether its result is wanted or not.
    pub(super) fn kept(
        id: CallId,
        convert: impl FnOnce(&Connection<P>, Result<Answer<P>>) -> Result<R> + 'static,
    ) -> Self {
        Self {
            id,
            convert: Box::new(convert),
            unwanted: |connection, call| connection.await_answer(call, |result| result.map(drop)),
        }
    }
}
