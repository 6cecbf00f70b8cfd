//! The little that has to be known of Rust's lexical form to tell code from what is none.

pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    pub(crate) end: usize,
    pub(crate) line: usize,
}

pub(crate) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut at = 0;
    let mut line = 1;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(is_word)?;
        let end = text[start..]
            .find(|c| !is_word(c))
            .map_or(text.len(), |len| start + len);
        line += text[at..start].matches('\n').count();
        at = end;
        Some(Word {
            text: &text[start..end],
            end,
            line,
        })
    })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

pub(crate) fn lines_with<'a>(text: &'a str, pattern: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(pattern).map(|(at, _)| line_of(text, at))
}

pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Replaces comments by blanks and what literals hold by dots; keeps quotes, lines and offsets.
pub(crate) fn blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (len, filler) = token(rest, out.chars().next_back());
        let (token, tail) = rest.split_at(len);
        match (
            filler,
            token.strip_prefix('"').and_then(|t| t.strip_suffix('"')),
        ) {
            (None, _) => out.push_str(token),
            (Some(filler), None) => out.push_str(&fill(token, filler)),
            (Some(filler), Some(inside)) => {
                out.push('"');
                out.push_str(&fill(inside, filler));
                out.push('"');
            }
        }
        rest = tail;
    }
    out
}

/// `filler` for every byte, so that offsets stay; lines stay too.
fn fill(text: &str, filler: u8) -> String {
    text.bytes()
        .map(|byte| char::from(if byte == b'\n' { byte } else { filler }))
        .collect()
}

/// The length of what stands at the start of `rest`, and what to fill it with if it is no code.
fn token(rest: &str, before: Option<char>) -> (usize, Option<u8>) {
    let one = rest.chars().next().map_or(0, char::len_utf8);
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), Some(b' '));
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), Some(b' '));
    }
    if rest.starts_with('"') {
        return (quoted(rest, '"'), Some(b'.'));
    }
    if rest.starts_with("r\"") || rest.starts_with("r#") {
        let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
        let opened = rest[1 + hashes..].starts_with('"');
        if opened && !before.is_some_and(|c| is_word(c) && c != 'b') {
            let close = format!("\"{}", "#".repeat(hashes));
            let body = 2 + hashes;
            let len = rest[body..]
                .find(&close)
                .map_or(rest.len(), |at| body + at + close.len());
            return (len, Some(b'.'));
        }
    }
    // A character, not a lifetime: 'a' has its closing quote, 'a has not.
    if let Some(inside) = rest.strip_prefix('\'') {
        let mut chars = inside.chars();
        if inside.starts_with('\\') || (chars.next().is_some() && chars.next() == Some('\'')) {
            return (quoted(rest, '\''), Some(b'.'));
        }
    }
    (one, None)
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Blanks in `code` the item after each `attribute` of `text`, up to its closing brace or its
/// semicolon. `code` is the blanked `text`: what stands at one offset in one stands there in both.
pub(crate) fn without_items(text: &str, code: &str, attribute: &str) -> String {
    let mut out = code.to_owned();
    for (start, _) in text.match_indices(attribute) {
        if !code[start..].starts_with('#') {
            continue;
        }
        let mut depth = 0;
        let end = code[start..]
            .char_indices()
            .find(|(_, c)| {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                depth == 0 && matches!(c, '}' | ';')
            })
            .map_or(code.len(), |(at, _)| start + at + 1);
        out.replace_range(start..end, &fill(&code[start..end], b' '));
    }
    out
}

pub(crate) fn split_group(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let len = match rest.find(|c: char| !is_word(c)) {
            Some(0) => first.len_utf8(),
            Some(len) => len,
            None => rest.len(),
        };
        let (part, tail) = rest.split_at(len);
        rest = tail;
        Some(part)
    })
}

#[test]
fn what_is_no_code_is_blanked() {
    for (text, code) in [
        ("a // b\nc", "a     \nc"),
        ("a /* b /* c */ d */ e", "a                   e"),
        (r#"f("a \" // b") c"#, r#"f(".........") c"#),
        (r##"r#"a " b"# c"##, r##".......... c"##),
        ("&'a str, 'x', '\\'', '\"'", "&'a str, ..., ...., ..."),
        ("attr\"a\"", "attr\".\""),
    ] {
        assert_eq!(blank(text), code, "{text}");
    }
}
