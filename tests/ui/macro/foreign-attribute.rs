use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[inline]
        #[child]
        worker = |_| async {},

        #[chlid]
        other = |_| async {},

        #[sage_supervisor::child(restart = "transient")]
        third = |_| async {},
    };
}
