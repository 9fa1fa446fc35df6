//! Several dynamic supervisors behind one value.

mod all;
mod child;
mod start;

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use crate::child::partition::{Partition, home_of, selected_by};
use crate::child::{ChildSpec, IntoChild};
use crate::dynamic::DynamicSupervisor;
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
/// The value is used like a [`DynamicSupervisor`], and has the same methods: a start takes a key in
/// addition, unless it gives the child a name. Two kinds of methods are not here. The settings are those
/// of each partition, and are set in the function that makes the partitions. The items of a stream are
/// [mapped](DynamicSupervisor::map_stream) over the tasks of one [`partition`](Self::partition), whose
/// room bounds them.
///
/// # Names
///
/// A child has a name that no child of any partition has at the same time, and is found by its name alone,
/// without its key. No lock or table is shared by the partitions: the name of a child says which partition
/// it belongs to, so that each method asks one partition.
///
/// - A generated name is the name in the spec, followed by the number of the partition and a number that
///   counts in the partition, such as `session-2.7`.
/// - A [given](Self::start_named) name is the key of its child at the same time. It belongs to the
///   partition that the name selects as a `str`. A given name that looks like a generated one belongs to
///   the partition whose number it has, if there is one.
///
/// [`partition_of`](Self::partition_of) returns the partition of a name. A partition refuses a given name
/// that belongs to another one with [`CommandError::OtherPartition`], whoever gives it. So the children
/// that have to be in one partition together are started by one key, under generated names.
///
/// [`CommandError::OtherPartition`]: crate::CommandError::OtherPartition
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
/// sessions.start_named("bob", ChildSpec::new("session", session)).await?;
/// assert_eq!(sessions.counts().await?.running, 2);
///
/// sessions.stop_child(&name).await?;
/// sessions.stop_child("bob").await?;
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
    /// [`indexed`](Self::indexed) tells `make` the number.
    ///
    /// # Panics
    ///
    /// Panics if `partitions` is 0, or if `make` does.
    #[must_use]
    #[track_caller]
    pub fn new(partitions: usize, mut make: impl FnMut() -> DynamicSupervisor) -> Self {
        Self::indexed(partitions, |_| make())
    }

    /// Creates `partitions` dynamic supervisors like [`new`](Self::new). `make` is called once for each,
    /// in order, with the index of the partition, which is 0 for the first one.
    ///
    /// # Examples
    ///
    /// The first partition serves those who pay, and has more room than the others:
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    /// use sage_supervisor::{DynamicSupervisor, PartitionedSupervisor};
    ///
    /// fn sessions() -> PartitionedSupervisor {
    ///     PartitionedSupervisor::indexed(4, |index| {
    ///         DynamicSupervisor::new().max_children(if index == 0 { 10_000 } else { 1_000 })
    ///     })
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sessions = sessions();
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("sessions", sessions.clone())
    ///     .start();
    /// app.started().await?;
    /// let premium = &sessions.partitions()[0];
    /// let name = premium.start_child(ChildSpec::new("session", async |_| {})).await?;
    /// assert_eq!(name, "session-0.1");
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `partitions` is 0, or if `make` does.
    #[must_use]
    #[track_caller]
    pub fn indexed(partitions: usize, mut make: impl FnMut(usize) -> DynamicSupervisor) -> Self {
        assert!(partitions > 0, "a partitioned supervisor needs at least one partition");
        let partition = |index| make(index).into_partition(Partition { index, of: partitions });
        Self { partitions: (0..partitions).map(partition).collect(), limit: None }
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
        &self.partitions[selected_by(key, self.partitions.len())]
    }

    /// Returns the partition that a child of this name belongs to, whether there is such a child or not.
    ///
    /// For a name that does not look like a generated one, this is the partition that the name
    /// [selects](Self::partition) as a key.
    ///
    /// # Examples
    ///
    /// A place that is reserved for a child with a given name has to be in the partition of the name:
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, DynamicSupervisor, PartitionedSupervisor};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sessions = PartitionedSupervisor::new(4, || DynamicSupervisor::new().max_children(10));
    /// # let running = sessions.clone().start();
    /// # running.started().await?;
    /// let permit = sessions.partition_of("ada").reserve().await?;
    /// permit.start_named("ada", ChildSpec::new("session", async |ctx| ctx.cancelled().await)).await?;
    /// assert!(sessions.child("ada").await?.is_up());
    /// # running.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn partition_of(&self, name: &str) -> &DynamicSupervisor {
        &self.partitions[home_of(name, self.partitions.len())]
    }

    /// Returns all partitions, in the order of their numbers.
    #[must_use]
    pub fn partitions(&self) -> &[DynamicSupervisor] {
        &self.partitions
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
