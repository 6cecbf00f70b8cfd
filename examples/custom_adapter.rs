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
use pika::bytes::Buf;
use pika::client::{self, Incoming, Outgoing};
use pika::config::Config;
use pika::connection::{ChannelKey, Connection, Delivery, Event};
use pika::error::TransportEnd;
use pika::method::{Call, ChannelMethod};
use pika::protocol::Protocol;
use pika::wire::ReplyCode;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// A connection, its transport, and the bytes on their way, encrypted where the URL says so.
struct Client<P: Protocol> {
    core: Connection<P>,
    tcp: TcpStream,
    incoming: Incoming,
    outgoing: Outgoing,
    /// Messages that came, in order.
    deliveries: VecDeque<Delivery<P>>,
}

impl<P: Protocol> Client<P> {
    /// Connects and waits until the handshake is done.
    fn open(config: Config) -> pika::Result<Self> {
        let tcp = TcpStream::connect((config.host.as_str(), config.port))?;
        tcp.set_nonblocking(true)?;
        let now = Instant::now();
        let mut core = Connection::new(config, now);
        let (incoming, outgoing) = client::transport(&mut core, now);
        let mut client = Self {
            core,
            tcp,
            incoming,
            outgoing,
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
            if let Err(end) = self.turn() {
                self.core.transport_ended(end, Instant::now());
            }
        }
    }

    /// One turn: waits for what comes first, then time, then bytes out, then bytes in.
    fn turn(&mut self) -> Result<(), TransportEnd> {
        self.outgoing.lend(&mut self.core);
        let mut wanted = PollFlags::IN;
        wanted.set(PollFlags::OUT, self.outgoing.is_ready());
        let mut sockets = [PollFd::new(&self.tcp, wanted)];
        let due = self.core.poll_timeout();
        let left = due.map(|due| due.saturating_duration_since(Instant::now()));
        let timeout = left.and_then(|left| left.try_into().ok());
        match poll(&mut sockets, timeout.as_ref()) {
            Err(Errno::INTR) => return Ok(()),
            result => result.map_err(io::Error::from)?,
        };
        let ready = sockets[0].revents();
        self.core.handle_timeout(Instant::now());
        if ready.contains(PollFlags::OUT) {
            let count = self.tcp.write(self.outgoing.pending().chunk())?;
            let written = self.outgoing.wrote(count);
            self.core.written(written, Instant::now());
        }
        if ready.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR) {
            let mut space = [0; 16 * 1024];
            let count = self.tcp.read(&mut space)?;
            let received = self.incoming.extend(space.split_at(count).0);
            self.incoming.hand_over(&mut self.core, Instant::now());
            received?;
            if count == 0 {
                return Err(TransportEnd::Eof);
            }
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
        let delivery = client.wait(|client| client.deliveries.pop_front())?;
        println!("{}", String::from_utf8_lossy(delivery.content().body()));
        client.core.channel(channel)?.ack(delivery.into_token(), false)?;

        Ok(client.close()?)
    })
}
