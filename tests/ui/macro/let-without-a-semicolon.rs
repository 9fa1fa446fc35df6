use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn storage(url: &str) -> Supervisor {
        let url = url.to_owned()

        strategy = "rest_for_one",

        #[child(clone(url))]
        pool = async move |_| println!("{url}"),
    }

    fn web() -> Supervisor {
        let port = 80

        #[child(clone(port))]
        listener = async move |_| println!("{port}"),
    }
}

fn main() {
    drop((storage("a"), web()));
}
