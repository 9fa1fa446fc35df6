//! The drawing in the documentation of a named tree is the drawing of its constant.

use std::time::Duration;

use sage_supervisor::{
    ChildContext, DeclaredTree, RestartPolicy, Shutdown, Strategy, Supervisor, supervisor,
};

use crate::language::{Analysis, analyses};

async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

const NAME: &str = "a longer name than any that is written";
const TIME: Duration = Duration::from_secs(3);

/// Passes the same tokens to the compiler and, as text, to the stages of the macro.
macro_rules! trees {
    ($($(#[$meta:meta])* fn $name:ident() -> Supervisor { $($body:tt)* })*) => {
        supervisor! {
            $($(#[$meta])* fn $name() -> Supervisor { $($body)* })*
        }

        /// The runtime accepts all of these declarations.
        fn declarations() -> Vec<Supervisor> {
            vec![$($name()),*]
        }

        const TREES: &[DeclaredTree<'static>] = &[$($name::TREE),*];

        const TOKENS: &str = stringify! {
            $($(#[$meta])* fn $name() -> Supervisor { $($body)* })*
        };
    };
}

trees! {
    fn empty() -> Supervisor {
        keep_alive = true,
    }

    fn one() -> Supervisor {
        #[child]
        worker = async |ctx| ctx.cancelled().await,
    }

    /// Said of the tree,
    /// in two lines.
    ///
    /// And more.
    fn all_times() -> Supervisor {
        strategy = "rest_for_one",
        max_restarts = 1,
        within = "5s",

        /// Has the default, and a long
        /// description.
        #[child]
        default = async |_| {},
        #[child(shutdown = "brutal_kill")]
        killed = async |_| {},
        #[child(shutdown = "1500ms")]
        milliseconds = async |_| {},
        #[child(shutdown = "90s", restart = "transient")]
        seconds = async |_| {},
        #[child(shutdown = "2m", restart = "temporary")]
        minutes = async |_| {},
        /// Cut where the words are whole, for a line that holds all of this is far too long for a page.
        #[child(shutdown = "1s")]
        wordy = async |_| {},
        /// Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft
        #[child(shutdown = "1s")]
        one_word = async |_| {},
        /// Größe, 日本
        #[child(shutdown = "2h")]
        r#match = async |_| {},
    }

    fn unlimited() -> Supervisor {
        max_restarts = "unlimited",

        #[child]
        worker = async |_| {},
        #[child(restart = "temporary")]
        temporary = async |_| {},
    }

    fn all_unlimited() -> Supervisor {
        max_restarts = "unlimited",

        #[child]
        worker = async |_| {},
    }

    fn not_restarted() -> Supervisor {
        max_restarts = 0,

        #[child(restart = "transient")]
        worker = async |_| {},
    }

    fn significant() -> Supervisor {
        auto_shutdown = "any_significant",

        #[child(restart = "temporary", significant)]
        nested = supervisor! {
            auto_shutdown = "all_significant",

            #[child(restart = "transient", significant)]
            job = async |_| {},
            #[child(restart = "temporary", significant)]
            once = async |_| {},
        },
        #[child(restart = "permanent")]
        other = supervisor! {
            auto_shutdown = "all_significant",

            #[child(restart = "temporary", significant)]
            once = async |_| {},
            #[child(restart = "temporary")]
            twice = async |_| {},
        },
    }

    fn infinity() -> Supervisor {
        #[child(shutdown = "infinity")]
        feed = async |_| {},
        #[child(shutdown = TIME)]
        dynamic = async |_| {},
        #[child]
        value = worker,
    }

    fn unknown() -> Supervisor {
        strategy = Strategy::OneForAll,
        max_restarts = u32::from(3_u8),
        kill_grace = TIME,

        #[child(restart = RestartPolicy::Temporary, shutdown = Shutdown::BrutalKill)]
        dynamic = async |_| {},
        #[child]
        value = worker,
        #[child(restart = "transient", shutdown = "1s")]
        written = worker,
    }

    fn unknown_window() -> Supervisor {
        within = TIME,

        #[child(shutdown = TIME)]
        feed = async |_| {},
    }

    fn unlimited_within() -> Supervisor {
        max_restarts = "unlimited",

        #[child(shutdown = "1h")]
        a = supervisor! {
            max_restarts = 3,

            #[child(shutdown = "infinity")]
            b = async |_| {},
        },
    }

    fn deep() -> Supervisor {
        max_restarts = 9,

        /// The first level.
        #[child]
        first = supervisor! {
            max_restarts = 4,
            kill_grace = "2s",

            #[child(restart = "permanent", shutdown = "10m")]
            second = supervisor! {
                name = "called otherwise",
                max_restarts = 1,

                /// At the bottom.
                #[child(shutdown = "1s")]
                third = async |_| {},
                #[child(restart = "temporary")]
                once = async |_| {},
            }
            .keep_alive(true),
            #[child(restart = "temporary", shutdown = "3s")]
            hurried = supervisor! {
                #[child(shutdown = "1s")]
                a = async |_| {},
                #[child(shutdown = "2s")]
                b = async |_| {},
            },
            #[child(shutdown = "4s")]
            endless = supervisor! {
                #[child(shutdown = "infinity")]
                a = async |_| {},
                #[child(shutdown = TIME)]
                b = worker,
            },
        },
        #[child(shutdown = "infinity")]
        last = supervisor! {
            #[child]
            a = async |_| {},
        },
    }

    fn named_at_run_time() -> Supervisor {
        name = NAME.to_owned(),

        #[child]
        worker = async |_| {},
        #[child]
        nested = supervisor! {
            name = format!("{NAME} below"),

            #[child]
            worker = async |_| {},
        },
    }

    fn a_year() -> Supervisor {
        #[child(shutdown = "8760h")]
        a = async |_| {},
    }

    fn more_than_a_year() -> Supervisor {
        #[child(shutdown = "8761h")]
        a = async |_| {},
        #[child]
        b = worker,
    }

    fn more_than_a_year_above() -> Supervisor {
        #[child(shutdown = "9000h")]
        a = supervisor! {
            #[child(shutdown = "5000h")]
            a = async |_| {},
            #[child(shutdown = "5000h")]
            b = async |_| {},
        },
        #[child(shutdown = "9000h")]
        b = supervisor! {
            #[child(shutdown = "9000h")]
            a = async |_| {},
        },
    }

    fn conditional() -> Supervisor {
        #[cfg(all())]
        #[child(shutdown = "7s")]
        here = async |_| {},
        #[cfg(all())]
        #[child]
        nested = supervisor! {
            #[cfg(all())]
            #[child]
            here = async |_| {},
        },
    }

    #[cfg(all())]
    fn whole_condition() -> Supervisor {
        #[child]
        here = async |_| {},
    }
}

#[test]
fn the_documentation_has_the_drawing_of_the_constant() {
    let analyses = analyses(TOKENS.parse().unwrap());
    assert_eq!(analyses.len(), TREES.len());
    for (tree, Analysis { drawing, mistakes }) in TREES.iter().zip(analyses) {
        assert_eq!(mistakes, Vec::<String>::new(), "{}", tree.name());
        assert_eq!(drawing, tree.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn every_tree_of_the_table_is_valid() {
    for tree in declarations() {
        tree.start().shutdown().await.unwrap();
    }
}
