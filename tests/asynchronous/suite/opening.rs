//! Logging in, and servers that do not let it happen.

use std::time::Duration;

use pika::Error;
use pika::broker::{Moment, Plan, Refuse, Settings};
use pika::bytes::Bytes;
use pika::config::Heartbeat;
use pika::error::{Cause, Waiting};
use pika::wire::ReplyCode;

use super::amqp::Version;
use super::*;
use crate::flavour::{Flavour, within};
use crate::hosted::Hosted;

const STEPS: [Moment; 4] = [
    Moment::Header,
    Moment::StartOk,
    Moment::TuneOk,
    Moment::Open,
];

const HANDSHAKE: Duration = Duration::from_secs(7);

/// Opens a connection to a server with a plan, which fails.
async fn refused<F: Flavour>(plan: Plan) -> Error {
    let hosted = Hosted::new::<F>();
    hosted.plan(plan.clone());
    // The broker drops those that do not go on after ten seconds.
    let config = patient().handshake_timeout(HANDSHAKE);
    let opening = F::over::<Version>(hosted.wire(), config);
    let opened = within::<F, _>(Duration::from_secs(30), opening).await;
    let result = opened.unwrap_or_else(|| panic!("opening hangs with {plan:?}"));
    let ended = hosted.until(|hosted| hosted.open_transports() == 0);
    soon::<F, _>(ended)
        .await
        .unwrap_or_else(|| panic!("the transport stays with {plan:?}"));
    result.map(drop).expect_err("the server refuses")
}

in_each_runtime! {
    async fn a_connection_tells_what_was_agreed_on() {
        let hosted = Hosted::with_settings::<F>(Settings::new().heartbeat(30).frame_max(50_000));
        let config = patient().heartbeat(Heartbeat::AtMost(Duration::from_secs(7)));
        let connection = F::over::<Version>(hosted.wire(), config).await.unwrap();
        let tuning = connection.tuning();
        assert_eq!(tuning.frame_max, 50_000);
        assert_eq!(tuning.heartbeat, Some(Duration::from_secs(7)));
        assert!(connection.is_open() && connection.closed().is_none());
        assert!(connection.server_properties().get("product").is_some());
        let (received, sent) = connection.traffic();
        assert!(received > 100 && sent > 100);
    }

    async fn a_server_that_ends_the_transport_at_any_step_is_an_error() {
        for step in STEPS {
            for how in [Refuse::Eof, Refuse::Reset] {
                let error = refused::<F>(Plan::new().refuse_at(step, how)).await;
                let reason = error.closed().unwrap();
                assert!(matches!(reason.cause, Cause::Transport { .. }), "{step:?}: {error:?}");
            }
        }
    }

    async fn a_server_that_talks_nonsense_at_any_step_is_an_error() {
        for step in STEPS {
            let garbage = Bytes::from_static(&[9; 64]);
            let error = refused::<F>(Plan::new().refuse_at(step, Refuse::Garbage(garbage))).await;
            assert!(matches!(error, Error::Protocol(_)), "{step:?}: {error:?}");
        }
        let error = refused::<F>(Plan::new().refuse_at(Moment::Open, Refuse::WrongMethod)).await;
        assert!(matches!(error, Error::Protocol(_)), "{error:?}");
        let other = Refuse::Header(*b"AMQP\x01\x01\x00\x0a");
        let error = refused::<F>(Plan::new().refuse_at(Moment::Header, other)).await;
        assert!(matches!(error.closed().unwrap().cause, Cause::Version { .. }), "{error:?}");
    }

    async fn a_server_that_refuses_says_why() {
        let close = Refuse::Close(ReplyCode::NOT_ALLOWED, "no such vhost".into());
        let error = refused::<F>(Plan::new().refuse_at(Moment::Open, close)).await;
        assert_eq!(error.closed().unwrap().code(), Some(ReplyCode::NOT_ALLOWED));
        assert!(error.to_string().contains("no such vhost"), "{error}");
    }

    async fn wrong_credentials_are_named() {
        let hosted = Hosted::new::<F>();
        let config = patient().login("guest", "wrong");
        let error = F::over::<Version>(hosted.wire(), config).await.unwrap_err();
        assert!(!error.is_retriable() || cfg!(not(feature = "amqp0-9-1")), "{error}");
        assert!(error.closed().is_some(), "{error:?}");
    }

    async fn a_transport_cut_at_any_byte_of_the_handshake_is_an_error() {
        for bytes in (1..550).step_by(37) {
            for ending in [pika::broker::Ending::Close, pika::broker::Ending::Reset] {
                let plan = Plan::new().cut_output_after(bytes, ending);
                let hosted = Hosted::new::<F>();
                hosted.plan(plan);
                let opening = F::over::<Version>(hosted.wire(), patient());
                // Late bytes may be past the handshake; then the connection ends after it.
                if let Ok(connection) = soon::<F, _>(opening).await.expect("opening ends") {
                    let opened = soon::<F, _>(connection.channel()).await.expect("a call ends");
                    drop(opened);
                }
                let ended = hosted.until(|hosted| hosted.open_transports() == 0);
                soon::<F, _>(ended).await.expect("the driver ends");
            }
        }
    }
}

over_sockets! {
    async fn a_port_where_nobody_listens_is_an_error() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let config = patient().host("127.0.0.1").port(port);
        let opened = soon::<F, _>(F::open::<Version>(config)).await.expect("opening ends");
        assert!(matches!(opened, Err(Error::Unreachable(_))), "{opened:?}");
    }
}

in_simulated_time! {
    async fn a_silent_server_is_a_timeout_at_any_step() {
        for step in STEPS {
            let start = tokio::time::Instant::now();
            let error = refused::<F>(Plan::new().refuse_at(step, Refuse::Silence)).await;
            let Some(Cause::TimedOut(late)) = error.closed().map(|reason| &reason.cause) else {
                panic!("{step:?}: {error:?}");
            };
            assert!(matches!(late.waiting_for, Waiting::Handshake(_)), "{late:?}");
            assert_eq!(start.elapsed().as_secs(), HANDSHAKE.as_secs(), "{step:?}");
        }
    }
}
