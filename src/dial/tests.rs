use std::time::Duration;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn config() -> Config {
    Config::new()
        .host("rabbit.example")
        .connect_timeout(30 * SECOND)
}

fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// Which address comes next, and how long it may take.
fn connects(dial: &mut Dial, now: Instant) -> (String, Duration) {
    match dial.next(now).unwrap() {
        Step::Connect { address, until } => (address.to_string(), until - now),
        other => panic!("{other:?}"),
    }
}

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn refused() -> io::Error {
    io::Error::from_raw_os_error(111)
}

#[test]
fn an_address_that_never_answers_takes_its_share_and_no_more() {
    let start = Instant::now();
    let mut dial = Dial::new(&config(), start, false);
    let until = start + 30 * SECOND;
    assert_eq!(dial.next(start).unwrap(), Step::LookUp { until });
    let three = ["10.0.0.1:5672", "10.0.0.2:5672", "10.0.0.3:5672"];
    dial.found(Ok(addresses(&three)));
    let mut now = start + 3 * SECOND;
    assert_eq!(connects(&mut dial, now), (three[0].into(), 9 * SECOND));
    now += 9 * SECOND;
    dial.failed(at(three[0]), &io::ErrorKind::TimedOut.into(), now);
    // What one does not use is for the others.
    assert_eq!(connects(&mut dial, now), (three[1].into(), 9 * SECOND));
    now += SECOND;
    dial.failed(at(three[1]), &refused(), now);
    assert_eq!(connects(&mut dial, now), (three[2].into(), 17 * SECOND));
    now += 17 * SECOND;
    dial.failed(at(three[2]), &io::ErrorKind::TimedOut.into(), now);
    let error = dial.next(now).unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not connect to `rabbit.example` (port 5672): 10.0.0.1:5672 did not answer within 9s; \
         10.0.0.2:5672: Connection refused (os error 111); 10.0.0.3:5672 did not answer within 17s"
    );
    assert_eq!(dial.next(now).unwrap_err(), error, "it stays the same");
}

#[test]
fn what_no_time_is_left_for_is_named_as_untried() {
    let start = Instant::now();
    let mut dial = Dial::new(
        &config().addresses(addresses(&["[::1]:1", "[::1]:2"])),
        start,
        false,
    );
    let now = start + 30 * SECOND;
    let error = dial.next(now).unwrap_err();
    assert_eq!(error.untried, addresses(&["[::1]:1", "[::1]:2"]));
    let text = error.to_string();
    assert!(
        text.ends_with("(port 5672); no time was left for 2 more"),
        "{text}"
    );
}

#[test]
fn an_address_in_place_of_a_name_is_not_looked_up() {
    let now = Instant::now();
    for (host, address) in [("10.0.0.7", "10.0.0.7:77"), ("fe80::7", "[fe80::7]:77")] {
        let mut dial = Dial::new(&config().host(host).port(77), now, false);
        assert_eq!(connects(&mut dial, now), (address.into(), 30 * SECOND));
    }
}

#[test]
fn addresses_that_the_program_names_are_tried_in_its_order() {
    let now = Instant::now();
    let own = ["10.0.0.9:1", "10.0.0.8:2", "[::1]:3"];
    let mut dial = Dial::new(&config().addresses(addresses(&own)), now, false);
    for expected in own {
        assert_eq!(connects(&mut dial, now).0, expected);
        dial.failed(at(expected), &refused(), now);
    }
    assert_eq!(dial.next(now).unwrap_err().tried.len(), 3);
}

#[test]
fn families_take_turns_beginning_with_the_preferred_one() {
    for (found, turns) in [
        (
            vec!["[::1]:1", "[::2]:1", "1.1.1.1:1", "2.2.2.2:1"],
            vec!["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1"],
        ),
        (
            vec!["1.1.1.1:1", "2.2.2.2:1", "[::1]:1"],
            vec!["1.1.1.1:1", "[::1]:1", "2.2.2.2:1"],
        ),
        (vec!["[::1]:1"], vec!["[::1]:1"]),
        (vec![], vec![]),
    ] {
        assert_eq!(Vec::from(by_turns(addresses(&found))), addresses(&turns));
    }
}

#[test]
fn a_name_that_is_not_found_is_the_error() {
    let now = Instant::now();
    let unknown = io::Error::other("failed to lookup address information");
    for (result, expected) in [
        (
            Err(unknown),
            "could not look up `rabbit.example`: failed to lookup address information",
        ),
        (
            Ok(vec![]),
            "could not connect to `rabbit.example`: it has no address",
        ),
    ] {
        let mut dial = Dial::new(&config(), now, false);
        dial.next(now).unwrap();
        dial.found(result);
        assert_eq!(dial.next(now).unwrap_err().to_string(), expected);
    }
}

#[test]
fn hosts_share_the_time_and_each_is_named_in_the_error() {
    let start = Instant::now();
    let config = config().hosts(["a", "10.0.0.2", "c:7"]);
    let mut dial = Dial::new(&config, start, false);
    let until = start + 10 * SECOND;
    assert_eq!(dial.next(start).unwrap(), Step::LookUp { until });
    assert_eq!(dial.host(), ("a", 5672));
    dial.found(Err(io::Error::other("no such name")));
    // What the first has not used is for the others.
    let now = start + 2 * SECOND;
    assert_eq!(
        connects(&mut dial, now),
        ("10.0.0.2:5672".into(), 14 * SECOND)
    );
    dial.failed(at("10.0.0.2:5672"), &refused(), now);
    let until = now + 28 * SECOND;
    assert_eq!(dial.next(now).unwrap(), Step::LookUp { until });
    assert_eq!(dial.host(), ("c", 7));
    let mut reached = config.clone();
    dial.reached(&mut reached);
    assert_eq!((reached.host.as_str(), reached.port), ("c", 7));
    dial.found(Ok(vec![]));
    assert_eq!(
        dial.next(now).unwrap_err().to_string(),
        "could not look up `a`: no such name; could not connect to `10.0.0.2` (port 5672): \
         10.0.0.2:5672: Connection refused (os error 111); could not connect to `c`: it has no address"
    );
}

#[test]
fn in_a_race_the_next_begins_after_a_quarter_of_a_second_or_a_failure() {
    let start = Instant::now();
    let three = addresses(&["[::1]:1", "1.1.1.1:1", "2.2.2.2:1"]);
    let mut dial = Dial::new(&config().addresses(three.clone()), start, true);
    assert_eq!(connects(&mut dial, start), ("[::1]:1".into(), 30 * SECOND));
    let until = start + HEAD_START;
    assert_eq!(dial.next(start).unwrap(), Step::Wait { until });
    let now = start + HEAD_START;
    assert_eq!(connects(&mut dial, now).0, "1.1.1.1:1");
    // One that fails leaves its place to the next at once.
    let now = now + HEAD_START / 5;
    dial.failed(three[1], &refused(), now);
    assert_eq!(connects(&mut dial, now).0, "2.2.2.2:1");
    let until = start + 30 * SECOND;
    assert_eq!(dial.next(now).unwrap(), Step::Wait { until });
    let late = io::ErrorKind::TimedOut.into();
    dial.failed(three[2], &late, until);
    assert_eq!(dial.next(until).unwrap(), Step::Wait { until });
    dial.failed(three[0], &late, until);
    let error = dial.next(until).unwrap_err();
    let tried: Vec<_> = error.tried.iter().map(|tried| tried.address).collect();
    assert_eq!(tried, [three[1], three[2], three[0]]);
}

#[test]
fn a_shuffled_order_has_every_host_once_and_is_not_always_the_same() {
    let names: Vec<String> = (0..20).map(|at| format!("host-{at}")).collect();
    let config = config().hosts(&names).host_order(HostOrder::Shuffled);
    let order = || {
        let mut dial = Dial::new(&config, Instant::now(), false);
        let hosts: Vec<_> = dial.hosts.drain(..).map(|(host, _)| host).collect();
        hosts
    };
    let (one, other) = (order(), order());
    assert_ne!(one, other, "there are 20! orders");
    let mut sorted = one.clone();
    sorted.sort();
    let mut expected = names.clone();
    expected.sort();
    assert_eq!(sorted, expected);
}

#[test]
fn no_name_is_looked_up_once_the_time_is_over() {
    let start = Instant::now();
    let config = config().hosts(["a", "b", "c"]);
    let mut dial = Dial::new(&config, start, false);
    dial.next(start).unwrap();
    // A resolver takes its time.
    let now = start + 40 * SECOND;
    dial.found(Err(io::Error::other("no answer")));
    assert_eq!(
        dial.next(now).unwrap_err().to_string(),
        "could not look up `a`: no answer; could not look up `b`: no time was left; could not look up \
         `c`: no time was left"
    );
}
