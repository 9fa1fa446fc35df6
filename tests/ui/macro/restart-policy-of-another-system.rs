use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(restart = "always")]
        a = |_| async {},

        #[child(restart = "on-failure")]
        b = |_| async {},

        #[child(restart = "never")]
        c = |_| async {},
    };
}
