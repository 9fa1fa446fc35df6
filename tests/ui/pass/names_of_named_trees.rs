//! Named trees that are called as a module, or as something that the language or its library has.
#![forbid(warnings)]

use sage_supervisor::{Supervisor, supervisor};

mod storage {
    use sage_supervisor::{Supervisor, supervisor};

    supervisor! {
        pub fn storage(size: u8) -> Supervisor {
            #[child]
            pool = async move |_| {
                let _ = size;
            },
        }
    }
}

mod elsewhere {
    use crate::storage::storage as database;
    use sage_supervisor::{Supervisor, supervisor};

    pub mod storage {}

    supervisor! {
        pub fn all() -> Supervisor {
            shutdown_budget = "5s",

            #[child(tree)]
            storage = database(2),
        }
    }
}

supervisor! {
    fn all() -> Supervisor {
        shutdown_budget = "25s",

        #[child(tree)]
        storage = storage::storage(1),

        #[child(tree)]
        elsewhere = elsewhere::all(),

        #[child(tree, shutdown = "5s")]
        str = str(),

        #[child(tree)]
        u8 = u8(),

        #[child(tree)]
        r#loop = r#loop(),
    }

    fn str() -> Supervisor {
        name = "other",

        #[child(tree)]
        option = Option(),
    }

    fn u8() -> Supervisor {
        #[child]
        a = async |_| {},
    }

    #[expect(non_snake_case, reason = "it is called as a type")]
    fn Option() -> Supervisor {
        #[child]
        a = async |_| {},
    }

    fn r#loop() -> Supervisor {
        #[child]
        r#match = async |_| {},
    }
}

fn main() {
    const _: () = all::TREE.assert_fits_within_ms(25_000);
    let names = all::TREE.children().iter().map(|child| child.name()).collect::<Vec<_>>();
    assert_eq!(names, ["storage", "elsewhere", "other", "u8", "loop"]);
    drop(all());
}
