//! Constants: frame types, sizes and reply codes share one list.

use super::unique;
use crate::error::{Error, Result};
use crate::model::{Constant, ConstantValue};
use crate::schema;

/// Sorts the constants into their kinds.
pub(crate) fn resolve(constants: &[schema::Constant]) -> Result<Vec<Constant>> {
    unique(
        "constant",
        constants
            .iter()
            .map(|constant| (constant.name.shouty(), constant.place)),
    )?;
    let mut resolved = Vec::new();
    let mut codes = Vec::new();
    for constant in constants {
        let value = classify(constant)?;
        if let ConstantValue::ReplyCode(code, _) = value {
            codes.push((code.to_string(), constant.place));
        }
        resolved.push(Constant {
            name: constant.name.to_string(),
            ident: constant.name.shouty(),
            value,
            prose: constant.prose.clone(),
        });
    }
    unique("reply code", codes.into_iter())?;
    Ok(resolved)
}

/// An error class makes a reply code; of the rest only names tell.
fn classify(constant: &schema::Constant) -> Result<ConstantValue> {
    let name = constant.name.as_str();
    if constant.class.is_some() || name.starts_with("reply-") {
        let code = u16::try_from(constant.value).map_err(|_| {
            Error::meaning(constant.place, format!("the reply code {}", constant.value))
                .expected("at most 65535")
        })?;
        return Ok(ConstantValue::ReplyCode(code, constant.class));
    }
    match u8::try_from(constant.value) {
        Ok(octet) if name.starts_with("frame-") && name != "frame-min-size" => {
            Ok(ConstantValue::Octet(octet))
        }
        _ => Ok(ConstantValue::Number(constant.value)),
    }
}
