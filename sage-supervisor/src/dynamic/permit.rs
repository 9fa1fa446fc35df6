//! Places among the children of a dynamic supervisor that are reserved before there is a child.

use std::fmt;

use super::{DynamicSpec, DynamicSupervisor, StartError};
use crate::child::OnceChild;
use crate::command::CommandError;
use crate::handle::SupervisorHandle;
use crate::scope::Place;

/// A place for one child of a [`DynamicSupervisor`], from [`reserve`](DynamicSupervisor::reserve).
///
/// The place counts against [`max_children`](DynamicSupervisor::max_children), and as
/// [`reserved`](crate::Counts::reserved), until it is used by a start or the permit is dropped. A start
/// with a permit is therefore never refused for want of room. A start that is refused for another reason
/// gives the place back.
///
/// A permit owns what it needs, so it can be moved into a task or stored. (`tokio::sync::mpsc` has an
/// `OwnedPermit` for that.)
///
/// A permit belongs to the run of the supervisor that gave it. If the supervisor has been restarted since,
/// the new run begins without children and without reserved places. A start with the permit then is an
/// ordinary start in the new run, which may be full again.
#[must_use = "a permit that is dropped gives its place back"]
pub struct Permit {
    supervisor: DynamicSupervisor,
    place: Place,
}

impl DynamicSupervisor {
    /// Waits until there is room for one more child, and reserves the place.
    ///
    /// Callers are served in the order in which they came. A place that becomes free belongs to the
    /// caller that has waited longest, so nobody who comes later takes it first, with
    /// [`start_child`](Self::start_child) or otherwise. Without
    /// [`max_children`](Self::max_children) there is always room. (`tokio::sync::mpsc::Sender::reserve`
    /// does the same for a channel.)
    ///
    /// A child may wait for room in its own supervisor. It waits for the end of another child: if every
    /// place is held by a child that waits, none of them goes on until one is stopped or gives up.
    ///
    /// # Examples
    ///
    /// A server that accepts a connection only when it can serve it, without a semaphore:
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    /// use sage_supervisor::BoxError;
    /// # struct Listener(tokio::sync::mpsc::Receiver<String>);
    /// # impl Listener {
    /// #     async fn accept(&mut self) -> Result<(String, ()), &'static str> {
    /// #         self.0.recv().await.map(|socket| (socket, ())).ok_or("closed")
    /// #     }
    /// # }
    ///
    /// async fn serve(mut listener: Listener, sessions: DynamicSupervisor) -> Result<(), BoxError> {
    ///     loop {
    ///         let permit = sessions.reserve().await?;
    ///         let (socket, _) = listener.accept().await?;
    ///         permit.start_child(OnceChild::new("session", async move |_| drop(socket))).await?;
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sessions = DynamicSupervisor::new().max_children(1);
    /// # let running = sessions.clone().start();
    /// # let (clients, listener) = tokio::sync::mpsc::channel(4);
    /// # for client in ["ada", "bob", "eve"] {
    /// #     clients.send(client.to_owned()).await?;
    /// # }
    /// # drop(clients);
    /// # let end = serve(Listener(listener), sessions).await.unwrap_err();
    /// # assert_eq!(end.to_string(), "closed");
    /// # running.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`start_child`](Self::start_child) about the supervisor itself, also if it begins to
    /// end while the caller waits, and [`CommandError::MaxChildren`] if `max_children` is 0.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: no place is lost. A future that is dropped loses its place in the
    /// queue.
    pub async fn reserve(&self) -> Result<Permit, CommandError> {
        self.reserve_place(true).await
    }

    /// Reserves a place, if there is room for one more child and nobody waits for it.
    ///
    /// # Errors
    ///
    /// [`CommandError::MaxChildren`], and the errors of [`start_child`](Self::start_child) about the
    /// supervisor itself.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: no place is lost.
    pub async fn try_reserve(&self) -> Result<Permit, CommandError> {
        self.reserve_place(false).await
    }

    async fn reserve_place(&self, waits: bool) -> Result<Permit, CommandError> {
        // The handle is dropped at the end of this statement, so the future holds the answer alone
        // while it waits.
        let answer = self.reach().await?.reserve_place(waits)?;
        match answer.await {
            Some(place) => Ok(Permit { supervisor: self.clone(), place: place? }),
            // The supervisor has ended before it could answer.
            None => Err(SupervisorHandle::has_ended_error(self.run()?.lineage().to_string())),
        }
    }
}

impl Permit {
    /// Starts a child in the reserved place, like
    /// [`DynamicSupervisor::start_child`](DynamicSupervisor::start_child).
    ///
    /// # Errors
    ///
    /// The errors of that method. [`CommandError::MaxChildren`] is answered only if the supervisor was
    /// restarted since the place was reserved.
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is started even if the future is dropped. Before
    /// that, the place is given back.
    pub async fn start_child<S>(self, spec: S) -> Result<String, CommandError>
    where
        S: Into<DynamicSpec>, // pass a `ChildSpec`, an `Arc<ChildSpec>`, a `OnceChild`, or a `Supervisor`
    {
        self.supervisor.start_as(None, spec.into(), Some(self.place)).await
    }

    /// Starts a child under the given name in the reserved place, like
    /// [`DynamicSupervisor::start_named`](DynamicSupervisor::start_named).
    ///
    /// # Errors
    ///
    /// The errors of that method, see [`start_child`](Self::start_child).
    ///
    /// # Cancel safety
    ///
    /// As [`start_child`](Self::start_child).
    pub async fn start_named<S>(self, name: impl Into<String>, spec: S) -> Result<(), CommandError>
    where
        S: Into<DynamicSpec>, // pass a `ChildSpec`, an `Arc<ChildSpec>`, a `OnceChild`, or a `Supervisor`
    {
        let name = Some(name.into());
        self.supervisor.start_as(name, spec.into(), Some(self.place)).await.map(drop)
    }

    /// Starts a child in the reserved place, and gives it back if it is refused, like
    /// [`DynamicSupervisor::start_once`](DynamicSupervisor::start_once).
    ///
    /// # Errors
    ///
    /// The errors of [`start_child`](Self::start_child), with the child.
    ///
    /// # Cancel safety
    ///
    /// As [`start_child`](Self::start_child).
    pub async fn start_once(self, child: OnceChild) -> Result<String, StartError<OnceChild>> {
        self.supervisor.start_once_in(None, child, Some(self.place)).await
    }

    pub(crate) fn into_parts(self) -> (DynamicSupervisor, Place) {
        (self.supervisor, self.place)
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("supervisor", &self.supervisor).finish_non_exhaustive()
    }
}
