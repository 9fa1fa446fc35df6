//! The drawing of a declared tree.

use std::time::Duration;

use sage_supervisor_policy::{
    DeclaredBackoff, DeclaredChild, DeclaredTree, RestartPolicy, Shutdown, Strategy,
};
use sage_supervisor_policy::{Setting, WrittenChild, WrittenStart, WrittenTree};

use crate::unwritten::{NO_CHILD, NOT_WRITTEN};

const fn seconds(time: u64) -> Setting<Shutdown> {
    Setting::Known(Shutdown::Timeout(Duration::from_secs(time)))
}

const STORAGE: DeclaredTree<'static> = WrittenTree {
    max_restarts: Setting::Known(Some(3)),
    children: &[
        WrittenChild {
            name: "pool",
            description: " Connections to the database.\n\n All of them.",
            shutdown: seconds(20),
            ..NO_CHILD
        }
        .declare(),
        WrittenChild {
            name: "cache",
            restart: Setting::Known(RestartPolicy::Temporary),
            shutdown: seconds(10),
            ..NO_CHILD
        }
        .declare(),
    ],
    ..NOT_WRITTEN
}
.declare();

const LISTENER: DeclaredChild<'static> =
    WrittenChild { name: "listener", description: "Accepts connections.", ..NO_CHILD }.declare();

const APP: &[DeclaredChild<'static>] = &[
    LISTENER,
    WrittenChild { name: "storage", start: WrittenStart::Nested(STORAGE), ..NO_CHILD }.declare(),
    WrittenChild { name: "feed", shutdown: Setting::Known(Shutdown::Infinity), ..NO_CHILD }
        .declare(),
    WrittenChild { name: "mailer", start: WrittenStart::Value, ..NO_CHILD }.declare(),
];

#[test]
fn children_that_are_made_at_run_time_have_a_line_of_their_own() {
    const MORE: DeclaredTree<'static> = STORAGE.with_more_children();
    const ALL: &[DeclaredChild<'static>] = &[
        WrittenChild { name: "storage", start: WrittenStart::Nested(MORE), ..NO_CHILD }.declare(),
        LISTENER,
    ];
    let tree = WrittenTree { children: ALL, ..NOT_WRITTEN }.declare();
    let drawn = "\
app          one_for_one, 5 restarts in 1m, unknown stop
├─ storage   transient  unknown stop   6 starts
│  ├─ pool   permanent   20s to stop  24 starts  Connections to the database.
│  ├─ cache  temporary   10s to stop    1 start
│  └─ ..     made at run time
└─ listener  permanent    5s to stop   6 starts  Accepts connections.";
    assert_eq!(tree.to_string(), drawn);
    assert_eq!((tree.worst_case_shutdown_ms(), tree.worst_case_startup_ms()), (u64::MAX, u64::MAX));
    assert!(tree.to_dot().contains("[label=\"..\\nmade at run time\"]"));
}

/// The graphs say the same as the lines.
#[test]
fn a_node_for_each_child_in_a_graph() {
    let tree = WrittenTree { children: APP, ..NOT_WRITTEN }.declare();
    let labels = [
        "app|one_for_one|5 restarts in 1m|unbounded stop",
        "listener|permanent|5s to stop|6 starts",
        "storage|one_for_one|transient|30s to stop|6 starts",
        "pool|permanent|20s to stop|24 starts",
        "cache|temporary|10s to stop|1 start",
        "feed|permanent|unbounded stop|6 starts",
        "mailer|unknown|unknown stop|6 starts",
    ];
    let parents = [None, Some(0), Some(0), Some(2), Some(2), Some(0), Some(0)];
    let graph = |head: &str, open: &str, close: &str, line_break: &str, arrow: &str| {
        let mut text = head.to_owned();
        for (number, (label, parent)) in labels.iter().zip(parents).enumerate() {
            let label = label.replace('|', line_break);
            text += &format!("    n{number}{open}\"{label}\"{close}\n");
            if let Some(parent) = parent {
                let end = if arrow == "->" { ";" } else { "" };
                text += &format!("    n{parent} {arrow} n{number}{end}\n");
            }
        }
        text
    };
    let dot = graph("digraph tree {\n    node [shape=box];\n", " [label=", "];", "\\n", "->");
    assert_eq!(tree.to_dot(), dot + "}\n");
    assert_eq!(tree.to_mermaid(), graph("flowchart TD\n", "[", "]", "<br/>", "-->"));
}

/// The tree is the example of the module `draw`.
#[test]
fn a_line_for_each_child_in_columns() {
    let tree = WrittenTree { children: APP, ..NOT_WRITTEN }.declare();
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
    let tree = WrittenTree {
        strategy: Setting::Known(Strategy::RestForOne),
        max_restarts: Setting::Known(None),
        children: &APP[..1],
        ..NOT_WRITTEN
    };
    let drawn = "\
app          rest_for_one, no restart limit, 5s to stop
└─ listener  permanent  5s to stop  Accepts connections.";
    assert_eq!(tree.declare().to_string(), drawn);
}

/// No line continues below a last child.
#[test]
fn branches_end_at_the_last_child() {
    let inner =
        WrittenTree { max_restarts: Setting::Known(Some(0)), children: &APP[..1], ..NOT_WRITTEN };
    let start = WrittenStart::Nested(inner.declare());
    let middle =
        [WrittenChild { name: "größe", start, shutdown: seconds(0), ..NO_CHILD }.declare()];
    let tree = WrittenTree {
        name: "a-long-name-of-a-root",
        strategy: Setting::Dynamic,
        max_restarts: Setting::Known(Some(1)),
        within_ms: Setting::Known(1_500),
        children: Box::leak(Box::new(middle)),
        ..NOT_WRITTEN
    };
    let drawn = "\
a-long-name-of-a-root  unknown strategy, 1 restart in 1500ms, 0s to stop
└─ größe               transient  0s to stop  2 starts
   └─ listener         permanent  5s to stop  2 starts  Accepts connections.";
    assert_eq!(tree.declare().to_string(), drawn);
}

#[test]
fn a_backoff_says_when_the_tree_gives_up() {
    let backoff = |initial_ms| {
        let (max_ms, reset_after_ms) = (60_000, 60_000);
        let (factor, jitter) = (2.0, 0.1);
        Setting::Known(DeclaredBackoff { initial_ms, max_ms, factor, jitter, reset_after_ms })
    };
    let child = |name| WrittenChild { name, ..NO_CHILD }.declare();
    let children = [
        child("at_once"),
        child("fast").delayed(backoff(100)),
        child("slow").delayed(backoff(1_000)),
        child("slower").delayed(backoff(10_000)),
        child("unknown").delayed(Setting::Dynamic),
    ];
    let children = Box::leak(Box::new(children));
    let limit = Setting::Known(Some(5));
    let tree = WrittenTree { max_restarts: limit, children, ..NOT_WRITTEN }.declare();
    let drawn = "\
app         one_for_one, 5 restarts in 1m, 25s to stop
├─ at_once  permanent  5s to stop                      6 starts
├─ fast     permanent  5s to stop   6 starts, gives up after 2s
├─ slow     permanent  5s to stop  6 starts, gives up after 27s
├─ slower   permanent  5s to stop                never gives up
└─ unknown  permanent  5s to stop";
    assert_eq!(tree.to_string(), drawn);
    let tree = WrittenTree { children: &children[..3], ..NOT_WRITTEN }.declare();
    let drawn = "\
app         one_for_one, 5 undelayed restarts in 1m, 15s to stop
├─ at_once  permanent  5s to stop        6 starts
├─ fast     permanent  5s to stop  never gives up
└─ slow     permanent  5s to stop  never gives up";
    assert_eq!(tree.to_string(), drawn);
}

/// The supervisor of a child may fail long before the root does.
#[test]
fn a_supervisor_that_fails_before_the_root_says_when() {
    let backoff = Setting::Known(DeclaredBackoff {
        initial_ms: 1_000,
        max_ms: 60_000,
        factor: 2.0,
        jitter: 0.0,
        reset_after_ms: 60_000,
    });
    let pool = WrittenChild { name: "pool", ..NO_CHILD }.declare().delayed(backoff);
    let limit = Setting::Known(Some(3));
    let children: &[_] = Box::leak(Box::new([pool.ready_within(Setting::Known(2_000))]));
    let storage = WrittenTree { max_restarts: limit, children, ..NOT_WRITTEN }.declare();
    let start = WrittenStart::Nested(storage);
    let storage = WrittenChild { name: "storage", start, ..NO_CHILD }.declare();
    let children: &[_] = Box::leak(Box::new([storage]));
    let app = WrittenTree { max_restarts: limit, children, ..NOT_WRITTEN }.declare();
    let drawn = "\
app         one_for_one, 3 restarts in 1m, 2s to start, 5s to stop
└─ storage  transient  5s to stop                                                 4 starts
   └─ pool  permanent  5s to stop  16 starts, `storage` fails after 7s, gives up after 28s";
    assert_eq!(app.to_string(), drawn);
}

#[test]
fn a_limit_known_only_at_run_time_is_unknown() {
    let limits = [
        (Setting::Dynamic, Setting::Unset),
        (Setting::Unset, Setting::Dynamic),
        (Setting::Dynamic, Setting::Dynamic),
    ];
    for (max_restarts, within_ms) in limits {
        let tree = WrittenTree { max_restarts, within_ms, ..NOT_WRITTEN }.declare();
        assert_eq!(tree.to_string(), "app  one_for_one, unknown restart limit, 0s to stop");
    }
}
