mod declared;

use sage_supervisor::expansion::WrittenStart;
use sage_supervisor::DeclaredTree;

use declared::{child, seconds, tree};

const APP: DeclaredTree<'static> = tree(
    "app",
    &[
        child("pool", seconds(3), WrittenStart::Closure),
        child("cache", seconds(2), WrittenStart::Closure),
    ],
);

const _: () = assert!(APP.max_starts("pol") <= 10);

fn main() {}
