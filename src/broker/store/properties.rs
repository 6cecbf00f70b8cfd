use bytes::{Bytes, BytesMut};

use crate::wire::{
    DecodeError, Field, Flags, Reader, ShortStr, Table, Timestamp, Value, ValueRef, optional_len,
    put_optional,
};

/// The properties of class basic, which are the same bytes in every version.
///
/// The broker keeps a message's own bytes and decodes them to look; it encodes anew only what it
/// changes, as RabbitMQ does.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Properties {
    pub(crate) content_type: Option<ShortStr>,
    pub(crate) content_encoding: Option<ShortStr>,
    pub(crate) headers: Option<Table>,
    pub(crate) delivery_mode: Option<u8>,
    pub(crate) priority: Option<u8>,
    pub(crate) correlation_id: Option<ShortStr>,
    pub(crate) reply_to: Option<ShortStr>,
    pub(crate) expiration: Option<ShortStr>,
    pub(crate) message_id: Option<ShortStr>,
    pub(crate) timestamp: Option<Timestamp>,
    pub(crate) kind: Option<ShortStr>,
    pub(crate) user_id: Option<ShortStr>,
    pub(crate) app_id: Option<ShortStr>,
    pub(crate) cluster_id: Option<ShortStr>,
}

impl Properties {
    /// Reads a property list that fills `bytes`, tables included.
    pub(crate) fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes).strict();
        let flags = flags(input.get()?);
        let properties = Self {
            content_type: input.optional(flags, 0)?,
            content_encoding: input.optional(flags, 1)?,
            headers: input.optional(flags, 2)?,
            delivery_mode: input.optional(flags, 3)?,
            priority: input.optional(flags, 4)?,
            correlation_id: input.optional(flags, 5)?,
            reply_to: input.optional(flags, 6)?,
            expiration: input.optional(flags, 7)?,
            message_id: input.optional(flags, 8)?,
            timestamp: input.optional(flags, 9)?,
            kind: input.optional(flags, 10)?,
            user_id: input.optional(flags, 11)?,
            app_id: input.optional(flags, 12)?,
            cluster_id: input.optional(flags, 13)?,
        };
        input.finish()?;
        Ok(properties)
    }

    /// The bytes of the list, with tables written as RabbitMQ writes them.
    pub(crate) fn encode(&self) -> Bytes {
        let headers = self.headers.as_ref().map(written_anew);
        let mut out = BytesMut::with_capacity(2 + self.values_len());
        self.flags().encode(&mut out);
        put_optional(&self.content_type, &mut out);
        put_optional(&self.content_encoding, &mut out);
        put_optional(&headers, &mut out);
        put_optional(&self.delivery_mode, &mut out);
        put_optional(&self.priority, &mut out);
        put_optional(&self.correlation_id, &mut out);
        put_optional(&self.reply_to, &mut out);
        put_optional(&self.expiration, &mut out);
        put_optional(&self.message_id, &mut out);
        put_optional(&self.timestamp, &mut out);
        put_optional(&self.kind, &mut out);
        put_optional(&self.user_id, &mut out);
        put_optional(&self.app_id, &mut out);
        put_optional(&self.cluster_id, &mut out);
        out.freeze()
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<Value> {
        self.headers.as_ref()?.get(name).map(Value::from)
    }

    fn flags(&self) -> Flags {
        Flags::none()
            .set(0, self.content_type.is_some())
            .set(1, self.content_encoding.is_some())
            .set(2, self.headers.is_some())
            .set(3, self.delivery_mode.is_some())
            .set(4, self.priority.is_some())
            .set(5, self.correlation_id.is_some())
            .set(6, self.reply_to.is_some())
            .set(7, self.expiration.is_some())
            .set(8, self.message_id.is_some())
            .set(9, self.timestamp.is_some())
            .set(10, self.kind.is_some())
            .set(11, self.user_id.is_some())
            .set(12, self.app_id.is_some())
            .set(13, self.cluster_id.is_some())
    }

    fn values_len(&self) -> usize {
        fn sum<T: Field>(values: &[&Option<T>]) -> usize {
            values.iter().map(|value| optional_len(value)).sum()
        }
        let texts = [
            &self.content_type,
            &self.content_encoding,
            &self.correlation_id,
            &self.reply_to,
            &self.expiration,
            &self.message_id,
            &self.kind,
            &self.user_id,
            &self.app_id,
            &self.cluster_id,
        ];
        sum(&texts)
            + optional_len(&self.headers)
            + sum(&[&self.delivery_mode, &self.priority])
            + optional_len(&self.timestamp)
    }
}

/// The flags of a list. RabbitMQ knows nothing of a second word of flags: the two last bits mean
/// nothing to it.
fn flags(word: u16) -> Flags {
    (0..14).fold(Flags::none(), |flags, index| {
        flags.set(index, word & (0x8000 >> index) != 0)
    })
}

/// The same table with the tag of each value that RabbitMQ would choose: `L` becomes `l`.
fn written_anew(table: &Table) -> Table {
    let fields = table.iter().map(|(name, value)| (name, value.to_value()));
    fields
        .map(|(name, value)| (name, value_anew(value)))
        .collect()
}

fn value_anew(value: Value) -> Value {
    match value {
        Value::Table(table) => Value::Table(written_anew(&table)),
        Value::Array(array) => {
            let values = array.iter().map(ValueRef::to_value);
            Value::Array(values.map(value_anew).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_comes_back_as_it_was() {
        let list = Properties {
            content_type: Some("text/plain".into()),
            headers: Some(crate::table! { "a" => 1, "b" => "two" }),
            priority: Some(9),
            timestamp: Some(Timestamp(12)),
            cluster_id: Some("c".into()),
            ..Properties::default()
        };
        let bytes = list.encode();
        assert_eq!(Properties::decode(&bytes), Ok(list));
    }

    #[test]
    fn a_malformed_table_is_an_error_at_once() {
        // Flags with headers alone, and a table whose value has an unknown tag.
        let bytes = Bytes::from_static(b"\x20\x00\x00\x00\x00\x03\x01aU");
        assert!(Properties::decode(&bytes).is_err());
    }
}
