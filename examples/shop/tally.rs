//! What has happened so far, by child: the sum of the supervisor's events.

/// All children, in the order of their first start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub(crate) children: Vec<Child>,
    /// Supervisors that gave up, by path.
    pub(crate) gave_up: Vec<String>,
    /// How many instances had to be killed.
    pub(crate) killed: u32,
    exits: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Child {
    pub(crate) path: String,
    pub(crate) starts: u32,
    pub(crate) is_up: bool,
    pub(crate) last_failure: Option<String>,
    /// When it ended last, in numbers of exits.
    pub(crate) ended: u64,
}

impl Tally {
    pub(crate) fn started(&mut self, path: &str) {
        let child = self.child(path);
        child.starts += 1;
        child.is_up = true;
    }

    pub(crate) fn ended(&mut self, path: &str, reason: &str) {
        self.exits += 1;
        let exits = self.exits;
        let child = self.child(path);
        child.is_up = false;
        child.ended = exits;
        if !matches!(reason, "normal" | "shutdown") {
            child.last_failure = Some(reason.to_owned());
        }
    }

    /// How often the children at or below `prefix` have been started again, by whatever cause.
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
