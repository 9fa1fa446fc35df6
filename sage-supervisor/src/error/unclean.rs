//! The error of a tree that did not stop cleanly.

use std::error::Error;
use std::fmt;

use crate::chain::write_sources_if_alternate;
use crate::exit::Exit;
use crate::report::{MAX_NAMED, Requester, StopFailure, StopFailures, untold};

/// A tree was asked to end, or had a reason to, and did not stop cleanly: children failed while they
/// stopped, or a signal aborted everything that was left.
///
/// Only the root of a tree ends with this error, and only if there is no other error. A tree that is
/// declared with [`tolerate_unclean_stop`] ends with it only if a signal aborted the stop.
///
/// The [`source`](Error::source) is the error or panic of the first child that has one. The text names
/// that child last.
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildContext, RestartConfig, SageError, Strategy, Supervisor};
///
/// async fn writer(ctx: ChildContext) -> Result<(), &'static str> {
///     ctx.cancelled().await;
///     Err("17 orders are not written")
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
///     .child("writer", writer)
///     .start();
/// # app.started().await.unwrap();
/// # tokio::time::sleep(std::time::Duration::from_secs(1)).await;
/// let Err(SageError::UncleanStop(unclean)) = app.shutdown().await else { panic!() };
/// assert_eq!(unclean.failures.count, 1);
/// assert_eq!(unclean.failures.first[0].path, "root/writer");
/// assert_eq!(unclean.to_string(), "child `root/writer` failed while it stopped");
/// # }
/// ```
///
/// [`tolerate_unclean_stop`]: crate::Supervisor::tolerate_unclean_stop
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UncleanStop {
    /// The children that failed while they stopped.
    pub failures: StopFailures,
    /// The requester of a kill, if all that was left was aborted at once.
    pub aborted_by: Option<Requester>,
}

impl UncleanStop {
    /// Returns the first child that has an error or a panic, which is the source.
    fn first_with_cause(&self) -> Option<&StopFailure> {
        self.failures.first.iter().find(|failure| failure.exit.cause().is_some())
    }
}

impl fmt::Display for UncleanStop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StopFailures { count, first } = &self.failures;
        if let Some(by) = &self.aborted_by {
            let and = if *count == 0 { "" } else { ", and " };
            write!(f, "aborted before everything had stopped ({by}){and}")?;
        }
        match (*count, first.as_slice()) {
            (0, _) => {}
            (1, [failure]) => write!(f, "child `{}` {}", failure.path, in_a_sentence(failure))?,
            _ => self.fmt_several(f)?,
        }
        write_sources_if_alternate(f, self)
    }
}

impl UncleanStop {
    fn fmt_several(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In the text of a chain the cause follows the text of this error, so the child that the cause
        // belongs to is named last.
        let last = self.first_with_cause();
        let is_last =
            |failure: &&StopFailure| last.is_some_and(|last| std::ptr::eq(*failure, last));
        let others = self.failures.first.iter().filter(|failure| !is_last(failure));
        let others = others.take(MAX_NAMED - usize::from(last.is_some())).map(ToString::to_string);
        let mut named: Vec<_> = others.collect();
        named.extend(last.map(|last| format!("{}: {}", last.path, last.exit.own_text())));
        let count = self.failures.count;
        let are_all_named = untold(count, named.len()) == 0;
        let among = if are_all_named { ":" } else { ", among them" };
        write!(f, "{count} children failed while they stopped{among} {}", named.join("; "))
    }
}

/// Describes the failure of a single child, without the cause.
fn in_a_sentence(StopFailure { exit, shutdown_timed_out, .. }: &StopFailure) -> String {
    match exit {
        Exit::Error(_) => "failed while it stopped".to_owned(),
        Exit::Panic(panic) => format!("panicked{} while it stopped", panic.place()),
        _ if *shutdown_timed_out => "was killed because its shutdown timed out".to_owned(),
        exit => format!("failed while it stopped: {}", exit.own_text()),
    }
}

impl Error for UncleanStop {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.first_with_cause()?.exit.cause()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contain::contain;
    use crate::exit::ExitError;

    fn panic(message: &'static str) -> Exit {
        let panic = contain(|| std::panic::resume_unwind(Box::new(message)));
        Exit::Panic(panic.expect_err("it has panicked"))
    }

    fn failure(path: &str, exit: Exit, shutdown_timed_out: bool) -> StopFailure {
        StopFailure { path: path.to_owned(), exit, shutdown_timed_out }
    }

    fn error(text: &'static str) -> Exit {
        Exit::Error(ExitError::new(text))
    }

    fn chain(failures: &[StopFailure], aborted_by: Option<Requester>) -> String {
        let mut all = StopFailures::default();
        failures.iter().for_each(|failure| all.add(|| failure.clone()));
        let unclean = UncleanStop { failures: all, aborted_by };
        format!("{unclean:#}")
    }

    #[test]
    fn one_child_is_a_sentence_that_its_cause_continues() {
        let table = [
            (error("disk full"), false, "failed while it stopped: disk full"),
            (error("disk full"), true, "failed while it stopped: disk full"),
            (panic("oh"), false, "panicked while it stopped: oh"),
            (Exit::Killed, true, "was killed because its shutdown timed out"),
            (Exit::Shutdown, true, "was killed because its shutdown timed out"),
            (Exit::Killed, false, "failed while it stopped: killed"),
        ];
        for (exit, late, text) in table {
            assert_eq!(chain(&[failure("a", exit, late)], None), format!("child `a` {text}"));
        }
    }

    #[test]
    fn of_several_children_the_one_with_the_cause_comes_last() {
        let slow = failure("app/slow", Exit::Killed, true);
        let writer = failure("app/writer", error("disk full"), false);
        let other = failure("app/other", error("no route"), false);
        assert_eq!(
            chain(&[slow.clone(), writer.clone(), other], None),
            "3 children failed while they stopped: app/slow: killed, its shutdown timed out; \
             app/other: error: no route; app/writer: error: disk full"
        );
        let many = vec![writer; 40];
        let text = chain(&many, None);
        assert!(text.starts_with("40 children failed while they stopped, among them "), "{text}");
        assert!(text.ends_with("; app/writer: error: disk full"), "{text}");
        assert_eq!(text.matches("app/writer").count(), MAX_NAMED);
        assert_eq!(chain(&[slow.clone(), slow], None).matches("app/slow").count(), 2);
    }

    #[test]
    fn an_abort_comes_first() {
        let by = Some(Requester::Signal { number: 15 });
        assert_eq!(chain(&[], by.clone()), "aborted before everything had stopped (SIGTERM)");
        let slow = failure("a", Exit::Killed, true);
        assert_eq!(
            chain(&[slow], by),
            "aborted before everything had stopped (SIGTERM), and child `a` was killed because its \
             shutdown timed out"
        );
    }
}
