#![allow(dead_code, reason = "not every test needs everything")]
//! The server's side of TLS at the client's end of a socket, so that what goes over the network stays
//! readable for the model.
//!
//! The keys of a session are random, whatever the seed: the schedule repeats, its bytes do not.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::sync::{Arc, LazyLock};

use pika::config::Tls;
use pika::tls::rustls::{AlertDescription, Error, ServerConfig, ServerConnection};

use crate::authority::Authority;

/// The server of all worlds, and its authority.
static SERVER: LazyLock<(Arc<ServerConfig>, String)> = LazyLock::new(|| {
    let authority = Authority::new();
    let config = authority.local().server_config();
    (Arc::new(config), authority.pem())
});

/// What a client needs to trust the server.
pub(crate) fn trusting() -> Tls {
    Tls::new().ca_pem(SERVER.1.as_str())
}

pub(crate) struct Sealed {
    session: ServerConnection,
    /// What the client can read, in order: bytes, and the plaintext that they end.
    records: VecDeque<(VecDeque<u8>, Vec<u8>)>,
}

impl Sealed {
    pub(crate) fn new() -> Self {
        let mut session = ServerConnection::new(SERVER.0.clone()).unwrap();
        session.set_buffer_limit(None);
        Self {
            session,
            records: VecDeque::new(),
        }
    }

    /// Whether there is nothing to read.
    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Decrypts what the client has written.
    pub(crate) fn open(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        while !bytes.is_empty() {
            let taken = self.session.read_tls(&mut bytes).unwrap();
            let state = match self.session.process_new_packets() {
                Ok(state) => state,
                // A client may give up before the handshake is done.
                Err(Error::AlertReceived(AlertDescription::CloseNotify)) => break,
                Err(error) => panic!("a client breaks TLS: {error}"),
            };
            // It ends by saying that no more will come.
            let _not_yet = self.session.reader().read_to_end(&mut plain);
            assert!(taken > 0 || state.peer_has_closed(), "a client goes on");
            if taken == 0 {
                break;
            }
        }
        self.put(Vec::new());
        plain
    }

    /// Encrypts what the client is to read, if it has proved that it can.
    pub(crate) fn seal(&mut self, plain: &[u8]) -> bool {
        if self.session.is_handshaking() || plain.is_empty() {
            return false;
        }
        self.session.writer().write_all(plain).unwrap();
        self.put(plain.to_vec());
        true
    }

    /// Announces that nothing more will come.
    pub(crate) fn close(&mut self) {
        self.session.send_close_notify();
        self.put(Vec::new());
    }

    fn put(&mut self, plain: Vec<u8>) {
        let mut bytes = Vec::new();
        while self.session.wants_write() {
            self.session.write_tls(&mut bytes).unwrap();
        }
        if !bytes.is_empty() {
            self.records.push_back((bytes.into(), plain));
        }
    }

    /// Hands out bytes, at most so many, and the plaintext of what is complete with them.
    pub(crate) fn take(&mut self, most: usize) -> (Vec<u8>, Vec<u8>) {
        let (mut bytes, mut plain) = (Vec::new(), Vec::new());
        while let Some((front, inside)) = self.records.front_mut() {
            let count = front.len().min(most - bytes.len());
            bytes.extend(front.drain(..count));
            if !front.is_empty() {
                break;
            }
            plain.append(inside);
            self.records.pop_front();
        }
        (bytes, plain)
    }
}
