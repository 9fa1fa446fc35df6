use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        strategy = OneForAll,

        #[child(restart = Transient, shutdown = BrutalKill)]
        job = |_| async {},
    };
}
