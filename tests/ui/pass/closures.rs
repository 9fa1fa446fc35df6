#![deny(warnings)]

use std::time::Duration;

use sage_supervisor::{BoxError, ChildContext, Supervisor, supervisor};

#[derive(Clone)]
struct Db;

impl Db {
    async fn ping(&self) -> Result<(), std::io::Error> {
        Ok(())
    }

    async fn close(self) {}
}

async fn by_path(ctx: ChildContext) {
    ctx.cancelled().await;
}

async fn count_down(ctx: &mut ChildContext, limit: u32) -> std::io::Result<std::io::Result<()>> {
    println!("{} {limit}", ctx.path());
    Ok(Ok(()))
}

fn app(db: Db) -> Supervisor {
    let (kept, label) = (db.clone(), String::from("label"));
    let (every, text, limit) = (Duration::from_secs(1), "text", 5);
    let supervisor = supervisor! {
        #[child]
        by_path = by_path,

        #[child]
        nothing = |_| async {},

        #[child]
        never = async |ctx| loop {
            ctx.cancelled().await;
        },

        #[child]
        never_with_question_mark = async |_| loop {
            Db.ping().await?;
        },

        #[child]
        question_mark = async |ctx| {
            Db.ping().await?;
            ctx.cancelled().await;
            Ok(())
        },

        #[child]
        async_block = |ctx| async move {
            Db.ping().await?;
            ctx.cancelled().await;
            Ok(())
        },

        #[child(clone(db))]
        uses = async move |_| {
            loop {
                db.ping().await?;
            }
        },

        #[child(clone(db, label))]
        consumes = async move |ctx| {
            ctx.cancelled().await;
            db.close().await;
            drop(label);
        },

        #[child(clone(mut label, db))]
        changes = async move |ctx| {
            ctx.cancelled().await;
            label.push('!');
            drop((db, label));
        },

        #[child(clone(db))]
        consumes_in_a_block = move |ctx| async move {
            ctx.cancelled().await;
            db.ping().await?;
            db.close().await;
            Ok(())
        },

        #[child]
        moves = move |_| {
            let kept = kept.clone();
            async move { kept.close().await }
        },

        // Copies are made for every start.
        #[child]
        copies = async move |ctx| {
            tokio::time::sleep(every).await;
            println!("{} {text}", ctx.path());
        },

        #[child]
        copies_into_an_expression = async move |mut ctx| count_down(&mut ctx, limit).await?,

        #[child]
        copies_forever = async move |_| loop {
            Db.ping().await?;
            tokio::time::sleep(every).await;
        },

        #[child]
        pattern = async |_| {
            if let Ok(()) = Db.ping().await {
                println!("up");
            }
        },

        #[child]
        inner = async |_| {
            let result: Result<(), std::io::Error> = async {
                Db.ping().await?;
                Ok(())
            }
            .await;
            drop(result);
        },

        #[child]
        own_error = async |_| -> Result<(), BoxError> {
            Db.ping().await?;
            Err("stop".into())
        },

        #[child]
        named_error = |_| async {
            Db.ping().await?;
            Ok::<(), std::io::Error>(())
        },
    };
    drop((db, label));
    supervisor
}

fn main() {
    drop(app(Db));
}
