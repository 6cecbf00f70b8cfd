//! The protocol versions of this build. No other file knows their features.

use core::fmt;

/// Writes what stands between the braces once for each version of the build. The version's module is
/// `version` there.
#[cfg(feature = "client")]
macro_rules! each_version {
    ($($items:tt)*) => {
        #[cfg(feature = "amqp0-8")]
        mod of_v0_8 {
            use crate::v0_8 as version;
            $($items)*
        }
        #[cfg(feature = "amqp0-9-1")]
        mod of_v0_9_1 {
            use crate::v0_9_1 as version;
            $($items)*
        }
    };
}

#[cfg(feature = "client")]
pub(crate) use each_version;

/// Items that every version has beside what is generated.
#[cfg(any(feature = "amqp0-8", feature = "amqp0-9-1"))]
macro_rules! shared_items {
    () => {
        impl basic::Properties {
            /// Sets `delivery_mode` to 2: in a durable queue the message outlives a restart of the
            /// server.
            ///
            /// RabbitMQ writes it to disk there; in a queue that is not durable it ends with the
            /// queue. Until it is on disk a crash may still lose it, and a publisher confirm or the
            /// end of a transaction tells when it is. Without this a message is transient.
            ///
            /// ```
            /// use pika::amqp::basic;
            ///
            /// let properties = basic::Properties::new().content_type("text/plain").persistent();
            /// assert_eq!(properties.delivery_mode, Some(2));
            /// ```
            #[must_use]
            pub fn persistent(self) -> Self {
                self.delivery_mode(2)
            }
        }
    };
}

/// AMQP 0-8 with RabbitMQ's additions.
#[cfg(feature = "amqp0-8")]
pub mod v0_8 {
    include!(concat!(env!("OUT_DIR"), "/amqp0-8.rs"));

    /// The marker type of this version, by a name that all versions share.
    pub type Version = V0_8;

    shared_items!();
}

/// AMQP 0-9-1 with RabbitMQ's extensions.
#[cfg(feature = "amqp0-9-1")]
pub mod v0_9_1 {
    include!(concat!(env!("OUT_DIR"), "/amqp0-9-1.rs"));

    /// The marker type of this version, by a name that all versions share.
    pub type Version = V0_9_1;

    shared_items!();
}

#[cfg(all(feature = "client", feature = "amqp0-8"))]
#[path = "protocol/v0_8.rs"]
mod protocol_v0_8;

#[cfg(all(feature = "client", feature = "amqp0-9-1"))]
#[path = "protocol/v0_9_1.rs"]
mod protocol_v0_9_1;

#[cfg(all(feature = "broker", feature = "amqp0-8"))]
#[path = "broker/dialect/v0_8.rs"]
pub(crate) mod broker_v0_8;

#[cfg(all(feature = "broker", feature = "amqp0-9-1"))]
#[path = "broker/dialect/v0_9_1.rs"]
pub(crate) mod broker_v0_9_1;

/// The name of the method with this id, in the versions of this build.
#[cfg(feature = "client")]
pub(crate) fn method_name(id: crate::wire::MethodId) -> Option<&'static str> {
    use crate::method::MethodSet;
    let names: &[fn(crate::wire::MethodId) -> Option<&'static str>] = &[
        #[cfg(feature = "amqp0-9-1")]
        v0_9_1::Method::name_of,
        #[cfg(feature = "amqp0-8")]
        v0_8::Method::name_of,
    ];
    names.iter().find_map(|name_of| name_of(id))
}

/// What the embedded broker speaks, as a slice; the first is what it answers a wrong protocol
/// header with.
#[cfg(feature = "broker")]
macro_rules! broker_dialects {
    () => {
        &[
            #[cfg(feature = "amqp0-9-1")]
            $crate::versions::broker_v0_9_1::DIALECT,
            #[cfg(feature = "amqp0-8")]
            $crate::versions::broker_v0_8::DIALECT,
        ]
    };
}

#[cfg(feature = "broker")]
pub(crate) use broker_dialects;

/// The types of the selected version: [`v0_9_1`] where that is enabled, else `v0_8`.
///
/// Features add up over a whole build. A library that means one version names its module; with `amqp`
/// it gets 0-9-1 as soon as any other crate of the program enables it.
#[cfg(feature = "amqp0-9-1")]
pub use v0_9_1 as amqp;

/// The types of the selected version: [`v0_8`], as long as 0-9-1 is not enabled.
///
/// Features add up over a whole build. A library that means one version names its module; with `amqp`
/// it gets 0-9-1 as soon as any other crate of the program enables it.
#[cfg(all(feature = "amqp0-8", not(feature = "amqp0-9-1")))]
pub use v0_8 as amqp;

/// The version that handles speak unless a program says otherwise: 0-9-1 where it is enabled, else
/// 0-8.
#[cfg(any(feature = "amqp0-8", feature = "amqp0-9-1"))]
pub type Selected = amqp::Version;

#[cfg(all(
    feature = "client",
    not(any(feature = "amqp0-8", feature = "amqp0-9-1"))
))]
compile_error!("a connection speaks a version: enable the feature `amqp0-9-1` or `amqp0-8`");

#[cfg(all(
    feature = "broker",
    not(any(feature = "amqp0-8", feature = "amqp0-9-1"))
))]
compile_error!("the broker speaks versions: enable the feature `amqp0-9-1` or `amqp0-8`");

/// The names of the versions of this build, the selected one first.
pub const VERSIONS: &[&str] = &[
    #[cfg(feature = "amqp0-9-1")]
    "0-9-1",
    #[cfg(feature = "amqp0-8")]
    "0-8",
];

/// A version was asked for by a name that this build does not have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UnknownVersion;

impl fmt::Debug for UnknownVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnknownVersion ({self})")
    }
}

impl fmt::Display for UnknownVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a protocol version of this build:")?;
        VERSIONS.iter().try_for_each(|name| write!(f, " {name}"))
    }
}

impl core::error::Error for UnknownVersion {}

/// Chooses the protocol version while the program runs.
///
/// The block is compiled once for each version of the build, with the version's module under the
/// name given; it evaluates to a `Result` whose error type [`UnknownVersion`] converts into, as it
/// does into `pika::Error`. The name of the version is an `Option<&str>`; `None` is the
/// selected one, 0-9-1 where it is enabled.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let asked = std::env::var("AMQP_PROTOCOL").ok();
/// pika::with_version!(asked.as_deref(), amqp => {
///     let declare = amqp::queue::Declare::new("orders").durable(true);
///     println!("{declare:?}");
///     Ok(())
/// })
/// # }
/// ```
#[macro_export]
macro_rules! with_version {
    ($asked:expr, $amqp:ident => $body:block) => {{
        let asked: Option<&str> = $asked;
        let asked = asked.or($crate::VERSIONS.first().copied());
        $crate::__if_0_9_1!(asked, $amqp, $body, {
            $crate::__if_0_8!(asked, $amqp, $body, { Err($crate::UnknownVersion.into()) })
        })
    }};
}

/// One step of [`with_version!`]: the block if the version is asked for, else the rest.
#[cfg(feature = "amqp0-9-1")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_0_9_1 {
    ($asked:ident, $amqp:ident, $body:block, $rest:block) => {
        if $asked == Some("0-9-1") {
            use $crate::v0_9_1 as $amqp;
            $body
        } else $rest
    };
}

/// One step of [`with_version!`]: the block if the version is asked for, else the rest.
#[cfg(feature = "amqp0-8")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_0_8 {
    ($asked:ident, $amqp:ident, $body:block, $rest:block) => {
        if $asked == Some("0-8") {
            use $crate::v0_8 as $amqp;
            $body
        } else $rest
    };
}

#[cfg(not(feature = "amqp0-9-1"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_0_9_1 {
    ($asked:ident, $amqp:ident, $body:block, $rest:block) => {
        $rest
    };
}

#[cfg(not(feature = "amqp0-8"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_0_8 {
    ($asked:ident, $amqp:ident, $body:block, $rest:block) => {
        $rest
    };
}
