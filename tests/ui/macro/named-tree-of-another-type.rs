use sage_supervisor::supervisor;

supervisor! {
    fn storage() -> sage_supervisor::ChildSpec {
        #[child]
        pool = |_| async {},
    }

    fn app() -> Box<Supervisor> {
        #[child(tree)]
        storage = storage(),
    }
}

fn main() {
    drop(app());
}
