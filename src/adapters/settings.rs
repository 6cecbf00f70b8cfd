//! Builders that wrap those of the asynchronous front end.

/// Forwards settings of a builder to the one it wraps.
macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident($($value:ident: $type:ty)?);)*) => {$(
        $(#[$doc])*
        pub fn $name(mut self $(, $value: $type)?) -> Self {
            self.inner = self.inner.$name($($value)?);
            self
        }
    )*};
}

/// The settings of a publisher.
macro_rules! publisher_settings {
    () => {
        $crate::adapters::settings::settings! {
            /// Sets how many messages may be without an outcome at once. Default: 1,000. At least one may.
            window(messages: usize);
            /// Sets how many bytes the bodies of messages without an outcome may have. Default: 64 MiB. A
            /// single message may be larger.
            window_bytes(bytes: usize);
            /// Sets what happens to messages that were sent and not confirmed when the channel is lost.
            /// Default: [`Resend::InOrder`].
            resend(resend: Resend);
            /// Sets the age up to which messages are sent again after a gap; older ones are resolved as lost.
            /// Default: no limit.
            resend_for(age: impl Into<Option<Duration>>);
            /// Sets how long a message may be without an outcome before it is resolved as lost; the broker may
            /// have it or not. Default: no limit.
            confirm_timeout(time: impl Into<Option<Duration>>);
            /// Gives each message an id, unless it has one: random digits that stand for this publisher, and a
            /// number. A message that is sent again has the same id, so that consumers can tell duplicates.
            /// Default: no.
            message_ids();
            /// Sets the longest pause after a message that the broker rejects. The first rejection stops
            /// sending for 1 ms; each further one in a row doubles that, up to this. Default: 100 ms. Zero
            /// disables it.
            nack_pause(longest: Duration);
            /// Declares a topology on the channel of the publisher each time before it sends.
            setup(topology: Topology<P>);
        }
    };
}

/// The settings of a subscription.
macro_rules! subscription_settings {
    () => {
        $crate::adapters::settings::settings! {
            /// Sets how many messages may be unacknowledged at once; `None` is unlimited. Default: 100.
            ///
            /// It bounds what is delivered again after a gap, and how often quorum queues count a delivery
            /// that was never handled (`x-delivery-limit`). It has no effect on consumers without
            /// acknowledgements.
            prefetch(messages: impl Into<Option<u16>>);
            /// Declares a topology on the channel of the subscription each time before it consumes: for
            /// queues that are exclusive, auto-delete or named by the broker. An empty queue name in later
            /// steps and in the `basic.consume` means the queue that was declared last.
            setup(topology: Topology<P>);
            /// Sets what happens when the broker cancels the consumer. Default: subscribe again.
            on_cancel(what: OnCancel);
        }
    };
}

pub(super) use {publisher_settings, settings, subscription_settings};
