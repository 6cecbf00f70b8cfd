/// What a connection waits for, for a poll that tells of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// That there is something to read.
    pub readable: bool,
    /// That there is room to write, or that the socket is connected.
    pub writable: bool,
}

/// What a transport is ready for, as a poll has told.
///
/// Where it tells of an error or of the end of the stream, that is both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// There is something to read, or the end of it.
    pub readable: bool,
    /// There is room to write, or connecting has come to an end.
    pub writable: bool,
}

impl Ready {
    /// Only time has passed.
    pub const NOTHING: Self = Self {
        readable: false,
        writable: false,
    };
    /// Reading and writing are both worth trying.
    pub const BOTH: Self = Self {
        readable: true,
        writable: true,
    };

    /// What two events told together.
    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            readable: self.readable || other.readable,
            writable: self.writable || other.writable,
        }
    }
}

impl From<&mio::event::Event> for Ready {
    fn from(event: &mio::event::Event) -> Self {
        Self {
            readable: event.is_readable() || event.is_read_closed() || event.is_error(),
            writable: event.is_writable() || event.is_write_closed() || event.is_error(),
        }
    }
}
