//! Servers that are as they should be, in all the ways in which they may do it.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use pika::amqp::{basic, queue};
use pika::blocking::{Connection, background};
use pika::broker::{Server, Settings};
use pika::config::{Config, Tls};
use pika::tls::rustls::crypto::ring;
use pika::tls::rustls::{ALL_VERSIONS, ClientConfig, RootCertStore, ServerConfig};

use crate::authority::{Authority, Identity, serve};
use crate::clients::{STYLES, on_tokio};
use crate::peers::{SOON, Terminator, between, config};

/// Publishes messages of many sizes to a queue and reads them again, all at once.
fn exchange(open: impl Fn() -> Connection) {
    let connection = open();
    let channel = connection.channel().unwrap().confirming().unwrap();
    let declare = queue::Declare::new("").exclusive(true);
    let name = channel.queue_declare(declare).unwrap().queue;
    let sizes = [0, 1, 100, 4_000, 16_384, 70_000, 300_000, 3, 1_000_000];
    let mut consumer = channel.consume(basic::Consume::new(&name)).unwrap();
    for size in sizes {
        let body = body(size);
        channel.publish("", &name, body).unwrap().forget();
    }
    for size in sizes {
        let delivery = consumer.next_within(SOON).unwrap().unwrap();
        assert!(delivery.body() == &body(size)[..], "a body of {size} bytes");
        delivery.ack().unwrap();
    }
    connection.close().unwrap();
}

fn body(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8).collect()
}

fn in_both_ways(config: &Config) {
    exchange(|| Connection::open(config).unwrap());
    exchange(|| background::open(config).unwrap());
}

#[test]
fn messages_of_any_size_pass_in_every_version_of_tls() {
    let authority = Authority::new();
    for version in ALL_VERSIONS {
        let (chain, key) = authority.local().chain_and_key();
        let served = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let server = Server::bind_tls("127.0.0.1:0", Settings::new(), served.into()).unwrap();
        in_both_ways(&config(server.local_addr(), &authority.pem()));
    }
}

#[test]
fn records_may_come_in_pieces_of_one_byte() {
    let (server, ca) = serve();
    let passed = Arc::new(AtomicUsize::new(0));
    let count = passed.clone();
    let address = between(server.local_addr(), move |_, bytes, to| {
        // The beginning is slow enough to see every state; later it is only time.
        if count.fetch_add(bytes.len(), Ordering::Relaxed) > 20_000 {
            return to.write_all(bytes).is_ok();
        }
        bytes.iter().all(|byte| to.write_all(&[*byte]).is_ok())
    });
    in_both_ways(&config(address, &ca));
    assert!(passed.load(Ordering::Relaxed) > 2_000_000);
}

#[test]
fn a_server_may_change_its_keys_at_any_time() {
    let authority = Authority::new();
    let served = authority.local().server_config();
    let changes = Arc::new(AtomicUsize::new(0));
    let count = changes.clone();
    let terminator = Terminator::new(
        served,
        move |session| {
            session.refresh_traffic_keys().unwrap();
            count.fetch_add(1, Ordering::Relaxed);
        },
        true,
    );
    in_both_ways(&config(terminator.address, &authority.pem()));
    assert!(changes.load(Ordering::Relaxed) > 20);
}

#[test]
fn the_end_without_an_announcement_is_good_after_the_close_is_answered() {
    let authority = Authority::new();
    for announces in [true, false] {
        let served = authority.local().server_config();
        let terminator = Terminator::new(served, |_| {}, announces);
        let config = config(terminator.address, &authority.pem());
        for (style, open) in STYLES {
            let result = open(config.clone());
            assert!(result.is_ok(), "{style}: {}", result.unwrap_err());
        }
    }
}

#[test]
fn the_end_before_that_is_an_error_with_an_announcement_and_without() {
    let authority = Authority::new();
    for announces in [true, false] {
        let served = authority.local().server_config();
        let terminator = Terminator::new(served, |_| {}, announces);
        let config = config(terminator.address, &authority.pem());
        let connection = background::open(&config).unwrap();
        let caller_driven = Connection::open(&config).unwrap();
        terminator.broker.with(|broker| {
            let connections: Vec<_> = broker.connections().collect();
            for connection in connections {
                broker.faults().end(connection, pika::broker::Ending::Close);
            }
        });
        for connection in [connection, caller_driven] {
            let reason = connection.wait_closed();
            assert!(!reason.is_normal() && reason.is_retriable(), "{reason}");
        }
    }
}

#[test]
fn a_client_announces_the_end_of_its_stream() {
    let (server, ca) = serve();
    for (style, open) in STYLES {
        let ended = Arc::new(AtomicUsize::new(0));
        let last = ended.clone();
        let address = between(server.local_addr(), move |direction, bytes, to| {
            if direction == crate::peers::Direction::ToServer {
                last.store(bytes.len(), Ordering::Relaxed);
            }
            to.write_all(bytes).is_ok()
        });
        open(config(address, &ca)).unwrap();
        // The announcement is the last that is sent; nothing of AMQP is that short. Its sender does
        // not wait until it has arrived.
        let is_there = || ended.load(Ordering::Relaxed) == 24;
        for _ in 0..1000 {
            if is_there() {
                break;
            }
            thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(is_there(), "{style}: {}", ended.load(Ordering::Relaxed));
    }
}

#[test]
fn a_configuration_of_the_program_is_used_as_it_is() {
    let authority = Authority::new();
    let served = authority.local().server_config();
    let server = Server::bind_tls("127.0.0.1:0", Settings::new(), served.into()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(authority.der()).unwrap();
    let own = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tls = Tls::from(Arc::new(own));
    let config = config(server.local_addr(), "").tls(tls);
    for (_, open) in STYLES {
        open(config.clone()).unwrap();
    }
}

#[test]
fn any_stream_is_encrypted_where_the_settings_say_so() {
    let (server, ca) = serve();
    let config = config(server.local_addr(), &ca);
    let tcp = || std::net::TcpStream::connect(server.local_addr()).unwrap();
    Connection::<pika::v0_9_1::V0_9_1>::over_tcp(tcp(), config.clone())
        .unwrap()
        .close()
        .unwrap();
    // A stream of which nothing is known but that it reads and writes.
    Connection::<pika::v0_9_1::V0_9_1>::over(tcp(), config.clone())
        .unwrap()
        .close()
        .unwrap();
    on_tokio(async {
        let tcp = tokio::net::TcpStream::connect(server.local_addr()).await;
        let stream = pika::tokio::Io::new(tcp.unwrap());
        let connection = pika::tokio::Connection::<pika::v0_9_1::V0_9_1>::over(stream, config);
        connection.await.unwrap().close().await.unwrap();
    });
}

/// Files in a folder of the test's own.
struct Files(PathBuf);

impl Files {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("pika-tls-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn certificates_and_keys_are_read_from_files_of_every_form() {
    let authority = Authority::new();
    let served = authority.local().server_config();
    let server = Server::bind_tls("127.0.0.1:0", Settings::new(), served.into()).unwrap();
    let files = Files::new("forms");
    let ca = files.write("ca.pem", &format!("a note\n{}", authority.pem()));
    files.write("notes.txt", "no certificate");
    let client = authority.local();
    let certificate = files.write("client.pem", &client.certificate.pem());
    let pkcs8 = files.write("client.key", &client.pem_key());
    for tls in [
        Tls::new().ca_file(&ca),
        Tls::new().ca_directory(&files.0),
        Tls::new()
            .ca_file(&ca)
            .client_certificate(&certificate, &pkcs8),
    ] {
        Connection::open(config(server.local_addr(), "").tls(tls))
            .unwrap()
            .close()
            .unwrap();
    }
    let url = format!(
        "amqps://guest:guest@localhost:{}/%2f?cacertfile={}&certfile={}&keyfile={}",
        server.local_addr().port(),
        ca.display(),
        certificate.display(),
        pkcs8.display(),
    );
    Connection::open(url).unwrap().close().unwrap();
}

#[test]
fn files_that_have_changed_are_read_again() {
    let (first, second) = (Authority::new(), Authority::new());
    let files = Files::new("changed");
    let ca = files.write("ca.pem", &first.pem());
    let open = |authority: &Authority, tls: &Tls| {
        let served = authority.local().server_config();
        let server = Server::bind_tls("127.0.0.1:0", Settings::new(), served.into()).unwrap();
        let config = config(server.local_addr(), "").tls(tls.clone());
        Connection::open(config).map(|connection| connection.close().unwrap())
    };
    let tls = Tls::new().ca_file(ca);
    open(&first, &tls).unwrap();
    open(&second, &tls).unwrap_err();
    // It may be written within the same tick of the clock, so that only its length tells.
    files.write("ca.pem", &format!("{}\n# renewed\n", second.pem()));
    open(&second, &tls).unwrap();
    open(&first, &tls).unwrap_err();
}

#[test]
fn a_directory_of_authorities_is_read_again_and_what_is_damaged_in_it_is_skipped() {
    let (first, second) = (Authority::new(), Authority::new());
    let files = Files::new("directory");
    files.write("ca.pem", &first.pem());
    let tls = Tls::new().ca_directory(&files.0);
    let open = |authority: &Authority| {
        let served = authority.local().server_config();
        let server = Server::bind_tls("127.0.0.1:0", Settings::new(), served.into()).unwrap();
        let config = config(server.local_addr(), "").tls(tls.clone());
        Connection::open(config).map(|connection| connection.close().unwrap())
    };
    open(&first).unwrap();
    open(&second).unwrap_err();
    // The same file in its place, so that the directory itself has not changed.
    let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    files.write("ca.pem", &format!("{damaged}{}", second.pem()));
    open(&second).unwrap();
    open(&first).unwrap_err();
}

#[test]
fn a_name_other_than_the_host_can_be_expected() {
    let authority = Authority::new();
    let names = [String::from("rabbit.example")];
    let identity: Identity = authority.sign(rcgen::CertificateParams::new(names).unwrap());
    let served = identity.server_config();
    let server = Server::bind_tls("127.0.0.1:0", Settings::new(), served.into()).unwrap();
    let tls = Tls::new().ca_pem(authority.pem());
    for (name, is_good) in [
        ("rabbit.example", true),
        ("rabbit.example.", true),
        ("localhost", false),
    ] {
        let tls = tls.clone().server_name(name);
        let opened = Connection::open(config(server.local_addr(), "").tls(tls));
        assert_eq!(opened.is_ok(), is_good, "{name}");
    }
}
