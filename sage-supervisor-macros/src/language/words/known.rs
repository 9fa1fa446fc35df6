//! The vocabularies of the policies, with the words of other systems.

use sage_supervisor_policy::{
    AutoShutdown, Order, RestartPolicy, Shutdown, Strategy, TemporarySiblings,
};

use super::vocabulary::Vocabulary;

pub(crate) const RESTART: Vocabulary<RestartPolicy> = Vocabulary {
    noun: "restart policy",
    ty: "RestartPolicy",
    words: &RestartPolicy::WORDS,
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
    words: &Strategy::WORDS,
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
    words: &Shutdown::WORDS,
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

pub(crate) const ORDER: Vocabulary<Order> = Vocabulary {
    noun: "order",
    ty: "Order",
    words: &Order::WORDS,
    foreign: &[
        ("parallel", "children that start or stop at once have `\"together\"`"),
        ("concurrent", "children that start or stop at once have `\"together\"`"),
        ("concurrently", "children that start or stop at once have `\"together\"`"),
        ("at_once", "children that start or stop at once have `\"together\"`"),
        ("all", "children that start or stop at once have `\"together\"`"),
        ("sequential", "children that start or stop one after another have `\"in_order\"`"),
        ("one_by_one", "children that start or stop one after another have `\"in_order\"`"),
        ("ordered", "children that start or stop one after another have `\"in_order\"`"),
        ("reverse", "children that stop in reverse order have `\"in_order\"`"),
    ],
    note: "an order is `\"in_order\"` or `\"together\"`",
};

pub(crate) const AUTO_SHUTDOWN: Vocabulary<AutoShutdown> = Vocabulary {
    noun: "auto-shutdown",
    ty: "AutoShutdown",
    words: &AutoShutdown::WORDS,
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
    words: &TemporarySiblings::WORDS,
    foreign: &[
        ("keep", "siblings that are started again with their group have `\"restart\"`"),
        ("start", "siblings that are started again with their group have `\"restart\"`"),
        ("stop", "siblings that are not started again have `\"remove\"`"),
        ("drop", "siblings that are not started again have `\"remove\"`"),
        ("delete", "siblings that are not started again have `\"remove\"`"),
    ],
    note: "temporary siblings are treated with `\"restart\"` or `\"remove\"`",
};
