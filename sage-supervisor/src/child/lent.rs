//! Values that the instances of a child hold in turn.
//!
//! Invariants:
//!
//! 1. A lent value is stored in a slot, which the spec owns, and shares with the user if it was made
//!    of a [`Loan`](super::loan::Loan). The spec outlives every run of its supervisor. At any moment
//!    the value is either in its slot or in one [`Lent`] guard, unless the user has taken it.
//! 2. A start takes the value out of its slot. The destructor of the guard puts the value back, in
//!    whatever task or thread the guard is dropped.
//! 3. A start that needs several values takes all of them or none.
//! 4. No code of the user runs while the lock of a slot is held.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

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
/// The value is dropped with the spec of its child. A [`Loan`](crate::Loan) can be had back when the
/// tree has ended.
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
        let Some(value) = self.value.take() else { return };
        let mut slot = self.slot.lock_slot();
        // The value is held as long as a guard exists (invariant 1), so the assignment drops no
        // value of the user's under the lock.
        slot.place = Place::Here(Contained::new(value));
        // The engine may have noted a panic already, if the instance had moved this guard
        // elsewhere.
        slot.holder_panicked |= std::thread::panicking();
        drop(slot);
        note_change(&*self.slot);
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
/// A slot can only be made of a value that is `Send`. The trait object states this once and for
/// all, so that the compiler reports a value that is not `Send` once, at the place where the value
/// is named.
pub(super) type SharedSlot<T> = Arc<dyn LockSlot<T> + Send + Sync>;

pub(super) trait LockSlot<T> {
    fn lock_slot(&self) -> MutexGuard<'_, Slot<T>>;

    /// Returns what is known of the children with a claim to the value, if the user can ask for it.
    fn claims(&self) -> Option<&ClaimCount> {
        None
    }
}

/// The slot of one value.
pub(super) struct Slot<T> {
    pub(super) place: Place<T>,
    /// Set if a holder panicked since the value was last lent.
    pub(super) holder_panicked: bool,
}

/// The place of a lent value.
pub(super) enum Place<T> {
    /// The value is in its slot.
    Here(Contained<T>),
    /// A guard holds the value.
    Held,
    /// The user has taken the value out.
    Taken,
}

impl<T> Slot<T> {
    pub(super) fn new(value: T) -> Mutex<Self> {
        Mutex::new(Self { place: Place::Here(Contained::new(value)), holder_panicked: false })
    }

    /// Takes the value out and leaves `behind` in its place. Does nothing if the value is not here.
    pub(super) fn take(&mut self, behind: Place<T>) -> Option<T> {
        match std::mem::replace(&mut self.place, behind) {
            Place::Here(value) => Some(value.into_inner()),
            absent => {
                self.place = absent;
                None
            }
        }
    }
}

impl<T> LockSlot<T> for Mutex<Slot<T>> {
    fn lock_slot(&self) -> MutexGuard<'_, Slot<T>> {
        // No user code runs under this lock (invariant 4), so the slot behind a poisoned lock would
        // still be intact.
        self.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of the children with a claim to a value, and the signal for those who wait for its end.
#[derive(Default)]
pub(super) struct ClaimCount {
    pub(super) count: AtomicUsize,
    /// Notified after a claim has ended, and after the value has come or gone.
    pub(super) changed: Notify,
}

/// Wakes those who wait for the value. The lock of the slot must not be held.
pub(super) fn note_change<T>(slot: &dyn LockSlot<T>) {
    if let Some(claims) = slot.claims() {
        claims.changed.notify_waiters();
    }
}

/// The claim of a child to a value, which its instances take out of its slot.
#[cfg_attr(not(feature = "macros"), expect(unreachable_pub, reason = "the macros name it"))]
pub struct Claim<T>(SharedSlot<T>);

impl<T> Claim<T> {
    /// Makes a claim to a value that nobody else can ask for.
    pub(crate) fn new(value: T) -> Self
    where
        T: Send + 'static,
    {
        Self(Arc::new(Slot::new(value)))
    }

    /// Makes a claim to the value of a loan.
    pub(super) fn to(slot: SharedSlot<T>) -> Self {
        if let Some(claims) = slot.claims() {
            claims.count.fetch_add(1, Ordering::Relaxed);
        }
        Self(slot)
    }

    /// Takes the value out of its slot. Returns `None` if the value is not there.
    fn lend(&self) -> Option<Lent<T>> {
        let mut slot = self.0.lock_slot();
        let value = Some(slot.take(Place::Held)?);
        let last_holder_panicked = std::mem::take(&mut slot.holder_panicked);
        drop(slot);
        Some(Lent { value, slot: Arc::clone(&self.0), last_holder_panicked })
    }
}

impl<T> Drop for Claim<T> {
    fn drop(&mut self) {
        if let Some(claims) = self.0.claims() {
            claims.count.fetch_sub(1, Ordering::Release);
            claims.changed.notify_waiters();
        }
    }
}

impl<T> fmt::Debug for Claim<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim").finish_non_exhaustive()
    }
}

/// The values that are lent to one child, as a list `(a, (b, ()))`.
#[cfg_attr(not(feature = "macros"), expect(unreachable_pub, reason = "the macros name it"))]
pub trait Claims {
    /// The guards of the values, as a list `(Lent<A>, (Lent<B>, ()))`.
    type Values;

    /// Takes all values out of their slots. Returns `None`, and takes none, if any of them is still
    /// held.
    fn lend(&self) -> Option<Self::Values>;

    /// Notes for every value that its last holder panicked.
    fn holder_panicked(&self);
}

impl Claims for () {
    type Values = ();

    fn lend(&self) -> Option<()> {
        Some(())
    }

    fn holder_panicked(&self) {}
}

impl<T, Rest: Claims> Claims for (Claim<T>, Rest) {
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

impl<L: Claims + Send + Sync> Lender for L {
    fn holder_panicked(&self) {
        Claims::holder_panicked(self);
    }
}

/// The spec of a child called `name` whose start function takes the guards of `claims`.
pub(crate) fn lending<L, F, Fut>(name: String, claims: L, start: F) -> ChildSpec
where
    L: Claims + Send + Sync + 'static,
    F: Fn(ChildContext, L::Values) -> Fut,
    F: Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome,
{
    let (claims, start) = (Arc::new(claims), Contained::new(start));
    // The start function owns the claims, and its type hides them. The spec keeps them a second time
    // as a `Lender`, by which panics are noted.
    let lender = Arc::clone(&claims);
    let start = move |ctx| match claims.lend() {
        Some(values) => Ok(start.get()(ctx, values)),
        None => Err(Exit::FailedStart(StartFailure::LentValueMissing)),
    };
    ChildSpec::starting_with(name, start).lent_by(lender)
}
