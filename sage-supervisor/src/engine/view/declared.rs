//! The snapshot of a tree that has not been started, from its declaration.

use super::snapshot::{budget, kind, kind_of, periodic};
use crate::child::{ChildSpec, Declaration, Kind};
use crate::command::ChildState;
use crate::policy::RestartPolicy;
use crate::tree::{NodeKind, TreeNode, TreeSnapshot};

/// Returns the tree as it is declared. Nothing in it has been started.
pub(crate) fn declared(declaration: &Declaration) -> TreeSnapshot {
    let name = declaration.root_name().to_string();
    let root = supervisor(declaration, name.clone(), name, None);
    TreeSnapshot { schema: TreeSnapshot::SCHEMA, root }
}

fn supervisor(
    declaration: &Declaration,
    name: String,
    path: String,
    restart: Option<RestartPolicy>,
) -> TreeNode {
    let children = declaration.children.iter().map(|spec| child(spec, &path)).collect();
    TreeNode {
        kind: kind(declaration),
        restart,
        strategy: Some(declaration.strategy),
        limit: declaration.limit.map(|limit| budget(limit, 0)),
        children,
        ..not_started(name, path)
    }
}

fn child(spec: &ChildSpec, above: &str) -> TreeNode {
    let (name, path) = (spec.name().to_owned(), format!("{above}/{}", spec.name()));
    let restart = Some(spec.restart_policy());
    let node = match spec.kind() {
        Kind::Supervisor(nested) => supervisor(nested, name, path, restart),
        _ => TreeNode { kind: kind_of(spec), restart, ..not_started(name, path) },
    };
    let own_limit = spec.restart_limit_setting().map(|limit| budget(limit, 0));
    let every = spec.every_setting().map(|every| periodic(every, None));
    TreeNode { own_limit, every, ..node }
}

/// A task that has not been started, whose settings are not known.
fn not_started(name: String, path: String) -> TreeNode {
    TreeNode {
        name,
        path,
        kind: NodeKind::Worker,
        state: ChildState::NotStarted,
        pid: None,
        restart: None,
        strategy: None,
        limit: None,
        own_limit: None,
        restart_in: None,
        every: None,
        instance: 0,
        restarts: 0,
        started_at: None,
        uptime: None,
        ready_after: None,
        last_exits: Vec::new(),
        children: Vec::new(),
    }
}
