//! Rules that all generated code keeps.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use pika_codegen::Config;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Visibility};

/// The most lines a function may have.
const MOST_LINES: usize = 40;

/// Macros and methods that can panic.
const PANICS: [&str; 7] = [
    "unwrap",
    "expect",
    "panic",
    "unreachable",
    "todo",
    "unimplemented",
    "assert",
];

/// What is wrong with a file.
#[derive(Default)]
struct Lint {
    found: Vec<String>,
}

impl Lint {
    fn documented(
        &mut self,
        what: &str,
        visibility: Option<&Visibility>,
        attributes: &[Attribute],
    ) {
        let public = visibility.is_none_or(|it| !matches!(it, Visibility::Inherited));
        if public
            && !attributes
                .iter()
                .any(|attribute| attribute.path().is_ident("doc"))
        {
            self.found.push(format!("{what} has no documentation"));
        }
    }

    fn word(&mut self, word: &syn::Ident) {
        if PANICS.iter().any(|panics| word == panics) {
            self.found.push(format!("`{word}` can panic"));
        }
    }
}

impl<'ast> Visit<'ast> for Lint {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Struct(it) => self.documented(&it.ident.to_string(), Some(&it.vis), &it.attrs),
            Item::Enum(it) => self.documented(&it.ident.to_string(), Some(&it.vis), &it.attrs),
            Item::Trait(it) => self.documented(&it.ident.to_string(), Some(&it.vis), &it.attrs),
            Item::Mod(it) => self.documented(&it.ident.to_string(), Some(&it.vis), &it.attrs),
            Item::Const(it) => self.documented(&it.ident.to_string(), Some(&it.vis), &it.attrs),
            Item::Fn(it) => self.documented(&it.sig.ident.to_string(), Some(&it.vis), &it.attrs),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_variant(&mut self, it: &'ast syn::Variant) {
        self.documented(&it.ident.to_string(), None, &it.attrs);
    }

    fn visit_field(&mut self, it: &'ast syn::Field) {
        let name = it
            .ident
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        self.documented(&name, Some(&it.vis), &it.attrs);
    }

    fn visit_impl_item_fn(&mut self, it: &'ast syn::ImplItemFn) {
        self.documented(&it.sig.ident.to_string(), Some(&it.vis), &it.attrs);
        visit::visit_impl_item_fn(self, it);
    }

    fn visit_trait_item_fn(&mut self, it: &'ast syn::TraitItemFn) {
        self.documented(&it.sig.ident.to_string(), None, &it.attrs);
        visit::visit_trait_item_fn(self, it);
    }

    fn visit_attribute(&mut self, it: &'ast Attribute) {
        for lint in ["allow", "expect", "cfg", "cfg_attr"] {
            if it.path().is_ident(lint) {
                self.found.push(format!("the attribute `{lint}`"));
            }
        }
    }

    fn visit_expr_method_call(&mut self, it: &'ast syn::ExprMethodCall) {
        self.word(&it.method);
        visit::visit_expr_method_call(self, it);
    }

    fn visit_macro(&mut self, it: &'ast syn::Macro) {
        it.path
            .segments
            .iter()
            .for_each(|segment| self.word(&segment.ident));
    }

    fn visit_expr_index(&mut self, _: &'ast syn::ExprIndex) {
        self.found.push("an index, which can panic".to_owned());
    }

    fn visit_expr_unsafe(&mut self, _: &'ast syn::ExprUnsafe) {
        self.found.push("`unsafe`".to_owned());
    }
}

/// Functions with too many lines; the printer ends each with a brace under its beginning.
fn long_functions(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(usize, usize, &str)> = None;
    for (number, line) in code.lines().enumerate() {
        let depth = line.len() - line.trim_start().len();
        let is_fn = ["fn ", "pub fn ", "pub const fn ", "pub(super) fn "]
            .iter()
            .any(|start| line.trim_start().starts_with(start));
        match open {
            None if is_fn && !line.ends_with('}') => open = Some((number, depth, line)),
            Some((start, at, name)) if depth == at && line.trim() == "}" => {
                if number - start + 1 > MOST_LINES {
                    found.push(format!("{} lines: {}", number - start + 1, name.trim()));
                }
                open = None;
            }
            _ => {}
        }
    }
    found
}

fn lint(code: &str) -> Vec<String> {
    let file = syn::parse_file(code).unwrap();
    let mut lint = Lint::default();
    lint.visit_file(&file);
    lint.found.extend(long_functions(code));
    lint.found
}

#[test]
fn all_generated_code_keeps_the_rules() {
    for file in common::all() {
        let code = Config::new().spec(&file).generate().unwrap();
        assert_eq!(lint(&code), [""; 0], "{}", file.display());
        assert!(
            code.lines().all(|line| line.trim_end() == line),
            "{}",
            file.display()
        );
        assert!(!code.contains("/usr/"), "{}", file.display());
    }
}

#[test]
fn the_lint_finds_what_it_looks_for() {
    let found = lint(
        "#[allow(dead_code)]\n\
         pub struct A { pub b: u8 }\n\
         impl A {\n    /// Documented.\n    pub fn c(d: &[u8]) -> u8 {\n        d.first().unwrap() + d[1]\n    }\n}\n",
    );
    assert_eq!(
        found,
        [
            "A has no documentation",
            "the attribute `allow`",
            "b has no documentation",
            "`unwrap` can panic",
            "an index, which can panic",
        ]
    );
    let long = format!(
        "fn long() {{\n{}}}\n",
        "    let _ = 1;\n".repeat(MOST_LINES)
    );
    assert_eq!(long_functions(&long), ["42 lines: fn long() {"]);
}
