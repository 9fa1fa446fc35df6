use std::time::Duration;

use sage_supervisor::__private::{
    DeclaredChild, DeclaredStart, DeclaredSupervisor, Written, assert_has_time,
};
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
        child("pool", seconds(3), DeclaredStart::Closure),
        child("cache", seconds(2), DeclaredStart::Closure),
    ],
);

const _: () = assert_has_time(&STORAGE, "storage", 3_000);

fn main() {}
