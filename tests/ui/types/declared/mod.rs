//! Trees without the macro.

use std::time::Duration;

use sage_supervisor::expansion::{Setting, WrittenChild, WrittenStart, WrittenTree};
use sage_supervisor::{DeclaredChild, DeclaredTree, Shutdown};

pub const fn tree(name: &'static str, children: &'static [DeclaredChild<'static>]) -> DeclaredTree<'static> {
    WrittenTree {
        name,
        own_name: Setting::Unset,
        function: None,
        description: "",
        strategy: Setting::Unset,
        max_restarts: Setting::Unset,
        within_ms: Setting::Unset,
        kill_grace_ms: Setting::Unset,
        children,
    }
    .declare()
}

pub const fn child(name: &'static str, shutdown: Setting<Shutdown>, start: WrittenStart<'static>) -> DeclaredChild<'static> {
    WrittenChild { name, description: "", restart: Setting::Unset, shutdown, significant: false, start }
        .declare()
}

pub const fn seconds(time: u64) -> Setting<Shutdown> {
    Setting::Known(Shutdown::Timeout(Duration::from_secs(time)))
}
