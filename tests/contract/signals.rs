//! The end of a process by signals (rules 27 and 33). Each test watches a real process of its own.

use std::io::{BufRead, BufReader, Lines};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts the program, and waits until its child is up.
    fn start(mode: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_signalled"))
            .arg(mode)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut process = Self { child, lines };
        assert_eq!(process.line(), "ready");
        process
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("it has not ended").unwrap()
    }

    fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
    }

    /// The rest of the output, up to the end of the process.
    fn rest(&mut self) -> Vec<String> {
        self.lines.by_ref().map(Result::unwrap).collect()
    }

    fn end(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    /// A test that fails leaves no process behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

#[test]
fn rule_27_the_first_signal_is_a_graceful_stop() {
    for name in ["TERM", "INT"] {
        let mut process = Process::start("obey");
        process.signal(name);
        assert_eq!(process.line(), "asked");
        assert_eq!(process.line(), "ok");
        assert!(process.end().success());
    }
}

#[test]
fn rule_27_the_second_signal_aborts_everything() {
    let mut process = Process::start("slow");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    process.signal("INT");
    assert_eq!(process.line(), "error: aborted before everything had stopped (Ctrl-C)");
    assert!(process.end().success());
}

#[test]
fn rule_27_the_report_names_the_signals() {
    let mut process = Process::start("report");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    process.signal("INT");
    let told = "Requested { by: Signal { number: 15 }, reason: None }, \
                aborted: Some(Signal { number: 2 })";
    assert_eq!(process.line(), told);
    assert!(process.end().success());
}

/// The tree has ended, and the drop of the runtime waits for a task that does not end. The next
/// signal ends the process, as it would by default.
#[test]
fn rule_27_after_the_end_of_the_tree_a_signal_exits() {
    let mut process = Process::start("fails");
    let error = "error: killed and not ended: root/child, while stopping after an error: ";
    assert!(process.line().starts_with(error));
    process.signal("TERM");
    assert_eq!(process.end().code(), Some(128 + 15));
}

#[test]
fn rule_27_a_subscriber_that_panics_does_not_make_it_immune_to_signals() {
    let mut process = Process::start("rude");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    assert_eq!(process.line(), "ok");
    assert!(process.end().success());
}

/// The child never yields. `run` returns without the child at the second signal, the drop of the
/// runtime would then wait for ever, and the third signal ends the process.
#[test]
fn rule_27_the_third_signal_exits_with_its_number() {
    for (name, number) in [("TERM", 15), ("INT", 2)] {
        let mut process = Process::start("blocked");
        process.signal("TERM");
        // Two pending signals of the same kind are merged into one, so the second signal is of
        // another kind.
        process.signal("INT");
        assert_eq!(process.line(), "error: killed and not ended: root/child");
        process.signal(name);
        let status = process.end();
        assert_eq!((status.code(), status.signal()), (Some(128 + number), None));
    }
}

#[test]
fn rule_33_every_signal_is_one_event_before_what_it_leads_to() {
    let mut process = Process::start("slow");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    process.signal("INT");
    let told = [
        "error: aborted before everything had stopped (Ctrl-C)",
        "root Signalled { number: 15 }",
        "root/child Stopping { timeout: None }",
        "root Signalled { number: 2 }",
        "root/child Killed { reason: Supervisor }",
        "root/child Exited { exit: Killed, asked: true }",
        "root Exited { exit: Error(aborted before everything had stopped (Ctrl-C)), asked: false }",
        "INFO event=signal path=root number=15",
    ];
    assert_eq!(process.rest(), told);
    assert!(process.end().success());
}

/// A subscriber of `tracing` that never returns delays neither the stop of the tree nor the other
/// subscribers.
#[test]
fn rule_33_a_subscriber_that_hangs_at_a_signal_holds_up_neither_the_stop_nor_others() {
    let mut process = Process::start("hangs");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    assert_eq!(process.line(), "ok");
    assert_eq!(process.line(), "root Signalled { number: 15 }");
    process.rest();
    assert!(process.end().success());
}
