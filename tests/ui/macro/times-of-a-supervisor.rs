use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        kill_grace = 1,
        unresponsive_timeout = "30",

        #[child]
        job = |_| async {},
    };
}
