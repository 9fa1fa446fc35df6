mod declared;

use sage_supervisor::expansion::WrittenStart;
use sage_supervisor::DeclaredTree;

use declared::{child, seconds, tree};

const STORAGE: DeclaredTree<'static> = tree(
    "storage",
    &[
        child("pool", seconds(3), WrittenStart::Closure),
        child("cache", seconds(2), WrittenStart::Closure),
    ],
);

const _: () = STORAGE.assert_has_time("storage", 3_000);

fn main() {}
