//! What a close by the server means: whether trying again can help, and what to do.
//!
//! The code says it for most. Where a code stands for several things, the method that the server
//! names or a part of its text decides; the texts are those of RabbitMQ 3.10 to 4.3.

use crate::wire::{ReplyCode, Scope};

/// What servers close channels and connections for. The first that fits is taken.
///
/// | code | what else | retriable |
/// |---|---|---|
/// | 320 connection-forced | | yes: an operator closes it, or the node stops |
/// | 403 access-refused | `in exclusive use` | yes: another consumer has the queue for itself |
/// | 404 not-found | `is down or inaccessible` | yes: the node of the queue is away |
/// | 405 resource-locked | | yes: another connection has the queue for itself |
/// | 406 precondition-failed | `acknowledgement on channel … timed out` | yes: the messages come again |
/// | 506 resource-error | | yes |
/// | 530 not-allowed | `limit (…`, `limit of (…` | yes: a connection or channel may close |
/// | 530 not-allowed | `is down` | yes: the virtual host is away |
/// | 541 internal-error | no method | yes |
/// | all others | | no |
const RULES: &[Rule] = &[
    Rule::retry(ReplyCode::CONNECTION_FORCED),
    Rule::retry(ReplyCode::ACCESS_REFUSED).text("in exclusive use"),
    Rule::give_up(ReplyCode::ACCESS_REFUSED)
        .scope(Scope::Connection)
        .hint("check the user name and the password"),
    Rule::retry(ReplyCode::NOT_FOUND).text("is down or inaccessible"),
    Rule::retry(ReplyCode::RESOURCE_LOCKED),
    Rule::retry(ReplyCode::PRECONDITION_FAILED)
        .text("acknowledgement on channel")
        .hint("acknowledge sooner, or raise the timeout of the queue or the server"),
    Rule::retry(ReplyCode::RESOURCE_ERROR),
    Rule::retry(ReplyCode::NOT_ALLOWED)
        .text("limit (")
        .hint(LIMIT),
    Rule::retry(ReplyCode::NOT_ALLOWED)
        .text("limit of (")
        .hint(LIMIT),
    Rule::retry(ReplyCode::NOT_ALLOWED).text("is down"),
    Rule::give_up(ReplyCode::NOT_ALLOWED)
        .text("vhost  not found")
        .hint(
            "the virtual host is the empty text; leave it out of the URI for the default one, `/`",
        ),
    Rule::give_up(ReplyCode::NOT_ALLOWED)
        .scope(Scope::Connection)
        .hint("check the virtual host and the user's permissions on it"),
    Rule::retry(ReplyCode::INTERNAL_ERROR).without_method(),
];

const LIMIT: &str = "close connections or channels that are not needed, or raise the limit";

/// One line of the table.
pub(super) struct Rule {
    code: ReplyCode,
    scope: Option<Scope>,
    /// A part of the server's text.
    text: &'static str,
    without_method: bool,
    pub(super) is_retriable: bool,
    pub(super) hint: Option<&'static str>,
}

impl Rule {
    const fn new(code: ReplyCode, is_retriable: bool) -> Self {
        Self {
            code,
            scope: None,
            text: "",
            without_method: false,
            is_retriable,
            hint: None,
        }
    }

    const fn retry(code: ReplyCode) -> Self {
        Self::new(code, true)
    }

    const fn give_up(code: ReplyCode) -> Self {
        Self::new(code, false)
    }

    const fn scope(mut self, scope: Scope) -> Self {
        self.scope = Some(scope);
        self
    }

    const fn text(mut self, text: &'static str) -> Self {
        self.text = text;
        self
    }

    const fn without_method(mut self) -> Self {
        self.without_method = true;
        self
    }

    const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// The rule for a close by the server, if there is one.
    pub(super) fn find(
        scope: Scope,
        code: ReplyCode,
        text: &[u8],
        names_method: bool,
    ) -> Option<&'static Self> {
        RULES.iter().find(|rule| {
            rule.code == code
                && rule.scope.is_none_or(|wanted| wanted == scope)
                && !(rule.without_method && names_method)
                && contains(text, rule.text.as_bytes())
        })
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}
