use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    pub struct Config;

    fn storage() -> Supervisor {
        #[child]
        pool = |_| async {},
    },

    pub cache() -> Supervisor {
        #[child]
        pool = |_| async {},
    }
}

supervisor! {
    use std::sync::Arc;

    fn app() -> Supervisor {
        #[child]
        pool = |_| async {},
    }

    /// A comment without an item.
}

fn main() {
    drop((storage(), app()));
}
