use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        auto_shutdown = "all_significant",

        #[child(restart = "transient")]
        import = |_| async {},

        #[child]
        jobs = supervisor! {
            #[child]
            job = |_| async {},
        },
    };
}
