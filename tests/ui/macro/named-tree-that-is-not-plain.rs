use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    pub async fn storage() -> Supervisor {
        #[child]
        pool = |_| async {},
    }

    const fn cache() -> Supervisor {
        #[child]
        pool = |_| async {},
    }

    unsafe extern "C" fn app() -> Supervisor {
        #[child]
        pool = |_| async {},
    }
}

fn main() {
    drop((storage(), cache(), app()));
}
