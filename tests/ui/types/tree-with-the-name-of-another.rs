use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn primary() -> Supervisor {
        name = "db",

        #[child]
        pool = |_| async {},
    }

    fn replica() -> Supervisor {
        name = "db",

        #[child]
        pool = |_| async {},
    }

    fn app() -> Supervisor {
        #[child(tree)]
        first = primary(),

        #[child(tree)]
        second = replica(),
    }
}

fn main() {
    drop(app());
    drop(supervisor! {
        #[child(tree)]
        primary = primary(),

        #[child]
        db = |_| async {},
    });
}
