//! `supervisor!( .. )` is formatted by rustfmt, and has the same meaning afterwards.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

const BEFORE: &str = include_str!("format/before.rs");
const AFTER: &str = include_str!("format/after.rs");

/// The output of rustfmt for a source, with the settings of this workspace.
fn formatted(source: &str) -> String {
    let rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut rustfmt = rustfmt.expect("rustfmt is needed: `rustup component add rustfmt`");
    // The write fails if rustfmt is missing, because nothing reads the pipe then.
    let _ = rustfmt.stdin.take().expect("it is piped").write_all(source.as_bytes());
    let output = rustfmt.wait_with_output().expect("rustfmt ends");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "rustfmt: `rustup component add rustfmt`?\n{error}");
    String::from_utf8(output.stdout).expect("it is text")
}

/// The tokens of the block, without regard to the space between them.
#[expect(unused_variables, clippy::needless_pass_by_value, reason = "the block is not carried out")]
mod tokens {
    macro_rules! supervisor {
        ($($tokens:tt)*) => {
            concat!($(stringify!($tokens), " "),*).split_whitespace().collect()
        };
    }

    pub(super) mod before {
        use super::super::{Db, Duration};
        type Tree = String;
        include!("format/before.rs");
    }

    pub(super) mod after {
        use super::super::{Db, Duration};
        type Tree = String;
        include!("format/after.rs");
    }
}

/// The formatted block, compiled.
mod meant {
    use sage_supervisor::{BoxError, ChildContext, ChildSpec, RestartPolicy, supervisor};

    use super::{Db, Duration};

    type Tree = sage_supervisor::Supervisor;

    impl Db {
        async fn read(&self) -> Result<(), BoxError> {
            Ok(())
        }
    }

    fn count<T, F>(_: T, _: F) {}

    fn f(number: u8) -> u8 {
        number
    }

    async fn worker(_: ChildContext) {}

    fn pool(_: Db, _: u8) -> ChildSpec {
        ChildSpec::new("pool", worker)
    }

    include!("format/after.rs");
}

#[derive(Clone)]
struct Db;

#[test]
fn the_form_in_parentheses_is_formatted() {
    assert_eq!(formatted(BEFORE), AFTER);
    assert_eq!(formatted(AFTER), AFTER);
}

#[test]
fn it_means_the_same() {
    let grace = Duration::from_secs(5);
    let before = tokens::before::tree(Db, Vec::new(), grace);
    assert_eq!(before, tokens::after::tree(Db, Vec::new(), grace));
    assert!(before.contains("#[child(shutdown=\"30s\")]storage=supervisor!("), "{before}");
    let tree = meant::tree(Db, Vec::new(), grace);
    assert!(format!("{tree:?}").contains("storage"), "{tree:?}");
}

#[test]
fn a_doc_comment_and_braces_keep_it_as_it_is() {
    for block in [
        "supervisor!(\n        /// Works.\n        #[child] one =worker\n    )",
        "supervisor!(\n        /** Works. */\n        #[child] one =worker\n    )",
        "supervisor! { #[child] one =worker }",
    ] {
        let source = format!("fn f() {{\n    let a = {block};\n}}\n");
        assert!(formatted(&source).contains("one =worker"), "{block}");
    }
    let formatted = formatted("fn f() { supervisor!(#[doc = \"Works.\"] #[child] one =worker) }");
    assert!(formatted.contains("one = worker"), "{formatted}");
}
