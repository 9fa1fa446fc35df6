//! The kind of child that a value plainly is, judged by the call that it starts with.

use proc_macro2::{TokenStream, TokenTree};

use crate::language::model::{Child, Start};
use crate::language::tokens::{flatten, is_list, is_path, is_punct};

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// A supervisor whose children are declared.
    Supervisor,
    /// A supervisor whose children are added at run time.
    Dynamic,
    /// A process of the operating system.
    Process,
    /// A task that receives no context.
    WithoutContext,
    /// A task or a thread, or a value of unknown kind.
    Other,
}

pub(crate) fn of_child(child: &Child) -> Kind {
    match &child.start {
        Start::Nested(_) | Start::Named(_) => Kind::Supervisor,
        Start::Value(value) => of_value(value),
        Start::Closure(_) | Start::Missing => Kind::Other,
    }
}

/// Returns the kind of a value such as `ChildSpec::command(..).name("db")`.
pub(crate) fn of_value(value: &TokenStream) -> Kind {
    let tokens = flatten(value.clone());
    let length = tokens.iter().take_while(|token| is_path(token)).count();
    let (path, rest) = tokens.split_at(length);
    let names = path.iter().filter(|token| !is_punct(token, ':')).map(ToString::to_string);
    let names = names.collect::<Vec<_>>();
    let names = names.iter().map(String::as_str).collect::<Vec<_>>();
    let [arguments, methods @ ..] = rest else { return Kind::Other };
    if let (Some(&"supervisor"), true, [TokenTree::Group(_), methods @ ..]) =
        (names.last(), is_punct(arguments, '!'), methods)
    {
        return if are_calls(methods) { Kind::Supervisor } else { Kind::Other };
    }
    if !is_list(arguments) || !are_calls(methods) {
        return Kind::Other;
    }
    let names = match names.as_slice() {
        // A path of two names is a type that was imported, most likely from this crate.
        ["sage_supervisor", .., of, constructor] | [of, constructor] => [*of, *constructor],
        // Any other path leads to a type of another crate, or through a facade.
        _ => return Kind::Other,
    };
    match names {
        ["Supervisor", "new" | "default"] => Kind::Supervisor,
        ["DynamicSupervisor" | "PartitionedSupervisor", "new" | "indexed" | "default"] => {
            Kind::Dynamic
        }
        // A process with one of these methods may say, or show, when it is ready.
        ["ChildSpec", "command"] if calls_any(methods, &REPORTING) => Kind::Other,
        ["ChildSpec", "command"] => Kind::Process,
        ["ChildSpec", "without_context"] => Kind::WithoutContext,
        _ => Kind::Other,
    }
}

/// The methods that let a process say, or show, when it is ready.
const REPORTING: [&str; 3] = ["driver", "ready_on_line", "ready_on_port"];

fn calls_any(methods: &[TokenTree], names: &[&str]) -> bool {
    methods
        .iter()
        .any(|token| matches!(token, TokenTree::Ident(name) if names.iter().any(|one| name == one)))
}

/// Returns whether the tokens are method calls, such as `.name("app").restart(..)`.
fn are_calls(tokens: &[TokenTree]) -> bool {
    tokens.chunks(3).all(|call| match call {
        [dot, TokenTree::Ident(_), list] => is_punct(dot, '.') && is_list(list),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::{Kind, of_value};

    #[test]
    fn a_process_that_can_report_is_not_judged() {
        let is_process =
            |value: &str| of_value(&value.parse().expect("these are tokens")) == Kind::Process;
        assert!(is_process("ChildSpec::command(\"a\", f)"));
        assert!(is_process("ChildSpec::command(\"a\", f).stop_signal(ProcessSignal::Quit)"));
        for method in super::REPORTING {
            assert!(!is_process(&format!("ChildSpec::command(\"a\", f).{method}(driver)")));
        }
    }

    #[test]
    fn only_a_path_of_this_crate_is_one_of_its_types() {
        let is_dynamic =
            |value: &str| of_value(&value.parse().expect("these are tokens")) == Kind::Dynamic;
        for value in [
            "DynamicSupervisor::new()",
            "sage_supervisor::DynamicSupervisor::new()",
            "::sage_supervisor::DynamicSupervisor::new().max_children(5)",
            "sage_supervisor::prelude::PartitionedSupervisor::new(2, f)",
            "PartitionedSupervisor::indexed(2, |index| make(index))",
        ] {
            assert!(is_dynamic(value), "{value}");
        }
        for value in ["my::DynamicSupervisor::new()", "crate::my::DynamicSupervisor::new()"] {
            assert!(!is_dynamic(value), "{value}");
        }
    }
}
