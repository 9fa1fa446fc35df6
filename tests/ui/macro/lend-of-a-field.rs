use sage_supervisor::supervisor;

struct App {
    inbox: String,
}

fn main() {
    let app = App { inbox: String::new() };
    let _ = supervisor! {
        #[child(lend(app.inbox))]
        worker = async move |_| inbox.clear(),
    };
}
