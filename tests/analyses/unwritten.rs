//! A supervisor and a child without any written setting.

use sage_supervisor::__private::{DeclaredChild, DeclaredStart, DeclaredSupervisor, Written};

pub(crate) const NOT_WRITTEN: DeclaredSupervisor = DeclaredSupervisor {
    name: "app",
    own_name: Written::No,
    function: None,
    description: "",
    strategy: Written::No,
    max_restarts: Written::No,
    within_ms: Written::No,
    kill_grace_ms: Written::No,
    children: &[],
};

pub(crate) const NO_CHILD: DeclaredChild = DeclaredChild {
    name: "child",
    description: "",
    restart: Written::No,
    shutdown: Written::No,
    significant: false,
    start: DeclaredStart::Closure,
};
