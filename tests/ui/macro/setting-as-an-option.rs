use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(strategy = "one_for_all", kill_grace = "1s")]
        a = |_| async {},
    };
}
