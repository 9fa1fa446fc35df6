//! A tree whose members are numbered.

use crate::tree::{
    AutoShutdown, Backoff, Child, Kind, RestartPolicy, Settings, Shutdown, Sup, Worker, name,
};

/// The members, the root first, and every supervisor before the members below it. Children that can
/// be added have numbers too.
pub(crate) struct Plan {
    pub(crate) units: Vec<Unit>,
}

pub(crate) struct Unit {
    pub(crate) path: String,
    /// The supervisor of the member. The root is its own supervisor.
    pub(crate) parent: usize,
    pub(crate) policy: RestartPolicy,
    pub(crate) shutdown: Shutdown,
    pub(crate) significant: bool,
    /// The restart limit of the child itself.
    pub(crate) limit: Option<(u32, u64)>,
    pub(crate) forgive_after: Option<u64>,
    pub(crate) backoff: Option<Backoff>,
    /// The behaviour of a worker, or `None` for a supervisor.
    pub(crate) worker: Option<Worker>,
    /// The settings of a supervisor. They have no meaning for a worker.
    pub(crate) settings: Settings,
    pub(crate) children: Vec<usize>,
}

impl Plan {
    pub(crate) fn new(root: &Sup) -> Self {
        let mut plan = Self { units: Vec::new() };
        let root = Child {
            policy: RestartPolicy::Temporary,
            shutdown: Shutdown::Infinity,
            significant: false,
            limit: None,
            forgive_after: None,
            backoff: None,
            kind: Kind::Nested(root.clone()),
        };
        plan.add(&root, "root".to_owned(), 0);
        plan
    }

    fn add(&mut self, child: &Child, path: String, parent: usize) -> usize {
        let number = self.units.len();
        let (worker, settings) = match &child.kind {
            Kind::Worker(worker) => (Some(*worker), Settings::PLAIN),
            Kind::Nested(sup) => (None, sup.settings),
        };
        let Child { policy, shutdown, limit, forgive_after, backoff, .. } = *child;
        // Rule 24: all other combinations are rejected.
        let above = self.units.get(parent).map(|parent| parent.settings.auto_shutdown);
        let significant = child.significant
            && policy != RestartPolicy::Permanent
            && above.is_some_and(|above| above != AutoShutdown::Never);
        let children = Vec::new();
        self.units.push(Unit {
            path,
            parent,
            policy,
            shutdown,
            significant,
            limit,
            forgive_after,
            backoff,
            worker,
            settings,
            children,
        });
        if let Kind::Nested(sup) = &child.kind {
            for (index, below) in sup.children.iter().chain(&sup.spares).enumerate() {
                let path = format!("{}/{}", self.units[number].path, name(index));
                let below = self.add(below, path, number);
                if index < sup.children.len() {
                    self.units[number].children.push(below);
                }
            }
        }
        number
    }

    /// Returns whether the stop of a supervisor may be bounded: by its own time, or by one above.
    pub(crate) fn is_bounded(&self, mut sup: usize) -> bool {
        while sup != 0 {
            if let Shutdown::Timeout(_) = self.units[sup].shutdown {
                return true;
            }
            sup = self.units[sup].parent;
        }
        false
    }

    pub(crate) fn supervisors(&self) -> impl Iterator<Item = usize> {
        (0..self.units.len()).filter(|&unit| self.units[unit].worker.is_none())
    }

    /// The number of the member with this path.
    pub(crate) fn find(&self, path: &str) -> usize {
        let found = self.units.iter().position(|unit| unit.path == path);
        found.unwrap_or_else(|| panic!("nobody is at {path}"))
    }

    /// The name of a member among its siblings.
    pub(crate) fn name(&self, unit: usize) -> &str {
        let path = &self.units[unit].path;
        path.rsplit('/').next().expect("a path has a last name")
    }

    /// The child of a supervisor that is the given member, or has the given member below it.
    pub(crate) fn towards(&self, sup: usize, mut unit: usize) -> usize {
        while self.units[unit].parent != sup {
            unit = self.units[unit].parent;
        }
        unit
    }

    /// Returns whether the member is a dynamic supervisor, or has one below it.
    pub(crate) fn has_dynamic(&self, unit: usize) -> bool {
        let prefix = format!("{}/", self.units[unit].path);
        let below =
            |other: &&Unit| other.path.starts_with(&prefix) || other.path == self.units[unit].path;
        self.units.iter().filter(below).any(|unit| unit.settings.dynamic.is_some())
    }
}
