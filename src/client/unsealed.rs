//! Stands in for [`sealed`](super::sealed) where nothing can be encrypted.

use bytes::BytesMut;

use super::input::Input;
use crate::config::Config;
use crate::connection::Batch;
use crate::error::TlsError;

pub(super) fn begin(_: &Config) -> Result<Option<(Opener, Sealer)>, TlsError> {
    Ok(None)
}

pub(super) const fn check(_: &Config) -> Result<(), TlsError> {
    Ok(())
}

/// Has no values.
enum Never {}

pub(super) struct Opener {
    never: Never,
    pub(super) input: Input,
    pub(super) is_handshaking: bool,
    pub(super) has_ended: bool,
}

impl Opener {
    pub(super) fn open(&mut self, _: &mut BytesMut) -> Result<(), TlsError> {
        match self.never {}
    }
}

pub(super) struct Sealer(Never);

impl Sealer {
    pub(super) fn is_empty(&self) -> bool {
        match self.0 {}
    }

    pub(super) fn is_ready(&self, _: bool) -> bool {
        match self.0 {}
    }

    pub(super) fn seal(&mut self, _: &mut Batch) -> &Batch {
        match self.0 {}
    }

    pub(super) fn wrote(&mut self, _: usize) -> usize {
        match self.0 {}
    }

    pub(super) fn abandon(&mut self) {
        match self.0 {}
    }

    pub(super) fn close(&self) {
        match self.0 {}
    }
}
