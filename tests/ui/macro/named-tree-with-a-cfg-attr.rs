use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    #[cfg_attr(windows, cfg(any()))]
    fn gone() -> Supervisor {
        #[child]
        a = async |ctx| ctx.cancelled().await,
    }

    #[cfg_attr(unix, doc(hidden), cfg_attr(all(), cfg(any())))]
    fn gone_as_well() -> Supervisor {
        #[child]
        a = async |ctx| ctx.cancelled().await,
    }

    #[cfg_attr(cfg, must_use)]
    fn there() -> Supervisor {
        #[child]
        a = async |ctx| ctx.cancelled().await,
    }
}

fn main() {
    let _ = there();
}
