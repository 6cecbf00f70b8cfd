//! The brokers that the jobs are done with.

use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::time::Duration;

use pika::broker::Server;
use pika::config::Config;

/// A broker, for as long as a test needs it.
pub(crate) struct Broker {
    url: String,
    _server: Option<Server>,
}

impl Broker {
    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        let config = self.config();
        let mut addresses = (config.host, config.port).to_socket_addrs().unwrap();
        addresses.next().unwrap()
    }

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

/// An address that never answers: a listener whose queue is full.
pub(crate) struct Silent {
    pub(crate) address: SocketAddr,
    _listener: TcpListener,
    _waiting: Vec<TcpStream>,
}

impl Silent {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        rustix::net::listen(&listener, 0).unwrap();
        let moment = Duration::from_millis(100);
        let connect = || TcpStream::connect_timeout(&address, moment);
        let waiting = std::iter::repeat_with(connect)
            .map_while(Result::ok)
            .collect();
        Self {
            address,
            _listener: listener,
            _waiting: waiting,
        }
    }
}

/// An address without a listener.
pub(crate) fn refusing() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
