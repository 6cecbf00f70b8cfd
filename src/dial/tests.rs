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
        Step::LookUp { .. } => panic!("it was looked up"),
    }
}

fn refused() -> io::Error {
    io::Error::from_raw_os_error(111)
}

#[test]
fn an_address_that_never_answers_takes_its_share_and_no_more() {
    let start = Instant::now();
    let mut dial = Dial::new(&config(), start);
    let until = start + 30 * SECOND;
    assert_eq!(dial.next(start).unwrap(), Step::LookUp { until });
    let three = ["10.0.0.1:5672", "10.0.0.2:5672", "10.0.0.3:5672"];
    dial.found(Ok(addresses(&three)));
    let mut now = start + 3 * SECOND;
    assert_eq!(connects(&mut dial, now), (three[0].into(), 9 * SECOND));
    now += 9 * SECOND;
    dial.failed(&io::ErrorKind::TimedOut.into(), now);
    // What one does not use is for the others.
    assert_eq!(connects(&mut dial, now), (three[1].into(), 9 * SECOND));
    now += SECOND;
    dial.failed(&refused(), now);
    assert_eq!(connects(&mut dial, now), (three[2].into(), 17 * SECOND));
    now += 17 * SECOND;
    dial.failed(&io::ErrorKind::TimedOut.into(), now);
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
        let mut dial = Dial::new(&config().host(host).port(77), now);
        assert_eq!(connects(&mut dial, now), (address.into(), 30 * SECOND));
    }
}

#[test]
fn addresses_that_the_program_names_are_tried_in_its_order() {
    let now = Instant::now();
    let own = ["10.0.0.9:1", "10.0.0.8:2", "[::1]:3"];
    let mut dial = Dial::new(&config().addresses(addresses(&own)), now);
    for expected in own {
        assert_eq!(connects(&mut dial, now).0, expected);
        dial.failed(&refused(), now);
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
        let mut dial = Dial::new(&config(), now);
        dial.next(now).unwrap();
        dial.found(result);
        assert_eq!(dial.next(now).unwrap_err().to_string(), expected);
    }
}
