use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        name -> "app",
        within := "5s",

        #[child(restart => "transient")]
        a => |_| async {},
    };
}
