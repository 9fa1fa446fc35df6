use sage_supervisor::supervisor;

supervisor! {
    pub fn storage<T: Clone>(_config: T, (_a, _b): (u8, u8)) {
        #[child]
        pool = |_| async {},
    }
}

fn main() {
    drop(storage(1, (2, 3)));
}
