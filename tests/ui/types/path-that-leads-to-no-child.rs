mod declared;

use sage_supervisor::__private::DeclaredStart;
use sage_supervisor::StaticTree;

use declared::{child, seconds, tree};

const APP: StaticTree = tree(
    "app",
    &[
        child("pool", seconds(3), DeclaredStart::Closure),
        child("cache", seconds(2), DeclaredStart::Closure),
    ],
);

const _: () = assert!(APP.max_starts("pol") <= 10);

fn main() {}
