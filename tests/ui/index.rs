//! Compares the chapter on errors with the answers to the mistakes in this folder: the chapter quotes
//! what the compiler prints, and its index lists every message that is tested.
//!
//! `INDEX=overwrite cargo test -p sage-supervisor-tests --test ui index` writes the index anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const FOLDERS: [&str; 2] = ["macro", "types"];
/// The line before the index.
const MARK: &str = "<!-- index: written by a test, see tests/ui/index.rs -->\n";
const HEAD: &str = "\n| message | entry | files |\n|---|---|---|\n";
/// The head of a table of other spellings. The second column holds the first line of the error.
const SPELLINGS: &str = "| written | message | correct |";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui")
}

fn page_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sage-supervisor/docs/errors.md")
}

/// The chapter up to its index, and the index.
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

/// The first line of each error in an answer, as a cell of a table: with its code if it has one.
fn messages(answer: &str) -> impl Iterator<Item = String> {
    answer.lines().filter_map(|line| {
        let message = match (line.strip_prefix("error: "), line.strip_prefix("error[")) {
            (Some(text), _) => text.to_owned(),
            (None, Some(coded)) => coded.replacen(']', "", 1),
            (None, None) => return None,
        };
        Some(message.replace('|', "\\|"))
    })
}

/// Splits a message into the parts that are fixed, which have even indices, and those that may differ
/// between two messages of one form: text in backticks, and words that begin with a digit.
fn parts(message: &str) -> Vec<String> {
    let mut parts = vec![];
    for (index, text) in message.split('`').enumerate() {
        if index % 2 == 1 {
            parts.push(format!("`{text}`"));
            continue;
        }
        let mut fixed = String::new();
        for word in text.split_inclusive([' ', ',']) {
            let end = word.trim_end_matches([' ', ',']).len();
            if word.starts_with(|letter: char| letter.is_ascii_digit()) {
                parts.extend([std::mem::take(&mut fixed), word[..end].to_owned()]);
                fixed.push_str(&word[end..]);
            } else {
                fixed.push_str(word);
            }
        }
        parts.push(fixed);
    }
    parts
}

/// The fixed parts of a message.
fn form(message: &str) -> Vec<String> {
    parts(message).into_iter().step_by(2).collect()
}

/// Writes messages of one form as one, with `..` where they differ.
fn merged(messages: &BTreeSet<String>) -> String {
    let mut messages = messages.iter().map(|message| parts(message));
    let mut merged = messages.next().expect("there is a message");
    for message in messages {
        for (part, other) in merged.iter_mut().zip(message) {
            if *part != other {
                *part = if other.starts_with('`') { "`..`" } else { ".." }.to_owned();
            }
        }
    }
    merged.concat()
}

/// The messages that the entries of a chapter quote, each with the title of its entry.
fn quotes(chapter: &str) -> Vec<(&str, String)> {
    let mut quotes = vec![];
    for section in sections(chapter) {
        let Some(title) = section.title.strip_prefix("## ") else { continue };
        let quoted = section.blocks.iter().filter(|(kind, _)| *kind == "text");
        quotes.extend(quoted.flat_map(|(_, text)| messages(text)).map(|message| (title, message)));
        quotes.extend(section.spellings.iter().map(|message| (title, (*message).to_owned())));
    }
    quotes
}

/// The anchor that rustdoc gives to a title.
fn anchor(title: &str) -> String {
    let letters = title.chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        _ => letter.is_alphanumeric().then(|| letter.to_ascii_lowercase()),
    });
    letters.collect()
}

/// The rows of the index, by the first column.
fn rows(chapter: &str, answers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut forms = BTreeMap::<_, (BTreeSet<_>, BTreeSet<_>)>::new();
    for (file, answer) in answers {
        for message in messages(answer) {
            let (messages, files) = forms.entry(form(&message)).or_default();
            messages.insert(message);
            files.insert(format!("`{file}`"));
        }
    }
    let quotes = quotes(chapter);
    let row = |(form_of, (messages, files)): (Vec<String>, (BTreeSet<_>, BTreeSet<_>))| {
        let mut entries: Vec<String> = vec![];
        for (title, _) in quotes.iter().filter(|(_, message)| form(message) == form_of) {
            let link = format!("[{title}](#{})", anchor(title));
            if !entries.contains(&link) {
                entries.push(link);
            }
        }
        let files = files.into_iter().collect::<Vec<_>>().join(" ");
        (merged(&messages), format!("{} | {files}", entries.join(", ")))
    };
    forms.into_iter().map(row).collect()
}

fn written(rows: &BTreeMap<String, String>) -> String {
    let mut index = HEAD.to_owned();
    let plain = |message: &str| message.replace(['`', '"'], "").to_lowercase();
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|(message, _)| plain(message));
    for (message, row) in rows {
        writeln!(index, "| {message} | {row} |").expect("a string takes it");
    }
    index
}

/// The differences between an index and the rows that it should have.
fn faults(index: &str, expected: &BTreeMap<String, String>) -> Vec<String> {
    let mut rows = BTreeMap::new();
    let mut faults = Vec::new();
    for line in index.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let row = line.strip_prefix("| ").and_then(|row| row.strip_suffix(" |"));
        let (message, row) = row.and_then(|row| row.split_once(" | ")).expect("it has columns");
        if rows.insert(message, row).is_some() {
            faults.push(format!("two rows: {message}"));
        }
        if !expected.contains_key(message) {
            faults.push(format!("no such message: {message}"));
        }
    }
    for (message, expected) in expected {
        match rows.get(&**message) {
            None => faults.push(format!("no row: {message}")),
            Some(row) if row != expected => {
                faults.push(format!("the row should be: {message} | {expected}"));
            }
            Some(_) => {}
        }
    }
    faults
}

/// The part of a chapter below one title.
#[derive(Default)]
struct Section<'a> {
    title: &'a str,
    /// The fenced blocks: the text behind the fence, and the lines inside.
    blocks: Vec<(&'a str, String)>,
    /// The messages in the table of other spellings.
    spellings: Vec<&'a str>,
}

/// The sections of a chapter. A line of an example that looks like a title does not begin a section.
fn sections(page: &str) -> Vec<Section<'_>> {
    let mut sections = vec![Section::default()];
    let (mut is_inside, mut is_spelling) = (false, false);
    for line in page.lines() {
        let section = sections.last_mut().expect("there is one");
        is_spelling = line.starts_with('|') && (is_spelling || line == SPELLINGS);
        match (line.strip_prefix("```"), section.blocks.last_mut()) {
            (Some(_), _) if is_inside => is_inside = false,
            (Some(kind), _) => {
                is_inside = true;
                section.blocks.push((kind, String::new()));
            }
            (None, Some((_, block))) if is_inside => {
                block.push_str(line);
                block.push('\n');
            }
            (None, _) if line.starts_with('#') => {
                sections.push(Section { title: line, ..Section::default() });
            }
            (None, _) if is_spelling && line != SPELLINGS && !line.starts_with("|-") => {
                section.spellings.push(line.split(" | ").nth(1).expect("it has three columns"));
            }
            (None, _) => {}
        }
    }
    sections
}

/// Returns whether a message is printed like that, apart from the place in the source.
fn is_printed(quoted: &str, answers: &BTreeMap<String, String>) -> bool {
    let lines = quoted.lines().take_while(|line| !line.trim_start().starts_with("--> "));
    let quoted = lines.collect::<Vec<_>>().join("\n") + "\n";
    answers.values().any(|answer| format!("\n{answer}\n").contains(&format!("\n{quoted}")))
}

#[test]
fn the_index_lists_the_messages_that_there_are() {
    let (chapter, _) = page();
    let rows = rows(&chapter, &answers());
    if std::env::var_os("INDEX").is_some_and(|mode| mode == "overwrite") {
        fs::write(page_path(), chapter + MARK + &written(&rows)).expect("it can be written");
    }
    let faults = faults(&page().1, &rows);
    assert!(
        faults.is_empty(),
        "sage-supervisor/docs/errors.md, INDEX=overwrite mends it:\n{}",
        faults.join("\n")
    );
}

#[test]
fn the_chapter_quotes_what_is_printed() {
    let (answers, (chapter, _)) = (answers(), page());
    let blocks = sections(&chapter).into_iter().flat_map(|section| section.blocks);
    let quoted = blocks.filter(|(kind, _)| *kind == "text").map(|(_, text)| text);
    let (known, unknown) =
        quoted.partition::<Vec<_>, _>(|text| is_printed(text.trim_end(), &answers));
    assert!(unknown.is_empty(), "sage-supervisor/docs/errors.md: {unknown:#?}");
    assert!(known.len() > 25, "{known:#?}");
}

#[test]
fn the_tables_of_the_chapter_quote_what_is_printed() {
    let (answers, (chapter, _)) = (answers(), page());
    let printed: BTreeSet<_> = answers.values().flat_map(|answer| messages(answer)).collect();
    let quoted = sections(&chapter).into_iter().flat_map(|section| section.spellings);
    let (known, unknown) = quoted.partition::<Vec<_>, _>(|message| printed.contains(*message));
    assert!(unknown.is_empty(), "sage-supervisor/docs/errors.md: {unknown:#?}");
    assert!(known.len() > 150, "{known:#?}");
}

#[test]
fn every_mistake_of_the_chapter_is_quoted_caused_and_mended() {
    let (chapter, _) = page();
    for Section { title, blocks, .. } in sections(&chapter) {
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
    let (answers, (chapter, _)) = (answers(), page());
    let rows = rows(&chapter, &answers);
    let index = written(&rows);
    assert_eq!(faults(&index, &rows), [""; 0]);

    let message = "an `async` block can be started only once";
    let row = format!("| {message} | {} |\n", rows[message]);
    assert!(index.contains(&row) && row.contains("`macro/async-block`"), "{row}");
    assert_eq!(faults(&index.replace(&row, ""), &rows), [format!("no row: {message}")]);
    let twice = index.replace(&row, &row.repeat(2));
    assert_eq!(faults(&twice, &rows), [format!("two rows: {message}")]);
    let foreign = format!("{index}| nothing | | `macro/nothing` |\n");
    assert_eq!(faults(&foreign, &rows), ["no such message: nothing"]);
    let elsewhere = index.replace(&row, &row.replace("async-block", "sync-block"));
    let expected = format!("the row should be: {message} | {}", rows[message]);
    assert_eq!(faults(&elsewhere, &rows), [expected]);
}

#[test]
fn messages_of_one_form_share_a_row() {
    let answer = "error: no `a` in 5s, at most 1\nnote: c\nerror[E1]: d | e\nerror: no `b` in 6s, at most 1\n";
    let answers = BTreeMap::from([("macro/x".to_owned(), answer.to_owned())]);
    let chapter =
        format!("## A `b`: E2\n{SPELLINGS}\n|---|---|---|\n| x | no `c` in 7s, at most 1 | y |\n");
    let rows = rows(&chapter, &answers);
    let expected = [
        ("E1: d \\| e", " | `macro/x`"),
        ("no `..` in .., at most 1", "[A `b`: E2](#a-b-e2) | `macro/x`"),
    ];
    assert_eq!(rows, BTreeMap::from(expected.map(|(key, row)| (key.into(), row.into()))));
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
}

/// What rustc proposes is applied by editors, so it must be something that a user may write.
#[test]
fn no_message_names_a_private_path() {
    for (name, answer) in answers() {
        assert!(!answer.contains("__private"), "{name}");
        let proposed = answer.lines().filter(|line| line.contains("sage_supervisor::expansion"));
        let proposals = proposed.filter(|line| !line.starts_with("note: required by a bound in "));
        for line in proposals {
            let is_origin = ["this error originates in", "is likely invalid in item context"]
                .iter()
                .any(|origin| line.contains(origin));
            let is_missing = line.contains("= help: the trait `sage_supervisor::expansion::");
            assert!(is_origin || is_missing, "{name}: {line}");
        }
    }
}
