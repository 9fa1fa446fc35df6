//! The short table of the README is that of the report of the benchmark, word for word.
//!
//! A full run of `benches` writes both; see `benches/src/short/mod.rs`.

use std::io::ErrorKind;
use std::path::Path;

const README: &str = include_str!("../README.md");
const BEGIN: &str = "<!-- figures: written by benches -->\n";
const END: &str = "<!-- end of figures -->\n";

/// The text between the marks, if each mark occurs exactly once.
fn figures(text: &str) -> Result<&str, &'static str> {
    let (before, rest) = text.split_once(BEGIN).ok_or("there is no mark for the figures")?;
    let (figures, after) = rest.split_once(END).ok_or("the figures have no end")?;
    if [before, figures, after].iter().any(|part| part.contains(BEGIN) || part.contains(END)) {
        return Err("a mark is there twice");
    }
    Ok(figures)
}

/// The difference between the README and a report. Without a report there must be no figures.
fn fault(readme: &str, report: Option<&str>) -> Option<&'static str> {
    let compare = || {
        let shown = figures(readme)?;
        let Some(report) = report else {
            return if shown.is_empty() {
                Ok(())
            } else {
                Err("there is no report of the figures")
            };
        };
        let measured = figures(report)?;
        if measured.trim().is_empty() {
            return Err("the report has no figures");
        }
        if shown == measured { Ok(()) } else { Err("the report has other figures") }
    };
    compare().err()
}

/// The report, if there is one.
fn report() -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/RESULTS.md");
    match std::fs::read_to_string(path) {
        Ok(report) => Some(report),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("the report cannot be read: {error}"),
    }
}

#[test]
fn the_figures_of_the_readme_are_those_of_the_report() {
    assert_eq!(fault(README, report().as_deref()), None, "README.md, benches/RESULTS.md");
}

#[test]
fn a_readme_with_other_figures_is_at_fault() {
    let page = |figures: &str| format!("# Page\n\n{BEGIN}{figures}{END}\nmore\n");
    let (shown, empty) = (page("\n| a | 1 |\n| b | 2 |\n\n"), page(""));
    let others = Some("the report has other figures");

    assert_eq!(fault(&shown, Some(&format!("# Report\n{shown}| c | 3 |\n"))), None);
    assert_eq!(fault(&shown, Some(&page("\n| a | 1 |\n| b | 3 |\n\n"))), others);
    assert_eq!(fault(&page("\n| a | 1 |\n\n"), Some(&shown)), others);
    assert_eq!(fault(&empty, Some(&shown)), others);
    assert_eq!(fault(&empty, Some(&empty)), Some("the report has no figures"));
    assert_eq!(fault(&empty, None), None);
    assert_eq!(fault(&shown, None), Some("there is no report of the figures"));

    assert_eq!(fault("no marks", Some(&shown)), Some("there is no mark for the figures"));
    assert_eq!(fault(&shown, Some(BEGIN)), Some("the figures have no end"));
    assert_eq!(fault(&format!("{shown}{shown}"), Some(&shown)), Some("a mark is there twice"));
}

#[test]
fn the_benchmark_writes_between_the_same_marks() {
    let source = include_str!("../benches/src/short/mod.rs");
    for mark in [BEGIN, END] {
        assert!(source.contains(&format!("{mark:?};")), "{mark}");
    }
}
