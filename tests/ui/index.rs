//! The chapter on errors says what the compiler says, and its index lists all that is tested here.
//!
//! `INDEX=overwrite cargo test -p sage-supervisor-tests --test ui index` writes the index anew, from the
//! answers as they are.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const FOLDERS: [&str; 2] = ["macro", "types"];
/// The index is what follows this line.
const MARK: &str = "<!-- index: written by a test, see tests/ui/index.rs -->\n";
const HEAD: &str = "\n| file | messages |\n|---|---|\n";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui")
}

fn page_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sage-supervisor/docs/errors.md")
}

/// The page, up to its index, and that.
fn page() -> (String, String) {
    let page = fs::read_to_string(page_path()).expect("there is a page");
    let (chapter, index) = page.split_once(MARK).expect("it has an index");
    (chapter.to_owned(), index.to_owned())
}

/// The answers to all mistakes, by the names of their files, such as `macro/async-block`.
fn answers() -> BTreeMap<String, String> {
    let mut answers = BTreeMap::new();
    for of in FOLDERS {
        for entry in fs::read_dir(folder().join(of)).expect("it is a folder") {
            let path = entry.expect("it can be read").path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.file_stem().expect("it has a name").to_string_lossy();
                let answer = fs::read_to_string(path.with_extension("stderr"));
                answers.insert(format!("{of}/{name}"), answer.expect("it is answered"));
            }
        }
    }
    answers
}

/// What a row holds: the first line of each error, once, with its code if it has one.
fn messages(answer: &str) -> String {
    let mut messages = Vec::new();
    for line in answer.lines() {
        let message = match (line.strip_prefix("error: "), line.strip_prefix("error[")) {
            (Some(text), _) => text.to_owned(),
            (None, Some(coded)) => coded.replacen(']', "", 1),
            (None, None) => continue,
        };
        let message = message.replace('|', "\\|");
        if !messages.contains(&message) {
            messages.push(message);
        }
    }
    messages.join("<br>")
}

fn written(answers: &BTreeMap<String, String>) -> String {
    let mut index = HEAD.to_owned();
    for (file, answer) in answers {
        writeln!(index, "| `{file}` | {} |", messages(answer)).expect("a string takes it");
    }
    index
}

/// What is wrong with an index, given the answers that there are.
fn faults(index: &str, answers: &BTreeMap<String, String>) -> Vec<String> {
    let mut rows = BTreeMap::new();
    let mut faults = Vec::new();
    for line in index.lines().filter(|line| line.starts_with("| `")) {
        let row = line.strip_prefix("| `").and_then(|row| row.strip_suffix(" |"));
        let (file, said) = row.and_then(|row| row.split_once("` | ")).expect("it has two columns");
        if rows.insert(file, said).is_some() {
            faults.push(format!("`{file}` has two rows"));
        }
        if !answers.contains_key(file) {
            faults.push(format!("there is no file `{file}`"));
        }
    }
    for (file, answer) in answers {
        match rows.get(&**file) {
            None => faults.push(format!("`{file}` has no row")),
            Some(said) if *said != messages(answer) => {
                faults.push(format!("the row of `{file}` should be: {}", messages(answer)));
            }
            Some(_) => {}
        }
    }
    faults
}

/// The fenced blocks of each section, with its title: what stands behind the fence, and the text. A
/// line of an example may look like a title.
fn sections(page: &str) -> Vec<(&str, Vec<(&str, String)>)> {
    let mut sections: Vec<(&str, Vec<(&str, String)>)> = vec![("", vec![])];
    let mut is_inside = false;
    for line in page.lines() {
        let (_, blocks) = sections.last_mut().expect("there is one");
        match (line.strip_prefix("```"), blocks.last_mut()) {
            (Some(_), _) if is_inside => is_inside = false,
            (Some(kind), _) => {
                is_inside = true;
                blocks.push((kind, String::new()));
            }
            (None, Some((_, block))) if is_inside => {
                block.push_str(line);
                block.push('\n');
            }
            (None, _) if line.starts_with('#') => sections.push((line, vec![])),
            (None, _) => {}
        }
    }
    sections
}

/// A message as it is printed, without its place.
fn is_printed(quoted: &str, answers: &BTreeMap<String, String>) -> bool {
    let lines = quoted.lines().take_while(|line| !line.trim_start().starts_with("--> "));
    let quoted = lines.collect::<Vec<_>>().join("\n") + "\n";
    answers.values().any(|answer| format!("\n{answer}\n").contains(&format!("\n{quoted}")))
}

#[test]
fn the_index_lists_the_messages_that_there_are() {
    let answers = answers();
    if std::env::var_os("INDEX").is_some_and(|mode| mode == "overwrite") {
        let (chapter, _) = page();
        fs::write(page_path(), chapter + MARK + &written(&answers)).expect("it can be written");
    }
    let faults = faults(&page().1, &answers);
    assert!(
        faults.is_empty(),
        "sage-supervisor/docs/errors.md, INDEX=overwrite mends it:\n{}",
        faults.join("\n")
    );
}

#[test]
fn the_chapter_quotes_what_is_printed() {
    let (answers, (chapter, _)) = (answers(), page());
    let blocks = sections(&chapter).into_iter().flat_map(|(_, blocks)| blocks);
    let quoted = blocks.filter(|(kind, _)| *kind == "text").map(|(_, text)| text);
    let (known, unknown) =
        quoted.partition::<Vec<_>, _>(|text| is_printed(text.trim_end(), &answers));
    assert!(unknown.is_empty(), "sage-supervisor/docs/errors.md: {unknown:#?}");
    assert!(known.len() > 50, "{known:#?}");
}

#[test]
fn every_mistake_of_the_chapter_is_quoted_caused_and_mended() {
    let (chapter, _) = page();
    for (title, blocks) in sections(&chapter) {
        if title.starts_with("## ") {
            let kinds = blocks.into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
            let [quoted, caused, mended] = *kinds else { panic!("{title}: {kinds:?}") };
            assert_eq!((quoted, mended), ("text", ""), "{title}");
            assert!(caused.starts_with("compile_fail"), "{title}: {caused}");
        }
    }
}

#[test]
fn an_index_of_other_messages_is_at_fault() {
    let answers = answers();
    let index = written(&answers);
    assert_eq!(faults(&index, &answers), [""; 0]);

    let file = "macro/async-block";
    let row = format!("| `{file}` | {} |\n", messages(&answers[file]));
    assert!(index.contains(&row));
    assert_eq!(faults(&index.replace(&row, ""), &answers), [format!("`{file}` has no row")]);
    let twice = index.replace(&row, &row.repeat(2));
    assert_eq!(faults(&twice, &answers), [format!("`{file}` has two rows")]);
    let foreign = format!("{index}| `macro/nothing` | a |\n");
    assert_eq!(faults(&foreign, &answers), ["there is no file `macro/nothing`"]);
    let reworded = index.replace(&row, &row.replace("only once", "once"));
    let expected = format!("the row of `{file}` should be: {}", messages(&answers[file]));
    assert_eq!(faults(&reworded, &answers), [expected]);
}

#[test]
fn a_message_is_quoted_as_a_whole() {
    let answers = BTreeMap::from([(String::new(), "error: a\n  help: b\n --> c\n".to_owned())]);
    for (quoted, printed) in [
        ("error: a\n  help: b", true),
        ("error: a\n  help: b\n --> elsewhere", true),
        ("error: a", true),
        ("error: a\n  help: c", false),
        ("error", false),
        ("help: b", false),
    ] {
        assert_eq!(is_printed(quoted, &answers), printed, "{quoted}");
    }
    assert_eq!(messages("error: a | b\nnote: c\nerror[E1]: d\nerror: a | b\n"), "a \\| b<br>E1: d");
}
