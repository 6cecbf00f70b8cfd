//! Differences between constants.

use super::{Diff, Texts};
use crate::model::{Constant, ConstantValue};
use crate::schema::ErrorClass;

/// Compares by name.
pub(super) fn compare(diff: &mut Diff, old: &[Constant], new: &[Constant]) {
    let find = |all: &[Constant], name: &str| all.iter().position(|one| one.name == name);
    for gone in old.iter().filter(|one| find(new, &one.name).is_none()) {
        report(diff, gone, "removed");
    }
    let mut texts = Texts::default();
    for constant in new {
        let Some(before) = find(old, &constant.name).and_then(|at| old.get(at)) else {
            report(diff, constant, "added");
            continue;
        };
        let name = format!("`{}`", constant.name);
        if number(before.value) != number(constant.value) {
            let (is, was) = (number(constant.value), number(before.value));
            diff.wire
                .push(format!("constant {name} is {is}, was {was}"));
        } else if before.value != constant.value {
            let (is, was) = (meaning(constant.value), meaning(before.value));
            diff.api.push(format!("constant {name} is {is}, was {was}"));
        }
        texts.compare(&name, &before.prose, &constant.prose);
    }
    texts.report("constant", &mut diff.prose);
}

/// Frame types and sizes are felt by peers; a reply code is only a name for a number.
fn report(diff: &mut Diff, constant: &Constant, what: &str) {
    let line = format!(
        "constant `{}` {} {what}",
        constant.name,
        number(constant.value)
    );
    match constant.value {
        ConstantValue::ReplyCode(..) => diff.api.push(line),
        ConstantValue::Octet(_) | ConstantValue::Number(_) => diff.wire.push(line),
    }
}

fn number(value: ConstantValue) -> u32 {
    match value {
        ConstantValue::Octet(value) => value.into(),
        ConstantValue::Number(value) => value,
        ConstantValue::ReplyCode(value, _) => value.into(),
    }
}

fn meaning(value: ConstantValue) -> &'static str {
    match value {
        ConstantValue::Octet(_) => "an octet",
        ConstantValue::Number(_) => "a number",
        ConstantValue::ReplyCode(_, None) => "a reply code without error",
        ConstantValue::ReplyCode(_, Some(ErrorClass::Soft)) => "an error of the channel",
        ConstantValue::ReplyCode(_, Some(ErrorClass::Hard)) => "an error of the connection",
    }
}
