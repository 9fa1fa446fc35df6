use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        a = |_: u8| async {},

        #[child]
        b = async |a, b| {},
    };
}
