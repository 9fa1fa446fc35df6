use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        within = concat!("5", "s"),

        #[child(shutdown = Some("5s"), heartbeat = b"5s")]
        a = |_| async {},
    };
}
