use sage_supervisor::{ChildContext, child};

struct App;

impl App {
    #[child]
    async fn worker(&self, ctx: ChildContext) {
        ctx.cancelled().await;
    }
}

fn main() {}
