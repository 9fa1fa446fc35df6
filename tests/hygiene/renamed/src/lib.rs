//! The macros in a crate that knows the supervisor under other names only, has a `mod std` of its
//! own, and denies every lint.

#![forbid(unsafe_code, clippy::unused_async)]
#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    future_incompatible,
    let_underscore,
    nonstandard_style,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    unused,
    explicit_outlives_requirements,
    keyword_idents,
    meta_variable_misuse,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    non_ascii_idents,
    redundant_imports,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unreachable_pub,
    unused_import_braces,
    unused_lifetimes,
    unused_macro_rules,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]

/// A module that is not the standard library.
pub mod std {}

/// A module that is not the core library.
pub mod core {}

/// A module that is not the crate.
pub mod sage_supervisor {}

pub mod facade;
pub mod lints;
pub mod no_prelude;
pub mod renamed;
pub mod shadows;
