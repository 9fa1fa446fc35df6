use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        kill_grace = 1,
        give_up_after = "30",

        #[child]
        job = |_| async {},
    };
}
