//! What a process writes, line by line, for `tracing`.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::process::{ChildStderr, ChildStdout};

use super::group::Group;
use crate::contain::contain;

/// A line is cut after this many bytes.
const LONGEST: usize = 8 * 1024;

/// How much is read at once.
const PIECE: usize = 4 * 1024;

/// How much of one stream is read before the other has its turn, in pieces.
const PIECES_AT_A_TIME: usize = 32;

/// How many pieces are read after the end at most: as much as a pipe may hold on any system.
#[cfg(unix)]
const LAST_PIECES: usize = 256;

/// What tells of a line.
type Tell = fn(path: &str, line: &str);

/// Both streams of a process.
pub(super) struct Output {
    path: String,
    out: Stream<ChildStdout>,
    err: Stream<ChildStderr>,
}

impl Output {
    pub(super) fn of(group: &mut Group, path: String) -> Self {
        macro_rules! tell {
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
        let out = Stream { pipe: out, lines: Lines::new(tell!(INFO, "stdout")) };
        let err = Stream { pipe: err, lines: Lines::new(tell!(WARN, "stderr")) };
        Self { path, out, err }
    }

    /// Passes on what there is, and asks to be woken when there is more.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) {
        let more = [self.out.poll(&self.path, cx), self.err.poll(&self.path, cx)];
        if more.contains(&true) {
            cx.waker().wake_by_ref();
        }
    }

    /// The process has ended: passes on what is left in the pipes, and does not wait for others who
    /// may have them too.
    pub(super) fn finish(&mut self) {
        self.out.finish(&self.path);
        self.err.finish(&self.path);
    }
}

struct Stream<P> {
    /// Gone at its end.
    pipe: Option<P>,
    lines: Lines,
}

impl<P: AsyncRead + Unpin> Stream<P> {
    /// Whether there may be more at once: one that never pauses must not use up what tokio allows to a
    /// task, and leave nothing for the other one.
    fn poll(&mut self, path: &str, cx: &mut Context<'_>) -> bool {
        let mut space = [0; PIECE];
        for _ in 0..PIECES_AT_A_TIME {
            let Some(pipe) = &mut self.pipe else { return false };
            let mut piece = ReadBuf::new(&mut space);
            let Poll::Ready(read) = Pin::new(pipe).poll_read(cx, &mut piece) else { return false };
            if read.is_err() || piece.filled().is_empty() {
                self.pipe = None;
                self.lines.end(path);
            } else {
                self.lines.add(path, piece.filled());
            }
        }
        self.pipe.is_some()
    }
}

#[cfg(unix)]
impl<P: std::os::fd::AsFd> Stream<P> {
    /// Reads it all, without asking tokio, who may not have heard of it yet.
    fn finish(&mut self, path: &str) {
        let Some(pipe) = self.pipe.take() else { return };
        let mut space = [0; PIECE];
        for _ in 0..LAST_PIECES {
            match rustix::io::read(&pipe, &mut space) {
                Ok(0) | Err(_) => break,
                Ok(length) => self.lines.add(path, &space[..length]),
            }
        }
        self.lines.end(path);
    }
}

#[cfg(not(unix))]
impl<P> Stream<P> {
    fn finish(&mut self, path: &str) {
        if self.pipe.take().is_some() {
            self.lines.end(path);
        }
    }
}

/// Puts lines together, none longer than it may be.
struct Lines {
    tell: Tell,
    line: Vec<u8>,
    is_cut: bool,
}

impl Lines {
    fn new(tell: Tell) -> Self {
        Self { tell, line: Vec::new(), is_cut: false }
    }

    fn add(&mut self, path: &str, piece: &[u8]) {
        for part in piece.split_inclusive(|&byte| byte == b'\n') {
            let (text, is_whole) = match part.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (part, false),
            };
            let fits = text.len().min(LONGEST - self.line.len());
            self.line.extend_from_slice(&text[..fits]);
            self.is_cut |= fits < text.len();
            if is_whole {
                self.tell(path);
            }
        }
    }

    /// Nothing comes any more: tells of what has no end.
    fn end(&mut self, path: &str) {
        if !self.line.is_empty() {
            self.tell(path);
        }
    }

    fn tell(&mut self, path: &str) {
        let text = String::from_utf8_lossy(&self.line);
        let text = text.trim_end_matches('\r');
        // A subscriber that panics does the process no harm.
        let _ = contain(|| {
            if self.is_cut {
                (self.tell)(path, &format!("{text}…"));
            } else {
                (self.tell)(path, text);
            }
        });
        self.line.clear();
        self.is_cut = false;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    thread_local! {
        static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    /// What is told of these pieces.
    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::new(|_, line| TOLD.with_borrow_mut(|told| told.push(line.into())));
        for piece in pieces {
            lines.add("a", piece);
        }
        lines.end("a");
        TOLD.take()
    }

    #[test]
    fn lines_are_put_together() {
        assert_eq!(lines(&[b"one\ntw", b"o\r\n\nfo", b"ur"]), ["one", "two", "", "four"]);
        assert_eq!(lines(&[b"a\xffb\n"]), ["a\u{fffd}b"]);
        assert_eq!(lines(&[]), [""; 0]);
    }

    #[test]
    fn a_long_line_is_cut_once_and_costs_no_more() {
        let piece = [b'x'; 3_000];
        let whole = [b'y'; LONGEST];
        let told = lines(&[&piece, &piece, &piece, &piece, b"\nnext\n", &whole, b"\n"]);
        let expected = ["x".repeat(LONGEST) + "…", "next".to_owned(), "y".repeat(LONGEST)];
        assert_eq!(told, expected);
    }
}
