use sage_supervisor::{ChildSpec, supervisor};
use tokio::process::Command;

fn main() {
    let _ = supervisor! {
        #[child(heartbeat = "10s")]
        proxy = ChildSpec::command("proxy", || Command::new("proxy")),
    };
}
