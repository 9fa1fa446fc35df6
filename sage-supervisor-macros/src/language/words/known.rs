//! The words, with those of other systems.

use super::vocabulary::Vocabulary;

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Restart {
    Permanent,
    Transient,
    Temporary,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Strategy {
    OneForOne,
    OneForAll,
    RestForOne,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Shutdown {
    BrutalKill,
    Milliseconds(u64),
    Infinity,
}

/// 365 days, in milliseconds.
const FOREVER: u64 = 365 * 24 * 3_600_000;

impl Shutdown {
    /// As the runtime takes it: a longer time is none.
    pub(crate) fn normalised(self) -> Self {
        match self {
            Self::Milliseconds(time) if time > FOREVER => Self::Infinity,
            other => other,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum AutoShutdown {
    Never,
    AnySignificant,
    AllSignificant,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum TemporarySiblings {
    Restart,
    Remove,
}

pub(crate) const RESTART: Vocabulary<Restart> = Vocabulary {
    noun: "restart policy",
    ty: "RestartPolicy",
    words: &[
        ("permanent", Restart::Permanent),
        ("transient", Restart::Transient),
        ("temporary", Restart::Temporary),
    ],
    foreign: &[
        ("always", "a child that is always restarted is `\"permanent\"`"),
        ("unless_stopped", "a child that is always restarted is `\"permanent\"`"),
        ("on_failure", "a child that is restarted only after a failure is `\"transient\"`"),
        ("on_crash", "a child that is restarted only after a failure is `\"transient\"`"),
        ("on_error", "a child that is restarted only after a failure is `\"transient\"`"),
        ("on_abnormal", "a child that is restarted only after a failure is `\"transient\"`"),
        ("intrinsic", "a child that is restarted only after a failure is `\"transient\"`"),
        ("never", "a child that is never restarted is `\"temporary\"`"),
        ("no", "a child that is never restarted is `\"temporary\"`"),
        ("none", "a child that is never restarted is `\"temporary\"`"),
        ("once", "a child that is never restarted is `\"temporary\"`"),
    ],
    note: "a restart policy is one of `\"permanent\"`, `\"transient\"` or `\"temporary\"`",
};

pub(crate) const STRATEGY: Vocabulary<Strategy> = Vocabulary {
    noun: "strategy",
    ty: "Strategy",
    words: &[
        ("one_for_one", Strategy::OneForOne),
        ("one_for_all", Strategy::OneForAll),
        ("rest_for_one", Strategy::RestForOne),
    ],
    foreign: &[
        ("simple_one_for_one", "use a `DynamicSupervisor` for children that start on demand"),
        ("all_for_one", "did you mean `\"one_for_all\"`?"),
        ("one_for_rest", "did you mean `\"rest_for_one\"`?"),
        ("dynamic", "use a `DynamicSupervisor` for children that start on demand"),
    ],
    note: "a strategy is one of `\"one_for_one\"`, `\"one_for_all\"` or `\"rest_for_one\"`",
};

pub(crate) const SHUTDOWN: Vocabulary<Shutdown> = Vocabulary {
    noun: "shutdown",
    ty: "Shutdown",
    words: &[("brutal_kill", Shutdown::BrutalKill), ("infinity", Shutdown::Infinity)],
    foreign: &[
        ("brutal", "did you mean `\"brutal_kill\"`?"),
        ("kill", "a child that is aborted at once has `\"brutal_kill\"`"),
        ("abort", "a child that is aborted at once has `\"brutal_kill\"`"),
        ("immediate", "a child that is aborted at once has `\"brutal_kill\"`"),
        ("inf", "did you mean `\"infinity\"`?"),
        ("none", "a child that is given all the time it needs has `\"infinity\"`"),
        ("forever", "a child that is given all the time it needs has `\"infinity\"`"),
        ("unlimited", "a child that is given all the time it needs has `\"infinity\"`"),
        ("never", "a child that is given all the time it needs has `\"infinity\"`"),
    ],
    note: "a shutdown is `\"brutal_kill\"`, a time such as `\"5s\"`, or `\"infinity\"`",
};

pub(crate) const AUTO_SHUTDOWN: Vocabulary<AutoShutdown> = Vocabulary {
    noun: "auto-shutdown",
    ty: "AutoShutdown",
    words: &[
        ("any_significant", AutoShutdown::AnySignificant),
        ("all_significant", AutoShutdown::AllSignificant),
        ("never", AutoShutdown::Never),
    ],
    foreign: &[
        ("any", "did you mean `\"any_significant\"`?"),
        (
            "first",
            "a supervisor that ends with its first significant child has `\"any_significant\"`",
        ),
        ("all", "did you mean `\"all_significant\"`?"),
        (
            "last",
            "a supervisor that ends with its last significant child has `\"all_significant\"`",
        ),
        ("no", "a supervisor that does not end with its significant children has `\"never\"`"),
        ("none", "a supervisor that does not end with its significant children has `\"never\"`"),
    ],
    note: "an auto-shutdown is one of `\"never\"`, `\"any_significant\"` or `\"all_significant\"`",
};

pub(crate) const TEMPORARY_SIBLINGS: Vocabulary<TemporarySiblings> = Vocabulary {
    noun: "treatment of temporary siblings",
    ty: "TemporarySiblings",
    words: &[("restart", TemporarySiblings::Restart), ("remove", TemporarySiblings::Remove)],
    foreign: &[
        ("keep", "siblings that are started again with their group have `\"restart\"`"),
        ("start", "siblings that are started again with their group have `\"restart\"`"),
        ("stop", "siblings that are not started again have `\"remove\"`"),
        ("drop", "siblings that are not started again have `\"remove\"`"),
        ("delete", "siblings that are not started again have `\"remove\"`"),
    ],
    note: "temporary siblings are treated with `\"restart\"` or `\"remove\"`",
};
