//! A broker for each test, and the threads of connections counted where no other test has any.

use std::ops::Deref;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;
use std::time::{Duration, Instant};

use pika::broker::{ConnectionId, Server, Settings};

static TESTS: RwLock<()> = RwLock::new(());

/// A broker, and the place of its test among the others.
pub(crate) struct Stage<G> {
    server: Server,
    _place: G,
}

impl Stage<RwLockReadGuard<'static, ()>> {
    pub(crate) fn new() -> Self {
        Self::with(Settings::new())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        Self {
            server: Server::bind_with("127.0.0.1:0", settings).unwrap(),
            _place: TESTS.read().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

impl Stage<RwLockWriteGuard<'static, ()>> {
    /// No other test has connections meanwhile.
    #[cfg(target_os = "linux")]
    pub(crate) fn alone() -> Self {
        let place = TESTS.write().unwrap_or_else(PoisonError::into_inner);
        // Those whose last handle was dropped may still say good-bye.
        assert!(soon(|| driver_threads() == 0));
        Self {
            server: Server::bind("127.0.0.1:0").unwrap(),
            _place: place,
        }
    }
}

impl<G> Stage<G> {
    /// The connection that came first.
    pub(crate) fn first(&self) -> ConnectionId {
        self.server
            .with(|broker| broker.connections().next().unwrap())
    }

    /// How many connections the broker knows.
    pub(crate) fn connections(&self) -> usize {
        self.server.with(|broker| broker.connections().count())
    }
}

impl<G> Deref for Stage<G> {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

/// The threads of connections, by their name. The system lists one for a moment after its end.
#[cfg(target_os = "linux")]
pub(crate) fn driver_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .filter(|name| name.trim_end() == "pika")
        .count()
}

/// Waits for what another thread does soon.
pub(crate) fn soon(mut is_so: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(10);
    while Instant::now() < end {
        if is_so() {
            return true;
        }
        thread::sleep(Duration::from_millis(1));
    }
    is_so()
}
