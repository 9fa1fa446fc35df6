//! The children that are restarted together (rules 9 to 16). The table of strategies, policies and
//! exits is with rule 3.

use std::time::Duration;

use sage_supervisor::{ChildSpec, RestartPolicy, Strategy, Supervisor};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, settle, supervisor, unclean};

/// A started tree of puppets, all of them up.
async fn started<const N: usize>(
    strategy: Strategy,
    max_restarts: u32,
    puppets: [&Puppet; N],
    log: &Log,
) -> sage_supervisor::RunningSupervisor {
    let children = puppets.map(Puppet::spec);
    let running = Supervisor::new(strategy, limit(max_restarts)).children(children).start();
    settle().await;
    log.take();
    running
}

#[tokio::test(start_paused = true)]
async fn rule_9_one_for_one_restarts_the_child_in_its_place_in_the_order() {
    let log = Log::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let running = started(Strategy::OneForOne, 5, [&a, &b, &c], &log).await;
    b.fail("now");
    settle().await;
    assert_eq!(log.take(), "-b +b");
    running.shutdown().await.unwrap();
    assert_eq!(log.take(), "-c -b -a", "it kept its place");
}

#[tokio::test(start_paused = true)]
async fn rule_10_one_for_all_stops_in_reverse_and_starts_in_order() {
    let log = Log::default();
    let puppets = ["a", "b", "c", "d"].map(|name| Puppet::new(name, &log));
    let [a, b, c, d] = &puppets;
    let running = started(Strategy::OneForAll, 5, [a, b, c, d], &log).await;
    b.fail("now");
    settle().await;
    assert_eq!(log.take(), "-b -d -c -a +a +b +c +d");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_11_rest_for_one_leaves_earlier_children_untouched() {
    let log = Log::default();
    let puppets = ["a", "b", "c", "d"].map(|name| Puppet::new(name, &log));
    let [a, b, c, d] = &puppets;
    let running = started(Strategy::RestForOne, 5, [a, b, c, d], &log).await;
    b.fail("now");
    settle().await;
    assert_eq!(log.take(), "-b -d -c +b +c +d");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_12_an_exit_without_a_restart_touches_no_sibling() {
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        let log = Log::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
        let running = Supervisor::new(strategy, limit(0))
            .children([
                a.spec().restart(RestartPolicy::Temporary),
                b.spec().restart(RestartPolicy::Transient),
                c.spec(),
            ])
            .start();
        settle().await;
        log.take();
        a.fail("a temporary child");
        b.finish();
        settle().await;
        assert_eq!(log.take(), "-a -b");
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_13_a_group_restart_starts_finished_and_temporary_siblings_again() {
    let log = Log::default();
    let [done, gone, root, temporary] =
        ["done", "gone", "root", "temporary"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::OneForAll, limit(5))
        .children([
            done.spec().restart(RestartPolicy::Transient),
            gone.spec().restart(RestartPolicy::Temporary),
            root.spec(),
            temporary.spec().restart(RestartPolicy::Temporary),
        ])
        .start();
    settle().await;
    done.finish();
    gone.fail("for good");
    settle().await;
    log.take();
    root.fail("now");
    settle().await;
    assert_eq!(log.take(), "-root -temporary +done +gone +root +temporary");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_14_a_group_restart_waits_until_every_old_instance_is_gone() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let stubborn = Puppet::with("stubborn", &log, OnStop::Ignore);
    let root = Puppet::new("root", &log);
    let running = started(Strategy::OneForAll, 5, [&slow, &stubborn, &root], &log).await;
    let before = tokio::time::Instant::now();
    root.fail("now");
    root.started(2).await;
    assert_eq!(log.take(), "-root -stubborn -slow +slow +stubborn +root");
    let took = before.elapsed();
    // The stubborn child is killed after 5 s, and the slow one then takes 3 s.
    assert!((8000..8010).contains(&took.as_millis()), "{took:?}");
    assert_eq!([slow.peak(), stubborn.peak(), root.peak()], [1, 1, 1]);
    assert_eq!(unclean(running.shutdown().await), "root/stubborn: killed, its shutdown timed out");
}

/// Three exits that arrive together are one restart. With a limit of one, a second restart would
/// reach the limit.
#[tokio::test(start_paused = true)]
async fn rule_16_deaths_at_the_same_moment_are_one_group_restart() {
    let log = Log::default();
    let puppets = ["a", "b", "c", "d"].map(|name| Puppet::new(name, &log));
    let [a, b, c, d] = &puppets;
    let running = started(Strategy::RestForOne, 1, [a, b, c, d], &log).await;
    // The exits arrive in this order. The root is the earliest child in start order, not the first
    // one to arrive.
    d.fail("now");
    b.fail("now");
    c.fail("now");
    settle().await;
    assert_eq!(log.take(), "-d -b -c +b +c +d");
    assert!(!running.handle().has_ended());
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_16_deaths_at_the_same_moment_are_each_charged_under_one_for_one() {
    let log = Log::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let running = started(Strategy::OneForOne, 2, [&a, &b, &c], &log).await;
    a.fail("now");
    c.fail("now");
    settle().await;
    assert_eq!([a.starts(), b.starts(), c.starts()], [2, 1, 2]);
    b.fail("one too many");
    let error = running.wait().await.unwrap_err();
    assert!(error.to_string().contains("`b`"), "{error}");
}

/// `slow` takes three seconds to stop. In the meantime `early`, a member of the same group, ends.
#[tokio::test(start_paused = true)]
async fn rule_16_an_exit_found_while_the_group_stops_belongs_to_that_restart() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let [early, root] = ["early", "root"].map(|name| Puppet::new(name, &log));
    let running = started(Strategy::OneForAll, 1, [&early, &root, &slow], &log).await;
    root.fail("now");
    settle().await;
    assert_eq!(log.take(), "-root");
    early.fail("meanwhile");
    settle().await;
    assert_eq!(log.take(), "-early");
    root.started(2).await;
    settle().await;
    assert_eq!(log.take(), "-slow +early +root +slow");
    assert!(!running.handle().has_ended(), "it was not counted again");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_16_an_exit_before_the_root_widens_the_restart_at_no_further_cost() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let running = started(Strategy::RestForOne, 1, [&a, &b, &c, &slow], &log).await;
    c.fail("now");
    settle().await;
    assert_eq!(log.take(), "-c");
    a.fail("before the root");
    c.started(2).await;
    settle().await;
    assert_eq!(log.take(), "-a -slow -b +a +b +c +slow");
    assert!(!running.handle().has_ended(), "it was not counted again");
    running.shutdown().await.unwrap();
}

/// An exit is charged to the child that has ended, whatever the order of the exits. The founding
/// code restarted the wrong child after a temporary sibling had gone.
#[tokio::test(start_paused = true)]
async fn rule_16_an_exit_is_never_charged_to_another_child() {
    let log = Log::default();
    let puppets = ["a", "b", "c", "d", "e"].map(|name| Puppet::new(name, &log));
    let children: Vec<ChildSpec> = puppets
        .iter()
        .enumerate()
        .map(|(index, puppet)| match index {
            0 | 2 => puppet.spec().restart(RestartPolicy::Temporary),
            _ => puppet.spec(),
        })
        .collect();
    let running = supervisor(Strategy::OneForOne).children(children).start();
    settle().await;
    puppets[0].finish();
    puppets[2].finish();
    settle().await;
    for index in [4, 1, 3] {
        log.take();
        puppets[index].fail("now");
        settle().await;
        let name = ["a", "b", "c", "d", "e"][index];
        assert_eq!(log.take(), format!("-{name} +{name}"));
    }
    running.shutdown().await.unwrap();
}

/// `deep` is ready only when all children below it have been started, and each level reports this
/// to the one above. In the meantime `x` makes `a` fail. `a` is restarted in its place, or with all
/// that is up so far, and the start goes on.
#[tokio::test(start_paused = true)]
async fn rule_8_an_exit_during_the_first_start_is_answered_and_the_start_goes_on() {
    for (strategy, expected) in [
        (Strategy::OneForOne, "+a +x -a +a +b"),
        (Strategy::OneForAll, "+a +x -a -x +a +x +b"),
        (Strategy::RestForOne, "+a +x -a -x +a +x +b"),
    ] {
        let log = Log::default();
        let [a, b, x] = ["a", "b", "x"].map(|name| Puppet::new(name, &log));
        let (failing, puppet) = (a.clone(), x.clone());
        let x = ChildSpec::new("x", move |ctx| {
            if puppet.starts() == 0 {
                failing.fail("during the first start");
            }
            puppet.clone().act_with(ctx)
        });
        let deep = (0..9).fold(supervisor(Strategy::OneForOne).children([x]), |inner, _| {
            supervisor(Strategy::OneForOne).child("inner", inner)
        });
        let running = supervisor(strategy)
            .children([a.spec()])
            .child("deep", deep)
            .children([b.spec()])
            .start();
        settle().await;
        assert_eq!(log.take(), expected, "{strategy:?}");
        running.shutdown().await.unwrap();
    }
}
