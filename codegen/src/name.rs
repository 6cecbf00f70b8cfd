//! Words of a specification to identifiers of Rust.

use std::fmt;

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};

/// The words that cannot be identifiers in snake case, from the Rust reference: strict ones, those of editions
/// 2018 and 2024, and reserved ones.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// A name of a specification: lower-case words joined by hyphens.
///
/// 0-8 separates words by spaces, later revisions by hyphens, and a few places mix the two; here
/// `queue name`, `queue-name` and `Queue_Name` are one name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(String);

impl Name {
    /// Normalises a name; `None` unless it consists of words of letters and digits, the first of
    /// which starts with a letter.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let words: Vec<_> = text
            .split([' ', '-', '_', '\t', '\n', '\r'])
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        let sound = words
            .iter()
            .all(|word| word.bytes().all(|b| b.is_ascii_alphanumeric()));
        let starts = words.first()?.bytes().next()?.is_ascii_alphabetic();
        (sound && starts && text.len() <= 100).then(|| Self(words.join("-")))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A field, method or module: `routing_key`. A keyword, and every name in `taken`, gets an
    /// underscore behind it: `type_`.
    pub(crate) fn snake(&self, taken: &[&str]) -> String {
        let plain = self.0.to_snake_case();
        let free = !KEYWORDS.contains(&plain.as_str()) && !taken.contains(&plain.as_str());
        if free { plain } else { plain + "_" }
    }

    /// A type or variant: `DeclareOk`.
    pub(crate) fn camel(&self) -> String {
        self.0.to_upper_camel_case()
    }

    /// A constant: `FRAME_END`.
    pub(crate) fn shouty(&self) -> String {
        self.0.to_shouty_snake_case()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

/// The tokens of a path without arguments, such as `crate` or `::pika::types`.
pub(crate) fn path(text: &str) -> Option<TokenStream> {
    let tokens: TokenStream = text.parse().ok()?;
    let mut rest = text.trim().strip_prefix("::").unwrap_or(text.trim());
    loop {
        let (segment, more) = rest.split_once("::").unwrap_or((rest, ""));
        let is_root = ["crate", "self", "super"].contains(&segment.trim());
        let only = segment.parse::<TokenStream>().ok()?.into_iter();
        let [TokenTree::Ident(ident)] = &only.collect::<Vec<_>>()[..] else {
            return None;
        };
        if segment.trim() == "_" || KEYWORDS.contains(&ident.to_string().as_str()) && !is_root {
            return None;
        }
        if more.is_empty() {
            return (rest == segment).then_some(tokens);
        }
        rest = more;
    }
}

/// An identifier made by this module.
pub(crate) fn ident(text: &str) -> Ident {
    Ident::new(text, Span::call_site())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_hyphens_and_case_do_not_matter() {
        assert_eq!(Name::parse("Queue name"), Name::parse("queue-name"));
        assert_eq!(Name::parse("queue_name").unwrap(), "queue-name");
    }

    #[test]
    fn a_name_needs_a_letter_first_and_no_signs() {
        for text in ["", " ", "9lives", "a.b", "käse", "a/b"] {
            assert_eq!(Name::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn keywords_and_taken_names_get_an_underscore() {
        let name = |text| Name::parse(text).unwrap();
        assert_eq!(name("type").snake(&[]), "type_");
        assert_eq!(name("self").snake(&[]), "self_");
        assert_eq!(name("gen").snake(&[]), "gen_");
        assert_eq!(name("input").snake(&["input"]), "input_");
        assert_eq!(name("routing key").snake(&[]), "routing_key");
    }

    #[test]
    fn what_syn_takes_for_a_keyword_is_one_and_the_other_way_round() {
        let spoken =
            include_str!("../tests/golden/amqp0-8.rs").split(|sign: char| !sign.is_alphabetic());
        let words = spoken
            .map(str::to_lowercase)
            .filter(|word| !word.is_empty());
        for word in words.chain(KEYWORDS.iter().copied().map(str::to_owned)) {
            // A keyword since edition 2024, which syn does not count.
            let refused = word == "gen" || syn::parse_str::<Ident>(&word).is_err();
            assert_eq!(KEYWORDS.contains(&word.as_str()), refused, "{word}");
        }
    }

    #[test]
    fn a_path_is_names_between_colons() {
        for text in [
            "crate",
            "::pika",
            "my::own",
            " a :: b ",
            "super::r#type::x_1",
        ] {
            let expected = syn::parse_str::<syn::Path>(text).unwrap();
            let expected = quote::quote!(#expected).to_string();
            assert_eq!(path(text).expect(text).to_string(), expected);
        }
        for text in [
            "", "::", "a::", "::::a", "a b", "a:b", "a::<b>", "a<b>", "a::type", "1", "a-b", "(a)",
            "a\"", "a::b;", "_", "a::_",
        ] {
            assert!(path(text).is_none(), "{text}");
        }
    }

    #[test]
    fn types_and_constants_follow_the_case_of_rust() {
        let name = Name::parse("frame-oob-method").unwrap();
        assert_eq!(
            (name.camel(), name.shouty()),
            ("FrameOobMethod".into(), "FRAME_OOB_METHOD".into())
        );
    }
}
