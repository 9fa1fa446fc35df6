use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        strategy = concat!("one_for_", "all"),

        #[child(restart = b"transient")]
        a = |_| async {},

        #[child(restart = Some("temporary"))]
        b = |_| async {},

        #[child(shutdown = "infinity".into())]
        c = |_| async {},
    };
}
