//! Credentials that expire: the provider is asked for the next ones in time, and the server gets them.

use std::time::{Duration, Instant};

use super::calls::Effect;
use super::event::Event;
use super::ids::ChannelKey;
use super::{Connection, later};
use crate::config::{Provider, Secret};
use crate::method::MethodSet as _;
use crate::protocol::Protocol;
use crate::wire::ShortStr;

/// The share of their life time after which credentials are replaced.
const SHARE: f64 = 0.8;

/// The bounds of the time between two attempts to get the next ones.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// Replaces the secret of a connection before it expires.
#[derive(Debug)]
pub(super) struct Refresh {
    provider: Provider,
    at: Instant,
    expires: Instant,
}

impl Refresh {
    fn new(provider: Provider, life: Duration, now: Instant) -> Box<Self> {
        Box::new(Self {
            provider,
            at: later(now, life.mul_f64(SHARE).max(SHORTEST)),
            expires: later(now, life),
        })
    }
}

impl<P: Protocol> Connection<P> {
    /// The connection is open with credentials that may expire.
    pub(super) fn begin_refreshing(&mut self, now: Instant) {
        let config = &self.shared.config;
        let provider = config.credentials_provider.clone();
        let expiring = provider.zip(config.credentials.expires_in);
        self.refresh = expiring.map(|(provider, life)| Refresh::new(provider, life, now));
    }

    pub(super) fn refresh_deadline(&self) -> Option<Instant> {
        self.refresh.as_ref().map(|refresh| refresh.at)
    }

    /// Asks for the next credentials, if it is time.
    pub(super) fn refresh_if_due(&mut self, now: Instant) {
        let Some(mut refresh) = self.refresh.take_if(|refresh| refresh.at <= now) else {
            return;
        };
        let sent = match refresh.provider.credentials() {
            Ok(credentials) => self
                .send_secret(credentials.password, now)
                .map(|()| credentials.expires_in),
            Err(error) => Err(error.to_string()),
        };
        match sent {
            Ok(life) => {
                self.refresh = life.map(|life| Refresh::new(refresh.provider, life, now));
            }
            Err(reason) => {
                self.shared.emit(Event::CredentialsFailed { reason });
                let left = refresh.expires.saturating_duration_since(now);
                refresh.at = later(now, (left / 2).clamp(SHORTEST, LONGEST));
                self.refresh = Some(refresh);
            }
        }
    }

    /// Sends a secret in place of the one that the connection was opened with.
    ///
    /// # Errors
    /// When the version has no method for it, or it does not fit in a frame.
    fn send_secret(&mut self, secret: Secret, now: Instant) -> Result<(), String> {
        let reason = ShortStr::from_static("the secret expires");
        let Some(call) = P::replace_secret(secret.into_long_str(), reason) else {
            return Err("this version cannot replace the secret of an open connection".into());
        };
        let len = crate::frame::OVERHEAD + 4 + call.method.encoded_len();
        let limit = self.shared.tuning.frame_max;
        if len > limit as usize {
            return Err(format!(
                "expected a secret that fits in a frame of {limit} bytes, found {len}"
            ));
        }
        let channel = ChannelKey::CONNECTION;
        self.shared.output.any_method(channel.id, &call.method);
        let deadline = self.shared.call_deadline(now);
        let id = (self.shared.calls).push(channel, (call.name, call.replies), Effect::None);
        self.shared.deadlines.add(deadline, id);
        // A server that does not accept it closes the connection.
        self.shared.calls.abandon(id);
        Ok(())
    }
}
