//! Differences between arguments, and between properties.

use super::Diff;
use crate::model::{Field, Method};

/// Whether the arguments are the same bytes, in the same directions.
pub(super) fn same_shape(old: &Method, new: &Method) -> bool {
    let same_way = (old.to_server, old.to_client) == (new.to_server, new.to_client);
    same_way && old.content == new.content && types(&fields(old)) == types(&fields(new))
}

/// Compares the arguments of a method.
pub(super) fn compare(diff: &mut Diff, name: &str, old: &Method, new: &Method) {
    compare_all(diff, name, &fields(old), &fields(new));
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
    let (old, new): (Vec<_>, Vec<_>) = (old.iter().collect(), new.iter().collect());
    compare_all(diff, &format!("the properties of `{class}`"), &old, &new);
}

fn fields(method: &Method) -> Vec<&Field> {
    method.fields().collect()
}

fn types(fields: &[&Field]) -> Vec<&'static str> {
    fields.iter().map(|field| field.ty.wire()).collect()
}

fn compare_all(diff: &mut Diff, name: &str, old: &[&Field], new: &[&Field]) {
    let (before, after) = (types(old), types(new));
    let common = old.len().min(new.len());
    let list = |fields: &[&Field]| {
        let shown = fields
            .iter()
            .map(|field| format!("`{}`: {}", field.name, field.ty.wire()));
        shown.collect::<Vec<_>>().join(", ")
    };
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
        diff.api.extend(changed(name, old, new));
    }
}

/// What programs see of the change of one field.
fn changed(name: &str, old: &Field, new: &Field) -> Option<String> {
    let (was, is) = (&old.name, &new.name);
    let renamed = old.ident != new.ident;
    Some(match (old.reserved, new.reserved) {
        (false, true) if renamed => format!("{name}: `{was}` is reserved, as `{is}`"),
        (false, true) => format!("{name}: `{was}` is reserved"),
        (true, false) if renamed => format!("{name}: `{is}` is reserved no more, was `{was}`"),
        (true, false) => format!("{name}: `{is}` is reserved no more"),
        _ if renamed => format!("{name}: `{is}` was `{was}`"),
        _ if old.ty != new.ty => {
            format!("{name}: `{is}` is a {:?}, was a {:?}", new.ty, old.ty)
        }
        _ if old.checks != new.checks => format!("{name}: `{is}` is checked by other rules"),
        _ => return None,
    })
}
