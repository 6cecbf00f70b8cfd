//! The methods of the specification as inherent ones of the channels of each style, so that programs
//! call them without an import.

crate::versions::each_version! {
    #[allow(unused_imports, reason = "the methods name the classes")]
    use version::*;

    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    use super::super::asynchronous::Replying;
    #[cfg(feature = "callbacks")]
    use super::super::callbacks::Then;
    #[allow(unused_imports, reason = "a build may have no style")]
    use crate::error::Result as Sent;
    #[allow(unused_imports, reason = "a build may have no style")]
    use crate::method::Caller;

    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    version::channel_methods!(
        crate::adapters::asynchronous::Channel<Version>,
        Replying<_, Version>,
        Sent<()>
    );
    #[cfg(feature = "blocking")]
    version::channel_methods!(crate::adapters::blocking::Channel<Version>, Sent, Sent<()>);
    #[cfg(feature = "callbacks")]
    version::channel_methods!(
        crate::adapters::callbacks::Channel<Version>,
        Then<_, Version>,
        Sent<()>
    );
}
