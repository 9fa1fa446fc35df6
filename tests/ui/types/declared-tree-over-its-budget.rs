mod declared;

use sage_supervisor::__private::{DeclaredStart, Written};
use sage_supervisor::StaticTree;

use declared::{child, seconds, tree};

const STORAGE: StaticTree = tree(
    "storage",
    &[
        child("pool", seconds(20), DeclaredStart::Closure),
        child("cache", seconds(10), DeclaredStart::Closure),
    ],
);

const APP: StaticTree = tree(
    "app",
    &[
        child("listener", Written::No, DeclaredStart::Closure),
        child("storage", Written::No, DeclaredStart::Nested(STORAGE)),
    ],
);

const _: () = APP.assert_fits_within_ms(30_000);

fn main() {}
