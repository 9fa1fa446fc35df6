//! What can stand behind a child's name.

use super::context::ChildContext;
use super::outcome::Outcome;
use super::spec::ChildSpec;

/// A value that can be a child: an `async fn` that takes a [`ChildContext`], a [`ChildSpec`], or a
/// [`Supervisor`](crate::Supervisor).
///
/// A closure needs the type of its parameter to be known; hand it to [`ChildSpec::new`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a child",
    label = "cannot be started",
    note = "a child is an `async fn(ChildContext)`, a closure, a `ChildSpec` or a `Supervisor`"
)]
pub trait IntoChild {
    /// The spec of this child under the name `name`. A supervisor that was given a name of its own
    /// keeps that.
    fn into_child(self, name: String) -> ChildSpec;
}

impl<F, Fut> IntoChild for F
where
    F: Fn(ChildContext) -> Fut, // called at every start: it cannot give away what it owns
    F: Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome,
{
    fn into_child(self, name: String) -> ChildSpec {
        ChildSpec::new(name, self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoChild for ChildSpec {
    fn into_child(self, name: String) -> ChildSpec {
        self.named(name)
    }
}
