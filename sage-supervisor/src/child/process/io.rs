//! The ends of the pipes to a process that its driver holds.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::process::{ChildStdin, ChildStdout};

/// The input and the output of a process, which its [driver](crate::ChildSpec::driver) owns. This needs
/// the feature `process`.
///
/// `tokio::io::join(io.stdout, io.stdin)` is both in one, for a codec of `tokio_util`.
#[derive(Debug)]
#[non_exhaustive]
pub struct ProcessIo {
    /// The input of the process. Its drop, and a `shutdown`, are the end of the input.
    pub stdin: ProcessStdin,
    /// The output of the process.
    pub stdout: ProcessStdout,
}

/// The input of a process, as its driver writes it.
#[derive(Debug)]
pub struct ProcessStdin {
    /// The pipe, until it is shut down.
    pipe: Option<ChildStdin>,
    has_ended: Arc<AtomicBool>,
}

/// The output of a process, as its driver reads it.
#[derive(Debug)]
pub struct ProcessStdout {
    pipe: ChildStdout,
    has_ended: Arc<AtomicBool>,
}

impl ProcessIo {
    /// Makes both ends, and a mark that is set when the driver has seen that the process reads or writes
    /// no more.
    pub(super) fn new(stdin: ChildStdin, stdout: ChildStdout) -> (Self, Arc<AtomicBool>) {
        let has_ended = Arc::new(AtomicBool::new(false));
        let stdin = ProcessStdin { pipe: Some(stdin), has_ended: Arc::clone(&has_ended) };
        let stdout = ProcessStdout { pipe: stdout, has_ended: Arc::clone(&has_ended) };
        (Self { stdin, stdout }, has_ended)
    }
}

impl ProcessStdin {
    fn write<T>(
        &mut self,
        write: impl FnOnce(Pin<&mut ChildStdin>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let Some(pipe) = &mut self.pipe else {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        };
        let written = write(Pin::new(pipe));
        if matches!(&written, Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe)
        {
            self.has_ended.store(true, Ordering::Release);
        }
        written
    }
}

impl AsyncWrite for ProcessStdin {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write(|pipe| pipe.poll_write(cx, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.pipe.is_none() {
            return Poll::Ready(Ok(()));
        }
        self.write(|pipe| pipe.poll_flush(cx))
    }

    /// Closes the pipe, which is the end of the input for the process.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.as_mut().poll_flush(cx);
        if flushed.is_ready() {
            self.pipe = None;
        }
        flushed
    }
}

impl AsyncRead for ProcessStdout {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.remaining();
        let read = Pin::new(&mut self.pipe).poll_read(cx, buffer);
        let is_end = before > 0 && buffer.remaining() == before;
        if matches!(&read, Poll::Ready(result) if result.is_err() || is_end) {
            self.has_ended.store(true, Ordering::Release);
        }
        read
    }
}
