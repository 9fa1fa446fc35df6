//! The form of a report for people, and its form for machines (rule 33).

use std::time::Duration;

use sage_supervisor::{DynamicSupervisor, RestartPolicy, Strategy, Supervisor, SupervisorHandle};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, settle, supervisor};

/// The handle of a shop that has ended after several failures.
async fn shop() -> SupervisorHandle {
    let log = Log::default();
    let slow =
        |name, seconds| Puppet::with(name, &log, OnStop::After(Duration::from_secs(seconds)));
    let [audit, mailer] = ["audit", "mailer"].map(|name| Puppet::new(name, &log));
    let vacuum = Puppet::with("vacuum", &log, OnStop::Ignore);
    let storage = Supervisor::new(Strategy::OneForAll, limit(3))
        .children([slow("writer", 1).spec(), vacuum.spec()]);
    let sessions = DynamicSupervisor::new();
    let running = Supervisor::new(Strategy::RestForOne, limit(5))
        .name("shop")
        .child("storage", storage)
        .child("sessions", sessions.clone())
        .children([
            slow("http", 2).spec(),
            audit.spec().restart(RestartPolicy::Temporary),
            mailer.spec(),
        ])
        .start();
    settle().await;
    for seconds in [1, 0] {
        sessions.start_child(slow("session", seconds).spec()).await.unwrap();
    }
    mailer.fail("no route");
    audit.fail("the queue\nis closed");
    tokio::time::sleep(Duration::from_secs(700)).await;
    let handle = running.handle();
    handle.shutdown_because("a new version is there").await.unwrap_err();
    handle
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_report_is_drawn_for_people() {
    let report = shop().await.report().unwrap();
    let expected = r"
× shop            ended badly after 11min 49s
  because         asked through a handle: a new version is there
  restarts        1
  failures        shop/audit, 11min 49s before the end: error: the queue\nis closed
  while stopping  shop/storage/vacuum: killed, its shutdown timed out
  stop            9s
  ├─ storage      6s
  │  ├─ writer    1s   shutdown
  │  └─ vacuum    5s   killed, its shutdown timed out
  ├─ sessions     1s   2 children at once, session-1 the longest
  ├─ http         2s   shutdown
  ├─ audit        -    was down: error
  └─ mailer       0ms  shutdown";
    assert_eq!(format!("\n{report}"), expected);
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_report_of_a_failure_shows_the_error() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::OneForOne, limit(1))
        .name("app")
        .children([a.spec(), b.spec()])
        .start();
    a.fail("disk full");
    a.fail("disk full");
    let report = running.wait_with_report().await;
    let expected = "
× app       failed after 0ms
  because   supervisor `app` reached its maximum restart intensity: child `a` needed more than 1 \
              restart within 60s; last exit: error: disk full
  restarts  1
  stop      0ms
  ├─ a      -    was down: error
  └─ b      0ms  shutdown";
    assert_eq!(format!("\n{report}"), expected);
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_report_that_has_nothing_to_tell_is_short() {
    let report = supervisor(Strategy::OneForOne).run_with_report().await;
    let expected = "\
        ○ root      ended well after 0ms\n  \
          because   all children had ended for good\n  \
          restarts  none";
    assert_eq!(report.to_string(), expected);
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_report_is_serialised_with_the_number_of_its_form() {
    let report = shop().await.report().unwrap();
    let mut read = serde_json::to_value(&report).unwrap();
    let root = read["root"].take();
    let (before, ran) = (&read["failures"]["last"][0]["before_end_ms"], &read["ran_ms"]);
    assert!(before.as_u64().unwrap() > 700_000 && ran.as_u64() > before.as_u64());
    assert_eq!(
        read,
        serde_json::json!({
            "schema": 2,
            "error": "child `shop/storage/vacuum` was killed because its shutdown timed out",
            "cause": {
                "kind": "requested", "by": { "kind": "handle" }, "reason": "a new version is there",
            },
            "aborted_by": null, "ran_ms": ran, "restarts": 1,
            "failures": {
                "count": 1,
                "last": [{
                    "path": "shop/audit", "kind": "error",
                    "reason": "error: the queue\\nis closed", "before_end_ms": before,
                }],
            },
            "stop_failures": {
                "count": 1,
                "first": [{
                    "path": "shop/storage/vacuum", "kind": "killed", "reason": "killed",
                    "shutdown_timed_out": true,
                }],
            },
            "shutdown_timeouts": { "count": 1, "paths": ["shop/storage/vacuum"] },
            "unresponsive": { "count": 0, "paths": [] }, "root": null,
        })
    );
    let took = &root["children"][0]["children"][1]["took_ms"];
    assert!((5_000..5_010).contains(&took.as_u64().unwrap()));
    assert_eq!(
        root["children"][0]["children"][1],
        serde_json::json!({
            "name": "vacuum", "path": "shop/storage/vacuum", "kind": "worker", "took_ms": took,
            "exit": { "kind": "killed", "reason": "killed" }, "is_given_up": false, "shutdown_timed_out": true,
            "is_unresponsive": false, "children": [], "more_children": 0, "dynamic_children": null,
        })
    );
    let many = &root["children"][1]["dynamic_children"];
    assert_eq!(
        (&many["stopped"], &many["slowest"]),
        (&2.into(), &"shop/sessions/session-1".into())
    );
}

/// The flat form has the fields of the nested one, and can be read at any depth.
#[tokio::test(start_paused = true)]
async fn rule_33_the_deepest_tree_can_be_read_in_its_flat_form() {
    let log = Log::default();
    let leaf = supervisor(Strategy::OneForOne).children([Puppet::new("leaf", &log).spec()]);
    let tree =
        (1..256).fold(leaf, |inner, _| supervisor(Strategy::OneForOne).child("inner", inner));
    let running = tree.start();
    running.started().await.unwrap();
    let handle = running.handle();
    let snapshot = handle.tree().await.unwrap();
    running.shutdown().await.unwrap();
    let report = handle.report().unwrap();

    let read = |json: String| serde_json::from_str::<serde_json::Value>(&json);
    assert!(
        read(serde_json::to_string(&snapshot).unwrap()).is_err(),
        "the nested form is too deep"
    );
    for json in [serde_json::to_string(&snapshot.flat()), serde_json::to_string(&report.flat())] {
        let flat = read(json.unwrap()).unwrap();
        let nodes = flat["nodes"].as_array().unwrap();
        assert_eq!(
            (nodes.len(), &nodes[0]["depth"], &nodes[256]["depth"]),
            (257, &0.into(), &256.into())
        );
        assert_eq!(
            (&nodes[256]["name"], &nodes[1]["path"]),
            (&"leaf".into(), &"root/inner".into())
        );
    }
}

#[tokio::test(start_paused = true)]
async fn rule_33_the_flat_form_has_the_fields_of_the_nested_one() {
    fn walk(node: &serde_json::Value, depth: u64, into: &mut Vec<serde_json::Value>) {
        let mut flat = node.clone();
        let children = flat.as_object_mut().unwrap().remove("children").unwrap();
        flat["depth"] = depth.into();
        into.push(flat);
        children.as_array().unwrap().iter().for_each(|child| walk(child, depth + 1, into));
    }
    let (log, pool) = (Log::default(), DynamicSupervisor::new());
    let nested = supervisor(Strategy::OneForAll).children([Puppet::new("a", &log).spec()]);
    let running = supervisor(Strategy::OneForOne)
        .child("nested", nested)
        .child("pool", pool.clone())
        .children([Puppet::new("b", &log).spec()])
        .start();
    running.started().await.unwrap();
    pool.start_child(Puppet::new("c", &log).spec()).await.unwrap();
    let handle = running.handle();
    let snapshot = handle.tree().await.unwrap();
    running.shutdown().await.unwrap();
    let report = handle.report().unwrap();
    let forms = [
        (serde_json::to_value(&snapshot), serde_json::to_value(snapshot.flat())),
        (serde_json::to_value(&report), serde_json::to_value(report.flat())),
    ];
    for (nested, flat) in forms {
        let mut expected = nested.unwrap();
        let root = expected.as_object_mut().unwrap().remove("root").unwrap();
        let mut nodes = Vec::new();
        walk(&root, 0, &mut nodes);
        expected["nodes"] = nodes.into();
        assert_eq!(flat.unwrap(), expected);
    }
}
