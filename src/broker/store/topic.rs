/// Whether a routing key fits the pattern of a binding: words between dots, of which `*` stands
/// for exactly one and `#` for any number (AMQP 0-9-1, 3.1.3.3).
pub(crate) fn matches(pattern: &[u8], key: &[u8]) -> bool {
    let pattern: Vec<_> = words(pattern).collect();
    // Which prefixes of the pattern fit the words of the key so far. One pass over the key, so
    // that no pattern makes the match take exponential time.
    let mut fits = vec![false; pattern.len() + 1];
    if let Some(start) = fits.first_mut() {
        *start = true;
    }
    pass_over_hashes(&pattern, &mut fits);
    for word in words(key) {
        let mut next = vec![false; fits.len()];
        for (at, part) in pattern.iter().enumerate() {
            if !fits.get(at).copied().unwrap_or_default() {
                continue;
            }
            let to = match *part {
                b"#" => at,
                b"*" => at + 1,
                same if same == word => at + 1,
                _ => continue,
            };
            if let Some(fit) = next.get_mut(to) {
                *fit = true;
            }
        }
        pass_over_hashes(&pattern, &mut next);
        fits = next;
    }
    fits.last().copied().unwrap_or_default()
}

/// Where the pattern has got to a `#`, it may also be behind it.
fn pass_over_hashes(pattern: &[&[u8]], fits: &mut [bool]) {
    for (at, part) in pattern.iter().enumerate() {
        let here = fits.get(at).copied().unwrap_or_default();
        if let Some(behind) = fits.get_mut(at + 1).filter(|_| here && *part == b"#") {
            *behind = true;
        }
    }
}

/// The words between dots; an empty text has none.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let count = if text.is_empty() { 0 } else { usize::MAX };
    text.split(|byte| *byte == b'.').take(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, fits: &[&str], fails: &[&str]) {
        for key in fits {
            assert!(matches(pattern.as_bytes(), key.as_bytes()), "{key}");
        }
        for key in fails {
            assert!(!matches(pattern.as_bytes(), key.as_bytes()), "{key}");
        }
    }

    #[test]
    fn words_stars_and_hashes() {
        check("a.b", &["a.b"], &["a", "a.b.c", "a.c", ""]);
        check("a.*", &["a.b", "a."], &["a", "a.b.c", "b.a"]);
        check("a.#", &["a", "a.b", "a.b.c"], &["b", "ab"]);
        check("#", &["", "a", "a.b", ".."], &[]);
        check("", &[""], &["a", "."]);
        check("*", &["a"], &["", "a.b"]);
        check("#.c.#", &["c", "a.c", "c.d", "a.b.c.d"], &["a.b", ""]);
        check("*.#.*", &["a.b", "a.b.c"], &["a", ""]);
        check("#.#", &["", "a", "a.b"], &[]);
    }
}
