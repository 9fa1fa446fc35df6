use sage_supervisor::{ChildContext, ChildSpec, CommandSpec, Lent, supervisor};
use tokio::process::Command;

async fn worker(_: ChildContext) {}

async fn reader(_: ChildContext, _: Lent<String>) {}

fn main() {
    let (rows, index, inbox, name) = (String::new(), 5, String::new(), String::new());
    let _ = supervisor! {
        #[child(lend(rows, index))]
        crunch = ChildSpec::blocking("crunch", move |_| println!("{rows} {index}")),

        #[child(lend(name))]
        proxy = ChildSpec::command("proxy", move || CommandSpec::new(Command::new(&name))),

        #[child(lend(db))]
        worker = ChildSpec::new("worker", worker),

        #[child(lend(inbox))]
        reader = ChildSpec::lending("reader", inbox, reader),
    };
}
