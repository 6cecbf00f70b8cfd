//! Tokens to text with a statement to a line, at no cost: what a build script writes for the
//! compiler. Nobody edits it, but a compiler's message and "go to definition" lead there.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The text of these tokens, and of no others.
pub(crate) fn text(code: TokenStream) -> String {
    let mut lines = Lines::default();
    lines.block(code);
    lines.text
}

#[derive(Default)]
struct Lines {
    text: String,
    depth: usize,
    /// What stands on the line that is not ended yet.
    line: TokenStream,
}

impl Lines {
    /// Lays out what stands between two braces, or the whole file.
    fn block(&mut self, code: TokenStream) {
        let mut after_hash = false;
        for token in code {
            let is_hash = matches!(&token, TokenTree::Punct(sign) if sign.as_char() == '#');
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    self.braces(&group);
                }
                token => {
                    let ends = match &token {
                        TokenTree::Punct(sign) => sign.as_char() == ';' || sign.as_char() == ',',
                        // An attribute stands on a line of its own.
                        TokenTree::Group(group) => {
                            after_hash && group.delimiter() == Delimiter::Bracket
                        }
                        _ => false,
                    };
                    self.line.extend([token]);
                    if ends {
                        self.end("");
                    }
                }
            }
            after_hash = is_hash;
        }
        self.end("");
    }

    fn braces(&mut self, group: &Group) {
        if group.stream().is_empty() {
            return self.end("{}");
        }
        self.end("{");
        self.depth += 1;
        self.block(group.stream());
        self.depth -= 1;
        self.end("}");
    }

    /// Ends the line with a brace, or as it is; an empty one is none.
    fn end(&mut self, brace: &str) {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() && brace.is_empty() {
            return;
        }
        self.text.extend(std::iter::repeat_n("    ", self.depth));
        self.text.push_str(&line.to_string());
        if !line.is_empty() && !brace.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(brace);
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(code: &str) -> String {
        text(code.parse().expect("tokens"))
    }

    #[test]
    fn a_statement_an_attribute_and_a_brace_end_a_line() {
        let code = "#[derive(Clone)] pub struct A { pub b: u8, pub c: [u8; 2] } impl A {} fn f() { a(1, 2); match b { c => {} } }";
        let expected = "\
#[derive(Clone)]
pub struct A {
    pub b : u8 ,
    pub c : [u8 ; 2]
}
impl A {}
fn f () {
    a (1 , 2) ;
    match b {
        c => {}
    }
}
";
        // How tokens are parted within a line is the business of proc-macro2.
        let plain = |text: &str| text.replace(' ', "");
        assert_eq!(plain(&laid_out(code)), plain(expected));
        assert!(laid_out(code).contains("\n    pub c"));
    }

    #[test]
    fn the_tokens_stay_what_they_are() {
        let code = include_str!("../tests/golden/amqp0-9-1.rs");
        let tokens = |text: &str| text.parse::<TokenStream>().expect("tokens").to_string();
        assert_eq!(tokens(&laid_out(code)), tokens(code));
    }
}
