//! The page of the contract lists exactly the tests that exist, and each of them under its rule.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const PAGE: &str = include_str!("../../sage-supervisor/docs/contract.md");
const TARGETS: [&str; 4] = ["contract", "conformance", "model", "panics"];
const RULES: std::ops::RangeInclusive<u32> = 1..=33;

/// The names of the tests in a source. An ignored test shows nothing.
fn tests_in(source: &str) -> Vec<&str> {
    let mut tests = vec![];
    let mut is_test = false;
    for line in source.lines().map(str::trim_start) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if line.starts_with("#[ignore") {
            is_test = false;
        } else if let Some((_, function)) = line.split_once("fn ").filter(|_| is_test) {
            tests.push(function.split_once('(').expect("it has arguments").0);
            is_test = false;
        }
    }
    tests
}

/// Adds the tests of a folder, each as its target and its path in the target.
fn collect(folder: &Path, module: &str, tests: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let inner = if matches!(name, "main" | "mod") {
            module.to_owned()
        } else {
            format!("{module}::{name}")
        };
        if path.is_dir() {
            collect(&path, &inner, tests);
        } else {
            let source = std::fs::read_to_string(&path).unwrap();
            tests.extend(tests_in(&source).iter().map(|test| format!("{inner}::{test}")));
        }
    }
}

fn tests() -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for target in TARGETS {
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(target), target, &mut tests);
    }
    tests
}

/// The rule in the name of a test of the contract.
fn rule_of(test: &str) -> Option<u32> {
    let (path, name) = test.rsplit_once("::")?;
    let number = name.strip_prefix("rule_")?.split('_').next()?;
    ["contract", "panics"]
        .iter()
        .any(|target| path.starts_with(target))
        .then(|| number.parse().expect("a rule has a number"))
}

/// The rules of a page, each with the tests in its list.
fn rows(page: &str) -> BTreeMap<u32, BTreeSet<&str>> {
    let mut rows = BTreeMap::<_, BTreeSet<_>>::new();
    let mut rule = None;
    for line in page.lines() {
        if let Some(title) = line.strip_prefix("### Rule ") {
            let number = title.split(':').next().and_then(|number| number.parse().ok());
            rule = Some(number.expect("a rule has a number"));
            rows.entry(rule.unwrap()).or_default();
        } else if let (Some(test), Some(rule)) = (line.strip_prefix("- `"), rule) {
            rows.entry(rule).or_default().insert(test.trim_end_matches('`'));
        }
    }
    rows
}

/// The faults of a page, given the tests that exist.
fn faults(page: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let rows = rows(page);
    let is_test = |word: &&str| {
        TARGETS.iter().any(|target| word.strip_prefix(target).is_some_and(|w| w.starts_with("::")))
    };
    let named = page.split('`').skip(1).step_by(2).filter(is_test);
    let mut faults: Vec<_> = named
        .filter(|test| !tests.contains(*test))
        .map(|test| format!("there is no test `{test}`"))
        .collect();
    for test in tests {
        let Some(rule) = rule_of(test) else { continue };
        if !rows.get(&rule).is_some_and(|row| row.contains(&**test)) {
            faults.push(format!("`{test}` is not in the list of rule {rule}"));
        }
    }
    for rule in RULES {
        let shown = rows.get(&rule).is_some_and(|row| {
            row.iter().any(|test| tests.contains(*test) && rule_of(test) == Some(rule))
        });
        if !shown {
            faults.push(format!("no test shows rule {rule}"));
        }
    }
    faults
}

#[test]
fn the_page_of_the_contract_names_the_tests_that_there_are() {
    let faults = faults(PAGE, &tests());
    assert!(faults.is_empty(), "sage-supervisor/docs/contract.md:\n{}", faults.join("\n"));
}

#[test]
fn a_page_that_names_others_is_at_fault() {
    let tests = tests();
    let order = "contract::start::rule_5_children_start_in_declaration_order";
    let row = format!("- `{order}`\n");
    assert!(PAGE.contains(&row) && tests.contains(order));

    let renamed = PAGE.replace(&row, &format!("{row}- `{order}_too`\n"));
    assert_eq!(faults(&renamed, &tests), [format!("there is no test `{order}_too`")]);

    let missing = PAGE.replace(&row, "");
    let expected =
        [format!("`{order}` is not in the list of rule 5"), "no test shows rule 5".to_owned()];
    assert_eq!(faults(&missing, &tests), expected);

    let misplaced = missing.replace("### Rule 6: ", &format!("{row}\n### Rule 7: "));
    let wrong = faults(&misplaced, &tests);
    assert!(wrong.contains(&"no test shows rule 6".to_owned()), "{wrong:?}");

    let removed: BTreeSet<_> =
        tests.iter().filter(|test| rule_of(test) != Some(29)).cloned().collect();
    assert!(faults(PAGE, &removed).contains(&"no test shows rule 29".to_owned()));
}

#[test]
fn a_test_that_is_ignored_shows_nothing() {
    let source = "#[test]\nfn one() {\n    #[tokio::test(flavor = \"a\")]\n    async fn two() {}\n\
                  #[test]\n#[ignore = \"slow\"]\nfn three() {}\nfn four() {}\n";
    assert_eq!(tests_in(source), ["one", "two"]);
}
