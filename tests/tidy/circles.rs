//! Files that use each other in a circle cannot be understood one after the other.
//!
//! An arrow goes from a file to each file that it names in a `use`, through the names that a parent
//! passes on. A module and its own children may name each other: they are one thing in several files.

use std::collections::{BTreeMap, BTreeSet};

use super::File;
use super::text::{split_group, words};

/// A module's path from the root of its crate, joined by slashes.
type Module = String;

/// The `use` paths of each module, as they stand: `crate`, `super` and `self` are not resolved.
type Uses = BTreeMap<Module, Vec<Vec<String>>>;

#[test]
fn files_form_no_circle() {
    let found = circles(&super::files());
    assert!(found.is_empty(), "files that use each other: {found:#?}");
}

/// The circles among the files of `src/`: largest sets in which each file leads to every other.
fn circles(files: &[File]) -> BTreeSet<BTreeSet<Module>> {
    let uses: Uses = files
        .iter()
        .filter_map(|file| Some((module(&file.path)?, paths(&file.code))))
        .collect();
    let arrows: BTreeMap<&Module, BTreeSet<Module>> = uses
        .iter()
        .map(|(from, paths)| {
            let targets = paths.iter().filter_map(|path| target(from, path, &uses));
            let targets = targets.filter(|to| !is_within(to, from) && !is_within(from, to));
            (from, targets.collect())
        })
        .collect();
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = arrows
        .keys()
        .map(|from| (*from, reach(from, &arrows)))
        .collect();
    let mutual = |from: &Module| -> BTreeSet<Module> {
        let there = reached[from]
            .iter()
            .filter(|to| reached[**to].contains(from));
        there.map(|to| (*to).clone()).collect()
    };
    let circles = arrows.keys().map(|from| mutual(from));
    circles.filter(|circle| circle.len() > 1).collect()
}

fn reach<'a>(
    from: &'a Module,
    arrows: &'a BTreeMap<&Module, BTreeSet<Module>>,
) -> BTreeSet<&'a Module> {
    let (mut found, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(at) = next.pop() {
        for to in &arrows[at] {
            if found.insert(to) {
                next.push(to);
            }
        }
    }
    found
}

/// The module that a file is; the root is the empty text.
fn module(path: &str) -> Option<Module> {
    let inside = path.strip_prefix("src/")?.strip_suffix(".rs")?;
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    Some(if inside == "lib" { "" } else { inside }.to_owned())
}

/// Whether a module is another one or lies in it.
fn is_within(inner: &str, outer: &str) -> bool {
    let rest = inner.strip_prefix(outer);
    outer.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The file that a path leads to, if it is one of this crate.
fn target(from: &str, path: &[String], uses: &Uses) -> Option<Module> {
    let mut module: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    let mut rest = path.iter().map(String::as_str).peekable();
    match rest.peek().copied()? {
        "crate" => module.clear(),
        "super" => {}
        "self" => _ = rest.next(),
        first if uses.contains_key(&joined(&module, first)) => {}
        _ => return None,
    }
    while rest
        .next_if(|part| matches!(*part, "super" | "crate"))
        .is_some_and(|part| {
            if part == "super" {
                module.pop();
            }
            true
        })
    {}
    while let Some(part) = rest.next_if(|part| uses.contains_key(&joined(&module, part))) {
        module.push(part);
    }
    let found = module.join("/");
    // The parent may pass on a name of one of its children.
    let passed_on = rest.next().and_then(|name| {
        let by_parent = uses.get(&found)?.iter();
        let path = by_parent
            .filter(|path| path.len() > 1)
            .find(|path| path.last().is_some_and(|last| last == name))?;
        let children = path.iter().filter(|part| *part != "self");
        let mut child = module.clone();
        for part in children.map(String::as_str) {
            if !uses.contains_key(&joined(&child, part)) {
                break;
            }
            child.push(part);
        }
        Some(child.join("/"))
    });
    Some(passed_on.unwrap_or(found))
}

fn joined(module: &[&str], part: &str) -> Module {
    let mut parts = module.to_vec();
    parts.push(part);
    parts.join("/")
}

/// All paths of the `use` statements of a file, one for each leaf of a group.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for word in words(code).filter(|word| word.text == "use") {
        let statement = code[word.end..].split(';').next().unwrap_or_default();
        let (mut stack, mut path) = (Vec::new(), Vec::new());
        let mut parts = split_group(statement).peekable();
        while let Some(part) = parts.next() {
            match part {
                "{" => stack.push(path.clone()),
                "}" | "," => {
                    paths.push(std::mem::take(&mut path));
                    if part == "}" {
                        stack.pop();
                        continue;
                    }
                    path = stack.last().cloned().unwrap_or_default();
                }
                ":" => {}
                "as" => _ = parts.next(),
                name => path.push(name.to_owned()),
            }
        }
        paths.push(path);
    }
    paths.retain(|path: &Vec<String>| !path.is_empty());
    paths
}

#[test]
fn a_circle_is_found_and_a_parent_with_its_children_is_none() {
    let house = |files: &[(&str, &str)]| -> Vec<Vec<Module>> {
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| File::new(*path, *text))
            .collect();
        let circles = circles(&files).into_iter();
        circles.map(|circle| circle.into_iter().collect()).collect()
    };
    let straight = [
        ("src/lib.rs", "mod a;\npub use a::one::One;"),
        (
            "src/a/mod.rs",
            "mod one;\nmod two;\nuse one::One;\npub use two::Two;",
        ),
        ("src/a/one.rs", "use super::Three;"),
        (
            "src/a/two.rs",
            "use super::one::{One, other::{self, Thing as That}};\nuse std::fmt;",
        ),
    ];
    assert_eq!(house(&straight), [[""; 0]; 0]);
    for back in [
        "use super::two::Two;",
        "use super::{two::{deep::A, B}, C};",
        "use crate::a::two::Two;",
        // By way of the parent.
        "use super::Two;",
        "use crate::a::Two as Other;",
    ] {
        let mut house_with = straight;
        house_with[2].1 = back;
        assert_eq!(house(&house_with), [["a/one", "a/two"]], "{back}");
    }
}
