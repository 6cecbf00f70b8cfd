//! The comparison, and what it says about the files of this repository.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use pika_codegen::{Config, Diff, Severity};

fn published_and_ours(published: &str, ours: &str) -> Diff {
    let published = Config::new().spec(common::debian(published));
    Diff::new(&published, &Config::new().spec(common::top(ours))).unwrap()
}

#[test]
fn our_0_9_1_is_the_published_one_and_what_rabbitmq_adds() {
    let diff = published_and_ours("0-9-1/amqp0-9-1.stripped.xml", "amqp0-9-1.xml");
    let wire = [
        "`connection.blocked` 10/60 added",
        "`connection.unblocked` 10/61 added",
        "`connection.update-secret` 10/70 added",
        "`connection.update-secret-ok` 10/71 added",
        "class `access` 30 (`request` 10, `request-ok` 11) added",
        "`exchange.bind` 40/30 added",
        "`exchange.bind-ok` 40/31 added",
        "`exchange.unbind` 40/40 added",
        "`exchange.unbind-ok` 40/51 added",
        "`basic.cancel` may be sent to the client",
        "`basic.cancel-ok` may be sent to the server",
        "`basic.ack` may be sent to the client",
        "`basic.nack` 60/120 added",
        "class `confirm` 85 (`select` 10, `select-ok` 11) added",
    ];
    assert_eq!(diff.wire(), wire);
    let api = [
        "constant `no-route` 312 added",
        "`exchange.declare`: `auto-delete` is reserved no more, was `reserved-2`",
        "`exchange.declare`: `internal` is reserved no more, was `reserved-3`",
    ];
    assert_eq!(diff.api(), api);
}

#[test]
fn our_0_8_is_the_published_one_and_what_rabbitmq_adds() {
    let diff = published_and_ours("0-8/amqp0-8.stripped.xml", "amqp0-8.xml");
    let wire = [
        "`queue.unbind` 50/50 added",
        "`queue.unbind-ok` 50/51 added",
        "`basic.cancel` may be sent to the client",
        "`basic.recover` 60/110 added",
        "`basic.recover-ok` 60/111 added",
    ];
    assert_eq!(diff.wire(), wire);
    assert_eq!(
        diff.api(),
        ["`basic.recover` 60/100 renamed to `basic.recover-async`"]
    );
}

#[test]
fn a_file_does_not_differ_from_itself() {
    for file in common::all() {
        let config = Config::new().spec(&file);
        let diff = Diff::new(&config, &config).unwrap();
        assert_eq!(diff.severity(), Severity::Same, "{}", file.display());
        assert_eq!(diff, Diff::default());
    }
}

#[test]
fn spelling_makes_no_difference() {
    let text = std::fs::read_to_string(common::debian("0-8/amqp0-8.stripped.xml")).unwrap();
    let hyphens = text
        .replace("access ticket", "access_ticket")
        .replace("routing key", "routing-key");
    let old = Config::new().source("old.xml", text);
    let diff = Diff::new(&old, &Config::new().source("new.xml", hyphens)).unwrap();
    assert_eq!(diff, Diff::default());
}

/// A class with this inside.
fn class(inside: &str) -> Config {
    let xml = format!(
        "<amqp major='0' minor='9' revision='1' port='5672'>\
         <constant name='frame-end' value='206'/>\
         <class name='queue' handler='channel' index='50'>{inside}</class></amqp>"
    );
    Config::new().source("x.xml", xml)
}

fn method(attributes: &str, inside: &str) -> String {
    format!("<method {attributes}><chassis name='server' implement='MUST'/>{inside}</method>")
}

fn fields(inside: &str) -> Config {
    class(&method("name='declare' index='10'", inside))
}

#[test]
fn each_change_stands_under_one_heading() {
    let field = |text| format!("<field name='a' {text}/>");
    let two = |types: [&str; 2]| {
        format!(
            "<field name='a' type='{}'/><field name='b' type='{}'/>",
            types[0], types[1]
        )
    };
    let before = fields(&field("type='short'"));
    let wire = [
        (fields(""), "`queue.declare` loses `a`: short"),
        (
            fields(&field("type='long'")),
            "`queue.declare` has (`a`: long), had (`a`: short)",
        ),
        (
            fields(&two(["short", "bit"])),
            "`queue.declare` gains `b`: bit",
        ),
        (
            class(&method("name='declare' index='11'", &field("type='short'"))),
            "`queue.declare` moved from 50/10 to 50/11",
        ),
        (
            class(&method("name='bind' index='20'", "")),
            "`queue.declare` 50/10 removed",
        ),
    ];
    for (after, line) in wire {
        let diff = Diff::new(&before, &after).unwrap();
        assert_eq!(diff.wire().first().map(String::as_str), Some(line));
        assert_eq!(diff.severity(), Severity::Wire);
    }
    let label = Diff::new(&before, &fields(&field("type='short' label='what'"))).unwrap();
    assert_eq!((label.wire().len(), label.api().len()), (0, 0));
    assert_eq!(label.prose(), ["`queue.declare`: `a`"]);
    assert_eq!(label.severity(), Severity::Source);
}

#[test]
fn a_field_that_becomes_reserved_keeps_its_bytes() {
    let field = |text| fields(&format!("<field type='short' {text}/>"));
    let (plain, same, other) = (
        field("name='a'"),
        field("name='a' reserved='1'"),
        field("name='b' reserved='1'"),
    );
    for (old, new, lines) in [
        (
            &plain,
            &same,
            &["`a` is reserved", "`new` takes (), took (`a`)"][..],
        ),
        (
            &plain,
            &other,
            &["`a` is reserved, as `b`", "`new` takes (), took (`a`)"],
        ),
        (
            &same,
            &plain,
            &["`a` is reserved no more", "`new` takes (`a`), took ()"],
        ),
        (
            &other,
            &plain,
            &[
                "`a` is reserved no more, was `b`",
                "`new` takes (`a`), took ()",
            ],
        ),
        (&same, &other, &["`b` was `a`"]),
    ] {
        let diff = Diff::new(old, new).unwrap();
        assert_eq!(diff.wire(), [""; 0]);
        let lines = lines.iter().map(|line| format!("`queue.declare`: {line}"));
        assert_eq!(diff.api(), lines.collect::<Vec<_>>());
    }
}

#[test]
fn the_three_headings_are_always_there() {
    let text = Diff::default().to_string();
    let headings: Vec<_> = text.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(headings, ["## Wire", "## API", "## Prose"]);
    assert_eq!(text.matches("Nothing.").count(), 3);
}
