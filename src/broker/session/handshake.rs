use std::time::Instant;

use super::{Client, Session, State};
use crate::broker::dialect::{DIALECTS, Reply, Request, Tune};
use crate::broker::plan::{Ending, Moment, Refuse};
use crate::broker::refusal::Refusal;
use crate::broker::settings::{Settings, User};
use crate::frame::ProtocolHeader;
use crate::wire::{LongStr, MethodId, ReplyCode, ShortStr, Table, Value};

impl Session {
    /// Chooses the dialect that a client asked for.
    pub(crate) fn greet(&mut self, header: ProtocolHeader, now: Instant) {
        if self.fails_at(Moment::Header, now) {
            return;
        }
        let asked = header.to_bytes();
        let found = DIALECTS
            .iter()
            .find(|dialect| dialect.header == asked || dialect.alias == asked);
        let Some(dialect) = found else {
            if let Some(own) = DIALECTS.first() {
                self.output.tail().extend_from_slice(&own.header);
            }
            self.end(Ending::Close);
            return;
        };
        self.dialect = Some(dialect);
        self.state = State::Start;
        let mut capabilities = Table::new();
        for name in dialect.capabilities {
            capabilities.insert(*name, true);
        }
        let server_properties = Table::new()
            .with("capabilities", capabilities)
            .with("information", "an AMQP broker in memory, for tests")
            .with("platform", "Rust")
            .with("product", "pika")
            .with("protocol", dialect.name)
            .with("version", env!("CARGO_PKG_VERSION"));
        self.say(
            0,
            Reply::Start {
                version: dialect.version,
                server_properties,
                mechanisms: LongStr::from("AMQPLAIN PLAIN"),
            },
        );
    }

    /// Takes a method before the connection is open.
    pub(crate) fn shake_hands(
        &mut self,
        request: Request,
        settings: &Settings,
        now: Instant,
    ) -> Result<(), Refusal> {
        match (self.state, request) {
            (
                State::Start,
                Request::StartOk {
                    client_properties,
                    mechanism,
                    response,
                },
            ) => {
                self.client = Client::read(&client_properties);
                self.log_in(&mechanism, &response, settings, now)
            }
            (State::Tune, Request::TuneOk(tune)) => self.tune(tune, settings, now),
            (State::Open, Request::Open { virtual_host }) => self.open(virtual_host, settings, now),
            (_, Request::Close) => {
                self.say(0, Reply::CloseOk);
                self.closed(now);
                Ok(())
            }
            _ => Err(Refusal::Reset),
        }
    }

    fn log_in(
        &mut self,
        mechanism: &ShortStr,
        response: &LongStr,
        settings: &Settings,
        now: Instant,
    ) -> Result<(), Refusal> {
        if self.fails_at(Moment::StartOk, now) {
            return Ok(());
        }
        let given = match mechanism.as_bytes() {
            b"PLAIN" => plain(response),
            b"AMQPLAIN" => amqplain(response),
            _ => return Err(Refusal::Reset),
        };
        let user = given.and_then(|(name, password)| {
            let known =
                |user: &&User| user.name.as_bytes() == name && user.password.as_bytes() == password;
            settings.users.iter().find(known)
        });
        let Some(user) = user else {
            if !self.client.wants_refusal {
                return Err(Refusal::Reset);
            }
            let text = format!(
                "Login was refused using authentication mechanism {mechanism}. \
                 For details see the broker logfile."
            );
            self.close(ReplyCode::ACCESS_REFUSED, &text, MethodId::default(), now);
            return Ok(());
        };
        self.user.clone_from(&user.name);
        self.state = State::Tune;
        self.say(
            0,
            Reply::Tune(Tune {
                channel_max: settings.channel_max,
                frame_max: settings.frame_max,
                heartbeat: settings.heartbeat,
            }),
        );
        Ok(())
    }

    fn tune(&mut self, tune: Tune, settings: &Settings, now: Instant) -> Result<(), Refusal> {
        if self.fails_at(Moment::TuneOk, now) {
            return Ok(());
        }
        // No limit of the client's is no agreement where the broker has one.
        let over = |asked: u32, limit: u32| limit != 0 && (asked == 0 || asked > limit);
        let too_small = tune.frame_max != 0 && tune.frame_max < crate::frame::MIN_FRAME_MAX;
        if over(tune.frame_max, settings.frame_max)
            || over(tune.channel_max.into(), settings.channel_max.into())
            || too_small
        {
            return Err(Refusal::Reset);
        }
        let most = |asked: u32| if asked == 0 { u32::MAX >> 1 } else { asked };
        let channels = if tune.channel_max == 0 {
            u16::MAX
        } else {
            tune.channel_max
        };
        self.tuned(channels, most(tune.frame_max), tune.heartbeat);
        self.state = State::Open;
        Ok(())
    }

    fn open(
        &mut self,
        virtual_host: ShortStr,
        settings: &Settings,
        now: Instant,
    ) -> Result<(), Refusal> {
        if self.fails_at(Moment::Open, now) {
            return Ok(());
        }
        let user = &self.user;
        if !settings.virtual_hosts.contains(&virtual_host) {
            return Err(Refusal::not_allowed(format!(
                "vhost {virtual_host} not found"
            )));
        }
        let kept_out = |known: &User| {
            let only = known.only.as_ref();
            known.name == *user && only.is_some_and(|only| !only.contains(&virtual_host))
        };
        if settings.users.iter().any(kept_out) {
            return Err(Refusal::not_allowed(format!(
                "access to vhost '{virtual_host}' refused for user '{user}'"
            )));
        }
        self.virtual_host = virtual_host;
        self.opened();
        self.say(0, Reply::OpenOk);
        Ok(())
    }

    /// Fails on purpose, if this is the moment for it.
    fn fails_at(&mut self, moment: Moment, now: Instant) -> bool {
        let planned = self.plan.refuse.take_if(|(at, _)| *at == moment);
        let Some((_, how)) = planned else {
            return false;
        };
        match how {
            Refuse::Close(code, text) => {
                self.dialect = self.dialect.or_else(|| DIALECTS.first());
                self.close(code, &text, MethodId::default(), now);
            }
            Refuse::Eof => self.end(Ending::Close),
            Refuse::Reset => self.end(Ending::Reset),
            Refuse::Garbage(bytes) => {
                self.output.push(&bytes);
                self.state = State::Closed;
            }
            Refuse::Silence => self.state = State::Closed,
            Refuse::WrongMethod => {
                self.dialect = self.dialect.or_else(|| DIALECTS.first());
                self.say(1, Reply::ChannelOpenOk);
                self.state = State::Closed;
            }
            Refuse::Header(header) => {
                self.output.tail().extend_from_slice(&header);
                self.end(Ending::Close);
            }
        }
        true
    }
}

impl Client {
    fn read(properties: &Table) -> Self {
        let capabilities = properties.get("capabilities").map(Value::from);
        let has = |name: &str| {
            let table = capabilities.as_ref().and_then(Value::as_table);
            let value = table.and_then(|table| table.get(name));
            value.and_then(|value| value.as_bool()).unwrap_or_default()
        };
        Self {
            wants_cancel: has("consumer_cancel_notify"),
            wants_blocked: has("connection.blocked"),
            wants_refusal: has("authentication_failure_close"),
        }
    }
}

/// The name and the password, each behind a zero byte; in front may stand whom to act for.
fn plain(response: &LongStr) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut parts = response.as_bytes().split(|byte| *byte == 0);
    let (_, name, password) = (parts.next()?, parts.next()?, parts.next()?);
    Some((name.to_vec(), password.to_vec()))
}

/// A table without its length.
fn amqplain(response: &LongStr) -> Option<(Vec<u8>, Vec<u8>)> {
    let table = Table::from_wire(response.clone().into_bytes());
    let text = |name: &str| Some(table.get(name)?.as_bytes()?.to_vec());
    Some((text("LOGIN")?, text("PASSWORD")?))
}
