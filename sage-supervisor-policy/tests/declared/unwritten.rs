//! A supervisor and a child without any written setting.

use sage_supervisor_policy::{Setting, WrittenChild, WrittenStart, WrittenTree};

pub(crate) const NOT_WRITTEN: WrittenTree<'static> = WrittenTree {
    name: "app",
    own_name: Setting::Unset,
    function: None,
    description: "",
    strategy: Setting::Unset,
    max_restarts: Setting::Unset,
    within_ms: Setting::Unset,
    kill_grace_ms: Setting::Unset,
    children: &[],
};

pub(crate) const NO_CHILD: WrittenChild<'static> = WrittenChild {
    name: "child",
    description: "",
    restart: Setting::Unset,
    shutdown: Setting::Unset,
    significant: false,
    start: WrittenStart::Closure,
};
