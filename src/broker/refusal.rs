use crate::wire::{ReplyCode, ShortStr};

/// Why the broker does not do what it is asked for, and what it does instead.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Closes the channel.
    Channel(ReplyCode, String),
    /// Closes the connection.
    Connection(ReplyCode, String),
    /// Drops the connection without a word after a while, as RabbitMQ does.
    Reset,
    /// There is nobody left to tell.
    Gone,
}

impl Refusal {
    /// There is no exchange or queue of that name.
    pub(crate) fn not_found(text: impl Into<String>) -> Self {
        Self::Channel(ReplyCode::NOT_FOUND, text.into())
    }

    /// A condition does not hold.
    pub(crate) fn precondition(text: impl Into<String>) -> Self {
        Self::Channel(ReplyCode::PRECONDITION_FAILED, text.into())
    }

    /// It is not permitted.
    pub(crate) fn access(text: impl Into<String>) -> Self {
        Self::Channel(ReplyCode::ACCESS_REFUSED, text.into())
    }

    /// Nobody implements it.
    pub(crate) fn not_implemented(text: impl Into<String>) -> Self {
        Self::Connection(ReplyCode::NOT_IMPLEMENTED, text.into())
    }

    /// It is not allowed on this connection.
    pub(crate) fn not_allowed(text: impl Into<String>) -> Self {
        Self::Connection(ReplyCode::NOT_ALLOWED, text.into())
    }

    /// The channel is not open, or already is.
    pub(crate) fn channel_error(text: impl Into<String>) -> Self {
        Self::Connection(ReplyCode::CHANNEL_ERROR, text.into())
    }

    /// The method does not belong here.
    pub(crate) fn command_invalid(text: impl Into<String>) -> Self {
        Self::Connection(ReplyCode::COMMAND_INVALID, text.into())
    }

    /// The broker cannot make sense of a property list.
    pub(crate) const fn internal() -> Self {
        Self::Connection(ReplyCode::INTERNAL_ERROR, String::new())
    }
}

/// The text as RabbitMQ writes it: the name of the code, a dash, the details.
pub(crate) fn reply_text(code: ReplyCode, details: &str) -> ShortStr {
    let name = code.name().unwrap_or("ERROR");
    if details.is_empty() {
        return clip(name);
    }
    clip(&format!("{name} - {details}"))
}

/// As much of a text as a short string holds, with dots where something is missing.
fn clip(text: &str) -> ShortStr {
    ShortStr::new(text).unwrap_or_else(|_| {
        let ends = (0..=ShortStr::MAX_LEN - 3).rev();
        let start = ends.filter_map(|end| text.get(..end)).next();
        ShortStr::new(format!("{}...", start.unwrap_or_default())).unwrap_or_default()
    })
}

/// A name in quotes with the vhost it is in: `queue 'q' in vhost '/'`.
pub(crate) fn resource(what: &str, name: &ShortStr, vhost: &ShortStr) -> String {
    format!("{what} '{name}' in vhost '{vhost}'")
}

/// Bytes as Erlang prints a binary with `~p`.
pub(crate) fn binary(bytes: &[u8]) -> String {
    let printable = |byte: &u8| matches!(byte, b' '..=b'~');
    if !bytes.is_empty() && bytes.iter().all(printable) {
        let text = String::from_utf8_lossy(bytes);
        return format!(
            "<<\"{}\">>",
            text.replace('\\', "\\\\").replace('"', "\\\"")
        );
    }
    octets(bytes)
}

/// Bytes as Erlang prints a binary with `~w`.
pub(crate) fn octets(bytes: &[u8]) -> String {
    let list: Vec<_> = bytes.iter().map(u8::to_string).collect();
    format!("<<{}>>", list.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        let text = reply_text(ReplyCode::NOT_FOUND, &"é".repeat(200));
        assert!(text.len() <= 255);
        assert!(text.as_str().unwrap().ends_with("é..."));
    }

    #[test]
    fn binaries_look_as_erlang_prints_them() {
        assert_eq!(binary(b"abc"), "<<\"abc\">>");
        assert_eq!(binary(b"\x00a"), "<<0,97>>");
        assert_eq!(binary(b""), "<<>>");
    }
}
