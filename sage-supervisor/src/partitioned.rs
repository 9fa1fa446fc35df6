//! Several dynamic supervisors behind one handle.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::child::{ChildSpec, IntoChild};
use crate::command::CommandError;
use crate::dynamic::{DynamicSpec, DynamicSupervisor};
use crate::policy::RestartConfig;
use crate::policy::Strategy;
use crate::running::RunningSupervisor;
use crate::supervisor::Supervisor;

/// A number of dynamic supervisors behind one handle, each of which has the children whose keys fall
/// to it.
///
/// One dynamic supervisor starts and buries its children one after another; where that is too slow,
/// or one restart limit for all is too little, this spreads them. The supervisors are the children
/// `0`, `1`, .. of one that restarts each alone. A key always falls to the same of them. (As Elixir's
/// `PartitionSupervisor`.)
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
    limit: RestartConfig,
}

impl PartitionedSupervisor {
    /// `partitions` dynamic supervisors, each made by `make`, and named by their numbers.
    ///
    /// # Panics
    ///
    /// If there are to be none.
    #[must_use]
    #[track_caller]
    pub fn new(partitions: usize, mut make: impl FnMut() -> DynamicSupervisor) -> Self {
        assert!(partitions > 0, "a partitioned supervisor has at least one partition");
        let partitions = (0..partitions).map(|_| make()).collect();
        Self { partitions, limit: RestartConfig::default() }
    }

    /// Sets how often its partitions may be restarted, all together. How often their children may, is
    /// theirs to say.
    #[must_use]
    pub fn restart_limit(mut self, config: RestartConfig) -> Self {
        self.limit = config;
        self
    }

    /// Starts it alone, as a tree of its own, and gives the owner of that.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its time driver enabled.
    #[track_caller]
    pub fn start(self) -> RunningSupervisor {
        self.into_supervisor().start()
    }

    /// The partition that a key falls to.
    #[must_use]
    pub fn partition<K: Hash + ?Sized>(&self, key: &K) -> &DynamicSupervisor {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let count = u64::try_from(self.partitions.len()).unwrap_or(u64::MAX);
        let index = usize::try_from(hasher.finish() % count).unwrap_or_default();
        &self.partitions[index]
    }

    /// All partitions, in their order.
    #[must_use]
    pub fn partitions(&self) -> &[DynamicSupervisor] {
        &self.partitions
    }

    /// Starts a child in the partition that the key falls to.
    ///
    /// # Errors
    ///
    /// Those of [`DynamicSupervisor::start_child`].
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is started even if this future is dropped.
    pub async fn start_child<K, S>(&self, key: &K, spec: S) -> Result<String, CommandError>
    where
        K: Hash + ?Sized,
        S: Into<DynamicSpec>, // a `ChildSpec`, an `Arc<ChildSpec>`, or a `OnceChild`
    {
        self.partition(key).start_child(spec).await
    }

    fn into_supervisor(self) -> Supervisor {
        let children = self.partitions.iter().cloned().enumerate().map(|(index, partition)| {
            // Whatever name it was given.
            let name = index.to_string();
            partition.into_child(name.clone()).into_child(name)
        });
        Supervisor::new(Strategy::OneForOne, self.limit).children(children)
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
