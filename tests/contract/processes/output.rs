//! The input and the output of processes.

use sage_supervisor::{ChildSpec, CommandSpec, Exit};
use sage_supervisor_tests::{Lines, Rude, quiet_panics};

use super::{Folder, child, exit_of, is_running, send, sh};

/// Every line is recorded, in order, including a last line without a newline.
#[tokio::test]
async fn the_output_of_a_process_goes_to_tracing() {
    let lines = Lines::default();
    let _recording = tracing::subscriber::set_default(lines.clone());
    let spec = child("echo one; echo two; echo oops >&2; printf three");
    assert!(matches!(exit_of(spec).await, Exit::Normal));
    let mut told = lines.take();
    told.sort_by_key(|line| line.starts_with("WARN"));
    let expected = [
        "INFO root/child stdout one",
        "INFO root/child stdout two",
        "INFO root/child stdout three",
        "WARN root/child stderr oops",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn much_output_holds_up_nobody_and_is_complete() {
    let lines = Lines::default();
    let _recording = tracing::subscriber::set_default(lines.clone());
    // The output is larger than any pipe buffer.
    let spec = child("seq 1 200000; head -c 20000 /dev/zero | tr '\\0' x");
    assert!(matches!(exit_of(spec).await, Exit::Normal));
    let told = lines.take();
    assert_eq!(told.len(), 200_001);
    assert_eq!(told[199_999], "INFO root/child stdout 200000");
    assert_eq!(told[200_000].chars().filter(|&c| c == 'x').count(), 8 * 1024, "cut");
}

#[tokio::test]
async fn a_subscriber_that_panics_at_a_line_does_the_process_no_harm() {
    quiet_panics();
    let lines = Lines::default();
    {
        let _recording = tracing::subscriber::set_default(Rude::PanicsAtLines);
        assert!(matches!(exit_of(child("echo one; echo two >&2; sleep 0.05")).await, Exit::Normal));
    }
    let _recording = tracing::subscriber::set_default(lines.clone());
    assert!(matches!(exit_of(child("echo three")).await, Exit::Normal));
    assert_eq!(lines.take(), ["INFO root/child stdout three"]);
}

/// `timeout` makes a process group of its own, so the supervisor does not find the process below
/// it. That process holds the pipe, and the exit does not wait for it.
#[tokio::test]
async fn a_pipe_that_somebody_else_holds_does_not_hold_up_the_exit() {
    let folder = Folder::new();
    let lines = Lines::default();
    let _recording = tracing::subscriber::set_default(lines.clone());
    let spec = folder.child(
        "timeout 600 sh -c 'echo $$ > up; exec sleep 600' & while [ ! -s up ]; do sleep 0.01; done; echo bye",
    );
    assert!(matches!(exit_of(spec).await, Exit::Normal));
    let [left] = folder.pids("up", 1)[..] else { panic!() };
    assert!(is_running(left), "else this shows nothing");
    assert_eq!(lines.take(), ["INFO root/child stdout bye"]);
    assert!(send("-KILL", left));
}

#[tokio::test]
async fn input_and_output_are_replaced_unless_they_are_kept() {
    let folder = Folder::new();
    let [input, file] = ["input", "output"].map(|name| folder.0.join(name));
    std::fs::write(&input, "begin\n").unwrap();
    let make = {
        let file = file.clone();
        move || {
            // The process ends at the end of its input.
            let mut command = sh("cat; echo end");
            command.stdin(std::fs::File::open(&input).unwrap());
            command.stdout(std::fs::File::create(&file).unwrap());
            command
        }
    };
    let lines = Lines::default();
    let _recording = tracing::subscriber::set_default(lines.clone());
    assert!(matches!(exit_of(ChildSpec::command("child", make.clone())).await, Exit::Normal));
    assert_eq!(lines.take(), ["INFO root/child stdout end"]);
    assert_eq!(std::fs::read(&file).unwrap(), b"");

    let kept = make.clone();
    let kept = move || CommandSpec::new(kept()).keep_output();
    assert!(matches!(exit_of(ChildSpec::command("child", kept)).await, Exit::Normal));
    assert_eq!(std::fs::read(&file).unwrap(), b"end\n");

    let kept = move || CommandSpec::new(make()).keep_output().keep_input();
    assert!(matches!(exit_of(ChildSpec::command("child", kept)).await, Exit::Normal));
    assert_eq!(std::fs::read(&file).unwrap(), b"begin\nend\n");

    let piped = || {
        let mut command = sh("echo piped");
        command.stdout(std::process::Stdio::piped());
        CommandSpec::new(command).keep_output()
    };
    assert!(matches!(exit_of(ChildSpec::command("child", piped)).await, Exit::Normal));
    assert_eq!(lines.take(), ["INFO root/child stdout piped"]);
}
