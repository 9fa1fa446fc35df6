use sage_supervisor::supervisor;

const PORT: u16 = 80;
static ADDRESS: &str = "::1";

fn main() {
    let inbox = String::new();
    let _ = supervisor! {
        #[child(clone(PORT))]
        a = async move |_| drop(PORT),

        #[child(clone(inbox, ADDRESS))]
        b = async move |_| drop((inbox, ADDRESS)),

        #[child(lend(PORT))]
        c = async move |_| drop(PORT),
    };
}
