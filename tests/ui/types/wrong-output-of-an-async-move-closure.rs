use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        number = async move |_| {
            std::fs::read("rows.csv")?;
            Ok(5)
        },

        #[child]
        option = async move |_| Some(()),
    };
}
