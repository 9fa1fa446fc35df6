mod declared;

use sage_supervisor::__private::{DeclaredStart, Written};
use sage_supervisor::{Shutdown, StaticTree};

use declared::{child, seconds, tree};

const STORAGE: StaticTree = tree(
    "storage",
    &[
        child("pool", seconds(20), DeclaredStart::Closure),
        child("feed", Written::Known(Shutdown::Infinity), DeclaredStart::Closure),
    ],
);

const APP: StaticTree = tree(
    "app",
    &[
        child("storage", Written::No, DeclaredStart::Nested(STORAGE)),
        child("mailer", Written::No, DeclaredStart::Value),
        child("batch", Written::Unknown, DeclaredStart::Closure),
    ],
);

const _: () = APP.assert_fits_within_ms(30_000);

fn main() {}
