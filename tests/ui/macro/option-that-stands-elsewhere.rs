use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(after = "b")]
        a = |_| async {},

        #[child(type = "worker", start = run)]
        b = |_| async {},

        #[child(blocking)]
        c = |_| async {},

        #[child(args = [1, 2], modules = [worker])]
        d = |_| async {},
    };
}
