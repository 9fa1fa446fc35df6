//! Values that the instances of a child hold in turn.
//!
//! Invariants:
//!
//! 1. A lent value is stored in the spec, which outlives every run of its supervisor. At any moment
//!    the value is either in its slot there or in one [`Lent`] guard.
//! 2. A start takes the value out of its slot. The destructor of the guard puts the value back, in
//!    whatever task or thread the guard is dropped.
//! 3. A start that needs several values takes all of them or none.
//! 4. No code of the user runs while the lock of a slot is held.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::context::ChildContext;
use super::outcome::Outcome;
use super::spec::ChildSpec;
use crate::contain::Contained;
use crate::exit::{Exit, StartFailure};

/// A value that the present instance of a child holds, and no other instance: the value is lent to
/// the instance.
///
/// The value goes back when this guard is dropped: at the end of the instance, in a panic, or on an
/// abort. The next instance finds the value as the last one left it, even when the supervisor has
/// been rebuilt or [run](crate::Supervisor::run) again. A mailbox thereby survives its reader, and
/// a cache survives its worker.
///
/// The guard may be moved elsewhere, even into another task. If it has not been dropped by the time
/// the next instance is to start, that start fails with [`StartFailure::LentValueMissing`].
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildContext, ChildSpec, Lent, RestartConfig, RestartPolicy};
/// use sage_supervisor::{Strategy, Supervisor};
/// use tokio::sync::mpsc;
///
/// async fn reader(ctx: ChildContext, mut inbox: Lent<mpsc::Receiver<&'static str>>) {
///     while let Some(Some(order)) = ctx.token().run_until_cancelled(inbox.recv()).await {
///         assert_ne!(order, "poison"); // a panic: the next instance reads on behind it
///         println!("{order}");
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (orders, inbox) = mpsc::channel(8);
/// for order in ["tea", "poison", "cake"] {
///     orders.send(order).await?;
/// }
/// drop(orders);
/// let reader = ChildSpec::lending("reader", inbox, reader).restart(RestartPolicy::Transient);
/// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
/// app.children([reader]).run().await?;
/// # Ok(())
/// # }
/// ```
pub struct Lent<T> {
    /// The value, which only the destructor takes out.
    value: Option<T>,
    slot: SharedSlot<T>,
    last_holder_panicked: bool,
}

impl<T> Lent<T> {
    /// Returns `true` if the last holder of the value panicked. The last holder is the instance
    /// before this one, or the code that the instance before had moved the guard to. A panic counts
    /// even if it unwound only a part of that instance. A change of the value may then be half
    /// done. The first instance has no holder before it.
    ///
    /// This is an associated function, so that it hides no method of `T`.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, Lent};
    ///
    /// async fn worker(ctx: ChildContext, mut cache: Lent<Vec<u32>>) {
    ///     if Lent::last_holder_panicked(&cache) {
    ///         cache.clear();
    ///     }
    ///     ctx.cancelled().await;
    /// }
    /// # let _ = worker;
    /// ```
    #[must_use]
    pub fn last_holder_panicked(lent: &Self) -> bool {
        lent.last_holder_panicked
    }

    /// Puts the value back as if it had never been lent: the note about the holder before stays.
    fn unused(self) {
        // The lock is released at the end of this statement. The destructor of `self`, which runs
        // next, takes it again.
        self.slot.lock_slot().holder_panicked = self.last_holder_panicked;
    }
}

impl<T> Deref for Lent<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("only the destructor takes the lent value out")
    }
}

impl<T> DerefMut for Lent<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("only the destructor takes the lent value out")
    }
}

impl<T> Drop for Lent<T> {
    fn drop(&mut self) {
        let mut slot = self.slot.lock_slot();
        // The slot is empty as long as a guard exists (invariant 1), so the assignment drops no
        // value of the user's under the lock.
        slot.value = self.value.take().map(Contained::new);
        // The engine may have noted a panic already, if the instance had moved this guard
        // elsewhere.
        slot.holder_panicked |= std::thread::panicking();
    }
}

impl<T: fmt::Debug> fmt::Debug for Lent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for Lent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// The shared slot that stores a value while nobody holds it. A slot that is dropped drops its value,
/// and contains a panic of the value's destructor.
///
/// A loan can only be made of a value that is `Send`. The trait object states this once and for
/// all, so that the compiler reports a value that is not `Send` once, at the place where the value
/// is named.
type SharedSlot<T> = Arc<dyn LockSlot<T> + Send + Sync>;

trait LockSlot<T> {
    fn lock_slot(&self) -> MutexGuard<'_, LoanSlot<T>>;
}

struct LoanSlot<T> {
    value: Option<Contained<T>>,
    /// Set if a holder panicked since the value was last lent.
    holder_panicked: bool,
}

impl<T> LockSlot<T> for Mutex<LoanSlot<T>> {
    fn lock_slot(&self) -> MutexGuard<'_, LoanSlot<T>> {
        // No user code runs under this lock (invariant 4), so the slot behind a poisoned lock would
        // still be intact.
        self.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A value that was given to a child to be lent to its instances.
#[cfg_attr(not(feature = "macros"), expect(unreachable_pub, reason = "the macros name it"))]
pub struct Loan<T>(SharedSlot<T>);

impl<T> Loan<T> {
    pub(crate) fn new(value: T) -> Self
    where
        T: Send + 'static,
    {
        let value = Some(Contained::new(value));
        Self(Arc::new(Mutex::new(LoanSlot { value, holder_panicked: false })))
    }

    /// Takes the value out of its slot. Returns `None` if the value is still held.
    fn lend(&self) -> Option<Lent<T>> {
        let mut slot = self.0.lock_slot();
        let value = Some(slot.value.take()?.into_inner());
        let last_holder_panicked = std::mem::take(&mut slot.holder_panicked);
        drop(slot);
        Some(Lent { value, slot: Arc::clone(&self.0), last_holder_panicked })
    }
}

impl<T> fmt::Debug for Loan<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loan").finish_non_exhaustive()
    }
}

/// The values that are lent to one child, as a list `(a, (b, ()))`.
#[cfg_attr(not(feature = "macros"), expect(unreachable_pub, reason = "the macros name it"))]
pub trait Loans {
    /// The guards of the values, as a list `(Lent<A>, (Lent<B>, ()))`.
    type Values;

    /// Takes all values out of their slots. Returns `None`, and takes none, if any of them is still
    /// held.
    fn lend(&self) -> Option<Self::Values>;

    /// Notes for every value that its last holder panicked.
    fn holder_panicked(&self);
}

impl Loans for () {
    type Values = ();

    fn lend(&self) -> Option<()> {
        Some(())
    }

    fn holder_panicked(&self) {}
}

impl<T, Rest: Loans> Loans for (Loan<T>, Rest) {
    type Values = (Lent<T>, Rest::Values);

    fn lend(&self) -> Option<Self::Values> {
        let first = self.0.lend()?;
        let Some(rest) = self.1.lend() else {
            first.unused();
            return None;
        };
        Some((first, rest))
    }

    fn holder_panicked(&self) {
        self.0.0.lock_slot().holder_panicked = true;
        self.1.holder_panicked();
    }
}

/// The lender of a child, without the types of its values.
pub(crate) trait Lender: Send + Sync {
    /// Notes that an instance panicked. The guards cannot always see this: a future that panicked
    /// is dropped later, and a guard that lives in the future itself, not in a stack frame below
    /// it, is dropped only then, when the thread is no longer panicking.
    fn holder_panicked(&self);
}

impl<L: Loans + Send + Sync> Lender for L {
    fn holder_panicked(&self) {
        Loans::holder_panicked(self);
    }
}

/// The spec of a child called `name` whose start function takes the guards of `loans`.
pub(crate) fn lending<L, F, Fut>(name: String, loans: L, start: F) -> ChildSpec
where
    L: Loans + Send + Sync + 'static,
    F: Fn(ChildContext, L::Values) -> Fut,
    F: Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome,
{
    let (loans, start) = (Arc::new(loans), Contained::new(start));
    // The start function owns the loans, and its type hides them. The spec keeps them a second time
    // as a `Lender`, by which panics are noted.
    let lender = Arc::clone(&loans);
    let start = move |ctx| match loans.lend() {
        Some(values) => Ok(start.get()(ctx, values)),
        None => Err(Exit::FailedStart(StartFailure::LentValueMissing)),
    };
    ChildSpec::starting_with(name, start).lent_by(lender)
}
