//! Which errors are worth another try. The texts are those of RabbitMQ.

use pika::error::{Cause, Closed};
use pika::wire::{MethodId, ReplyCode, Scope, ShortStr};

use crate::runner::fault;

const NO_METHOD: MethodId = MethodId::new(0, 0);
const CHANNEL_OPEN: MethodId = MethodId::new(20, 10);
const CONNECTION_OPEN: MethodId = MethodId::new(10, 40);
const QUEUE_DECLARE: MethodId = MethodId::new(50, 10);
const BASIC_CONSUME: MethodId = MethodId::new(60, 20);

/// One close of the server: scope, code, method and text.
type Row = (Scope, u16, MethodId, &'static str);

fn is_retriable((scope, code, method, text): Row) -> bool {
    let cause = Cause::Server {
        code: ReplyCode(code),
        text: ShortStr::new(text).unwrap(),
        method: (method != NO_METHOD).then_some(method),
    };
    let closed = Closed::new(scope, cause);
    assert_eq!(
        pika::Error::from(std::sync::Arc::new(closed.clone())).is_retriable(),
        closed.is_retriable()
    );
    closed.is_retriable()
}

fn retry(row: Row) {
    assert!(is_retriable(row), "not retriable: {row:?}");
}

fn give_up(row: Row) {
    assert!(!is_retriable(row), "retriable: {row:?}");
}

#[test]
fn a_delivery_acknowledgement_timeout_is_retriable() {
    fault(|| {
        retry((
            Scope::Channel,
            406,
            NO_METHOD,
            "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value \
             used: 1800000 ms. This timeout value can be configured, see consumers doc guide to \
             learn more",
        ));
    });
}

#[test]
fn a_queue_in_exclusive_use_is_retriable() {
    fault(|| {
        retry((
            Scope::Channel,
            403,
            BASIC_CONSUME,
            "ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use",
        ));
    });
}

#[test]
fn a_connection_limit_of_the_vhost_is_retriable() {
    fault(|| {
        retry((
            Scope::Connection,
            530,
            CONNECTION_OPEN,
            "NOT_ALLOWED - access to vhost '/' refused for user 'guest': connection limit (10) is \
             reached",
        ));
    });
}

#[test]
fn a_connection_limit_of_the_user_is_retriable() {
    fault(|| {
        retry((
            Scope::Connection,
            530,
            CONNECTION_OPEN,
            "NOT_ALLOWED - connection refused for user 'guest': user connection limit (10) is \
             reached",
        ));
    });
}

#[test]
fn a_connection_limit_of_the_node_is_retriable() {
    fault(|| {
        retry((
            Scope::Connection,
            530,
            CONNECTION_OPEN,
            "NOT_ALLOWED - connection refused: node connection limit (10) is reached",
        ));
    });
}

#[test]
fn a_channel_limit_of_the_user_is_retriable() {
    fault(|| {
        retry((
            Scope::Connection,
            530,
            CHANNEL_OPEN,
            "NOT_ALLOWED - number of channels opened for user 'guest' has reached the maximum \
             allowed user limit of (10)",
        ));
    });
}

#[test]
fn a_queue_whose_home_node_is_down_is_retriable() {
    fault(|| {
        retry((
            Scope::Channel,
            404,
            QUEUE_DECLARE,
            "NOT_FOUND - home node 'rabbit@two' of durable queue 'q' in vhost '/' is down or \
             inaccessible",
        ));
    });
}

#[test]
fn a_vhost_that_is_down_is_retriable() {
    fault(|| {
        for text in [
            "NOT_ALLOWED - vhost '/' is down",
            "NOT_ALLOWED - access to vhost '/' refused for user 'guest': vhost '/' is down",
        ] {
            retry((Scope::Connection, 530, CONNECTION_OPEN, text));
        }
    });
}

#[test]
fn a_deprecated_feature_is_not_retriable() {
    fault(|| {
        give_up((
            Scope::Connection,
            541,
            QUEUE_DECLARE,
            "INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated.\nIts use is not \
             permitted per the configuration (overriding the default, which is permitted)",
        ));
    });
}

#[test]
fn a_bad_argument_is_not_retriable() {
    fault(|| give_up((Scope::Connection, 541, QUEUE_DECLARE, "INTERNAL_ERROR")));
}

#[test]
fn other_closes_that_are_retriable() {
    fault(|| {
        retry((
            Scope::Connection,
            320,
            NO_METHOD,
            "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'",
        ));
        retry((
            Scope::Channel,
            405,
            QUEUE_DECLARE,
            "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q' in vhost '/'. \
             It could be originally declared on another connection or the exclusive property \
             value does not match that of the original declaration.",
        ));
        retry((Scope::Connection, 541, NO_METHOD, "INTERNAL_ERROR"));
    });
}

#[test]
fn other_closes_that_are_not_retriable() {
    fault(|| {
        give_up((
            Scope::Connection,
            403,
            NO_METHOD,
            "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details \
             see the broker logfile.",
        ));
        give_up((
            Scope::Channel,
            403,
            QUEUE_DECLARE,
            "ACCESS_REFUSED - access to queue 'q' in vhost '/' refused for user 'guest'",
        ));
        give_up((
            Scope::Channel,
            404,
            QUEUE_DECLARE,
            "NOT_FOUND - no queue 'q' in vhost '/'",
        ));
        give_up((
            Scope::Channel,
            406,
            QUEUE_DECLARE,
            "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost '/': \
             received 'false' but current is 'true'",
        ));
        give_up((
            Scope::Channel,
            406,
            NO_METHOD,
            "PRECONDITION_FAILED - unknown delivery tag 1",
        ));
        give_up((
            Scope::Connection,
            530,
            CONNECTION_OPEN,
            "NOT_ALLOWED - vhost 'none' not found",
        ));
        give_up((
            Scope::Connection,
            530,
            CONNECTION_OPEN,
            "NOT_ALLOWED - access to vhost '/' refused for user 'guest'",
        ));
        give_up((Scope::Connection, 540, NO_METHOD, "NOT_IMPLEMENTED"));
    });
}
