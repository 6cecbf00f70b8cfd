use super::*;

#[test]
fn debug_shows_what_differs_and_no_secret() {
    for (config, shown) in [
        (Config::new(), "Config"),
        (Config::new().host("localhost"), "Config"),
        (Config::new().port(5673), "Config { port: 5673 }"),
        (
            Config::new().login("guest", "hunter2"),
            r#"Config { credentials: Credentials { user: "guest", password: *** } }"#,
        ),
        (
            Config::new().rpc_timeout(None).vhost("test"),
            r#"Config { vhost: "test", rpc_timeout: None }"#,
        ),
    ] {
        assert_eq!(format!("{config:?}"), shown);
    }
}

#[test]
fn every_setter_is_seen_in_debug() {
    let second = Duration::from_secs(1);
    let config = Config::new()
        .host("h")
        .port(1)
        .addresses([SocketAddr::from(([127, 0, 0, 1], 1))])
        .vhost("v")
        .login("u", "p")
        .mechanisms([Mechanism::AmqPlain])
        .locale("de_DE")
        .channel_max(1)
        .frame_max(8192)
        .heartbeat(Heartbeat::Off)
        .connection_name("c")
        .client_properties([("k", 1)])
        .connect_timeout(second)
        .handshake_timeout(second)
        .rpc_timeout(second)
        .close_timeout(second)
        .blocked_timeout(second)
        .max_message_size(1)
        .output_water(1, 2)
        .incoming(3, 4);
    let shown = format!("{config:?}");
    assert_eq!(shown.matches(": ").count(), 22 + 2 + 1, "{shown}");
}

#[test]
fn bounds_are_never_zero_nor_crossed() {
    let config = Config::new().output_water(10, 5).incoming(0, 0);
    assert_eq!((config.output_low_water, config.output_high_water), (5, 5));
    assert_eq!((config.incoming_messages, config.incoming_bytes), (1, 1));
    let config = Config::new().output_water(0, 0);
    assert_eq!((config.output_low_water, config.output_high_water), (0, 1));
}

#[test]
fn the_client_says_what_it_is() {
    let table = Config::new()
        .connection_name("order intake")
        .announce(&["consumer_cancel_notify"]);
    let text = |name| table.get(name).and_then(|value| value.as_str());
    assert_eq!(text("product"), Some("pika"));
    assert_eq!(text("version"), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(text("platform"), Some("Rust"));
    assert_eq!(text("connection_name"), Some("order intake"));
    let capabilities = table.get("capabilities").and_then(|value| value.as_table());
    let capabilities = capabilities.expect("a table");
    let cancels = capabilities.get("consumer_cancel_notify");
    assert_eq!(cancels.and_then(|value| value.as_bool()), Some(true));
}

#[test]
fn the_program_replaces_properties_by_name() {
    let table = Config::new()
        .client_properties([("product", "intake"), ("room", "attic")])
        .announce(&[]);
    let products = table.iter().filter(|(name, _)| *name == "product");
    assert_eq!(products.count(), 1);
    let text = |name| table.get(name).and_then(|value| value.as_str());
    assert_eq!(
        (text("product"), text("room")),
        (Some("intake"), Some("attic"))
    );
}

#[test]
fn a_host_without_a_port_has_the_one_that_was_set_before() {
    let ports = |config: &Config| {
        let others = config.other_hosts.iter().map(|host| host.port.unwrap_or(0));
        [config.port].into_iter().chain(others).collect::<Vec<_>>()
    };
    let hosts = Config::new().hosts(["a:5673", "b", "c:7"]);
    assert_eq!(ports(&hosts), [5673, 5672, 7]);
    let hosts = Config::new().port(6000).hosts(["a", "b:1"]);
    assert_eq!(ports(&hosts), [6000, 1]);
    #[cfg(feature = "rustls")]
    for config in [
        Config::new().hosts(["a", "b", "c:7"]).tls(Tls::new()),
        Config::new().tls(Tls::new()).hosts(["a", "b", "c:7"]),
        Config::from_uri("amqps://a,b,c:7").unwrap(),
        Config::from_uri("amqp://a,b,c:7").unwrap().tls(Tls::new()),
    ] {
        assert_eq!(ports(&config), [5671, 5671, 7]);
    }
}
