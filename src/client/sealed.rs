//! The two directions of a TLS session, which share its state. It is locked for as long as a read or a
//! batch takes to decrypt or encrypt.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Buf, BytesMut};

use super::input::Input;
use crate::config::Config;
use crate::connection::Batch;
use crate::error::TlsError;
use crate::tls::{self, Session};

/// Begins a session, if the settings ask for one.
pub(super) fn begin(config: &Config) -> Result<Option<(Opener, Sealer)>, TlsError> {
    Ok(tls::session(config)?.map(|session| {
        let session = Shared(Arc::new(Mutex::new(session)));
        (Opener::new(session.clone()), Sealer::new(session))
    }))
}

/// Checks the settings without the name of the server.
pub(super) fn check(config: &Config) -> Result<(), TlsError> {
    tls::check(config)
}

#[derive(Clone)]
struct Shared(Arc<Mutex<Session>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The direction that decrypts.
pub(super) struct Opener {
    session: Shared,
    /// What was received and not decrypted.
    pub(super) input: Input,
    pub(super) is_handshaking: bool,
    /// Whether the peer has announced that it sends nothing more.
    pub(super) has_ended: bool,
}

impl Opener {
    fn new(session: Shared) -> Self {
        Self {
            session,
            input: Input::new(),
            is_handshaking: true,
            has_ended: false,
        }
    }

    /// Decrypts the input to the end of `plain`.
    pub(super) fn open(&mut self, plain: &mut BytesMut) -> Result<(), TlsError> {
        let mut session = self.session.lock();
        let sealed = self.input.buffer();
        let result = session.open(sealed, plain);
        sealed.clear();
        self.is_handshaking = session.is_handshaking();
        self.has_ended = session.has_ended();
        result
    }
}

/// The direction that encrypts.
pub(super) struct Sealer {
    session: Shared,
    /// What is encrypted and not written.
    sealed: Batch,
    /// How many bytes of the connection that stands for.
    inside: usize,
}

impl Sealer {
    fn new(session: Shared) -> Self {
        Self {
            session,
            sealed: Batch::new(),
            inside: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.is_ready(false)
    }

    pub(super) fn is_ready(&self, has_plain: bool) -> bool {
        !self.sealed.is_empty() || self.session.lock().has_output(has_plain)
    }

    /// Encrypts more, once all that was encrypted before is written.
    pub(super) fn seal(&mut self, plain: &mut Batch) -> &Batch {
        if self.sealed.is_empty() {
            let mut session = self.session.lock();
            self.inside += self.sealed.append(|tail| session.seal(plain, tail));
        }
        &self.sealed
    }

    pub(super) fn wrote(&mut self, count: usize) -> usize {
        self.sealed.advance(count.min(self.sealed.len()));
        match self.sealed.is_empty() {
            true => std::mem::take(&mut self.inside),
            false => 0,
        }
    }

    pub(super) fn abandon(&mut self) {
        self.sealed.clear();
        self.inside = 0;
        self.session.lock().abandon();
    }

    pub(super) fn close(&self) {
        self.session.lock().close();
    }
}
