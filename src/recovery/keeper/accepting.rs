//! What a publisher looks at before it accepts a message, and what it adds to it.

use std::hash::{BuildHasher, RandomState};

use crate::error::Misuse;
use crate::protocol::Protocol;
use crate::wire::ShortStr;

/// Checks a message for what RabbitMQ closes the channel over: its expiration, its delivery mode, and its
/// size, once the broker has said how large a message may be.
///
/// # Errors
/// [`Misuse::Expiration`], [`Misuse::DeliveryMode`], [`Misuse::MessageTooLarge`].
#[inline]
pub(super) fn check<P: Protocol>(
    (properties, len): (Option<&P::BasicProperties>, usize),
    largest: Option<usize>,
) -> Result<(), Misuse> {
    if let Some(properties) = properties {
        check_properties::<P>(properties)?;
    }
    check_len(len, largest)
}

fn check_properties<P: Protocol>(properties: &P::BasicProperties) -> Result<(), Misuse> {
    let (expiration, mode) = P::lifetime(properties);
    let is_number = |text: &&ShortStr| match text.as_str() {
        Ok(text) => text.parse::<u64>().is_ok(),
        Err(_) => false,
    };
    if let Some(text) = expiration.filter(|text| !is_number(text)) {
        return Err(Misuse::Expiration(text.clone()));
    }
    if let Some(mode) = mode.filter(|mode| !(1..=2).contains(mode)) {
        return Err(Misuse::DeliveryMode(mode));
    }
    Ok(())
}

/// Checks the size of a message.
///
/// # Errors
/// [`Misuse::MessageTooLarge`].
#[inline]
pub(super) fn check_len(len: usize, largest: Option<usize>) -> Result<(), Misuse> {
    match largest {
        Some(limit) if len > limit => Err(Misuse::MessageTooLarge { len, limit }),
        _ => Ok(()),
    }
}

/// Returns the limit that a close of the channel names. RabbitMQ 3.10 and 4.3 write `message size 20 is larger
/// than configured max size 10`.
pub(super) fn largest(text: &ShortStr) -> Option<usize> {
    let text = text.as_str().ok()?;
    let (_, sizes) = text.split_once("message size ")?;
    let (_, limit) = sizes.split_once(" is larger than configured max size ")?;
    let end = limit.find(|it: char| !it.is_ascii_digit());
    limit.get(..end.unwrap_or(limit.len()))?.parse().ok()
}

/// Makes the message ids of one publisher: random digits that tell it from all others, and a number.
#[derive(Debug)]
pub(super) struct MessageIds {
    publisher: u64,
    next: u64,
}

impl MessageIds {
    pub(super) fn new() -> Self {
        // The keys of a hash map are random.
        let publisher = RandomState::new().hash_one(());
        Self { publisher, next: 1 }
    }

    /// Returns the properties of a message with an id, which is the next one unless the message has one.
    pub(super) fn stamp<P: Protocol>(
        &mut self,
        properties: Option<&P::BasicProperties>,
    ) -> P::BasicProperties {
        let mut properties = properties.cloned().unwrap_or_default();
        let message_id = P::message_id_mut(&mut properties);
        if message_id.is_none() {
            let id = format!("{:016x}-{}", self.publisher, self.next);
            *message_id = Some(id.into());
            self.next += 1;
        }
        properties
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_close_says_how_large_messages_may_be() {
        for (text, expected) in [
            (
                "PRECONDITION_FAILED - message size 20 is larger than configured max size 10",
                Some(10),
            ),
            (
                "message size 9 is larger than configured max size 8, sorry",
                Some(8),
            ),
            ("message size 9 is larger than configured max size x", None),
            ("message size 9 is too large", None),
            ("", None),
        ] {
            assert_eq!(largest(&text.into()), expected, "{text}");
        }
    }
}
