use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn fallible(port: &str) -> Supervisor {
        let port = port.parse::<u16>()?;

        #[child(clone(port))]
        listener = async move |_| println!("{port}"),
    }

    fn returning(port: Option<u16>) -> Supervisor {
        let Some(port) = port else {
            return fallible("80");
        };

        #[child(clone(port))]
        listener = async move |_| println!("{port}"),
    }
}

fn main() {
    drop((fallible("1"), returning(None)));
}
