use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::Instant;

use super::dispatch::{Awaited, Resolve};
use super::{Connection, IntoResult};
use crate::connection::{Answer, CallId};
use crate::error::{Error, Result};
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
    promise: Rc<Promise<R>>,
    /// The call to be abandoned if nothing wants its result. Its answer stays with the connection
    /// until a completion is there.
    call: Option<CallId>,
}

/// A result that is known later.
pub(super) struct Promise<R> {
    state: RefCell<State<R>>,
}

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
    fn new(state: State<R>) -> Rc<Self> {
        let state = RefCell::new(state);
        Rc::new(Self { state })
    }

    /// Hands the result over. The connection must not be borrowed.
    ///
    /// # Errors
    /// The completion's, or the result's if nothing wants it.
    pub(super) fn resolve(&self, result: Result<R>) -> Result<()> {
        let state = self.state.replace(State::Over);
        match state {
            State::Open | State::Known(_) => {
                self.state.replace(State::Known(result));
            }
            State::Wanted(completion) => return completion(result),
            // An error that nothing takes is for whatever serves the connection.
            State::Over => return result.map(drop),
        }
        Ok(())
    }

    /// Whether nothing will ask for the result.
    pub(super) fn is_unwanted(&self) -> bool {
        matches!(*self.state.borrow(), State::Over)
    }
}

/// Whether a result may still be asked for, whatever it is.
pub(super) trait Undecided {
    /// Whether neither a completion is there nor the result was given up.
    fn is_open(&self) -> bool;
}

impl<R> Undecided for Promise<R> {
    fn is_open(&self) -> bool {
        matches!(*self.state.borrow(), State::Open)
    }
}

impl<R: 'static, P: Protocol> Then<R, P> {
    /// Runs `completion` once with the result, when the connection is served and the result is
    /// known; never from inside of this call.
    pub fn then<D: IntoResult>(mut self, completion: impl FnOnce(Result<R>) -> D + 'static) {
        let call = self.call.take();
        let state = self.promise.state.replace(State::Over);
        match state {
            State::Known(result) => {
                let task = move || completion(result).into_result();
                self.connection.inner().defer(Box::new(move |_| task()));
            }
            State::Open => {
                let completion = Box::new(move |result| completion(result).into_result());
                self.promise.state.replace(State::Wanted(completion));
                if let Some(call) = call {
                    self.connection.inner().claim(call);
                }
            }
            State::Wanted(_) | State::Over => {}
        }
    }

    /// A result that is not known yet, and the promise of it.
    pub(super) fn waiting(
        connection: &Connection<P>,
        call: Option<CallId>,
    ) -> (Self, Rc<Promise<R>>) {
        let promise = Promise::new(State::Open);
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
            promise: Promise::new(State::Known(result)),
            call: None,
        }
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
        if let State::Wanted(_) | State::Over = &*self.promise.state.borrow() {
            return;
        }
        match self.promise.state.replace(State::Over) {
            State::Known(Err(error)) => self.connection.inner().defer(Box::new(|_| Err(error))),
            State::Known(Ok(value)) => drop(value),
            _ => {
                if let Some(call) = self.call {
                    self.connection.abandon(call);
                }
            }
        }
    }
}

impl<P: Protocol> Connection<P> {
    /// The result of a call that was made, or of one that could not be. If it is dropped, the call is
    /// abandoned.
    pub(super) fn promise<R: 'static>(
        &self,
        call: Result<CallId, Error>,
        convert: impl FnOnce(&Self, Answer<P>) -> Result<R> + 'static,
    ) -> Then<R, P> {
        let call = match call {
            Ok(call) => call,
            Err(error) => return Then::known(self, Err(error)),
        };
        let (then, promise) = Then::waiting(self, Some(call));
        let undecided = Some(promise.clone() as Rc<dyn Undecided>);
        let resolve: Resolve<P> = Box::new(move |connection, answer| {
            promise.resolve(answer.and_then(|answer| convert(connection, answer)))
        });
        self.inner()
            .add_call(call, Awaited::new(resolve, undecided));
        then
    }

    /// The same for a call that goes on whether its result is wanted or not.
    pub(super) fn promise_anyway<R: 'static>(
        &self,
        call: Result<CallId, Error>,
        convert: impl FnOnce(&Self, Result<Answer<P>>) -> Result<R> + 'static,
    ) -> Then<R, P> {
        let call = match call {
            Ok(call) => call,
            Err(error) => return Then::known(self, Err(error)),
        };
        let (then, promise) = Then::waiting(self, None);
        let resolve: Resolve<P> =
            Box::new(move |connection, answer| promise.resolve(convert(connection, answer)));
        self.inner().add_call(call, Awaited::new(resolve, None));
        then
    }

    /// Nothing wants the result of a call any more.
    fn abandon(&self, call: CallId) {
        let Ok(mut inner) = self.shared.inner.try_borrow_mut() else {
            return;
        };
        let awaited = inner.take_call(call);
        if let Some(error) = inner.core.abandon(call, Instant::now()) {
            inner.defer(Box::new(|_| Err(error)));
        }
        let unused = inner.release_unused(call.channel());
        drop(inner);
        drop((awaited, unused));
    }
}
