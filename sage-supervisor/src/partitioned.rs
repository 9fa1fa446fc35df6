//! Several dynamic supervisors behind one value.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::child::{ChildSpec, IntoChild};
use crate::command::CommandError;
use crate::dynamic::{DynamicSpec, DynamicSupervisor};
use crate::policy::{RestartConfig, Strategy};
use crate::running::RunningSupervisor;
use crate::supervisor::Supervisor;

/// A number of dynamic supervisors behind one value. Each child belongs to the partition that its
/// key selects.
///
/// A single dynamic supervisor handles the starts and exits of its children one after the other.
/// Partitions spread this work where it is too slow, or where one restart limit for all children is
/// too little. The partitions are the children `0`, `1`, and so on, of one supervisor, which
/// restarts each of them alone. A key always selects the same partition. (Elixir has the same in
/// its `PartitionSupervisor`.)
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildContext, ChildSpec, DynamicSupervisor, PartitionedSupervisor};
///
/// async fn session(ctx: ChildContext) {
///     ctx.cancelled().await;
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sessions = PartitionedSupervisor::new(4, DynamicSupervisor::new);
/// let running = sessions.clone().start();
/// running.started().await?;
///
/// let name = sessions.start_child("ada", ChildSpec::new("session", session)).await?;
/// sessions.partition("ada").stop_child(&name).await?;
/// running.shutdown().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PartitionedSupervisor {
    partitions: Arc<[DynamicSupervisor]>,
    limit: Option<RestartConfig>,
}

impl PartitionedSupervisor {
    /// Creates `partitions` dynamic supervisors, each made by `make` and named by its number.
    ///
    /// # Panics
    ///
    /// Panics if `partitions` is 0.
    #[must_use]
    #[track_caller]
    pub fn new(partitions: usize, mut make: impl FnMut() -> DynamicSupervisor) -> Self {
        assert!(partitions > 0, "a partitioned supervisor needs at least one partition");
        let partitions = (0..partitions).map(|_| make()).collect();
        Self { partitions, limit: None }
    }

    /// Sets the restart limit of the partitions, which counts the restarts of all of them together.
    /// The restart limits of their children are set on the partitions themselves, in `make`.
    #[must_use]
    pub fn restart_limit(mut self, config: RestartConfig) -> Self {
        self.limit = Some(config);
        self
    }

    /// Starts the supervisor as a tree of its own, and returns the owner of that tree.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled.
    #[track_caller]
    pub fn start(self) -> RunningSupervisor {
        self.into_supervisor().start()
    }

    /// Returns the partition that a key selects.
    #[must_use]
    pub fn partition<K: Hash + ?Sized>(&self, key: &K) -> &DynamicSupervisor {
        // The keys of this hasher are fixed, so a key selects the same partition in every clone.
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let count = u64::try_from(self.partitions.len()).unwrap_or(u64::MAX);
        // The remainder is smaller than the number of partitions, so neither conversion fails.
        let index = usize::try_from(hasher.finish() % count).unwrap_or_default();
        &self.partitions[index]
    }

    /// Returns all partitions, in the order of their numbers.
    #[must_use]
    pub fn partitions(&self) -> &[DynamicSupervisor] {
        &self.partitions
    }

    /// Starts a child in the partition that the key selects.
    ///
    /// # Errors
    ///
    /// The errors of [`DynamicSupervisor::start_child`].
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is started even if the future is dropped.
    pub async fn start_child<K, S>(&self, key: &K, spec: S) -> Result<String, CommandError>
    where
        K: Hash + ?Sized,
        S: Into<DynamicSpec>, // pass a `ChildSpec`, an `Arc<ChildSpec>`, or a `OnceChild`
    {
        self.partition(key).start_child(spec).await
    }

    fn into_supervisor(self) -> Supervisor {
        let children = self.partitions.iter().cloned().enumerate().map(|(index, partition)| {
            // The second call overrides a name that `make` gave to the partition.
            let name = index.to_string();
            partition.into_child(name.clone()).into_child(name)
        });
        let supervisor = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
        let limit = self.limit.into_iter();
        limit.fold(supervisor, Supervisor::restart_limit).children(children)
    }
}

#[diagnostic::do_not_recommend]
impl IntoChild for PartitionedSupervisor {
    fn into_child(self, name: String) -> ChildSpec {
        self.into_supervisor().into_child(name)
    }
}

impl fmt::Debug for PartitionedSupervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartitionedSupervisor")
            .field("partitions", &self.partitions)
            .field("limit", &self.limit)
            .finish()
    }
}
