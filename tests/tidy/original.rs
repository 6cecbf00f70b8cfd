//! The page about the original names tests, which have to exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The names of functions and of what macros make functions of: words that stand alone on a line.
fn names(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            names(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            for line in fs::read_to_string(path).unwrap().lines() {
                let line = line.trim();
                let line = line.strip_prefix("async ").unwrap_or(line);
                let name = line.strip_prefix("fn ").unwrap_or(line);
                let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
                found.insert(name.split_at(end.unwrap_or(name.len())).0.to_owned());
            }
        }
    }
}

/// The tests that the last column of a row names.
fn tests_of(row: &str) -> impl Iterator<Item = &str> {
    let cells: Vec<_> = row.trim_matches(&['|', ' '][..]).split('|').collect();
    let last = cells[cells.len() - 1];
    last.split('`').skip(1).step_by(2)
}

#[test]
fn every_row_of_the_original_is_there_and_its_tests_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/original.md")).unwrap();
    let mut known = BTreeSet::new();
    for directory in ["tests", "examples/tests", "src", "codegen/tests"] {
        names(&root.join(directory), &mut known);
    }
    let rows = || {
        page.lines()
            .filter(|line| line.starts_with("| R") || line.starts_with("| S"))
    };
    let numbers = (1..=20).map(|n| format!("R{n}"));
    for number in numbers.chain((1..=49).map(|n| format!("S{n}"))) {
        let start = format!("| {number} |");
        assert_eq!(
            rows().filter(|row| row.starts_with(&start)).count(),
            1,
            "{number}"
        );
    }
    let missing: Vec<_> = rows()
        .flat_map(tests_of)
        .filter(|test| !known.contains(*test))
        .collect();
    assert!(missing.is_empty(), "no such tests: {missing:?}");
}
