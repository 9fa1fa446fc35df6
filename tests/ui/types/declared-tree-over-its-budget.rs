mod declared;

use sage_supervisor::expansion::{Setting, WrittenStart};
use sage_supervisor::DeclaredTree;

use declared::{child, seconds, tree};

const STORAGE: DeclaredTree<'static> = tree(
    "storage",
    &[
        child("pool", seconds(20), WrittenStart::Closure),
        child("cache", seconds(10), WrittenStart::Closure),
    ],
);

const APP: DeclaredTree<'static> = tree(
    "app",
    &[
        child("listener", Setting::Unset, WrittenStart::Closure),
        child("storage", Setting::Unset, WrittenStart::Nested(STORAGE)),
    ],
);

const _: () = APP.assert_fits_within_ms(30_000);

fn main() {}
