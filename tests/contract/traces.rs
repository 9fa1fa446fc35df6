//! The events that are emitted through `tracing` (rule 33).

use std::time::Duration;

use sage_supervisor::{RestartPolicy, Strategy, Supervisor};
use sage_supervisor_tests::{
    Log, OnStop, Puppet, Recorder, Rude, limit, quiet_panics, settle, supervisor, unclean,
};

#[tokio::test(start_paused = true)]
async fn rule_33_every_fact_of_a_childs_life_is_one_event() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let stubborn = Puppet::with("stubborn", &log, OnStop::Ignore);
    let inner = Supervisor::new(Strategy::OneForOne, limit(1)).children([b.spec()]);
    let running = supervisor(Strategy::RestForOne)
        .name("app")
        .children([a.spec().restart(RestartPolicy::Transient)])
        .child("inner", inner)
        .children([stubborn.spec().shutdown(Duration::from_secs(2))])
        .start();
    settle().await;
    let start = |path: &str, instance| {
        let child = path.rsplit('/').next().unwrap();
        format!("DEBUG event=start path={path} child={child} instance={instance}")
    };
    assert_eq!(
        recorder.take(),
        [
            "INFO event=start path=app".to_owned(),
            start("app/a", 1),
            start("app/inner", 1),
            start("app/inner/b", 1),
            "DEBUG event=ready path=app/inner child=inner".to_owned(),
            start("app/stubborn", 1)
        ]
    );

    a.finish();
    b.fail("first");
    settle().await;
    assert_eq!(
        recorder.take(),
        [
            "DEBUG event=exit path=app/a child=a exit=normal asked=false",
            "WARN event=exit path=app/inner/b child=b exit=error: first asked=false",
            "INFO event=restart path=app/inner/b child=b exit=error: first attempt=1 siblings=0 delay=0ns \
             used=1 allowed=1",
            "DEBUG event=start path=app/inner/b child=b instance=2",
        ]
    );

    b.fail("second");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let reached = "supervisor `app/inner` reached its maximum restart intensity: child `b` needed \
                   more than 1 restart within 60s; last exit: error: second";
    assert_eq!(
        recorder.take(),
        [
            "WARN event=exit path=app/inner/b child=b exit=error: second asked=false".to_owned(),
            "ERROR event=restart_limit path=app/inner/b child=b supervisor=app/inner exit=error: second used=2 \
             allowed=1 within=60s"
                .to_owned(),
            format!("WARN event=exit path=app/inner child=inner exit=error: {reached} asked=false"),
            format!(
                "INFO event=restart path=app/inner child=inner exit=error: {reached} attempt=1 siblings=1 \
                 delay=0ns used=1 allowed=5"
            ),
            "DEBUG event=stop path=app/stubborn child=stubborn timeout=2s".to_owned(),
            "INFO event=kill path=app/stubborn child=stubborn reason=the shutdown timed out"
                .to_owned(),
            "DEBUG event=exit path=app/stubborn child=stubborn exit=killed asked=true".to_owned(),
            start("app/inner", 2),
            start("app/inner/b", 1),
            "DEBUG event=ready path=app/inner child=inner".to_owned(),
            start("app/stubborn", 2),
        ]
    );
    assert_eq!(unclean(running.shutdown().await), "app/stubborn: killed, its shutdown timed out");
    let told = recorder.take();
    assert_eq!(told[0], "INFO event=shutdown path=app by=asked by its owner");
    assert_eq!(told[4], "DEBUG event=stop path=app/inner child=inner", "{told:?}");
    assert_eq!(
        told.last().unwrap(),
        "ERROR event=exit path=app exit=error: child `app/stubborn` was killed because its shutdown timed \
         out asked=false"
    );
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_subscriber_that_panics_does_no_harm() {
    quiet_panics();
    let _recording = tracing::subscriber::set_default(Rude::Panics);
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let running = supervisor(Strategy::OneForOne).children([a.spec()]).start();
    a.fail("now");
    a.started(2).await;
    running.shutdown().await.unwrap();
}
