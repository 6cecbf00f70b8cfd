use std::fmt;
use std::str::FromStr;

use super::{Config, UriError};

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
        shown!(host port addresses other_hosts host_order resolver keep_alive user_timeout vhost credentials credentials_provider mechanisms locale channel_max frame_max
            heartbeat connection_name client_properties connect_timeout handshake_timeout
            rpc_timeout close_timeout blocked_timeout max_message_size output_low_water output_high_water
            incoming_messages incoming_bytes incoming_total)
    }
}
