use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child = "transient"]
        a = |_| async {},

        #[child[restart = "transient"]]
        b = |_| async {},
    };
}
