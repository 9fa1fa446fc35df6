//! The function of the user's that says of an error whether no restart can help.

use std::any::TypeId;
use std::error::Error;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::contain::Contained;

/// A function that judges errors of one type.
pub(super) trait Judge: Send + Sync {
    /// Returns whether no restart can help against this error.
    fn judges(&self, error: &(dyn Error + 'static)) -> bool;

    /// Returns the type of the function, if every value of that type is the same.
    fn type_if_it_captures_nothing(&self) -> Option<TypeId>;
}

/// Makes a judge of a function for errors of the type `E`.
pub(super) fn judge<E>(is_final: impl Fn(&E) -> bool + Send + Sync + 'static) -> Arc<dyn Judge>
where
    E: Error + 'static,
{
    Arc::new(JudgeOf { is_final: Contained::new(is_final), error: PhantomData })
}

/// Returns whether two judges are known to be the same.
pub(super) fn is_same_judge(one: &Arc<dyn Judge>, other: &Arc<dyn Judge>) -> bool {
    let known = one.type_if_it_captures_nothing();
    Arc::ptr_eq(one, other) || (known.is_some() && known == other.type_if_it_captures_nothing())
}

struct JudgeOf<F, E> {
    is_final: Contained<F>,
    error: PhantomData<fn(&E)>,
}

impl<F, E> Judge for JudgeOf<F, E>
where
    F: Fn(&E) -> bool + Send + Sync + 'static,
    E: Error + 'static,
{
    fn judges(&self, error: &(dyn Error + 'static)) -> bool {
        error.downcast_ref().is_some_and(|error| self.is_final.get()(error))
    }

    fn type_if_it_captures_nothing(&self) -> Option<TypeId> {
        // The type of the errors belongs to it.
        (size_of::<F>() == 0).then(TypeId::of::<Self>)
    }
}
