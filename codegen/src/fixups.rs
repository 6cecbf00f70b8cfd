//! Named repairs of mistakes in published specification files.
//!
//! A repair knows which files it concerns and says why it is right. One that concerns a file but
//! finds nothing to repair there is an error: the mistake was mended, and the repair with it is
//! out of date for this file.

use crate::error::{Error, ErrorKind, Result};
use crate::schema::{Chassis, Class, Method, Response, Spec};

/// A repair.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fixup {
    pub(crate) name: &'static str,
    pub(crate) reason: &'static str,
    /// Whether this is a file in which the mistake is known.
    concerns: fn(&Spec) -> bool,
    /// Repairs it; false when there is nothing to repair.
    repair: fn(&mut Spec) -> bool,
}

/// All repairs, in the order in which they are made.
pub(crate) const ALL: &[Fixup] = &[
    Fixup {
        name: "recover-ok-answers-recover",
        reason: "0-9-1 defines basic.recover-ok but forgets to name it as the response to \
                 basic.recover; brokers send it (errata 28)",
        concerns: |spec| version(spec) == (0, 9, Some(1)) && has(spec, "basic", "recover-ok"),
        repair: |spec| respond(spec, "basic", "recover", "recover-ok"),
    },
    Fixup {
        name: "recover-sync-ok-answers-recover-sync",
        reason: "Qpid's 0-9-1 renames recover to recover-sync and inherits the missing response",
        concerns: |spec| version(spec) == (0, 91, None) && has(spec, "basic", "recover-sync-ok"),
        repair: |spec| respond(spec, "basic", "recover-sync", "recover-sync-ok"),
    },
    Fixup {
        name: "bound-ok-answers-bound",
        reason: "Qpid's 0-8 marks exchange.bound as synchronous but names no response; its broker \
                 answers with bound-ok",
        concerns: |spec| version(spec) == (8, 0, None) && has(spec, "exchange", "bound-ok"),
        repair: |spec| respond(spec, "exchange", "bound", "bound-ok"),
    },
    Fixup {
        name: "bound-goes-to-the-server",
        reason: "Qpid's full 0-8 text gives exchange.bound no chassis; clients ask, servers answer",
        concerns: |spec| nobody_accepts(spec, "bound"),
        repair: |spec| {
            accept(
                spec,
                "bound",
                Chassis {
                    server: true,
                    client: false,
                },
            )
        },
    },
    Fixup {
        name: "bound-ok-goes-to-the-client",
        reason: "Qpid's full 0-8 text gives exchange.bound-ok no chassis; clients ask, servers \
                 answer",
        concerns: |spec| nobody_accepts(spec, "bound-ok"),
        repair: |spec| {
            accept(
                spec,
                "bound-ok",
                Chassis {
                    server: false,
                    client: true,
                },
            )
        },
    },
];

/// Makes all repairs that concern this file, except those named in `skipped`.
pub(crate) fn apply(spec: &mut Spec, skipped: &[String]) -> Result<()> {
    for name in skipped {
        if !ALL.iter().any(|fixup| fixup.name == name) {
            let known: Vec<_> = ALL.iter().map(|fixup| fixup.name).collect();
            return Err(
                Error::new(ErrorKind::Config, format!("no fixup is called `{name}`"))
                    .expected(format!("one of {}", known.join(", "))),
            );
        }
    }
    for fixup in ALL {
        if skipped.iter().any(|name| name == fixup.name) || !(fixup.concerns)(spec) {
            continue;
        }
        if !(fixup.repair)(spec) {
            let found = format!("nothing to repair for the fixup `{}`", fixup.name);
            return Err(Error::new(ErrorKind::Fixup, found)
                .at(spec.place)
                .expected(format!("the known mistake: {}", fixup.reason))
                .hint("if this file has it right, generate without this fixup"));
        }
    }
    Ok(())
}

fn version(spec: &Spec) -> (u8, u8, Option<u8>) {
    (spec.major, spec.minor, spec.revision)
}

fn class<'a>(spec: &'a Spec, name: &str) -> Option<&'a Class> {
    spec.classes.iter().find(|class| class.name == *name)
}

fn find<'a>(spec: &'a Spec, of: &str, name: &str) -> Option<&'a Method> {
    class(spec, of)?
        .methods
        .iter()
        .find(|method| method.name == *name)
}

fn find_mut<'a>(spec: &'a mut Spec, of: &str, name: &str) -> Option<&'a mut Method> {
    let class = spec.classes.iter_mut().find(|class| class.name == *of)?;
    class.methods.iter_mut().find(|method| method.name == *name)
}

fn has(spec: &Spec, of: &str, name: &str) -> bool {
    find(spec, of, name).is_some()
}

/// Names a method as the answer to another.
fn respond(spec: &mut Spec, of: &str, call: &str, reply: &str) -> bool {
    let Some(answer) = find(spec, of, reply) else {
        return false;
    };
    let response = Response {
        name: answer.name.clone(),
        place: answer.place,
    };
    let Some(call) = find_mut(spec, of, call) else {
        return false;
    };
    let missing = call.responses.is_empty();
    if missing {
        call.responses.push(response);
    }
    missing
}

fn nobody_accepts(spec: &Spec, name: &str) -> bool {
    let method = find(spec, "exchange", name);
    version(spec) == (8, 0, None) && method.is_some_and(|m| m.chassis == Chassis::default())
}

fn accept(spec: &mut Spec, name: &str, chassis: Chassis) -> bool {
    let Some(method) = find_mut(spec, "exchange", name) else {
        return false;
    };
    std::mem::replace(&mut method.chassis, chassis) != chassis
}
