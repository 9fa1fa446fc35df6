//! Children that are real processes, on the real clock. A test waits without a time limit of its
//! own.

mod driven;
mod dropped;
mod exits;
mod output;
mod stop;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sage_supervisor::{ChildSpec, Exit, RestartPolicy, Strategy, SupervisorHandle};
use sage_supervisor_tests::supervisor;
use tokio::process::Command;

/// A time limit that is reached only if something is broken.
const FAR: Duration = Duration::from_secs(300);

fn sh(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

fn child(script: &'static str) -> ChildSpec {
    ChildSpec::command("child", move || sh(script)).shutdown(FAR)
}

/// A temporary folder for the files that the programs of a test write.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("sage-supervisor-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    /// A child that runs in this folder.
    fn child(&self, script: &'static str) -> ChildSpec {
        let folder = self.0.clone();
        let make = move || {
            let mut command = sh(script);
            command.current_dir(&folder);
            command
        };
        ChildSpec::command("child", make).shutdown(FAR)
    }

    /// The process ids in a file, one in each line, as soon as there are enough of them.
    fn pids(&self, file: &str, number: usize) -> Vec<u32> {
        eventually(|| {
            let text = std::fs::read_to_string(self.0.join(file)).unwrap_or_default();
            let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            let pids: Vec<u32> = lines.map(|line| line.trim().parse().unwrap()).collect();
            (pids.len() >= number).then_some(pids)
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Repeats a look until it finds something.
fn eventually<T>(look: impl Fn() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(began.elapsed() < FAR, "it does not come");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Returns whether there was a process to send the signal to.
fn send(signal: &str, pid: u32) -> bool {
    let kill = format!("kill {signal} {pid}");
    std::process::Command::new("sh").args(["-c", &kill]).output().unwrap().status.success()
}

/// The state and the parent of a process, if anything is left of it. An orphan may stay a zombie if
/// its new parent does not reap it.
fn left_of(pid: u32) -> Option<(char, u32)> {
    if !Path::new("/proc/self/stat").exists() {
        return send("-0", pid).then_some(('?', 0));
    }
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

fn is_running(pid: u32) -> bool {
    left_of(pid).is_some_and(|(state, _)| !"ZX".contains(state))
}

fn is_our_zombie(pid: u32) -> bool {
    left_of(pid).is_some_and(|(state, parent)| state == 'Z' && parent == std::process::id())
}

/// The exit of a child that is alone in its tree and runs once, whether it is asked to stop or not.
async fn exit_of(spec: ChildSpec) -> Exit {
    let tree = supervisor(Strategy::OneForOne)
        .keep_alive(true)
        .children([spec.restart(RestartPolicy::Temporary)]);
    let running = tree.start();
    let exit = last_exit(&running.handle()).await;
    running.shutdown().await.unwrap();
    exit
}

async fn last_exit(handle: &SupervisorHandle) -> Exit {
    loop {
        let child = handle.child("child").await;
        if let Some(exit) = child.ok().and_then(|child| child.last_exit) {
            return exit;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// The exit of a child that is stopped after it has written to its file.
async fn exit_of_stopped(folder: &Folder, spec: ChildSpec) -> Exit {
    let running = supervisor(Strategy::OneForOne).kill_grace(FAR).children([spec]).start();
    let handle = running.handle();
    tokio::task::block_in_place(|| folder.pids("up", 1));
    handle.stop_child("child").await.unwrap();
    let exit = last_exit(&handle).await;
    running.shutdown().await.unwrap();
    exit
}
