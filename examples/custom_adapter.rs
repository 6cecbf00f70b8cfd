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
use std::time::{Duration, Instant};

use pika::broker::Server;
use pika::bytes::{Buf, BytesMut};
use pika::config::Config;
use pika::connection::{Answer, CallId, ChannelKey, Connection, Delivery, Event};
use pika::error::TransportEnd;
use pika::method::{Call, ChannelMethod, Reply};
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
        client.wait(|_, event| matches!(event, Event::Opened(_)).then_some(()))?;
        Ok(client)
    }

    /// Calls a method on a channel; only `basic.get` is answered with a message instead of a reply.
    fn call<M>(&mut self, channel: ChannelKey, method: M) -> pika::Result<Option<M::Reply>>
    where
        M: Call<Spec = P> + ChannelMethod,
    {
        let call = self.core.channel(channel)?.call(method, Instant::now())?;
        Ok(match self.reply(call)? {
            Answer::Method(method) => M::Reply::from_method(method).ok(),
            Answer::Message(_) => None,
        })
    }

    /// Waits for the next delivery to any consumer.
    fn delivery(&mut self) -> pika::Result<Delivery<P>> {
        loop {
            if let Some(delivery) = self.deliveries.pop_front() {
                return Ok(delivery);
            }
            self.wait(|_, event| matches!(event, Event::Deliveries { .. }).then_some(()))?;
        }
    }

    /// Closes the connection in good order.
    fn close(&mut self) -> pika::Result<()> {
        let now = Instant::now();
        self.core.close(ReplyCode::REPLY_SUCCESS, "bye".into(), now);
        self.wait(|_, event| matches!(event, Event::Closed(_)).then_some(()))
    }

    /// Waits for the reply to one call.
    fn reply(&mut self, wanted: CallId) -> pika::Result<Answer<P>> {
        self.wait(|core, _| core.take_reply(wanted))?
    }

    /// Serves the connection until `pick` has something after an event. Deliveries are kept; other
    /// events are dropped.
    fn wait<T>(
        &mut self,
        mut pick: impl FnMut(&mut Connection<P>, Event<P>) -> Option<T>,
    ) -> pika::Result<T> {
        loop {
            while let Some(event) = self.core.poll_event() {
                if let Event::Deliveries { .. } = event {
                    self.core.drain_deliveries(&mut self.deliveries);
                }
                if let Some(picked) = pick(&mut self.core, event) {
                    return Ok(picked);
                }
            }
            match self.core.closed() {
                Some(reason) if self.core.is_finished() => return Err(reason.clone().into()),
                _ => {}
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
        let timeout = self.time_left().and_then(|left| left.try_into().ok());
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

    /// How long nothing is due; none while nothing ever is.
    fn time_left(&self) -> Option<Duration> {
        let due = self.core.poll_timeout()?;
        Some(due.saturating_duration_since(Instant::now()))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = Server::unless_given("AMQP_URL")?;
    let version = env::var("AMQP_PROTOCOL").ok();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, queue};

        let mut client = Client::<amqp::Version>::open(url.parse()?)?;
        let (channel, _opened) = client.core.open_channel(Instant::now())?;
        let declared = client.call(channel, queue::Declare::new("custom").auto_delete(true))?;
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
