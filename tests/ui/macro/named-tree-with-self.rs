use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn storage(&self, size: usize) -> Supervisor {
        #[child]
        pool = |_| async { self.pool() },
    }
}

fn main() {}
