use sage_supervisor::supervisor;

fn main() {
    let minutes = 5;
    let _ = supervisor! {
        #[child(every = minutes)]
        sweep = |_| async {},
    };
}
