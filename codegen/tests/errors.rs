//! Every mistake is named, with its place and what would have been right.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use pika_codegen::{Config, Diff, Error, ErrorKind};

fn error(xml: &str) -> Error {
    Config::new().source("x.xml", xml).check().unwrap_err()
}

/// A method with this inside, on its third line.
fn method(inside: &str) -> String {
    format!(
        "<amqp major='0' minor='9' port='5672'>\n<class name='queue' handler='channel' index='50'>\n\
         <method name='declare' index='10'><chassis name='server' implement='MUST'/>\n{inside}\n\
         </method></class></amqp>"
    )
}

#[track_caller]
fn assert_error(xml: &str, kind: ErrorKind, start: &str) {
    let error = error(xml);
    assert!(error.to_string().starts_with(start), "{error}");
    assert_eq!(error.kind(), kind);
    assert!(error.place().is_some());
}

#[test]
fn broken_xml_is_told_with_its_place() {
    let cases = [
        ("", "x.xml:1:1: no element at all; expected `<amqp>`"),
        (
            "<amqp>\n<class>",
            "x.xml:2:8: the end of the file; expected `</class>`, which closes line 2",
        ),
        ("<amqp>\n  </class></amqp>", "x.xml:2:3: broken XML: "),
        (
            "<amqp/><amqp/>",
            "x.xml:1:8: `amqp` after the end of the root element; expected one root",
        ),
        ("<amqp/>words", "x.xml:1:8: text outside the root element"),
        ("<amqp a='1' a='2'/>", "x.xml:1:1: broken XML: "),
        (
            "<amqp>&copy;</amqp>",
            "x.xml:1:7: the entity `&copy;`; expected one of `&amp;`, ",
        ),
        (
            "<!DOCTYPE amqp [<!ENTITY a 'b'>]><amqp/>",
            "x.xml:1:1: a document type declaration; expected none",
        ),
    ];
    for (xml, start) in cases {
        assert_error(xml, ErrorKind::Xml, start);
    }
    let bytes = Config::new()
        .source("x.xml", b"<amqp>\n\xFF</amqp>")
        .check()
        .unwrap_err();
    assert!(
        bytes
            .to_string()
            .starts_with("x.xml:2:1: bytes that are not UTF-8"),
        "{bytes}"
    );
}

#[test]
fn what_the_family_does_not_have_is_refused() {
    let cases = [
        (
            "<field name='a' type='bit'>\n <colour/></field>",
            "x.xml:5:2: unknown element `colour` in `field`; expected one of `assert`, ",
        ),
        (
            "<field name='a' type='bit' colour='red'/>",
            "x.xml:4:28: unknown attribute `colour` of `field`; expected one of `name`, ",
        ),
        (
            "<field name='a'/>",
            "x.xml:4:1: a field with neither of `type` and `domain`; expected exactly one",
        ),
        (
            "<field name='a' type='bit' domain='b'/>",
            "x.xml:4:1: a field with both of `type` and `domain`",
        ),
        (
            "<field type='bit'/>",
            "x.xml:4:1: a `field` without the attribute `name`; expected `name=\"…\"`",
        ),
        (
            "<field name='a.b' type='bit'/>",
            "x.xml:4:8: `a.b` as name; expected words of letters",
        ),
        (
            "<field name='a' type='bit' reserved='yes'/>",
            "x.xml:4:28: `yes` as reserved; expected `1`",
        ),
        (
            "<field name='a' type='octet'><assert check='odd'/></field>",
            "x.xml:4:38: the check `odd`; expected one of `notnull`",
        ),
        (
            "<chassis name='proxy' implement='MUST'/>",
            "x.xml:4:10: chassis `proxy`; expected `server` or `client`",
        ),
        (
            "<chassis name='server' implement='MUST'/>",
            "x.xml:4:1: the same chassis a second time",
        ),
        (
            "<response name='a'>b</response>",
            "x.xml:4:1: text in `response`; expected an empty element",
        ),
        (
            "<doc>a<b/></doc>",
            "x.xml:4:7: unknown element `b` in `doc`; expected one of text alone",
        ),
    ];
    for (inside, start) in cases {
        assert_error(&method(inside), ErrorKind::Schema, start);
    }
    assert_error(
        "<amqp major='300' minor='9' port='1'/>",
        ErrorKind::Schema,
        "x.xml:1:7: `300` as major; expected a decimal number that fits u8",
    );
    let other =
        "<amqp major='0' minor='9' port='1'><constant name='a' value='1' class='odd'/></amqp>";
    assert_error(
        other,
        ErrorKind::Schema,
        "x.xml:1:65: constant class `odd`; expected `soft-error` or `hard-error`",
    );
    assert_error(
        "<protocol/>",
        ErrorKind::Schema,
        "x.xml:1:1: the root element `protocol`; expected `amqp`",
    );
}

#[test]
fn parts_that_do_not_fit_together_are_refused() {
    let cases = [
        (
            "<field name='a' domain='colour'/>",
            "x.xml:4:1: the type `colour`, which is defined nowhere; expected a domain",
        ),
        (
            "<response name='declare-ok'/>",
            "x.xml:4:1: the response `declare-ok`, which `queue` lacks; expected one of `declare`",
        ),
        (
            "<field name='a' type='bit'/>\n<field name='A' type='bit'/>",
            "x.xml:5:1: the field `a` a second time (the first is at 4:1)",
        ),
        (
            "</method><method name='declare' index='11'>",
            "x.xml:4:10: the method `queue.declare` a second time",
        ),
        (
            "</method><method name='bind' index='10'>",
            "x.xml:4:10: the method id `50/10` a second time",
        ),
        (
            "</method><method name='bind' index='11'>",
            "x.xml:4:10: `queue.bind` without a chassis; expected `<chassis",
        ),
    ];
    for (inside, start) in cases {
        assert_error(&method(inside), ErrorKind::Meaning, start);
    }
    let file = |inside| format!("<amqp major='0' minor='9' port='1'>{inside}</amqp>");
    let cases = [
        ("", "x.xml:1:1: a file without classes"),
        (
            "<class name='a' handler='channel' index='1'/>",
            "x.xml:1:36: class `a` without methods",
        ),
        (
            "<domain name='a' type='b'/><domain name='b' type='a'/>",
            "x.xml:1:36: the domain `a`, which is defined by itself",
        ),
        (
            "<constant name='a' value='70000' class='soft error'/><class name='a' handler='x' index='1'>\
          <method name='m' index='1'><chassis name='client' implement='MAY'/></method></class>",
            "x.xml:1:36: the reply code 70000; expected at most 65535",
        ),
        (
            "<class name='a' handler='x' index='1'><field name='f' type='bit'/><method name='m' index='1'>\
          <chassis name='client' implement='MAY'/></method></class>",
            "x.xml:1:74: the bit property `f`; expected a property with a value",
        ),
    ];
    for (inside, start) in cases {
        assert_error(&file(inside), ErrorKind::Meaning, start);
    }
}

#[test]
fn a_wrong_call_is_told_apart_from_a_wrong_file() {
    let spec = || Config::new().spec(common::top("amqp0-9-1.xml"));
    let cases = [
        (
            Config::new(),
            "no specification to read (call `spec` or `source` first)",
        ),
        (
            spec().runtime("not a path"),
            "`not a path` as the path of the runtime; expected a path such as",
        ),
        (
            spec().name("0.9.1"),
            "`0.9.1` as the name of a version; expected letters and digits",
        ),
        (
            spec().without_fixup("nothing"),
            "no fixup is called `nothing`; expected one of recover-ok-",
        ),
    ];
    for (config, part) in cases {
        let error = config.generate().map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(part), "{error}");
    }
    let missing = Config::new().spec("no/such.xml").check().unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Io);
    assert!(
        missing
            .to_string()
            .starts_with("no/such.xml: the file cannot be read: "),
        "{missing}"
    );
}

const RECOVER: &str = "recover-ok-answers-recover";
const RECOVER_SYNC: &str = "recover-sync-ok-answers-recover-sync";
const BOUND: &str = "bound-ok-answers-bound";

#[test]
fn each_fixup_repairs_exactly_the_files_it_was_made_for() {
    let all = [
        RECOVER,
        RECOVER_SYNC,
        BOUND,
        "bound-goes-to-the-server",
        "bound-ok-goes-to-the-client",
    ];
    let repaired = |path: &std::path::Path| {
        let plain = Config::new().spec(path);
        let needed = |name: &&str| {
            let without = plain.clone().without_fixup(*name);
            Diff::new(&without, &plain).unwrap() != Diff::default()
        };
        all.into_iter().filter(needed).collect::<Vec<_>>()
    };
    let expected: [&[&str]; 9] = [
        &[],
        &[BOUND],
        &[],
        &[],
        &[RECOVER],
        &[RECOVER_SYNC],
        &[RECOVER],
        &[],
        &[RECOVER],
    ];
    for (path, expected) in common::all().iter().zip(expected) {
        assert_eq!(repaired(path), expected, "{}", path.display());
    }
}

#[test]
fn a_fixup_with_nothing_to_repair_is_an_error() {
    let text = std::fs::read_to_string(common::debian("0-9-1/amqp0-9-1.stripped.xml")).unwrap();
    let recover = "<method name=\"recover\" index=\"110\">";
    assert!(text.contains(recover));
    let mended = text.replace(
        recover,
        &format!("{recover}<response name=\"recover-ok\"/>"),
    );
    let config = Config::new().source("x.xml", mended);
    let error = config.check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fixup);
    assert!(
        error
            .to_string()
            .contains("nothing to repair for the fixup `recover-ok-answers-recover`"),
        "{error}"
    );
    assert!(config.without_fixup(RECOVER).generate().is_ok());
}

#[test]
fn fixups_for_a_missing_chassis_apply_to_qpids_full_text() {
    let text =
        std::fs::read_to_string(common::debian("0-8-qpid/amqp0-8-qpid.stripped.xml")).unwrap();
    let (before, rest) = text.split_once("<method name=\"bound\"").unwrap();
    let rest = rest.replacen("<chassis name=\"server\" implement=\"SHOULD\"/>", "", 1);
    let rest = rest.replacen("<chassis name=\"client\" implement=\"SHOULD\"/>", "", 1);
    let config = Config::new().source("x.xml", format!("{before}<method name=\"bound\"{rest}"));
    let code = config.generate().unwrap();
    assert!(
        code.contains("impl ToServer for Bound {}")
            && code.contains("impl ToClient for BoundOk {}")
    );
    let error = config
        .without_fixup("bound-goes-to-the-server")
        .check()
        .unwrap_err();
    assert!(
        error
            .found()
            .starts_with("`exchange.bound` without a chassis"),
        "{error}"
    );
}
