//! The quirks of the XML family, each in the smallest file that shows it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use pika_codegen::Config;

/// The code for a class with this inside.
fn class(inside: &str) -> String {
    file(&format!(
        "<class name='queue' handler='channel' index='50'>{inside}</class>"
    ))
}

/// The code for a file with this inside.
fn file(inside: &str) -> String {
    generate(&format!(
        "<amqp major='0' minor='9' port='5672'>{inside}</amqp>"
    ))
}

fn generate(xml: &str) -> String {
    Config::new()
        .source("x.xml", xml)
        .generate()
        .unwrap_or_else(|error| panic!("{error}"))
}

fn method(inside: &str) -> String {
    class(&format!(
        "<method name='declare' index='10'><chassis name='server' implement='MUST'/>{inside}</method>"
    ))
}

/// A request and its answer.
fn call(inside: &str) -> String {
    class(&format!(
        "<method name='declare' index='10'><chassis name='server' implement='MUST'/>\
         <response name='declare-ok'/>{inside}</method>\
         <method name='declare-ok' index='11'><chassis name='client' implement='MUST'/></method>"
    ))
}

#[track_caller]
fn contains(code: &str, part: &str) {
    assert!(code.contains(part), "no {part:?} in\n{code}");
}

#[test]
fn names_may_be_split_by_spaces_hyphens_or_both() {
    let code = file(
        "<domain name='queue-name' type='shortstr'/><constant name='frame end' value='206'/>\
         <class name='queue' handler='channel' index='50'><method name='declare' index='10'>\
         <chassis name='server' implement='MUST'/><field name='the queue' domain='queue name'/>\
         </method></class>",
    );
    contains(&code, "pub the_queue: ShortStr,");
    contains(&code, "pub const FRAME_END: u8 = 206;");
}

#[test]
fn a_domain_may_be_defined_as_itself() {
    let code = file(
        "<domain name='bit' type='bit'/><class name='tx' handler='channel' index='90'>\
         <method name='select' index='10'><chassis name='server' implement='MUST'/>\
         <field name='a' domain='bit'/></method></class>",
    );
    contains(&code, "pub a: bool,");
}

#[test]
fn the_body_of_a_transfer_needs_no_domain() {
    contains(
        &method("<field name='body' domain='content'/>"),
        "pub body: TransferBody,",
    );
}

#[test]
fn every_spelling_of_no_wait_is_one() {
    for spelling in ["nowait", "no-wait", "no wait", "NoWait"] {
        let code = call(&format!("<field name='{spelling}' type='bit'/>"));
        contains(&code, "impl NoWait for Declare {");
        contains(&code, "pub no_wait: bool,");
        assert!(
            !code.contains("pub fn no_wait"),
            "a setter beside the trait"
        );
    }
}

#[test]
fn bits_restart_behind_any_other_field() {
    let bit = |name| format!("<field name='{name}' type='bit'/>");
    let code = method(
        &[
            bit("a"),
            bit("b"),
            "<field name='c' type='octet'/>".into(),
            bit("d"),
        ]
        .concat(),
    );
    contains(&code, "put_bits(out, [self.a, self.b]);");
    contains(&code, "put_bits(out, [self.d]);");
    contains(
        &code,
        "bit_octets(2) + self.c.encoded_len() + bit_octets(1)",
    );
}

#[test]
fn reserved_fields_are_kept_and_left_to_themselves() {
    let code = method(
        "<field name='reserved-1' type='short' reserved='1'/>\
         <field name='a' type='bit'/><field name='reserved-2' type='bit' reserved='1'/>\
         <field name='b' type='octet'/>\
         <field name='ticket' type='longstr' reserved='1'><assert check='notnull'/></field>",
    );
    let docs =
        "/// Reserved: `new` leaves it zero or empty; what was received is kept as it came.\n";
    for field in ["reserved_1: u16,", "reserved_2: bool,", "ticket: LongStr,"] {
        contains(&code, &format!("{docs}        pub {field}"));
    }
    contains(&code, "Self { b, ..Self::default() }");
    contains(&code, "let [a, reserved_2] = input.bits()?;");
    contains(&code, "put_bits(out, [self.a, self.reserved_2]);");
    contains(&code, "self.ticket.encode(out);");
    assert!(!code.contains("pub fn reserved") && !code.contains("pub fn ticket"));
    assert!(
        !code.contains("check_not_empty"),
        "a rule for what must be empty"
    );
}

#[test]
fn a_property_is_not_reserved_by_its_name() {
    let code = class(
        "<field name='headers' type='table'/><field name='reserved' type='shortstr'/>\
         <method name='publish' index='10' content='1'><chassis name='server' implement='MUST'/></method>",
    );
    contains(&code, "pub reserved: Option<ShortStr>,");
    contains(&code, ".set(1, self.reserved.is_some())");
}

#[test]
fn keywords_get_an_underscore_and_names_of_the_prelude_a_prefix() {
    let code = class(
        "<method name='return' index='10'><chassis name='client' implement='MUST'/>\
         <field name='type' type='octet'/><field name='new' type='octet'/></method>\
         <method name='ok' index='20'><chassis name='client' implement='MUST'/></method>",
    );
    contains(&code, "pub struct Return {");
    contains(&code, "pub fn new(type_: u8, new_: u8) -> Self {");
    contains(&code, "#[doc(alias = \"queue.ok\")]");
    contains(&code, "pub struct QueueOk;");
}

#[test]
fn directions_come_from_the_chassis_wherever_it_stands() {
    let code = class(
        "<method name='flow' index='10'><field name='active' type='bit'/>\
         <chassis name='client' implement='MAY'/><chassis name='server' implement='SHOULD'/></method>",
    );
    contains(&code, "impl ToServer for Flow {}");
    contains(&code, "impl ToClient for Flow {}");
    contains(
        &code,
        "fn queue_flow(&self, method: queue::Flow) -> Self::Sent {",
    );
}

#[test]
fn rules_that_can_be_checked_are_and_patterns_are_not() {
    let code = method(
        "<field name='a' type='shortstr'><assert check='notnull'/><assert check='length' value='127'/>\
         <assert check='regexp' value='^[a-zA-Z0-9/-_]+$'/><assert check='syntax' rule='path'/></field>\
         <field name='b' type='short'><assert check='ne' value='0'/><assert check='notnull'/>\
         <assert check='le' method='tune' field='channel max'/></field>\
         <field name='c' type='octet'><assert check='enum'><value name='min'/></assert></field>",
    );
    contains(
        &code,
        "check_not_empty(\"a\", &self.a)?;\n            check_length(\"a\", &self.a, 127)?;",
    );
    contains(&code, "check_not_equal(\"b\", u64::from(self.b), 0)\n");
}

#[test]
fn a_full_text_file_is_read_with_all_its_decoration() {
    let xml = "<?xml version = \"1.0\"?>\r\n<!-- <!DOCTYPE amqp SYSTEM \"amqp.dtd\"> R&D -->\r\n\
        <amqp major=\"0\" minor=\"9\" port=\"5672\" comment=\"x\">\r\n  Loose text.\r\n\
        <constant name = \"not-found\" value = \"404\" class = \"soft-error\" >It is\r\n not there.</constant>\r\n\
        <domain name=\"path\" type=\"shortstr\" label=\"a path\"><doc>Words.</doc>\r\n\
        <rule name=\"r\"><doc type=\"scenario\">S</doc></rule></domain>\r\n\
        <class name = \"queue\"\r\n\thandler = \"channel\" index = \"50\" label = \"work  with\r\n queues\" >\r\n\
        <doc>First &amp; foremost &#60;here&#62;. Then\r\n   *more*.\r\n\r\n   New [paragraph].</doc>\r\n\
        <doc type = \"grammar\">a = b *c</doc>\r\n\
        <chassis name=\"server\" implement=\"MUST\" /><!-- note -->\r\n\
        <rule implement=\"MAY\">The server <test name=\"t\">tail</test> may.</rule>\r\n\
        <method name=\"delete\" index=\"40\">loose\r\n\
        <chassis name=\"server\" implement=\"MUST\"/>\r\n\
        <field name=\"if empty\" type=\"bit\"><test/><see name=\"chapter\"/>words\r\n</field>\r\n\
        </method></class></amqp>\r\n";
    let code = generate(xml);
    contains(
        &code,
        "/// First & foremost \\<here\\>.\n///\n/// Then \\*more\\*.\n///\n/// New \\[paragraph\\].\n",
    );
    contains(
        &code,
        "/// It is not there.\n    ///\n    /// Code 404; closes the channel.\n",
    );
    contains(&code, "/// Class `queue`: work with queues.\n");
    contains(&code, "/// words\n        pub if_empty: bool,");
    assert!(!code.contains("a = b") && !code.contains("scenario"));
}

#[test]
fn what_a_file_leaves_unsaid_is_made_up() {
    let code = method("<field name='a' type='shortstr'/>");
    contains(
        &code,
        "/// Class `queue`.\n///\n/// Class 50 of the specification.\npub mod queue {",
    );
    contains(&code, "/// The arguments of `queue.declare`.\n");
    contains(&code, "/// The field `a`, a string of at most 255 bytes.\n");
    contains(&code, "/// Sets `a`, a string of at most 255 bytes.\n");
}

#[test]
fn arguments_that_are_rarely_given_are_left_to_setters() {
    contains(&method(""), "pub fn new() -> Self {\n            Self\n");
    let seven: String = (0..7)
        .map(|n| format!("<field name='f{n}' type='octet'/>"))
        .collect();
    contains(
        &method(&seven),
        "pub fn new() -> Self {\n            Self::default()\n",
    );
    let rare = "<field name='out of band' type='shortstr'/><field name='a' type='octet'/>";
    contains(
        &method(rare),
        "pub fn new(a: u8) -> Self {\n            Self { a, ..Self::default() }\n",
    );
}

#[test]
fn versions_are_told_apart_by_more_than_their_numbers() {
    let cases = [
        ("major='8' minor='0'", "0-8", "V0_8", "1, 1, 8, 0"),
        ("major='0' minor='9'", "0-9", "V0_9", "1, 1, 0, 9"),
        (
            "major='0' minor='9' revision='1'",
            "0-9-1",
            "V0_9_1",
            "0, 0, 9, 1",
        ),
        ("major='0' minor='91'", "0-9-1", "V0_9_1", "0, 0, 9, 1"),
    ];
    for (numbers, name, marker, header) in cases {
        let code = generate(&format!(
            "<amqp {numbers} port='5672'><class name='tx' handler='channel' index='90'>\
             <method name='select' index='10'><chassis name='server' implement='MUST'/></method>\
             </class></amqp>"
        ));
        contains(&code, &format!("const NAME: &'static str = \"{name}\";"));
        contains(&code, &format!("impl Spec for {marker} {{"));
        contains(&code, &format!("[b'A', b'M', b'Q', b'P', {header}]"));
    }
}

#[test]
fn the_runtime_and_the_name_are_the_callers_choice() {
    let xml = std::fs::read(common::debian("0-9-1-qpid/amqp0-9-1.stripped.xml")).unwrap();
    let config = Config::new()
        .source("folder\nname.xml", xml)
        .runtime("my::own")
        .name("0-9-1-qpid");
    let code = config.generate().unwrap();
    contains(&code, "// Generated from folder name.xml by pika-codegen ");
    contains(&code, "use my::own::bytes::BufMut;");
    contains(&code, "pub struct V0_9_1Qpid;");
    assert!(!code.contains("crate::"));
}
