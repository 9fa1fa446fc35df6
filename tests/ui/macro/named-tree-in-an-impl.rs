use sage_supervisor::{Supervisor, supervisor};

struct Shop;

impl Shop {
    supervisor! {
        fn storage(&self) -> Supervisor {
            #[child]
            pool = |_| async { self.pool() },
        }
    }
}

fn main() {}
