//! The questions about all partitions, which are asked at once.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use super::PartitionedSupervisor;
use crate::command::{ChildStatus, CommandError, Counts};
use crate::dynamic::DynamicSupervisor;

impl PartitionedSupervisor {
    /// Returns the states of the children of all partitions: those of the first partition, then those of
    /// the second one, and so on.
    ///
    /// All partitions are asked at once. Each of them answers for its own moment, so the answer as a whole
    /// is not that of one instant: of a child that is started while the others answer, for example, it may
    /// say nothing. A partition that is down, or about to be started again, has no children, and is passed
    /// over. The [path](ChildStatus::path) of a child contains the number of its partition.
    ///
    /// # Errors
    ///
    /// If no partition runs, the error of the first one, which is an error of
    /// [`DynamicSupervisor::start_child`] about the supervisor itself.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn children(&self) -> Result<Vec<ChildStatus>, CommandError> {
        let answers = together(self.partitions.iter().map(DynamicSupervisor::children)).await;
        Ok(of_those_that_run(answers)?.into_iter().flatten().collect())
    }

    /// Returns the numbers of children of all partitions together.
    ///
    /// The numbers are sums, and not those of one instant, see [`children`](Self::children). Partitions
    /// themselves are not counted. A partition that is down, or about to be started again, has no
    /// children and no reserved places, and adds nothing; the [supervisor of the
    /// partitions](crate::SupervisorHandle::counts_below) counts those that run.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, DynamicSupervisor, PartitionedSupervisor};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sessions = PartitionedSupervisor::new(4, DynamicSupervisor::new);
    /// let running = sessions.clone().start();
    /// running.started().await?;
    /// for user in 0..10 {
    ///     let session = ChildSpec::new("session", async |ctx| ctx.cancelled().await);
    ///     sessions.start_child(&user, session).await?;
    /// }
    /// assert_eq!(sessions.counts().await?.running, 10);
    /// assert_eq!(sessions.children().await?.len(), 10);
    /// running.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`children`](Self::children).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn counts(&self) -> Result<Counts, CommandError> {
        let answers = together(self.partitions.iter().map(DynamicSupervisor::counts)).await;
        Ok(of_those_that_run(answers)?.into_iter().fold(Counts::default(), plus))
    }
}

fn plus(one: Counts, other: Counts) -> Counts {
    let Counts { specs, running, restarting, supervisors, workers, reserved } = other;
    Counts {
        specs: one.specs + specs,
        running: one.running + running,
        restarting: one.restarting + restarting,
        supervisors: one.supervisors + supervisors,
        workers: one.workers + workers,
        reserved: one.reserved + reserved,
    }
}

/// Returns the answers of the partitions that run, or the first error if none does.
fn of_those_that_run<T>(answers: Vec<Result<T, CommandError>>) -> Result<Vec<T>, CommandError> {
    let (mut given, mut first) = (Vec::with_capacity(answers.len()), None);
    for answer in answers {
        match answer {
            Ok(answer) => given.push(answer),
            Err(down @ (CommandError::NotRunning { .. } | CommandError::Restarting { .. })) => {
                first.get_or_insert(down);
            }
            Err(error) => return Err(error),
        }
    }
    match first {
        Some(error) if given.is_empty() => Err(error),
        _ => Ok(given),
    }
}

/// Waits for all of these futures at once, and returns what they give, in their order.
async fn together<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures.map(|future| (Some(Box::pin(future)), None)).collect();
    poll_fn(|cx| {
        let mut is_over = true;
        for (future, output) in &mut pending {
            let Some(polled) = future.as_mut().map(|future| Pin::as_mut(future).poll(cx)) else {
                continue;
            };
            match polled {
                Poll::Ready(ready) => (*future, *output) = (None, Some(ready)),
                Poll::Pending => is_over = false,
            }
        }
        if is_over { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    pending.into_iter().filter_map(|(_, output)| output).collect()
}
