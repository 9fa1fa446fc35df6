use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        auto_shutdwon = "never",
        stay_alive = true,
        kill_timeout = "1s",
        restart = "transient",

        #[child(start_timeout = "5s", critical, signifcant)]
        job = |_| async {},
    };
}
