use sage_supervisor::{ChildContext, supervisor};

async fn answer(_: ChildContext) -> u32 {
    42
}

fn fine() -> Result<(), u8> {
    Result::Ok(())
}

fn main() {
    let _ = supervisor! {
        #[child]
        by_path = answer,

        #[child]
        by_closure = async |_| 5,

        #[child]
        not_an_error = async |_| if true { Err(5) } else { fine() },
    };
}
