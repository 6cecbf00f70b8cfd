//! Options of TCP sockets.

use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

use crate::config::Config;

/// Sets what the configuration says of a socket, as far as the system has it. An option that it does
/// not have is no reason to do without the connection.
pub(super) fn tune<'s>(socket: impl Into<SockRef<'s>>, config: &Config) {
    let socket = socket.into();
    if let Some(times) = config.keep_alive {
        let options = TcpKeepalive::new()
            .with_time(at_least_a_second(times.idle))
            .with_interval(at_least_a_second(times.interval));
        #[cfg(not(windows))]
        let options = options.with_retries(times.probes.max(1));
        let _unsupported = socket.set_tcp_keepalive(&options);
    }
    #[cfg(any(target_os = "android", target_os = "linux"))]
    if config.user_timeout.is_some() {
        let _unsupported = socket.set_tcp_user_timeout(config.user_timeout);
    }
}

/// Systems count whole seconds, and refuse zero.
fn at_least_a_second(time: Duration) -> Duration {
    time.max(Duration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;
    use crate::config::KeepAlive;

    fn socket() -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        TcpStream::connect(listener.local_addr().unwrap()).unwrap()
    }

    #[test]
    fn sockets_are_kept_alive_by_default_and_not_where_the_program_says_so() {
        let (kept, plain) = (socket(), socket());
        tune(&kept, &Config::new());
        tune(&plain, &Config::new().keep_alive(None));
        let kept = SockRef::from(&kept);
        assert!(kept.keepalive().unwrap());
        assert!(!SockRef::from(&plain).keepalive().unwrap());
        #[cfg(target_os = "linux")]
        {
            assert_eq!(kept.tcp_keepalive_time().unwrap(), Duration::from_secs(30));
            assert_eq!(
                kept.tcp_keepalive_interval().unwrap(),
                Duration::from_secs(10)
            );
            assert_eq!(kept.tcp_keepalive_retries().unwrap(), 3);
            assert_eq!(kept.tcp_user_timeout().unwrap(), None);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn times_of_the_program_are_set_and_those_that_are_too_short_are_a_second() {
        let socket = socket();
        let times = KeepAlive::new()
            .idle(Duration::from_millis(10))
            .interval(Duration::from_secs(7))
            .probes(0);
        let config = Config::new()
            .keep_alive(times)
            .user_timeout(Duration::from_secs(9));
        tune(&socket, &config);
        let socket = SockRef::from(&socket);
        assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(1));
        assert_eq!(
            socket.tcp_keepalive_interval().unwrap(),
            Duration::from_secs(7)
        );
        assert_eq!(socket.tcp_keepalive_retries().unwrap(), 1);
        let timeout = socket.tcp_user_timeout().unwrap();
        assert_eq!(timeout, Some(Duration::from_secs(9)));
    }
}
