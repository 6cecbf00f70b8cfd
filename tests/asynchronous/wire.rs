//! A transport in memory: what the client writes is dealt with at once, by the thread that writes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use pika::bytes::{Buf, BytesMut};

/// What is at the other end of a transport.
pub(crate) trait Remote: Send + Sync + 'static {
    fn poll_read(&self, cx: &mut Context<'_>, space: &mut [u8]) -> Poll<io::Result<usize>>;
    fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>>;
    /// The client has ended the transport.
    fn hung_up(&self);
}

/// The client's end of a transport.
pub(crate) struct Wire(pub(crate) Arc<dyn Remote>);

impl Drop for Wire {
    fn drop(&mut self) {
        self.0.hung_up();
    }
}

impl tokio::io::AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        space: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0
            .poll_read(cx, space.initialize_unfilled())
            .map_ok(|count| space.advance(count))
    }
}

impl tokio::io::AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl smol::io::AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        space: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_read(cx, space)
    }
}

impl smol::io::AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// One transport, as the other end has it.
pub(crate) struct Line {
    /// Said and not read by the client.
    pub(crate) said: BytesMut,
    /// Taken from the client and not looked at.
    pub(crate) taken: BytesMut,
    /// Bytes that are still taken from the client.
    pub(crate) room: usize,
    /// The other end has ended the transport, in good order or by a reset.
    pub(crate) end: Option<Result<(), io::ErrorKind>>,
    /// The client has ended the transport.
    pub(crate) hung_up: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self {
            said: BytesMut::new(),
            taken: BytesMut::new(),
            room: usize::MAX,
            end: None,
            hung_up: false,
            reader: None,
            writer: None,
        }
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        space: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        // As much as a socket has at once, and not in step with any frame.
        const AT_ONCE: usize = 10_007;
        if !self.said.is_empty() {
            let count = self.said.len().min(space.len()).min(AT_ONCE);
            self.said.copy_to_slice(&mut space[..count]);
            return Poll::Ready(Ok(count));
        }
        match self.end {
            Some(Ok(())) => Poll::Ready(Ok(0)),
            Some(Err(kind)) => Poll::Ready(Err(kind.into())),
            None => {
                self.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        const AT_ONCE: usize = 100_003;
        if let Some(Err(kind)) = self.end {
            return Poll::Ready(Err(kind.into()));
        }
        let count = bytes.len().min(self.room).min(AT_ONCE);
        if count == 0 {
            self.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        self.taken.extend_from_slice(&bytes[..count]);
        if self.room != usize::MAX {
            self.room -= count;
        }
        Poll::Ready(Ok(count))
    }

    /// Wakes the client if it can go on.
    pub(crate) fn wake(&mut self) {
        let over = self.end.is_some();
        if over || !self.said.is_empty() {
            self.reader.take().into_iter().for_each(Waker::wake);
        }
        if over || self.room > 0 {
            self.writer.take().into_iter().for_each(Waker::wake);
        }
    }
}
