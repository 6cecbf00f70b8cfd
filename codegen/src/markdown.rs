//! Plain prose with `code` in it, made safe for rustdoc.

/// Where lines of documentation are broken, without the comment signs.
const WIDTH: usize = 88;

/// The first sentence and the rest.
pub(crate) fn split_sentence(text: &str) -> (&str, &str) {
    let mut code = false;
    for (at, character) in text.char_indices() {
        code ^= character == '`';
        let Some(rest) = text.get(at..).and_then(|rest| rest.strip_prefix(". ")) else {
            continue;
        };
        let before = text.get(..at).unwrap_or_default();
        let abbreviated = before.ends_with("e.g") || before.ends_with("i.e");
        let begins = rest.starts_with(|next: char| next.is_uppercase() || next == '`');
        if !code && !abbreviated && begins {
            return (text.get(..=at).unwrap_or(text), rest);
        }
    }
    (text, "")
}

/// A few words as a sentence.
pub(crate) fn sentence(words: &str) -> String {
    let mut characters = words.chars();
    let first = characters
        .next()
        .map(|first| first.to_uppercase().to_string());
    let stop = if words.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    first.unwrap_or_default() + characters.as_str() + stop
}

/// A few words as the end of a sentence, in lower case unless they begin with an abbreviation.
pub(crate) fn phrase(words: &str) -> String {
    let words = words.trim_end_matches('.');
    let mut characters = words.chars();
    let first = characters.next().unwrap_or_default();
    if characters.clone().next().is_some_and(char::is_lowercase) {
        first.to_lowercase().chain(characters).collect()
    } else {
        words.to_owned()
    }
}

/// Takes the meaning from all signs of Markdown but paired backticks.
pub(crate) fn escape(text: &str) -> String {
    let paired = text.matches('`').count() & 1 == 0;
    let mut escaped = String::with_capacity(text.len() + 16);
    for (at, piece) in text.split('`').enumerate() {
        if at > 0 {
            escaped.push_str(if paired { "`" } else { "\\`" });
        }
        if paired && at % 2 == 1 {
            escaped.push_str(piece);
        } else {
            escape_prose(piece, &mut escaped);
        }
    }
    escaped
}

fn escape_prose(text: &str, escaped: &mut String) {
    for word in text.split_inclusive(' ') {
        if word.contains("://") && !word.contains(['<', '>']) {
            let bare = word.trim_end_matches([' ', '.', ',', ';', ')']);
            let bare_start = bare.trim_start_matches('(');
            let (open, rest) = (
                bare.len() - bare_start.len(),
                word.get(bare.len()..).unwrap_or(""),
            );
            escaped.push_str(&"(".repeat(open));
            escaped.push('<');
            escaped.push_str(bare_start);
            escaped.push('>');
            escaped.push_str(rest);
            continue;
        }
        for character in word.chars() {
            if matches!(
                character,
                '\\' | '[' | ']' | '<' | '>' | '*' | '_' | '~' | '|'
            ) {
                escaped.push('\\');
            }
            escaped.push(character);
        }
    }
}

/// Paragraphs as lines, an empty one between two of them.
pub(crate) fn lines(paragraphs: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in paragraphs {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let mut line = String::new();
        for word in words(paragraph) {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(std::mem::take(&mut line));
            }
            if line.is_empty() {
                let inside = lines.last().is_some_and(|last| !last.is_empty());
                line = guard(word, inside);
            } else {
                line.push(' ');
                line.push_str(word);
            }
        }
        lines.push(line);
    }
    lines
}

/// Splits at spaces outside code.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    let mut escaped = false;
    text.split(move |character: char| {
        code ^= character == '`' && !escaped;
        escaped = character == '\\' && !escaped && !code;
        !code && character == ' '
    })
    .filter(|word| !word.is_empty())
}

/// Keeps the first word of a line from beginning a list, a heading or a quotation; inside a paragraph
/// a numbered list can only begin with 1.
fn guard(word: &str, inside: bool) -> String {
    let digits = word.trim_start_matches(|sign: char| sign.is_ascii_digit());
    let number = word.get(..word.len() - digits.len()).unwrap_or_default();
    let numbered = digits.len() < word.len() && (digits == "." || digits == ")");
    if numbered && (!inside || number == "1") {
        return format!("{number}\\{digits}");
    }
    if word.starts_with(['#', '-', '+', '=', '>']) {
        format!("\\{word}")
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_lose_their_meaning_outside_code() {
        assert_eq!(
            escape("a [b] <c> *d* `e[f]*` g_h"),
            "a \\[b\\] \\<c\\> \\*d\\* `e[f]*` g\\_h"
        );
        assert_eq!(escape("it`s odd"), "it\\`s odd");
        assert_eq!(escape("see (http://a.b/c_d)."), "see (<http://a.b/c_d>).");
    }

    #[test]
    fn code_is_never_broken_across_lines() {
        let text = format!("{} `a - b - c`", "x".repeat(85));
        assert_eq!(lines(&[text]), ["x".repeat(85), "`a - b - c`".to_owned()]);
    }

    #[test]
    fn a_line_begins_no_list() {
        let text = |word: &str| format!("{} {word}", "x".repeat(WIDTH));
        assert_eq!(lines(&[text("- b")])[1], "\\- b");
        assert_eq!(lines(&[text("1. b")])[1], "1\\. b");
        assert_eq!(lines(&[text("12. b")])[1], "12. b");
        assert_eq!(lines(&["12. b".to_owned()]), ["12\\. b"]);
        assert_eq!(lines(&[text("# b")])[1], "\\# b");
    }

    #[test]
    fn the_first_sentence_ends_before_a_capital() {
        assert_eq!(
            split_sentence("One e.g. two. Three. Four."),
            ("One e.g. two.", "Three. Four.")
        );
        assert_eq!(
            split_sentence("In `a. B` one. `two`"),
            ("In `a. B` one.", "`two`")
        );
        assert_eq!(split_sentence("Only one."), ("Only one.", ""));
    }

    #[test]
    fn labels_become_sentences() {
        assert_eq!(
            sentence("create or check a queue"),
            "Create or check a queue."
        );
        assert_eq!(sentence("ready?"), "Ready?");
        assert_eq!(sentence(""), ".");
        assert_eq!(phrase("Queue to check."), "queue to check");
        assert_eq!(phrase("MIME type"), "MIME type");
    }
}
