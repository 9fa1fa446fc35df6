//! The drawings of the macros for trees that contain named trees, as far as the macros know them.

use std::time::Duration;

use sage_supervisor::{DeclaredTree, Shutdown, Supervisor, supervisor};

use crate::language::{Analysis, analyses};

const TIME: Duration = Duration::from_secs(3);

supervisor! {
    fn plain() -> Supervisor {
        #[child]
        pool = async |_| {},
    }

}

trees! {
    fn one() -> Supervisor {
        #[child(tree)]
        storage = plain(),
    }

    fn described() -> Supervisor {
        strategy = "one_for_all",
        max_restarts = 2,
        kill_grace = "2s",

        /// The data.
        #[child(tree, restart = "permanent", shutdown = "1m")]
        storage = plain().kill_grace(TIME),
        #[child(shutdown = "infinity")]
        feed = async |_| {},
        #[child(tree, restart = "temporary", shutdown = Shutdown::BrutalKill)]
        killed = plain().keep_alive(true),
        #[child(tree, shutdown = TIME)]
        at_run_time = plain(),
        #[child(tree, shutdown = "9000h")]
        more_than_a_year = plain(),
    }

    fn deep() -> Supervisor {
        #[child(restart = "temporary")]
        outer = supervisor! {
            max_restarts = 0,

            #[child]
            inner = supervisor! {
                name = format!("{TIME:?}"),
                max_restarts = "unlimited",

                #[child(tree)]
                storage = plain(),
            },
            #[child]
            last = async |_| {},
        },
        #[cfg(all())]
        #[child(tree)]
        storage = plain(),
    }
}

/// The cells of a line, without times and without references.
fn cells(line: &str) -> Vec<&str> {
    let line = line.split(" (see `").next().unwrap_or_default();
    let cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
    let cells = cells.filter(|cell| !cell.ends_with(" stop") || cell.contains(", "));
    let cells = cells.filter(|cell| !cell.starts_with("see `"));
    // The settings of a root end with the time to stop, if it is known.
    cells
        .map(|cell| {
            cell.rsplit_once(", ")
                .filter(|(_, time)| time.ends_with(" stop"))
                .map_or(cell, |(rest, _)| rest)
        })
        .collect()
}

#[test]
fn every_line_of_the_macros_is_one_of_the_runtime() {
    let analyses = analyses(TOKENS.parse().unwrap());
    assert_eq!(analyses.len(), TREES.len());
    for (tree, Analysis { drawing, mistakes }) in TREES.iter().zip(analyses) {
        assert_eq!(mistakes, Vec::<String>::new(), "{}", tree.name());
        let whole = tree.to_string();
        let mut lines = whole.lines().map(cells);
        for line in drawing.lines() {
            assert!(lines.any(|known| known == cells(line)), "{line}\n{drawing}\n{whole}");
        }
    }
}

#[test]
fn times_and_graces_go_through_named_trees() {
    let worst_cases = TREES.iter().map(DeclaredTree::worst_case_shutdown_ms).collect::<Vec<_>>();
    assert_eq!(worst_cases, [5_000, u64::MAX, 15_000]);
    let graces = TREES.iter().map(DeclaredTree::kill_grace_ms).collect::<Vec<_>>();
    assert_eq!(graces, [1_000, u64::MAX, 1_000]);
}

#[tokio::test(start_paused = true)]
async fn every_tree_of_this_table_is_valid() {
    for tree in declarations() {
        tree.start().shutdown().await.unwrap();
    }
}
