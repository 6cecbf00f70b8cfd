use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{
    Config, Credentials, FRAME_MAX, Heartbeat, HostOrder, KeepAlive, Mechanism, PORT, UriError,
};
use crate::wire::Table;

impl Default for Config {
    fn default() -> Self {
        Self {
            host: "localhost".into(),
            port: PORT,
            addresses: Vec::new(),
            other_hosts: Vec::new(),
            host_order: HostOrder::default(),
            resolver: None,
            keep_alive: Some(KeepAlive::default()),
            user_timeout: None,
            recovery: None,
            #[cfg(feature = "rustls")]
            tls: None,
            vhost: "/".into(),
            credentials: Credentials::default(),
            credentials_provider: None,
            mechanisms: Mechanism::DEFAULT.to_vec(),
            locale: "en_US".into(),
            channel_max: 0,
            frame_max: FRAME_MAX,
            heartbeat: Heartbeat::default(),
            connection_name: None,
            client_properties: Table::new(),
            connect_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(10),
            rpc_timeout: Some(Duration::from_secs(30)),
            close_timeout: Duration::from_secs(5),
            blocked_timeout: Some(Duration::from_secs(30)),
            max_message_size: 128 << 20,
            output_low_water: 1 << 20,
            output_high_water: 4 << 20,
            incoming_messages: 4096,
            incoming_bytes: 64 << 20,
            incoming_total: 256 << 20,
        }
    }
}

impl From<&Self> for Config {
    fn from(config: &Self) -> Self {
        config.clone()
    }
}

impl FromStr for Config {
    type Err = UriError;

    fn from_str(uri: &str) -> Result<Self, UriError> {
        Self::from_uri(uri)
    }
}

impl TryFrom<&str> for Config {
    type Error = UriError;

    fn try_from(uri: &str) -> Result<Self, UriError> {
        Self::from_uri(uri)
    }
}

impl TryFrom<String> for Config {
    type Error = UriError;

    fn try_from(uri: String) -> Result<Self, UriError> {
        Self::from_uri(&uri)
    }
}

impl TryFrom<&String> for Config {
    type Error = UriError;

    fn try_from(uri: &String) -> Result<Self, UriError> {
        Self::from_uri(uri)
    }
}

/// Shows the named fields of `$config` that differ from the default.
macro_rules! differing {
    ($config:expr, $f:expr, $($field:ident)*) => {{
        let default = Config::default();
        let mut shown = $f.debug_struct("Config");
        $(if $config.$field != default.$field {
            shown.field(stringify!($field), &$config.$field);
        })*
        shown.finish()
    }};
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[cfg(not(feature = "rustls"))]
        macro_rules! shown {
            ($($field:ident)*) => { differing!(self, f, $($field)*) };
        }
        #[cfg(feature = "rustls")]
        macro_rules! shown {
            ($($field:ident)*) => { differing!(self, f, tls $($field)*) };
        }
        shown!(host port addresses other_hosts host_order resolver keep_alive user_timeout recovery vhost credentials credentials_provider mechanisms locale channel_max frame_max
            heartbeat connection_name client_properties connect_timeout handshake_timeout
            rpc_timeout close_timeout blocked_timeout max_message_size output_low_water output_high_water
            incoming_messages incoming_bytes incoming_total)
    }
}
