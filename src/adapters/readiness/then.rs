use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::Connection;
use super::dispatch::Resolve;
use crate::connection::{Answer, CallId, ConsumerId};
use crate::error::{Error, Result};
use crate::protocol::Protocol;
use crate::versions::Selected;
use crate::wire::ShortStr;

/// What a completion or a handler may return: nothing, or whether it went well.
///
/// An error stops nothing. Whoever serves the connection gets it.
pub trait IntoResult: sealed::Sealed {
    /// The result.
    ///
    /// # Errors
    /// What the handler gave up over.
    fn into_result(self) -> Result<()>;
}

impl IntoResult for () {
    fn into_result(self) -> Result<()> {
        Ok(())
    }
}

impl IntoResult for Result<()> {
    fn into_result(self) -> Self {
        self
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl Sealed for crate::error::Result<()> {}
}

/// What comes of a call: [`then`](Self::then) says what to do with it.
///
/// The call itself is made already. Dropping this forgets about its result: the reply is swallowed,
/// a message that was fetched goes back to its queue, a channel that was opened is closed. A message
/// that waits for permission is sent all the same. Errors are not lost: whoever serves the connection
/// gets those that no completion takes.
pub struct Then<R, P: Protocol = Selected> {
    connection: Connection<P>,
    promise: Rc<Promise<R>>,
    /// The call to be abandoned if nobody wants its result.
    call: Option<CallId>,
}

/// A result that is known later.
pub(super) struct Promise<R> {
    state: RefCell<State<R>>,
    /// What to do with a value that nobody wants.
    undo: fn(R),
}

enum State<R> {
    /// Neither is the result known nor did anybody say what to do with it.
    Open,
    Wanted(Completion<R>),
    Known(Result<R>),
    /// It was handed over, or nobody wants it.
    Over,
}

type Completion<R> = Box<dyn FnOnce(Result<R>) -> Result<()>>;

impl<R> Promise<R> {
    fn new(state: State<R>, undo: fn(R)) -> Rc<Self> {
        let state = RefCell::new(state);
        Rc::new(Self { state, undo })
    }

    /// Hands the result over. The connection must not be borrowed.
    ///
    /// # Errors
    /// The completion's, or the result's if nobody wants it.
    pub(super) fn resolve(&self, result: Result<R>) -> Result<()> {
        let state = self.state.replace(State::Over);
        match state {
            State::Open | State::Known(_) => {
                self.state.replace(State::Known(result));
            }
            State::Wanted(completion) => return completion(result),
            // An error that nobody takes is for whoever serves the connection.
            State::Over => return result.map(|value| (self.undo)(value)),
        }
        Ok(())
    }

    /// Whether nobody will ask for the result.
    pub(super) fn is_unwanted(&self) -> bool {
        matches!(*self.state.borrow(), State::Over)
    }
}

impl<R: 'static, P: Protocol> Then<R, P> {
    /// Runs `completion` once with the result, when the connection is served and the result is
    /// known; never from inside of this call.
    pub fn then<D: IntoResult>(mut self, completion: impl FnOnce(Result<R>) -> D + 'static) {
        self.call = None;
        let state = self.promise.state.replace(State::Over);
        match state {
            State::Known(result) => {
                let task = move || completion(result).into_result();
                self.connection.inner().defer(Box::new(move |_| task()));
            }
            State::Open => {
                let completion = Box::new(move |result| completion(result).into_result());
                self.promise.state.replace(State::Wanted(completion));
            }
            State::Wanted(_) | State::Over => {}
        }
    }

    /// A result that is not known yet, and the promise of it.
    pub(super) fn waiting(
        connection: &Connection<P>,
        call: Option<CallId>,
    ) -> (Self, Rc<Promise<R>>) {
        Self::with_undo(connection, call, drop)
    }

    fn with_undo(
        connection: &Connection<P>,
        call: Option<CallId>,
        undo: fn(R),
    ) -> (Self, Rc<Promise<R>>) {
        let promise = Promise::new(State::Open, undo);
        let then = Self {
            connection: connection.clone(),
            promise: promise.clone(),
            call,
        };
        (then, promise)
    }

    /// A result that is known at once.
    pub(super) fn known(connection: &Connection<P>, result: Result<R>) -> Self {
        Self {
            connection: connection.clone(),
            promise: Promise::new(State::Known(result), drop),
            call: None,
        }
    }

    /// The same, for a call that goes on whether somebody wants its result or not.
    pub(super) const fn unconditional(mut self) -> Self {
        self.call = None;
        self
    }
}

impl<R, P: Protocol> fmt::Debug for Then<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Then")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}

impl<R, P: Protocol> Drop for Then<R, P> {
    fn drop(&mut self) {
        let open = match &*self.promise.state.borrow() {
            State::Wanted(_) | State::Over => return,
            State::Open => true,
            State::Known(_) => false,
        };
        let state = self.promise.state.replace(State::Over);
        match state {
            State::Known(Ok(value)) => (self.promise.undo)(value),
            State::Known(Err(error)) => self.connection.inner().defer(Box::new(|_| Err(error))),
            _ => {}
        }
        if let (true, Some(call)) = (open, self.call) {
            self.connection.abandon(call);
        }
    }
}

impl<P: Protocol> Connection<P> {
    /// What comes of a call that was made, or of one that could not be.
    pub(super) fn promise<R: 'static>(
        &self,
        call: Result<CallId, Error>,
        convert: impl FnOnce(&Self, Answer<P>) -> Result<R> + 'static,
    ) -> Then<R, P> {
        self.promise_or_undo(call, convert, drop)
    }

    /// As [`promise`](Self::promise), where a value that nobody wants needs something done.
    pub(super) fn promise_or_undo<R: 'static>(
        &self,
        call: Result<CallId, Error>,
        convert: impl FnOnce(&Self, Answer<P>) -> Result<R> + 'static,
        undo: fn(R),
    ) -> Then<R, P> {
        let call = match call {
            Ok(call) => call,
            Err(error) => return Then::known(self, Err(error)),
        };
        let (then, promise) = Then::with_undo(self, Some(call), undo);
        let resolve: Resolve<P> = Box::new(move |connection, answer| {
            promise.resolve(answer.and_then(|answer| convert(connection, answer)))
        });
        self.inner().add_call(call, resolve);
        then
    }

    /// What comes of a call that begins a consumer.
    pub(super) fn promise_consumer(
        &self,
        call: CallId,
        consumer: ConsumerId,
        tag: ShortStr,
    ) -> Then<ShortStr, P> {
        let (then, promise) = Then::waiting(self, None);
        let resolve: Resolve<P> = Box::new(move |connection, answer| {
            let ended = match answer {
                Ok(_) => None,
                Err(_) => connection.inner().take_consumer(consumer),
            };
            drop(ended);
            promise.resolve(answer.map(|_| tag))
        });
        self.inner().add_call(call, resolve);
        then
    }

    /// Nobody wants the result of a call any more.
    fn abandon(&self, call: CallId) {
        let Ok(mut inner) = self.shared.inner.try_borrow_mut() else {
            return;
        };
        let resolve = inner.take_call(call);
        inner.core.abandon(call);
        let unused = inner.release_unused(call.channel());
        drop(inner);
        drop((resolve, unused));
    }
}
