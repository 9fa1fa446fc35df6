use sage_supervisor::child;

struct Inbox;

// The type could be an alias of the context.
#[child]
async fn worker(inbox: Inbox) {
    drop(inbox);
}

fn main() {}
