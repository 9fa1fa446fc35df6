use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn storage() -> Supervisor {
        #[child]
        pool = |_| async {},
    }
}

struct Db;

impl Db {
    fn storage(&self) -> Supervisor {
        storage()
    }
}

fn main() {
    let db = Db;
    drop(supervisor! {
        #[child(tree)]
        path = storage,

        #[child(tree)]
        method = db.storage(),

        #[child(tree)]
        renamed = storage().name("a"),

        #[child(tree)]
        fallible = storage()?,

        #[child(tree)]
        awaited = storage().await.children(5),

        #[child(tree)]
        closure = |_| async {},

        #[child(tree)]
        nested = supervisor! {
            #[child]
            pool = |_| async {},
        },
    });
}
