//! The counts of each child's starts and failures, summed up from the supervisors' events.

/// The counts of all children, in the order of their first start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub(crate) children: Vec<Child>,
    /// The paths of the supervisors that reached their restart limits.
    pub(crate) limits_reached: Vec<String>,
    /// The number of instances that were killed.
    pub(crate) killed: u32,
    exits: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Child {
    pub(crate) path: String,
    pub(crate) starts: u32,
    pub(crate) is_up: bool,
    pub(crate) last_failure: Option<String>,
    /// The number of the child's last exit among all exits, by which the order of exits is known.
    pub(crate) ended: u64,
}

impl Tally {
    pub(crate) fn started(&mut self, path: &str) {
        let child = self.child(path);
        child.starts += 1;
        child.is_up = true;
    }

    pub(crate) fn ended(&mut self, path: &str, exit: &str) {
        self.exits += 1;
        let exits = self.exits;
        let child = self.child(path);
        child.is_up = false;
        child.ended = exits;
        if !matches!(exit, "normal" | "shutdown") {
            child.last_failure = Some(exit.to_owned());
        }
    }

    /// Returns how many times the children at or below `prefix` have been started again, for any reason.
    pub(crate) fn restarts(&self, prefix: &str) -> u32 {
        let children = self.children.iter().filter(|child| child.path.starts_with(prefix));
        children.map(Child::restarts).sum()
    }

    fn child(&mut self, path: &str) -> &mut Child {
        let known = self.children.iter().position(|child| child.path == path);
        let index = known.unwrap_or_else(|| {
            self.children.push(Child::new(path));
            self.children.len() - 1
        });
        &mut self.children[index]
    }
}

impl Child {
    fn new(path: &str) -> Self {
        Self { path: path.to_owned(), starts: 0, is_up: false, last_failure: None, ended: 0 }
    }

    pub(crate) fn restarts(&self) -> u32 {
        self.starts.saturating_sub(1)
    }
}
