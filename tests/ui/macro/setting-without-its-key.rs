use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        one_for_all,
        "any_significant",

        #[child(significant, restart = "transient")]
        worker = |_| async {},
    };
    let _ = supervisor! {
        RestForOne,

        #[child]
        worker = |_| async {},
    };
}
