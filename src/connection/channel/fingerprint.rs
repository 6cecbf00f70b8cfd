use std::hash::{DefaultHasher, Hash, Hasher};

use crate::protocol::Protocol;
use crate::wire::{ShortStr, Table, ValueRef};

/// What a message is known by when it comes back: the server does not say which publish it was.
///
/// RabbitMQ returns exchange, routing key and body as they came. Properties too, as far as versions
/// before 4 go, except that the header `BCC` is taken out; later ones sort the headers by name and
/// write integers with other tags. So of the headers only what they say counts, and two messages that
/// differ in nothing but properties are distinguished by them where that is possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// Exchange, routing key and body.
    pub(super) message: u64,
    pub(super) properties: u64,
}

impl Fingerprint {
    pub(crate) fn new<P: Protocol>(
        (exchange, routing_key): (&ShortStr, &ShortStr),
        properties: &P::BasicProperties,
        body: &[u8],
    ) -> Self {
        let mut message = DefaultHasher::new();
        (exchange, routing_key, body).hash(&mut message);
        let mut others = DefaultHasher::new();
        let headers = P::identify(properties, &mut others);
        let headers = headers.map_or(0, |headers| of_table(headers, true));
        Self {
            message: message.finish(),
            properties: others.finish().wrapping_add(headers),
        }
    }
}

/// The same for tables that hold the same fields in any order.
fn of_table(table: &Table, outermost: bool) -> u64 {
    let fields = table
        .iter()
        .filter(|(name, _)| !(outermost && *name == "BCC"));
    fields.fold(0, |sum, (name, value)| {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        of_value(value, &mut hasher);
        sum.wrapping_add(hasher.finish())
    })
}

fn of_value(value: ValueRef<'_>, hasher: &mut DefaultHasher) {
    if let Some(number) = value.as_i64() {
        number.hash(hasher);
    } else if let Some(table) = value.as_table() {
        of_table(&table, false).hash(hasher);
    } else if let Some(array) = value.as_array() {
        array.iter().for_each(|value| of_value(value, hasher));
    } else if let Some(bytes) = value.as_bytes() {
        bytes.hash(hasher);
    } else {
        (
            value.tag(),
            value.as_f64().map(f64::to_bits),
            value.as_bool(),
        )
            .hash(hasher);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amqp::{Version, basic};
    use crate::table;
    use crate::wire::{Array, Value};

    fn print(headers: Table) -> Fingerprint {
        let properties = basic::Properties::new().headers(headers);
        Fingerprint::new::<Version>((&"e".into(), &"k".into()), &properties, b"body")
    }

    #[test]
    fn the_order_of_headers_and_the_width_of_integers_do_not_count() {
        let nested = |first, second| {
            let mut table = Table::new();
            for (name, value) in [first, second] {
                table.append(name, value);
            }
            let row: Array = [Value::Table(table.clone()), Value::Bool(true)]
                .into_iter()
                .collect();
            table! { "row" => row, "in" => table }
        };
        let sent = nested(("a", Value::U16(7)), ("b", Value::from("text")));
        let back = nested(("b", Value::from("text")), ("a", Value::I64(7)));
        assert_eq!(print(sent), print(back));
    }

    #[test]
    fn whatever_is_said_counts() {
        let all = [
            table! {},
            table! { "a" => 1 },
            table! { "a" => 2 },
            table! { "b" => 1 },
            table! { "a" => "1" },
            table! { "a" => true },
            table! { "a" => false },
            table! { "a" => 1.5f64 },
            table! { "a" => 2.5f64 },
            table! { "a" => table! { "a" => 1 } },
            table! { "a" => table! { "a" => 2 } },
        ];
        for (at, one) in all.iter().enumerate() {
            for other in all.iter().skip(at + 1) {
                assert_ne!(
                    print(one.clone()),
                    print(other.clone()),
                    "{one:?} {other:?}"
                );
            }
        }
    }

    #[test]
    fn a_header_that_the_server_takes_out_does_not_count() {
        let copies: Array = ["q"].into_iter().map(Value::from).collect();
        let sent = table! { "BCC" => copies.clone(), "a" => 1 };
        assert_eq!(print(sent), print(table! { "a" => 1 }));
        let nested = table! { "a" => table! { "BCC" => copies } };
        assert_ne!(print(nested), print(table! { "a" => table! {} }));
    }
}
