use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        auto_shutdown = "any_significant",

        #[child(restart = "transient", significant = true)]
        import = |_| async {},
    };
}
