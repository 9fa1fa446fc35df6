//! The constructors of children that are lent a value.

use std::sync::Arc;

use super::blocking::BlockingContext;
use super::context::ChildContext;
use super::kind::Kind;
use super::lent::{Claim, Claims, Lent, lending};
use super::loan::Loan;
use super::outcome::{Outcome, Seal};
use super::spec::ChildSpec;
use crate::contain::Contained;
use crate::exit::{Exit, StartFailure};

impl ChildSpec {
    /// Creates a child that is lent a value. Each instance holds the value in turn, as [`Lent`],
    /// and finds it as the instance before left it. The value need not be `Clone` or `Sync`. A
    /// tuple lends several values. The value is dropped with the spec: see
    /// [`lending_from`](Self::lending_from) for a value that is wanted back.
    ///
    /// `start` is called at every start, inside the child's own task. If the value has not come
    /// back by then, `start` is not called, and the start has
    /// [failed](StartFailure::LentValueMissing).
    ///
    /// The spec cannot be a template that several children share, because the children would then
    /// hold the value at the same time. A child that is started only once owns what it captures and
    /// needs no loan: see [`OnceChild`](crate::OnceChild).
    ///
    /// # Examples
    ///
    /// A counter that outlives the instances of its worker:
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, Lent, RestartConfig, RestartPolicy, Strategy, Supervisor};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let worker = ChildSpec::lending("worker", 0, |_, mut attempts: Lent<u32>| async move {
    ///     *attempts += 1;
    ///     if *attempts < 3 { Err("not yet") } else { Ok(()) }
    /// })
    /// .restart(RestartPolicy::Transient);
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    /// app.children([worker]).run().await
    /// # }
    /// ```
    ///
    /// A tuple that lends two values:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, Lent, RestartPolicy};
    /// use tokio::sync::mpsc;
    ///
    /// type Tools = (mpsc::Receiver<u64>, Vec<u64>);
    ///
    /// let (_orders, inbox) = mpsc::channel::<u64>(8);
    /// let sort = |ctx: ChildContext, mut tools: Lent<Tools>| async move {
    ///     let (inbox, sorted) = &mut *tools;
    ///     while let Some(Some(order)) = ctx.token().run_until_cancelled(inbox.recv()).await {
    ///         sorted.insert(sorted.partition_point(|&other| other < order), order);
    ///     }
    /// };
    /// // Without senders the sorter has finished, and a transient child is not started again then.
    /// let spec = ChildSpec::lending("sorter", (inbox, vec![]), sort).restart(RestartPolicy::Transient);
    /// # drop(spec);
    /// ```
    pub fn lending<T, F, Fut>(name: impl Into<String>, value: T, start: F) -> Self
    where
        T: Send + 'static, // the tasks of the child hold the value in turn
        F: Fn(ChildContext, Lent<T>) -> Fut, // the function is called at every start: clone the values it gives away, or lend them
        F: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
        F: 'static,     // the function outlives its caller: `move` the values it uses
        Fut: Future,    // write an `async fn`, or `|ctx, value| async move { .. }`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Outcome,
    {
        lending(name.into(), (Claim::new(value), ()), move |ctx, (value, ())| start(ctx, value))
    }

    /// Creates a child that is lent the value of a [`Loan`], which its owner can have back when the tree
    /// has ended. In all else it is like [`lending`](Self::lending).
    ///
    /// A loan may be lent to several children. A start while another child holds the value fails with
    /// [`StartFailure::LentValueMissing`], and so does a start after the value was taken.
    ///
    /// # Examples
    ///
    /// The lines that were not printed before the shutdown are there afterwards:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, Lent, Loan, RestartConfig, Strategy, Supervisor};
    /// use std::collections::VecDeque;
    ///
    /// async fn printer(ctx: ChildContext, mut lines: Lent<VecDeque<String>>) {
    ///     if let Some(line) = lines.pop_front() {
    ///         println!("{line}");
    ///         ctx.cancelled().await; // the printer is slow
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let lines = Loan::new(VecDeque::from(["tea", "cake"].map(str::to_owned)));
    /// let spec = ChildSpec::lending_from("printer", &lines, printer);
    /// let office = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    /// let office = office.children([spec]).start();
    /// office.started().await?;
    /// # tokio::task::yield_now().await;
    /// office.shutdown().await?;
    /// assert_eq!(lines.take().unwrap(), ["cake"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn lending_from<T, F, Fut>(name: impl Into<String>, loan: &Loan<T>, start: F) -> Self
    where
        T: Send + 'static, // the tasks of the child hold the value in turn
        F: Fn(ChildContext, Lent<T>) -> Fut, // the function is called at every start: clone the values it gives away, or lend them
        F: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
        F: 'static,     // the function outlives its caller: `move` the values it uses
        Fut: Future,    // write an `async fn`, or `|ctx, value| async move { .. }`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Outcome,
    {
        lending(name.into(), (loan.claim(), ()), move |ctx, (value, ())| start(ctx, value))
    }

    /// Creates a child that [may block](Self::blocking), and that is [lent](Self::lending) a value.
    ///
    /// A thread that does not end keeps the value, and nothing is started in its place.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{BlockingContext, ChildSpec, Lent};
    /// use std::collections::HashMap;
    /// use std::time::Duration;
    ///
    /// type Index = HashMap<String, u64>;
    ///
    /// fn indexer(ctx: BlockingContext, mut index: Lent<Index>) {
    ///     while !ctx.wait_cancelled(Duration::from_secs(60)) {
    ///         index.insert("looked".to_owned(), 1);
    ///     }
    /// }
    ///
    /// let spec = ChildSpec::blocking_lending("indexer", Index::new(), indexer);
    /// # drop(spec);
    /// ```
    pub fn blocking_lending<T, F, O>(name: impl Into<String>, value: T, start: F) -> Self
    where
        T: Send + 'static, // the threads of the child hold the value in turn
        F: Fn(BlockingContext, Lent<T>) -> O, // the function is called at every start: clone the values it gives away, or lend them
        F: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
        F: 'static,     // the function outlives its caller: `move` the values it uses
        O: Outcome,
    {
        blocking_lending(name.into(), Claim::new(value), start)
    }

    /// Creates a child that [may block](Self::blocking), and that is lent the value of a [`Loan`], as
    /// by [`lending_from`](Self::lending_from).
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{BlockingContext, ChildSpec, Lent, Loan};
    /// use std::time::Duration;
    ///
    /// fn counter(ctx: BlockingContext, mut count: Lent<u64>) {
    ///     while !ctx.wait_cancelled(Duration::from_secs(1)) {
    ///         *count += 1;
    ///     }
    /// }
    ///
    /// let count = Loan::new(0);
    /// let spec = ChildSpec::blocking_lending_from("counter", &count, counter);
    /// drop(spec);
    /// assert_eq!(count.take(), Some(0));
    /// ```
    pub fn blocking_lending_from<T, F, O>(name: impl Into<String>, loan: &Loan<T>, start: F) -> Self
    where
        T: Send + 'static, // the threads of the child hold the value in turn
        F: Fn(BlockingContext, Lent<T>) -> O, // the function is called at every start: clone the values it gives away, or lend them
        F: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
        F: 'static,     // the function outlives its caller: `move` the values it uses
        O: Outcome,
    {
        blocking_lending(name.into(), loan.claim(), start)
    }
}

/// The spec of a child called `name` whose start function takes the guard of one value in a thread.
fn blocking_lending<T, F, O>(name: String, claim: Claim<T>, start: F) -> ChildSpec
where
    T: Send + 'static,
    F: Fn(BlockingContext, Lent<T>) -> O,
    F: Send + Sync + 'static,
    O: Outcome,
{
    let (claims, start) = (Arc::new((claim, ())), Contained::new(start));
    let lender = Arc::clone(&claims);
    let exit = move |ctx| match claims.lend() {
        Some((value, ())) => start.get()(ctx, value).into_exit(Seal),
        None => Exit::FailedStart(StartFailure::LentValueMissing),
    };
    ChildSpec::of_kind(name, Kind::Thread(Arc::new(exit))).lent_by(lender)
}
