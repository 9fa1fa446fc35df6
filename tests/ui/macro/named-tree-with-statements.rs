use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn storage(_size: usize) -> Supervisor {
        let shards = _size * 2;

        for shard in 0..shards {
            #[child]
            shard = |_| async {},
        }

        if _size > 3 {
            #[child]
            large = |_| async {},
        }

        let too_late = 3;

        #[child]
        nested = supervisor! {
            let name = "a";

            #[child]
            pool = |_| async {},
        },
    }
}

fn main() {
    drop(storage(3));
}
