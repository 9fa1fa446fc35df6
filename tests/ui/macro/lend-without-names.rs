use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(lend)]
        a = |_| async {},

        #[child(lend = inbox)]
        b = |_| async {},

        #[child(lend())]
        c = |_| async {},
    };
}
