use sage_supervisor::{RestartConfig, Strategy, Supervisor, supervisor};

supervisor! {
    fn nested() -> Supervisor {
        supervisor! {
            #[child]
            worker = |_| async {},
        }
    }

    fn returned() -> Supervisor {
        return supervisor! {
            #[child]
            worker = |_| async {},
        };
    }

    fn computed() -> Supervisor {
        Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    }

    fn called() -> Supervisor {
        return nested();
    }
}

fn main() {
    drop((nested(), returned(), computed(), called()));
}
