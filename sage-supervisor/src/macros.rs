//! The macros, and their documentation.

/// Declares a supervision tree.
#[macro_export]
macro_rules! supervisor {
    ($($tokens:tt)*) => {
        $crate::__private::supervisor_impl! { { $crate } $($tokens)* }
    };
}

pub use sage_supervisor_macros::child;
