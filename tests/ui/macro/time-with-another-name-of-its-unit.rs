use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        within = "5min",

        #[child(shutdown = "12min 50s")]
        a = |_| async {},

        #[child(shutdown = "1h 30min")]
        b = |_| async {},
    };
}
