mod declared;

use sage_supervisor::expansion::{Setting, WrittenStart};
use sage_supervisor::{DeclaredTree, Shutdown};

use declared::{child, seconds, tree};

const STORAGE: DeclaredTree<'static> = tree(
    "storage",
    &[
        child("pool", seconds(20), WrittenStart::Closure),
        child("feed", Setting::Known(Shutdown::Infinity), WrittenStart::Closure),
    ],
);

const APP: DeclaredTree<'static> = tree(
    "app",
    &[
        child("storage", Setting::Unset, WrittenStart::Nested(STORAGE)),
        child("mailer", Setting::Unset, WrittenStart::Value),
        child("batch", Setting::Dynamic, WrittenStart::Closure),
    ],
);

const _: () = APP.assert_fits_within_ms(30_000);

fn main() {}
