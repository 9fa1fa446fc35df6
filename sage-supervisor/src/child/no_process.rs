//! What stands in place of process children without the feature `process`: a message.

use super::ChildSpec;

/// A function that makes a command, with the feature `process`. Nothing implements this trait.
#[diagnostic::on_unimplemented(
    message = "`ChildSpec::command` needs the feature `process` of `sage-supervisor`",
    label = "a process child",
    note = "write `features = [\"process\"]` at the dependency in `Cargo.toml`"
)]
pub trait NeedsFeatureProcess {}

impl ChildSpec {
    #[doc(hidden)]
    pub fn command<F: NeedsFeatureProcess>(name: impl Into<String>, _make: F) -> Self {
        Self::without_context(name, || async {})
    }
}
