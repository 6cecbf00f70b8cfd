use std::time::Duration;

use fluent_uri::pct_enc::EStr;
use fluent_uri::pct_enc::encoder::Query;

use super::error::PARAMETERS;
use super::{UriError, text};
#[cfg(feature = "rustls")]
use crate::config::Tls;
use crate::config::{Config, FRAME_MIN_SIZE, Heartbeat, Mechanism};

/// The parameters that may be there several times.
const REPEATED: [&str; 2] = ["auth_mechanism", "cacertfile"];

#[cfg(feature = "rustls")]
pub(super) fn encrypted() -> Result<Config, UriError> {
    Ok(Config::new().tls(Tls::new()))
}

#[cfg(not(feature = "rustls"))]
pub(super) fn encrypted() -> Result<Config, UriError> {
    Err(UriError::Tls)
}

pub(super) fn read_query(
    config: &mut Config,
    query: &EStr<Query>,
    at: usize,
) -> Result<(), UriError> {
    let mut seen = Vec::new();
    let mut at = at;
    let mut files = Files::default();
    for pair in query.split('&') {
        if !pair.is_empty() {
            let (name, value) = pair.split_once('=').unwrap_or((pair, EStr::EMPTY));
            let parameter = Parameter::new(name.as_str(), value, at)?;
            let is_repeated = seen.contains(&parameter.name);
            if is_repeated && !REPEATED.contains(&parameter.name) {
                return Err(UriError::DuplicateParameter {
                    name: parameter.name,
                    at,
                });
            }
            seen.push(parameter.name);
            parameter.apply(config, is_repeated, &mut files)?;
        }
        at += pair.len() + 1;
    }
    files.apply(config)
}

/// The files of a client certificate, which are used together.
#[derive(Default)]
struct Files {
    certificate: Option<String>,
    key: Option<String>,
}

impl Files {
    fn apply(self, config: &mut Config) -> Result<(), UriError> {
        let alone = |name, needs| Err(UriError::Alone { name, needs });
        match (self.certificate, self.key) {
            (None, None) => Ok(()),
            #[cfg(feature = "rustls")]
            (Some(certificate), Some(key)) => {
                change_tls(config, |tls| tls.client_certificate(certificate, key));
                Ok(())
            }
            #[cfg(not(feature = "rustls"))]
            (Some(_), Some(_)) => {
                let _not_encrypted = config;
                Ok(())
            }
            (Some(_), None) => alone("certfile", "keyfile"),
            (None, Some(_)) => alone("keyfile", "certfile"),
        }
    }
}

#[cfg(feature = "rustls")]
fn change_tls(config: &mut Config, change: impl FnOnce(Tls) -> Tls) {
    config.tls = config.tls.take().map(change);
}

struct Parameter<'a> {
    name: &'static str,
    value: &'a EStr<Query>,
    at: usize,
}

impl<'a> Parameter<'a> {
    fn new(name: &str, value: &'a EStr<Query>, at: usize) -> Result<Self, UriError> {
        match PARAMETERS.into_iter().find(|known| *known == name) {
            Some(name) => Ok(Self { name, value, at }),
            None => Err(UriError::UnknownParameter {
                name: name.into(),
                at,
            }),
        }
    }

    fn apply(
        &self,
        config: &mut Config,
        is_repeated: bool,
        files: &mut Files,
    ) -> Result<(), UriError> {
        match self.name {
            "heartbeat" => {
                config.heartbeat = match self.number::<u16>("seconds from 0 to 65535", |_| true)? {
                    0 => Heartbeat::Off,
                    seconds => Heartbeat::AtMost(Duration::from_secs(seconds.into())),
                }
            }
            "channel_max" => {
                config.channel_max = self.number("a number from 0 to 65535", |_| true)?;
            }
            "frame_max" => {
                config.frame_max = self.number(
                    "0 or a number of bytes from 4096 to 4294967295",
                    |bytes: &u32| *bytes == 0 || *bytes >= FRAME_MIN_SIZE,
                )?;
            }
            "connection_timeout" => {
                let milliseconds: u32 =
                    self.number("milliseconds from 1 to 4294967295", |ms| *ms > 0)?;
                config.connect_timeout = Duration::from_millis(milliseconds.into());
            }
            "connection_name" => config.connection_name = Some(self.text()?),
            "auth_mechanism" => {
                let mechanism = self.mechanism()?;
                if !is_repeated {
                    config.mechanisms.clear();
                }
                config.mechanisms.push(mechanism);
            }
            _ => return self.apply_to_tls(config, files),
        }
        Ok(())
    }

    fn apply_to_tls(&self, config: &mut Config, files: &mut Files) -> Result<(), UriError> {
        let (name, at) = (self.name, self.at);
        if !config.is_encrypted() {
            return Err(UriError::NeedsTls { name, at });
        }
        let value = self.text()?;
        if value.is_empty() {
            return Err(self.unknown_value("a value", value));
        }
        match name {
            "certfile" => files.certificate = Some(value),
            "keyfile" => files.key = Some(value),
            #[cfg(feature = "rustls")]
            "cacertfile" => change_tls(config, |tls| tls.ca_file(value)),
            #[cfg(feature = "rustls")]
            "server_name_indication" if value == "disable" => {
                change_tls(config, Tls::without_server_name_indication);
            }
            #[cfg(feature = "rustls")]
            "server_name_indication" => change_tls(config, |tls| tls.server_name(value)),
            #[cfg(feature = "rustls")]
            "verify" if value == "verify_peer" => {}
            #[cfg(feature = "rustls")]
            "verify" if value == "verify_none" => {
                change_tls(config, Tls::request_no_verification);
            }
            _ => return Err(self.unknown_value("verify_peer or verify_none", value)),
        }
        Ok(())
    }

    fn text(&self) -> Result<String, UriError> {
        text(self.value, self.name, self.at)
    }

    fn mechanism(&self) -> Result<Mechanism, UriError> {
        let value = self.text()?;
        let known = Mechanism::ALL.iter().cloned();
        let mut found = known.filter(|mechanism| mechanism.name().eq_ignore_ascii_case(&value));
        let found = found.next();
        found.ok_or_else(|| self.unknown_value("plain, amqplain, external or anonymous", value))
    }

    fn unknown_value(&self, expected: &'static str, found: String) -> UriError {
        UriError::Value {
            name: self.name,
            expected,
            found,
            at: self.at,
        }
    }

    fn number<T: std::str::FromStr>(
        &self,
        expected: &'static str,
        in_range: impl FnOnce(&T) -> bool,
    ) -> Result<T, UriError> {
        let digits = self.value.as_str();
        Some(digits)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .filter(in_range)
            .ok_or_else(|| UriError::Number {
                name: self.name,
                expected,
                found: digits.into(),
                at: self.at,
            })
    }
}
