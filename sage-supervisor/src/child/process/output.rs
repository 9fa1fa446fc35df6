//! The output of a process, passed on to `tracing` line by line.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::process::{ChildStderr, ChildStdout};

use super::group::Group;
use super::ready::LineWatch;
use crate::contain::{ChildPanic, contain};

/// The length, in bytes, at which a line is cut.
const MAX_LINE: usize = 8 * 1024;

/// The number of bytes that are read at once.
const READ_SIZE: usize = 4 * 1024;

/// The number of reads from one stream before the other stream has its turn.
const READS_PER_TURN: usize = 32;

/// The largest number of reads after the end of the process. Together they take 1 MiB, the largest
/// pipe that Linux grants to a program without special rights. The bound keeps another process that
/// goes on writing to the pipe from holding up the exit.
#[cfg(unix)]
const MAX_LAST_READS: usize = 256;

/// The function that emits the event of a line.
type Emit = fn(path: &str, line: &str);

/// Both output streams of a process.
pub(super) struct Output {
    reader: Reader,
    out: Stream<ChildStdout>,
    err: Stream<ChildStderr>,
}

impl Output {
    pub(super) fn of(group: &mut Group, path: String, watch: Option<LineWatch>) -> Self {
        macro_rules! emit {
            ($level:ident, $stream:literal) => {
                |path, line| {
                    tracing::event!(
                        target: "sage_supervisor::process",
                        tracing::Level::$level,
                        path,
                        stream = $stream,
                        "{line}"
                    );
                }
            };
        }
        let (out, err) = group.take_output();
        let out = Stream { pipe: out, lines: Lines::new(emit!(INFO, "stdout")) };
        let err = Stream { pipe: err, lines: Lines::new(emit!(WARN, "stderr")) };
        Self { reader: Reader { path, watch }, out, err }
    }

    /// Passes on the output that there is, and registers to be woken when there is more.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) {
        // Both streams are polled in any case. With `||`, a busy stdout would starve stderr.
        let more = [self.out.poll(&mut self.reader, cx), self.err.poll(&mut self.reader, cx)];
        // A stream that used up its turn is not registered with tokio, so the task wakes itself.
        if more.contains(&true) {
            cx.waker().wake_by_ref();
        }
    }

    /// Passes on what is left in the pipes after the process has ended. The call does not wait for
    /// the end of the streams, because other processes may still hold the pipes.
    pub(super) fn finish(&mut self) {
        self.out.finish(&mut self.reader);
        self.err.finish(&mut self.reader);
    }

    /// Takes the panic of the test that looks for the line of a process that is ready.
    pub(super) fn take_panic(&mut self) -> Option<ChildPanic> {
        self.reader.watch.as_mut()?.take_panic()
    }
}

/// The reader of the lines.
struct Reader {
    path: String,
    watch: Option<LineWatch>,
}

impl Reader {
    fn read(&mut self, emit: Emit, line: &str) {
        // A panic in a subscriber must not harm the process.
        let _ = contain(|| emit(&self.path, line));
        if let Some(watch) = &mut self.watch {
            watch.look(line);
        }
    }
}

struct Stream<P> {
    /// The pipe, until its end.
    pipe: Option<P>,
    lines: Lines,
}

impl<P: AsyncRead + Unpin> Stream<P> {
    /// Reads and passes on what there is. Returns `true` if there may be more at once: the number
    /// of reads is limited, so that a stream that never pauses cannot use up tokio's budget for the
    /// task and starve the other stream.
    fn poll(&mut self, reader: &mut Reader, cx: &mut Context<'_>) -> bool {
        let mut space = [0; READ_SIZE];
        for _ in 0..READS_PER_TURN {
            let Some(pipe) = &mut self.pipe else { return false };
            let mut piece = ReadBuf::new(&mut space);
            let Poll::Ready(read) = Pin::new(pipe).poll_read(cx, &mut piece) else { return false };
            if read.is_err() || piece.filled().is_empty() {
                self.pipe = None;
                self.lines.end(reader);
            } else {
                self.lines.add(reader, piece.filled());
            }
        }
        self.pipe.is_some()
    }
}

#[cfg(unix)]
impl<P: std::os::fd::AsFd> Stream<P> {
    /// Reads the rest directly from the pipe. Tokio may not have seen yet that the pipe is
    /// readable.
    fn finish(&mut self, reader: &mut Reader) {
        let Some(pipe) = self.pipe.take() else { return };
        let mut space = [0; READ_SIZE];
        for _ in 0..MAX_LAST_READS {
            // tokio has put the pipe into the non-blocking mode, so a read of an empty pipe fails
            // at once.
            match rustix::io::read(&pipe, &mut space) {
                Ok(0) | Err(_) => break,
                Ok(length) => self.lines.add(reader, &space[..length]),
            }
        }
        self.lines.end(reader);
    }
}

#[cfg(not(unix))]
impl<P> Stream<P> {
    fn finish(&mut self, reader: &mut Reader) {
        if self.pipe.take().is_some() {
            self.lines.end(reader);
        }
    }
}

/// Assembles lines, and cuts a line that is too long.
struct Lines {
    emit: Emit,
    line: Vec<u8>,
    is_cut: bool,
}

impl Lines {
    fn new(emit: Emit) -> Self {
        Self { emit, line: Vec::new(), is_cut: false }
    }

    fn add(&mut self, reader: &mut Reader, piece: &[u8]) {
        for part in piece.split_inclusive(|&byte| byte == b'\n') {
            let (text, is_whole) = match part.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (part, false),
            };
            // The line is never longer than `MAX_LINE`, so the subtraction cannot overflow. The
            // rest of a long line is skipped, and takes no memory.
            let fits = text.len().min(MAX_LINE - self.line.len());
            self.line.extend_from_slice(&text[..fits]);
            self.is_cut |= fits < text.len();
            if is_whole {
                self.emit(reader);
            }
        }
    }

    /// Ends the stream: a last line without a line break is passed on as well.
    fn end(&mut self, reader: &mut Reader) {
        if !self.line.is_empty() {
            self.emit(reader);
        }
    }

    fn emit(&mut self, reader: &mut Reader) {
        let text = String::from_utf8_lossy(&self.line);
        let text = text.trim_end_matches('\r');
        if self.is_cut {
            reader.read(self.emit, &format!("{text}…"));
        } else {
            reader.read(self.emit, text);
        }
        self.line.clear();
        self.is_cut = false;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    thread_local! {
        static EMITTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    /// The lines that are passed on for these pieces.
    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines =
            Lines::new(|_, line| EMITTED.with_borrow_mut(|lines| lines.push(line.into())));
        let mut reader = Reader { path: "a".into(), watch: None };
        for piece in pieces {
            lines.add(&mut reader, piece);
        }
        lines.end(&mut reader);
        EMITTED.take()
    }

    #[test]
    fn lines_are_put_together() {
        assert_eq!(lines(&[b"one\ntw", b"o\r\n\nfo", b"ur"]), ["one", "two", "", "four"]);
        assert_eq!(lines(&[b"a\xffb\n"]), ["a\u{fffd}b"]);
        assert_eq!(lines(&[]), [""; 0]);
    }

    #[test]
    fn a_long_line_is_cut_once_and_costs_no_more() {
        // A cut is marked once and does not carry over to the next line, and a line of exactly the
        // limit is not cut.
        let piece = [b'x'; 3_000];
        let whole = [b'y'; MAX_LINE];
        let lines = lines(&[&piece, &piece, &piece, &piece, b"\nnext\n", &whole, b"\n"]);
        let expected = ["x".repeat(MAX_LINE) + "…", "next".to_owned(), "y".repeat(MAX_LINE)];
        assert_eq!(lines, expected);
    }
}
