use sage_supervisor::supervisor;

fn main() {
    let (count, condition) = (4_u64, Some(true));
    let _ = supervisor! {
        #[child(instances = count)]
        worker = async |ctx| ctx.cancelled().await,

        #[child(when = condition)]
        metrics = async |ctx| ctx.cancelled().await,
    };
}
