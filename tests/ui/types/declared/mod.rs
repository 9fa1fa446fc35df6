//! Trees without the macro.

use std::time::Duration;

use sage_supervisor::__private::{DeclaredChild, DeclaredStart, DeclaredSupervisor, Written};
use sage_supervisor::{Shutdown, StaticChild, StaticTree};

pub const fn tree(name: &'static str, children: &'static [StaticChild]) -> StaticTree {
    DeclaredSupervisor {
        name,
        own_name: Written::No,
        function: None,
        description: "",
        strategy: Written::No,
        max_restarts: Written::No,
        within_ms: Written::No,
        kill_grace_ms: Written::No,
        children,
    }
    .tree()
}

pub const fn child(name: &'static str, shutdown: Written<Shutdown>, start: DeclaredStart) -> StaticChild {
    DeclaredChild { name, description: "", restart: Written::No, shutdown, significant: false, start }
        .child()
}

pub const fn seconds(time: u64) -> Written<Shutdown> {
    Written::Known(Shutdown::Timeout(Duration::from_secs(time)))
}
