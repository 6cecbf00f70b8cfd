//! Differences between the methods of a class.

use super::{Diff, Texts, arguments};
use crate::model::{Class, Method, Reply};

/// Compares the methods, those with the same name or, where one was renamed, the same id.
pub(super) fn compare(diff: &mut Diff, old: &Class, new: &Class) {
    let pairs: Vec<_> = new
        .methods
        .iter()
        .map(|method| (method, partner(method, old, new)))
        .collect();
    let kept = |method: &Method| {
        pairs
            .iter()
            .any(|(_, before)| before.is_some_and(|before| before.name == method.name))
    };
    let mut lines: Vec<(u16, Option<&Method>, Option<&Method>)> = pairs
        .iter()
        .map(|(method, before)| (method.index, *before, Some(*method)))
        .collect();
    let gone = old.methods.iter().filter(|method| !kept(method));
    lines.extend(gone.map(|method| (method.index, Some(method), None)));
    lines.sort_by_key(|(index, ..)| *index);
    for line in lines {
        match line {
            (_, Some(before), Some(after)) => method(diff, (old, before), (new, after)),
            (_, Some(gone), None) => diff.wire.push(format!("{} removed", shown(old, gone))),
            (_, None, Some(added)) => diff.wire.push(format!("{} added", shown(new, added))),
            (_, None, None) => {}
        }
    }
}

/// What a method was before.
///
/// An id is the better witness where the shape of the method agrees and one name extends the other:
/// RabbitMQ calls the `recover` of plain 0-8 `recover-async`, and has another `recover`.
fn partner<'a>(method: &Method, old: &'a Class, new: &Class) -> Option<&'a Method> {
    let same_name = old.methods.iter().find(|other| other.name == method.name);
    if let Some(same) = same_name.filter(|same| same.index == method.index) {
        return Some(same);
    }
    let renamed = |other: &Method, method: &Method| {
        let extends = method.name.starts_with(&other.name) || other.name.starts_with(&method.name);
        other.index == method.index && extends && arguments::same_shape(other, method)
    };
    if let Some(same) = old.methods.iter().find(|other| renamed(other, method)) {
        return Some(same);
    }
    same_name.filter(|same| !new.methods.iter().any(|other| renamed(same, other)))
}

fn shown(class: &Class, method: &Method) -> String {
    format!("`{}` {}/{}", method.full_name, class.index, method.index)
}

fn method(
    diff: &mut Diff,
    (old_class, old): (&Class, &Method),
    (new_class, new): (&Class, &Method),
) {
    let name = format!("`{}`", new.full_name);
    if old.name != new.name {
        diff.api
            .push(format!("{} renamed to {name}", shown(old_class, old)));
    } else if old.index != new.index {
        let (from, to) = ((old_class.index, old.index), (new_class.index, new.index));
        let line = format!(
            "{name} moved from {}/{} to {}/{}",
            from.0, from.1, to.0, to.1
        );
        diff.wire.push(line);
    }
    direction(diff, &name, "server", old.to_server, new.to_server);
    direction(diff, &name, "client", old.to_client, new.to_client);
    match (old.content, new.content) {
        (false, true) => diff.wire.push(format!("{name} is followed by content")),
        (true, false) => diff
            .wire
            .push(format!("{name} is followed by no content any more")),
        _ => {}
    }
    if old.reply != new.reply {
        let (is, was) = (answers(&new.reply), answers(&old.reply));
        diff.api
            .push(format!("{name} is answered by {is}, was by {was}"));
    }
    if old.deprecated != new.deprecated {
        let not = if new.deprecated { "" } else { "not " };
        diff.api.push(format!("{name} is {not}deprecated"));
    }
    arguments::compare(diff, &name, old, new);
    texts(diff, old, new);
}

fn direction(diff: &mut Diff, name: &str, peer: &str, before: bool, after: bool) {
    match (before, after) {
        (false, true) => diff.wire.push(format!("{name} may be sent to the {peer}")),
        (true, false) => diff
            .wire
            .push(format!("{name} may not be sent to the {peer} any more")),
        _ => {}
    }
}

fn answers(reply: &Reply) -> String {
    match reply {
        Reply::None => "nothing".to_owned(),
        Reply::One(only) => format!("`{only}`"),
        Reply::OneOf { variants, .. } => {
            let all: Vec<_> = variants
                .iter()
                .map(|one| format!("`{}`", one.method))
                .collect();
            all.join(" or ")
        }
    }
}

fn texts(diff: &mut Diff, old: &Method, new: &Method) {
    let mut texts = Texts::default();
    texts.compare("the method", &old.prose, &new.prose);
    for field in new.fields() {
        let same = old.fields().find(|other| other.ident == field.ident);
        let name = format!("`{}`", field.name);
        texts.compare_found(&name, same.map(|same| &same.prose), &field.prose);
    }
    texts.report(&new.full_name, &mut diff.prose);
}
