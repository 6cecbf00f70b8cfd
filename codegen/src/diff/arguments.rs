//! Differences between arguments, and between properties.

use super::Diff;
use crate::model::{Bit, Field, Item, Method, Type};

/// One value on the wire, seen by programs or reserved.
#[derive(Clone, Copy)]
struct Slot<'a> {
    ty: Type,
    field: Option<&'a Field>,
}

impl Slot<'_> {
    fn shown(&self) -> String {
        let name = self.field.map_or("reserved", |field| &field.name);
        format!("`{name}`: {}", self.ty.wire())
    }
}

/// Whether the arguments are the same bytes, in the same directions.
pub(super) fn same_shape(old: &Method, new: &Method) -> bool {
    let same_way = (old.to_server, old.to_client) == (new.to_server, new.to_client);
    same_way && old.content == new.content && types(&slots(old)) == types(&slots(new))
}

/// Compares the arguments of a method.
pub(super) fn compare(diff: &mut Diff, name: &str, old: &Method, new: &Method) {
    compare_slots(diff, name, &slots(old), &slots(new));
    let essential = |method: &Method| {
        let names = method.fields().filter(|field| field.essential);
        names
            .map(|field| format!("`{}`", field.ident))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (was, is) = (essential(old), essential(new));
    if was != is {
        diff.api
            .push(format!("{name}: `new` takes ({is}), took ({was})"));
    }
}

/// Compares the properties of a class.
pub(super) fn compare_properties(diff: &mut Diff, class: &str, old: &[Field], new: &[Field]) {
    fn slots(all: &[Field]) -> Vec<Slot<'_>> {
        all.iter()
            .map(|field| Slot {
                ty: field.ty,
                field: Some(field),
            })
            .collect()
    }
    compare_slots(
        diff,
        &format!("the properties of `{class}`"),
        &slots(old),
        &slots(new),
    );
}

fn slots(method: &Method) -> Vec<Slot<'_>> {
    let mut slots = Vec::new();
    for item in &method.items {
        match item {
            Item::Field(field) => slots.push(Slot {
                ty: field.ty,
                field: Some(field),
            }),
            Item::Reserved(ty) => slots.push(Slot {
                ty: *ty,
                field: None,
            }),
            Item::Bits(bits) => {
                let fields = bits.iter().map(Bit::field);
                slots.extend(fields.map(|field| Slot {
                    ty: Type::Bit,
                    field,
                }));
            }
        }
    }
    slots
}

fn types(slots: &[Slot<'_>]) -> Vec<&'static str> {
    slots.iter().map(|slot| slot.ty.wire()).collect()
}

fn compare_slots(diff: &mut Diff, name: &str, old: &[Slot<'_>], new: &[Slot<'_>]) {
    let (before, after) = (types(old), types(new));
    let common = old.len().min(new.len());
    let list = |slots: &[Slot<'_>]| slots.iter().map(Slot::shown).collect::<Vec<_>>().join(", ");
    if !before.starts_with(&after) && !after.starts_with(&before) {
        diff.wire
            .push(format!("{name} has ({}), had ({})", list(new), list(old)));
        return;
    }
    if let Some(gained) = new.get(common..).filter(|gained| !gained.is_empty()) {
        diff.wire.push(format!("{name} gains {}", list(gained)));
    }
    if let Some(lost) = old.get(common..).filter(|lost| !lost.is_empty()) {
        diff.wire.push(format!("{name} loses {}", list(lost)));
    }
    for (old, new) in old.iter().zip(new) {
        compare_fields(diff, name, old.field, new.field);
    }
}

fn compare_fields(diff: &mut Diff, name: &str, old: Option<&Field>, new: Option<&Field>) {
    let line = match (old, new) {
        (None, None) => return,
        (Some(old), None) => format!("{name}: `{}` is reserved", old.name),
        (None, Some(new)) => format!("{name}: `{}` is reserved no more", new.name),
        (Some(old), Some(new)) if old.ident != new.ident => {
            format!("{name}: `{}` was `{}`", new.name, old.name)
        }
        (Some(old), Some(new)) if old.ty != new.ty => {
            format!(
                "{name}: `{}` is a {:?}, was a {:?}",
                new.name, new.ty, old.ty
            )
        }
        (Some(old), Some(new)) if old.checks != new.checks => {
            format!("{name}: `{}` is checked by other rules", new.name)
        }
        (Some(_), Some(_)) => return,
    };
    diff.api.push(line);
}
