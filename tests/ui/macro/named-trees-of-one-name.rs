use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn storage() -> Supervisor {
        #[child]
        pool = async |_| {},
    }

    fn storage(size: usize) -> Supervisor {
        #[child]
        pool = async move |_| drop(size),
    }

    #[cfg(unix)]
    fn signals() -> Supervisor {
        #[child]
        pool = async |_| {},
    }

    #[cfg(not(unix))]
    fn signals() -> Supervisor {
        #[child]
        pool = async |_| {},
    }

    #[cfg(any())]
    fn storage() -> Supervisor {
        #[child]
        pool = async |_| {},
    }
}

fn main() {
    let _ = storage::TREE;
    drop((storage(), signals()));
}
