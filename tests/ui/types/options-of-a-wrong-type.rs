use sage_supervisor::supervisor;

fn limit() -> &'static str {
    "3"
}

fn policy() -> char {
    'p'
}

fn main() {
    let _ = supervisor! {
        strategy = 1 + 1,
        max_restarts = limit(),

        #[child(restart = policy(), shutdown = policy())]
        worker = |_| async {},
    };
}
