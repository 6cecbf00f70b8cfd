//! The brokers that the jobs are done with.

use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::time::Duration;

use pika::broker::Server;
use pika::config::Config;
use rustix::net::{AddressFamily, SocketType};

/// A broker, for as long as a test needs it.
pub(crate) struct Broker {
    url: String,
    /// The certificate of the authority that signed its own, unless the URL names it.
    #[cfg(feature = "tls")]
    ca: Option<String>,
    #[allow(dead_code, reason = "it serves until it is dropped")]
    server: Option<Server>,
}

impl Broker {
    fn at(url: String) -> Self {
        Self {
            url,
            #[cfg(feature = "tls")]
            ca: None,
            server: None,
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        let config = self.config();
        let mut addresses = (config.host, config.port).to_socket_addrs().unwrap();
        addresses.next().unwrap()
    }

    /// How to reach it as `guest`.
    pub(crate) fn config(&self) -> Config {
        let config = Config::from_uri(&self.url).unwrap();
        #[cfg(feature = "tls")]
        if let Some(ca) = &self.ca {
            return config.tls(pika::config::Tls::new().ca_pem(ca.as_str()));
        }
        config
    }
}

/// An embedded broker of the test's own.
pub(crate) fn embedded() -> Broker {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let url = server.url();
    Broker {
        server: Some(server),
        ..Broker::at(url)
    }
}

/// An embedded broker that serves TLS, with an authority of its own.
#[cfg(feature = "tls")]
pub(crate) fn embedded_tls() -> Broker {
    let (server, ca) = crate::authority::serve();
    Broker {
        url: server.url(),
        ca: Some(ca),
        server: Some(server),
    }
}

/// The same node of `tests/run` as [`rabbitmq`], over TLS.
#[cfg(feature = "tls")]
pub(crate) fn rabbitmq_tls() -> Broker {
    match std::env::var("AMQPS_URL") {
        Ok(url) => Broker::at(url),
        Err(_) => panic!("AMQPS_URL is not set, so there is no broker: run tests/run"),
    }
}

/// The RabbitMQ node of `tests/run`, which all tests share.
pub(crate) fn rabbitmq() -> Broker {
    match std::env::var("AMQP_URL") {
        Ok(url) => Broker::at(url),
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

/// An address that refuses: it is taken, so that no other test gets it, and nothing listens there.
pub(crate) struct Refusing {
    pub(crate) address: SocketAddr,
    _socket: OwnedFd,
}

impl Refusing {
    pub(crate) fn new() -> Self {
        let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        rustix::net::bind(&socket, &any).unwrap();
        let address = rustix::net::getsockname(&socket).unwrap();
        Self {
            address: address.try_into().unwrap(),
            _socket: socket,
        }
    }
}
