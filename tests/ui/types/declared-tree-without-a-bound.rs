use std::time::Duration;

use sage_supervisor::__private::{DeclaredChild, DeclaredStart, DeclaredSupervisor, Written};
use sage_supervisor::{Shutdown, StaticChild, StaticTree};

const fn tree(name: &'static str, children: &'static [StaticChild]) -> StaticTree {
    DeclaredSupervisor {
        name,
        description: "",
        strategy: Written::No,
        max_restarts: Written::No,
        within_ms: Written::No,
        kill_grace_ms: Written::No,
        children,
    }
    .tree()
}

const fn child(name: &'static str, shutdown: Written<Shutdown>, start: DeclaredStart) -> StaticChild {
    DeclaredChild { name, description: "", restart: Written::No, shutdown, significant: false, start }
        .child()
}

const fn seconds(time: u64) -> Written<Shutdown> {
    Written::Known(Shutdown::Timeout(Duration::from_secs(time)))
}

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
