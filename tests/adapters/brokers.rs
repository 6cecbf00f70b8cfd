//! The brokers that the jobs are done with.

use pika::broker::Server;
use pika::config::Config;

/// A broker, for as long as a test needs it.
pub(crate) struct Broker {
    url: String,
    _server: Option<Server>,
}

impl Broker {
    /// How to reach it as `guest`.
    pub(crate) fn config(&self) -> Config {
        Config::from_uri(&self.url).unwrap()
    }
}

/// An embedded broker of the test's own.
pub(crate) fn embedded() -> Broker {
    let server = Server::bind("127.0.0.1:0").unwrap();
    Broker {
        url: server.url(),
        _server: Some(server),
    }
}

/// The RabbitMQ node of `tests/run`, which all tests share.
pub(crate) fn rabbitmq() -> Broker {
    match std::env::var("AMQP_URL") {
        Ok(url) => Broker { url, _server: None },
        Err(_) => panic!("AMQP_URL is not set, so there is no broker: run tests/run"),
    }
}
