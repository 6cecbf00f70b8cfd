//! What a method means to a channel: the one place where methods are known by name.

use crate::model::{Field, Intent, Item, Type};

/// What sending the method changes. A method of that name with other fields changes nothing.
pub(super) fn of(full_name: &str, items: &[Item]) -> Intent {
    let field = |name: &str, ty: Type| {
        let mut fields = items.iter().flat_map(Item::fields);
        fields.find_map(|field: &Field| {
            (field.name == name && field.ty == ty).then(|| field.ident.clone())
        })
    };
    let tag = || field("consumer-tag", Type::ShortStr);
    let no_ack = || field("no-ack", Type::Bit);
    let found = match full_name {
        "basic.consume" => tag()
            .zip(no_ack())
            .map(|(tag, no_ack)| Intent::Consume { tag, no_ack }),
        "basic.cancel" => tag().map(|tag| Intent::Cancel { tag }),
        "basic.get" => no_ack().map(|no_ack| Intent::Get { no_ack }),
        "basic.ack" | "basic.nack" => field("delivery-tag", Type::DeliveryTag)
            .zip(field("multiple", Type::Bit))
            .map(|(tag, multiple)| Intent::Settle { tag, multiple }),
        "basic.recover" | "basic.recover-async" => Some(Intent::Recover),
        "confirm.select" => Some(Intent::ConfirmSelect),
        _ => None,
    };
    found.unwrap_or(Intent::Plain)
}

/// Whether nothing more comes of the method than its reply.
pub(super) const fn needs_no_verb(intent: &Intent) -> bool {
    !matches!(
        intent,
        Intent::Consume { .. } | Intent::Get { .. } | Intent::ConfirmSelect
    )
}
