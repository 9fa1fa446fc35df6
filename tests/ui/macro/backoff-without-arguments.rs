use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        backoff,

        #[child(backoff = "5s")]
        a = |_| async {},

        #[child(backoff =)]
        b = |_| async {},

        #[child(backoff = 2.0)]
        c = |_| async {},
    };
}
