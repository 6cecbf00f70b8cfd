//! The identity of a version, which its numbers do not give plainly.

use crate::error::{Error, ErrorKind, Result};
use crate::model::Version;
use crate::schema::Spec;

/// Numbers, name and protocol header of the version.
pub(crate) fn resolve(spec: &Spec, name: Option<&str>) -> Result<Version> {
    let name = match name {
        None => usual_name(spec),
        Some(name) => name.to_owned(),
    };
    let marker = marker(&name).ok_or_else(|| {
        Error::new(
            ErrorKind::Config,
            format!("`{name}` as the name of a version"),
        )
        .expected("letters and digits with single hyphens between them, such as `0-9-1`")
    })?;
    Ok(Version {
        name,
        marker,
        major: spec.major,
        minor: spec.minor,
        revision: spec.revision.unwrap_or(0),
        port: spec.port,
        header: header(spec),
    })
}

/// 0-8 states its numbers as 8 and 0, Qpid's 0-9-1 as 0 and 91.
fn usual_name(spec: &Spec) -> String {
    match (spec.major, spec.minor, spec.revision) {
        (8, 0, _) => "0-8".to_owned(),
        (0, 91, _) => "0-9-1".to_owned(),
        (major, minor, None | Some(0)) => format!("{major}-{minor}"),
        (major, minor, Some(revision)) => format!("{major}-{minor}-{revision}"),
    }
}

/// Versions without a revision announce protocol class and instance 1; 0-9-1 changed the layout.
fn header(spec: &Spec) -> [u8; 8] {
    let tail = match (spec.major, spec.minor, spec.revision) {
        (0, 91, None) => [0, 0, 9, 1],
        (major, minor, Some(revision)) => [0, major, minor, revision],
        (major, minor, None) => [1, 1, major, minor],
    };
    let [a, b, c, d] = tail;
    [b'A', b'M', b'Q', b'P', a, b, c, d]
}

/// `0-9-1` to `V0_9_1`, `0-9-qpid` to `V0_9Qpid`.
fn marker(name: &str) -> Option<String> {
    let mut marker = String::from("V");
    for word in name.split('-') {
        if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let (first, rest) = word.split_at(1);
        if marker.ends_with(|end: char| end.is_ascii_digit()) && first.as_bytes() <= b"9" {
            marker.push('_');
        }
        marker.push_str(&first.to_ascii_uppercase());
        marker.push_str(rest);
    }
    Some(marker)
}

#[cfg(test)]
mod tests {
    use super::marker;

    #[test]
    fn markers_are_types() {
        assert_eq!(marker("0-9-1").unwrap(), "V0_9_1");
        assert_eq!(marker("0-9-1-rabbit").unwrap(), "V0_9_1Rabbit");
        for wrong in ["", "-", "0-9-", "0.9", "0--8", "ß"] {
            assert_eq!(marker(wrong), None, "{wrong:?}");
        }
    }
}
