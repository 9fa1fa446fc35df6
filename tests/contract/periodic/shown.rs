//! Snapshots of children whose work is periodic.

use std::time::Duration;

use sage_supervisor::{ChildContext, ChildSpec, Every, Strategy, TreeNode, supervisor as block};
use sage_supervisor_tests::supervisor;
use serde_json::Value;
use tokio::time::{advance, sleep};

use super::{Runs, SECOND};

#[tokio::test(start_paused = true)]
async fn rule_38_a_snapshot_shows_the_next_run() {
    let runs = Runs::new();
    let minute = SECOND * 60;
    let other = ChildSpec::new("other", async |ctx: ChildContext| ctx.cancelled().await);
    let tree =
        supervisor(Strategy::OneForOne).children([runs.child(&[150, 5]).every(minute), other]);
    let declared = tree.tree().to_string();
    assert!(declared.contains("a      not started  permanent, every 1min\n"), "{declared}");
    assert!(declared.ends_with("other  not started  permanent"), "{declared}");
    let running = tree.start();
    let handle = running.handle();
    let look = async || -> TreeNode { handle.tree().await.unwrap().root.children.remove(0) };
    sleep(SECOND * 50).await;
    let node = look().await;
    let every = node.every.unwrap();
    assert_eq!((every.period, every.next_run_in), (minute, None));
    assert_eq!((every.runs, every.skipped), (1, 0));
    let text = handle.tree().await.unwrap().to_string();
    assert!(text.contains("run 1 is under way"), "{text}");

    sleep(SECOND * 120).await;
    let every = look().await.every.unwrap();
    assert_eq!((every.next_run_in, every.runs, every.skipped), (Some(SECOND * 10), 1, 2));
    let tree = handle.tree().await.unwrap();
    assert!(tree.to_string().contains("next run in 10s, 2 ticks skipped"), "{tree}");
    let json: Value = serde_json::to_value(&tree).unwrap();
    let expected = serde_json::json!({
        "period_ms": 60_000, "next_run_in_ms": 10_000, "runs": 1, "skipped": 2,
    });
    assert_eq!(json["root"]["children"][0]["every"], expected);
    assert_eq!(json["root"]["children"][1]["every"], Value::Null);
    let flat = serde_json::to_value(tree.flat()).unwrap();
    assert_eq!(flat["nodes"][1]["every"], expected);

    handle.stop_child("a").await.unwrap();
    let every = look().await.every.unwrap();
    assert_eq!((every.next_run_in, every.runs, every.skipped), (None, 0, 0));
    let text = handle.tree().await.unwrap().to_string();
    assert!(!text.contains("run in") && !text.contains("under way"), "{text}");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_snapshot_shows_each_instance_by_itself() {
    let every = Every::new(SECOND * 60).first_after_period().jitter(1.0);
    let tree = block! {
        #[child(every = every, instances = 2)]
        a = async |_| {},
    };
    let running = tree.start();
    let handle = running.handle();
    let look = async || {
        let children = handle.tree().await.unwrap().root.children;
        let every = children.iter().map(|child| child.every.unwrap());
        every.map(|every| (every.next_run_in.unwrap(), every.runs)).collect::<Vec<_>>()
    };
    running.started().await.unwrap();
    sleep(Duration::from_millis(1)).await;
    let waits = look().await;
    assert!(waits.iter().all(|(wait, runs)| *wait > SECOND * 59 && *runs == 0));
    assert_ne!(waits[0].0, waits[1].0, "jitter");
    handle.restart_child("a-1").await.unwrap();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(look().await.iter().map(|(_, runs)| *runs).collect::<Vec<_>>(), [0, 1]);
    // The time is over, and the run has not begun.
    advance(SECOND * 1_000).await;
    running.shutdown().await.unwrap();
}
