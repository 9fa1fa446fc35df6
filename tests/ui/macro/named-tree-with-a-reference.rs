use sage_supervisor::{Supervisor, supervisor};
use tokio::sync::mpsc::Receiver;

supervisor! {
    fn storage(url: &str, key: &'static str, inbox: &'_ mut Receiver<u8>, size: &u8) -> Supervisor {
        max_restarts = u32::from(*size),

        #[child(clone(url, key))]
        pool = async move |_| println!("{url} {key}"),

        #[child]
        nested = supervisor! {
            #[child(lend(inbox))]
            reader = async move |_| drop(inbox),
        },
    }
}

fn main() {
    let (_, mut inbox) = tokio::sync::mpsc::channel(1);
    drop(storage("a", "b", &mut inbox, &1));
}
