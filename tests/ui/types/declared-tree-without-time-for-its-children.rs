mod declared;

use sage_supervisor::__private::{DeclaredStart, assert_has_time};
use sage_supervisor::StaticTree;

use declared::{child, seconds, tree};

const STORAGE: StaticTree = tree(
    "storage",
    &[
        child("pool", seconds(3), DeclaredStart::Closure),
        child("cache", seconds(2), DeclaredStart::Closure),
    ],
);

const _: () = assert_has_time(&STORAGE, "storage", 3_000);

fn main() {}
