#![deny(warnings)]
#![forbid(unsafe_code)]
#![allow(non_camel_case_types, dead_code)]

mod shadows {
    pub struct Result;
    pub struct Option;
    pub struct Box;
    pub struct Supervisor;
    pub struct Strategy;
    pub struct ChildSpec;
    pub struct Duration;
    pub mod std {}
    pub mod core {}
    pub mod sage_supervisor {}
    pub trait Default {}
    pub trait Fn {}
    pub trait Send {}

    #[expect(non_snake_case, reason = "it shadows the variant")]
    pub fn Ok(_: u8) {}

    #[expect(non_snake_case, reason = "it shadows the variant")]
    pub fn Some(_: u8) {}

    pub fn clone() {}
    pub fn capture() {}
    pub fn child() {}
}

use ::sage_supervisor as renamed;

mod user {
    #[allow(unused_imports)]
    use super::shadows::*;

    #[derive(::core::clone::Clone)]
    pub struct Db;

    impl Db {
        fn name(&self) {}
        fn restart(&self) {}
    }

    #[super::renamed::child(restart = "transient", shutdown = "5s")]
    pub async fn function(ctx: super::renamed::ChildContext, name: Db) {
        ctx.cancelled().await;
        name.restart();
    }

    pub fn app(name: Db, ctx: Db, start: Db) -> super::renamed::Supervisor {
        super::renamed::supervisor! {
            name = "app",
            strategy = "one_for_one",
            within = "5s",

            #[child(clone(name, ctx, start), restart = "transient", shutdown = "5s")]
            worker = async move |context| {
                name.name();
                ctx.name();
                start.name();
                context.cancelled().await;
            },

            #[child]
            fallible = async |_| {
                f()?;
                ::core::result::Result::Ok(())
            },

            #[child]
            function = function(Db),

            #[child]
            nested = super::renamed::supervisor! {
                #[child]
                worker = |_| async {},
            },
        }
    }

    fn f() -> ::core::result::Result<(), ::std::io::Error> {
        ::core::result::Result::Ok(())
    }
}

fn main() {
    drop(user::app(user::Db, user::Db, user::Db));
}
