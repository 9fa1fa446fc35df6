use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(restart = always)]
        a = |_| async {},

        #[child(restart = OnFailure)]
        b = |_| async {},

        #[child(restart = Restart::Never)]
        c = |_| async {},

        #[child(restart = :permanent)]
        d = |_| async {},

        #[child(restart = unless-stopped)]
        e = |_| async {},
    };
}
