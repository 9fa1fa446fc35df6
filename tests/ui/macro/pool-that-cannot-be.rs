use sage_supervisor::{DynamicSupervisor, supervisor};

fn main() {
    let value = 7;
    let _ = supervisor! {
        #[child(instances = 0)]
        none = async |ctx| ctx.cancelled().await,

        #[child(instances = "4")]
        text = async |ctx| ctx.cancelled().await,

        #[child(instances = -1)]
        negative = async |ctx| ctx.cancelled().await,

        #[child(instances = 4u8)]
        suffix = async |ctx| ctx.cancelled().await,

        #[child(instances)]
        bare = async |ctx| ctx.cancelled().await,

        #[child(instance = 4)]
        misspelt = async |ctx| ctx.cancelled().await,

        #[child(instances = 2, lend(value))]
        lent = async move |ctx| {
            println!("{value:?}");
            ctx.cancelled().await;
        },

        #[child(instances = 2)]
        nested = supervisor! {
            #[child]
            a = async |ctx| ctx.cancelled().await,
        },

        #[child(instances = 2)]
        dynamic = DynamicSupervisor::new(),

        #[child(when = "metrics")]
        condition = async |ctx| ctx.cancelled().await,

        #[child(when)]
        never = async |ctx| ctx.cancelled().await,
    };
}
