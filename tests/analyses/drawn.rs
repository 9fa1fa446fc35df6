//! The drawing of a declared tree.

use std::time::Duration;

use sage_supervisor::__private::{DeclaredChild, DeclaredStart, DeclaredSupervisor, Written};
use sage_supervisor::{RestartPolicy, Shutdown, StaticChild, StaticTree, Strategy};

use crate::unwritten::{NO_CHILD, NOT_WRITTEN};

const fn seconds(time: u64) -> Written<Shutdown> {
    Written::Known(Shutdown::Timeout(Duration::from_secs(time)))
}

const STORAGE: StaticTree = DeclaredSupervisor {
    max_restarts: Written::Known(Some(3)),
    children: &[
        DeclaredChild {
            name: "pool",
            description: " Connections to the database.\n\n All of them.",
            shutdown: seconds(20),
            ..NO_CHILD
        }
        .child(),
        DeclaredChild {
            name: "cache",
            restart: Written::Known(RestartPolicy::Temporary),
            shutdown: seconds(10),
            ..NO_CHILD
        }
        .child(),
    ],
    ..NOT_WRITTEN
}
.tree();

const LISTENER: StaticChild =
    DeclaredChild { name: "listener", description: "Accepts connections.", ..NO_CHILD }.child();

const APP: &[StaticChild] = &[
    LISTENER,
    DeclaredChild { name: "storage", start: DeclaredStart::Nested(STORAGE), ..NO_CHILD }.child(),
    DeclaredChild { name: "feed", shutdown: Written::Known(Shutdown::Infinity), ..NO_CHILD }
        .child(),
    DeclaredChild { name: "mailer", start: DeclaredStart::Value, ..NO_CHILD }.child(),
];

/// The example of the documentation.
#[test]
fn a_line_for_each_child_in_columns() {
    let tree = DeclaredSupervisor { children: APP, ..NOT_WRITTEN }.tree();
    let drawn = "\
app          one_for_one, 5 restarts in 1m, unbounded stop
├─ listener  permanent      5s to stop   6 starts  Accepts connections.
├─ storage   transient     30s to stop   6 starts
│  ├─ pool   permanent     20s to stop  24 starts  Connections to the database.
│  └─ cache  temporary     10s to stop    1 start
├─ feed      permanent  unbounded stop   6 starts
└─ mailer    unknown      unknown stop   6 starts";
    assert_eq!(tree.to_string(), drawn);
}

#[test]
fn a_column_without_any_text_is_left_out() {
    let tree = DeclaredSupervisor {
        strategy: Written::Known(Strategy::RestForOne),
        max_restarts: Written::Known(None),
        children: &APP[..1],
        ..NOT_WRITTEN
    };
    let drawn = "\
app          rest_for_one, no restart limit, 5s to stop
└─ listener  permanent  5s to stop  Accepts connections.";
    assert_eq!(tree.tree().to_string(), drawn);
}

/// Below a last child there is no line to go on.
#[test]
fn branches_end_at_the_last_child() {
    let inner = DeclaredSupervisor {
        max_restarts: Written::Known(Some(0)),
        children: &APP[..1],
        ..NOT_WRITTEN
    };
    let start = DeclaredStart::Nested(inner.tree());
    let middle = [DeclaredChild { name: "größe", start, shutdown: seconds(0), ..NO_CHILD }.child()];
    let tree = DeclaredSupervisor {
        name: "a-long-name-of-a-root",
        strategy: Written::Unknown,
        max_restarts: Written::Known(Some(1)),
        within_ms: Written::Known(1_500),
        children: Box::leak(Box::new(middle)),
        ..NOT_WRITTEN
    };
    let drawn = "\
a-long-name-of-a-root  unknown strategy, 1 restart in 1500ms, 0s to stop
└─ größe               transient  0s to stop  2 starts
   └─ listener         permanent  5s to stop  2 starts  Accepts connections.";
    assert_eq!(tree.tree().to_string(), drawn);
}

#[test]
fn a_limit_known_only_at_run_time_is_unknown() {
    let limits = [
        (Written::Unknown, Written::No),
        (Written::No, Written::Unknown),
        (Written::Unknown, Written::Unknown),
    ];
    for (max_restarts, within_ms) in limits {
        let tree = DeclaredSupervisor { max_restarts, within_ms, ..NOT_WRITTEN }.tree();
        assert_eq!(tree.to_string(), "app  one_for_one, unknown restart limit, 0s to stop");
    }
}
