use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(restart = "transient", significant)]
        import = |_| async {},

        #[child]
        jobs = supervisor! {
            auto_shutdown = "never",

            #[child(restart = "temporary", significant)]
            job = |_| async {},
        },
    };
}
