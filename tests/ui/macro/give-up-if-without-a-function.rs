use sage_supervisor::{ChildContext, child, supervisor};

#[child(give_up_if = "ConfigError")]
async fn marked(_: ChildContext) -> Result<(), std::fmt::Error> {
    Ok(())
}

fn main() {
    let _ = supervisor! {
        #[child(give_up_if)]
        a = async |_| Ok(()),

        #[child(give_up_if = true)]
        b = async |_| Ok(()),

        #[child(give_up_if = 78)]
        c = async |_| Ok(()),

        #[child(give_up_if(is_final))]
        d = async |_| Ok(()),

        #[child(giveup_if = is_final)]
        e = async |_| Ok(()),
    };
}
