//! A whole adapter in one file: the connection core over a socket and `poll(2)`.
//!
//! ```text
//! cargo run --example custom_adapter
//! ```
//!
//! `docs/adapters.md` walks through it.

use std::collections::VecDeque;
use std::env;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use pika::broker::Server;
use pika::bytes::{Buf, BytesMut};
use pika::config::Config;
use pika::connection::{ChannelKey, Connection, Delivery, Event};
use pika::error::TransportEnd;
use pika::method::{Call, ChannelMethod};
use pika::protocol::Protocol;
use pika::wire::ReplyCode;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// A connection, its transport, and the bytes read so far.
struct Client<P: Protocol> {
    core: Connection<P>,
    tcp: TcpStream,
    buffer: BytesMut,
    /// Messages that came, in order.
    deliveries: VecDeque<Delivery<P>>,
}

impl<P: Protocol> Client<P> {
    /// Connects and waits until the handshake is done.
    fn open(config: Config) -> pika::Result<Self> {
        let tcp = TcpStream::connect((config.host.as_str(), config.port))?;
        tcp.set_nonblocking(true)?;
        let mut client = Self {
            core: Connection::new(config, Instant::now()),
            tcp,
            buffer: BytesMut::new(),
            deliveries: VecDeque::new(),
        };
        client.wait(|client| client.core.is_open().then_some(()))?;
        Ok(client)
    }

    /// Calls a method on a channel. Only `basic.get` is answered with a message, which is no reply.
    fn call<M>(&mut self, channel: ChannelKey, method: M) -> pika::Result<Option<M::Reply>>
    where
        M: Call<Spec = P> + ChannelMethod,
    {
        let call = self.core.channel(channel)?.call(method, Instant::now())?;
        let answer = self.wait(|client| client.core.take_reply(call))??;
        Ok(answer.into_reply())
    }

    /// Waits for the next delivery to any consumer.
    fn delivery(&mut self) -> pika::Result<Delivery<P>> {
        self.wait(|client| client.deliveries.pop_front())
    }

    /// Closes the connection in good order.
    fn close(&mut self) -> pika::Result<()> {
        let now = Instant::now();
        self.core.close(ReplyCode::REPLY_SUCCESS, "bye".into(), now);
        self.wait(|client| client.core.is_finished().then_some(()))
    }

    /// Serves the connection until `ready` has something. Deliveries are kept, other events dropped.
    fn wait<T>(&mut self, mut ready: impl FnMut(&mut Self) -> Option<T>) -> pika::Result<T> {
        loop {
            while let Some(event) = self.core.poll_event() {
                if let Event::Deliveries { .. } = event {
                    self.core.drain_deliveries(&mut self.deliveries);
                }
            }
            if let Some(found) = ready(self) {
                return Ok(found);
            }
            if let Some(reason) = self.core.closed().filter(|_| self.core.is_finished()) {
                return Err(reason.clone().into());
            }
            if let Err(error) = self.turn() {
                let end = TransportEnd::Failed(error.kind());
                self.core.transport_ended(end, Instant::now());
            }
        }
    }

    /// One turn: waits for what comes first, then time, then bytes out, then bytes in.
    fn turn(&mut self) -> io::Result<()> {
        let mut wanted = PollFlags::IN;
        wanted.set(PollFlags::OUT, self.core.wants_write());
        let mut sockets = [PollFd::new(&self.tcp, wanted)];
        let due = self.core.poll_timeout();
        let left = due.map(|due| due.saturating_duration_since(Instant::now()));
        let timeout = left.and_then(|left| left.try_into().ok());
        match poll(&mut sockets, timeout.as_ref()) {
            Err(Errno::INTR) => return Ok(()),
            result => result?,
        };
        let ready = sockets[0].revents();
        self.core.handle_timeout(Instant::now());
        if ready.contains(PollFlags::OUT) {
            let output = self.core.outgoing(Instant::now());
            let written = self.tcp.write(output.chunk())?;
            output.advance(written);
        }
        if ready.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR) {
            let mut space = [0; 16 * 1024];
            let count = self.tcp.read(&mut space)?;
            if count == 0 {
                self.core.transport_ended(TransportEnd::Eof, Instant::now());
            }
            self.buffer.extend_from_slice(space.split_at(count).0);
            self.core.receive(&mut self.buffer, Instant::now());
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = Server::unless_given("AMQP_URL")?;
    let version = env::var("AMQP_PROTOCOL").ok();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, queue};

        let mut client = Client::<amqp::Version>::open(url.parse()?)?;
        let (channel, _opened) = client.core.open_channel(Instant::now())?;
        let declared = client.call(channel, queue::Declare::new("custom").durable(true).auto_delete(true))?;
        println!("{declared:?}");

        let (publish, properties) = (basic::Publish::new("", "custom"), basic::Properties::new());
        client.core.channel(channel)?.publish(&publish, &properties, "Hello World!")?;
        client.core.channel(channel)?.consume(basic::Consume::new("custom"), Instant::now())?;
        let delivery = client.delivery()?;
        println!("{}", String::from_utf8_lossy(delivery.content().body()));
        client.core.channel(channel)?.ack(delivery.into_token(), false)?;

        Ok(client.close()?)
    })
}
