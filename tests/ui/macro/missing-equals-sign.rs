use sage_supervisor::supervisor;

fn reader(size: usize) -> sage_supervisor::ChildSpec {
    sage_supervisor::ChildSpec::without_context(size.to_string(), || async {})
}

fn main() {
    let _ = supervisor! {
        name "app",

        #[child]
        worker |_| async {},

        #[child]
        reader(5),
    };
}
