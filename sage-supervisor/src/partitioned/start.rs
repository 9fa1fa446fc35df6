//! The starts of children in the partition of a key or a name.

use std::hash::Hash;

use super::PartitionedSupervisor;
use crate::child::{ChildContext, OnceChild};
use crate::command::CommandError;
use crate::dynamic::{DynamicSpec, Permit, StartError};
use crate::task::{Task, TaskBuilder};

impl PartitionedSupervisor {
    /// Starts a child in the partition that the key selects, and returns its name, which no child of any
    /// partition has at the same time. Otherwise the method is [`DynamicSupervisor::start_child`].
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, DynamicSupervisor, PartitionedSupervisor};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rooms = PartitionedSupervisor::new(2, DynamicSupervisor::new);
    /// let running = rooms.clone().start();
    /// running.started().await?;
    /// let guest = || ChildSpec::new("guest", async |ctx| ctx.cancelled().await);
    /// let ada = rooms.start_child(&101, guest()).await?;
    /// let bob = rooms.start_child(&102, guest()).await?;
    /// assert_ne!(ada, bob);
    /// assert!(rooms.child(&ada).await?.is_up());
    /// running.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`DynamicSupervisor::start_child`].
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is started even if the future is dropped.
    ///
    /// [`DynamicSupervisor::start_child`]: crate::DynamicSupervisor::start_child
    pub async fn start_child<K, S>(&self, key: &K, spec: S) -> Result<String, CommandError>
    where
        K: Hash + ?Sized,
        S: Into<DynamicSpec>, // pass a `ChildSpec`, an `Arc<ChildSpec>`, a `OnceChild`, or a `Supervisor`
    {
        self.partition(key).start_child(spec).await
    }

    /// Starts a child under the given name, which is its key as well, in the
    /// [partition of the name](Self::partition_of).
    ///
    /// Of several starts under one name at the same time, one succeeds.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, CommandError, DynamicSupervisor, PartitionedSupervisor};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sessions = PartitionedSupervisor::new(4, DynamicSupervisor::new);
    /// let running = sessions.clone().start();
    /// running.started().await?;
    /// let session = || ChildSpec::new("session", async |ctx| ctx.cancelled().await);
    /// sessions.start_named("ada", session()).await?;
    /// let second = sessions.start_named("ada", session()).await;
    /// assert!(matches!(second, Err(CommandError::AlreadyRunning { .. })));
    /// running.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`DynamicSupervisor::start_named`](crate::DynamicSupervisor::start_named).
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is started even if the future is dropped.
    pub async fn start_named<S>(&self, name: impl Into<String>, spec: S) -> Result<(), CommandError>
    where
        S: Into<DynamicSpec>, // pass a `ChildSpec`, an `Arc<ChildSpec>`, a `OnceChild`, or a `Supervisor`
    {
        let name = name.into();
        self.partition_of(&name).start_named(name, spec).await
    }

    /// Starts a child like [`start_child`](Self::start_child), and gives it back if it is refused, see
    /// [`DynamicSupervisor::start_once`](crate::DynamicSupervisor::start_once).
    ///
    /// # Errors
    ///
    /// The errors of [`start_child`](Self::start_child), with the child.
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is started even if the future is dropped.
    pub async fn start_once<K>(
        &self,
        key: &K,
        child: OnceChild,
    ) -> Result<String, StartError<OnceChild>>
    where
        K: Hash + ?Sized,
    {
        self.partition(key).start_once(child).await
    }

    /// Starts a child like [`start_named`](Self::start_named), and gives it back if it is refused.
    ///
    /// # Errors
    ///
    /// The errors of [`start_named`](Self::start_named), with the child.
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is started even if the future is dropped.
    pub async fn start_named_once(
        &self,
        name: impl Into<String>,
        child: OnceChild,
    ) -> Result<(), StartError<OnceChild>> {
        let name = name.into();
        self.partition_of(&name).start_named_once(name, child).await
    }

    /// Starts a task in the partition that the key selects, and returns the future of its result. The
    /// name of the task is derived from `name`. Otherwise the method is
    /// [`DynamicSupervisor::spawn_task`](crate::DynamicSupervisor::spawn_task).
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{DynamicSupervisor, PartitionedSupervisor};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let jobs = PartitionedSupervisor::new(2, DynamicSupervisor::new);
    /// let running = jobs.clone().start();
    /// running.started().await?;
    /// let sum = jobs.spawn_task("ada", "sum", |_| async { (1..=4).sum::<u32>() }).await?;
    /// assert_eq!(sum.await?, 10);
    /// running.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`start_child`](Self::start_child).
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the task is started even if the future is dropped.
    pub async fn spawn_task<K, F, Fut>(
        &self,
        key: &K,
        name: impl Into<String>,
        start: F,
    ) -> Result<Task<Fut::Output>, CommandError>
    where
        K: Hash + ?Sized,
        F: FnOnce(ChildContext) -> Fut,
        F: Send,     // any thread may start the child: use `Arc` in place of `Rc`
        F: 'static,  // the function outlives its caller: `move` the values it uses
        Fut: Future, // write `async move |ctx| ..`, or `move |ctx| async move { .. }`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Send + 'static,
    {
        self.partition(key).spawn_task(name, start).await
    }

    /// Returns the settings of a task that is to be started in the partition that the key selects.
    /// Without any setting, the task is that of [`spawn_task`](Self::spawn_task).
    pub fn task<K: Hash + ?Sized>(&self, key: &K, name: impl Into<String>) -> TaskBuilder {
        self.partition(key).task(name)
    }

    /// Waits until there is room for one more child in the partition that the key selects, and reserves
    /// the place, as [`DynamicSupervisor::reserve`](crate::DynamicSupervisor::reserve) does. Each
    /// partition has its own `max_children`, and its own queue.
    ///
    /// The place belongs to the partition. A permit for a child with a given name is
    /// [reserved](crate::DynamicSupervisor::reserve) in the [partition of the name](Self::partition_of).
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, DynamicSupervisor, PartitionedSupervisor};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let jobs = PartitionedSupervisor::new(2, || DynamicSupervisor::new().max_children(1));
    /// let running = jobs.clone().start();
    /// running.started().await?;
    /// let permit = jobs.reserve("ada").await?;
    /// assert!(jobs.try_reserve("ada").await.is_err());
    /// permit.start_child(ChildSpec::new("job", async |ctx| ctx.cancelled().await)).await?;
    /// running.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`DynamicSupervisor::reserve`](crate::DynamicSupervisor::reserve).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: no place is lost. A future that is dropped loses its place in the
    /// queue.
    pub async fn reserve<K: Hash + ?Sized>(&self, key: &K) -> Result<Permit, CommandError> {
        self.partition(key).reserve().await
    }

    /// Reserves a place in the partition that the key selects, if there is room for one more child there
    /// and nobody waits for it.
    ///
    /// # Errors
    ///
    /// The errors of [`DynamicSupervisor::try_reserve`](crate::DynamicSupervisor::try_reserve).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: no place is lost.
    pub async fn try_reserve<K: Hash + ?Sized>(&self, key: &K) -> Result<Permit, CommandError> {
        self.partition(key).try_reserve().await
    }
}
