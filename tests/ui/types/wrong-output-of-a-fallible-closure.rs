use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        number = async |_| {
            std::fs::read("rows.csv")?;
            Ok(5)
        },

        #[child]
        nothing = async |_| {
            std::fs::read("rows.csv")?;
        },
    };
}
