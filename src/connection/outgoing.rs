use std::fmt;
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
use std::marker::PhantomData;

use bytes::Bytes;

use super::body::Body;
use crate::protocol::Protocol;

/// A message to be published: a body, with properties if it has any.
///
/// `publish` takes any body as it is, a pair of properties and body, or this, which
/// `basic::Properties::body` makes:
///
/// ```
/// use pika::amqp::basic;
///
/// let persistent = basic::Properties::new().content_type("text/plain").persistent();
/// let message = persistent.body("two pears").mandatory();
/// assert_eq!(message.as_bytes(), b"two pears");
/// ```
#[derive(Clone)]
pub struct Message<'a, P: Protocol> {
    properties: Properties<'a, P>,
    body: Body<'a>,
    mandatory: bool,
}

#[derive(Clone)]
enum Properties<'a, P: Protocol> {
    None,
    // Most messages have none or borrow them, and they are large.
    Owned(Box<P::BasicProperties>),
    Borrowed(&'a P::BasicProperties),
}

impl<'a, P: Protocol> Message<'a, P> {
    /// A message with a body and nothing else.
    pub fn new(body: impl Into<Body<'a>>) -> Self {
        Self {
            properties: Properties::None,
            body: body.into(),
            mandatory: false,
        }
    }

    /// The same message with these properties.
    #[must_use]
    pub fn properties(mut self, properties: P::BasicProperties) -> Self {
        self.properties = Properties::Owned(Box::new(properties));
        self
    }

    /// The same message, to come back if it reaches no queue.
    #[must_use]
    pub const fn mandatory(mut self) -> Self {
        self.mandatory = true;
        self
    }

    /// The body.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.body.as_bytes()
    }

    /// The properties, the body, and whether it is mandatory.
    pub(crate) fn parts(&self) -> (Option<&P::BasicProperties>, &Body<'a>, bool) {
        let properties = match &self.properties {
            Properties::None => None,
            Properties::Owned(properties) => Some(&**properties),
            Properties::Borrowed(properties) => Some(*properties),
        };
        (properties, &self.body, self.mandatory)
    }
}

impl<P: Protocol> fmt::Debug for Message<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (properties, body, mandatory) = self.parts();
        f.debug_struct("Message")
            .field("properties", &properties)
            .field("body", &format_args!("{} bytes", body.as_bytes().len()))
            .field("mandatory", &mandatory)
            .finish()
    }
}

/// What can be published: a body, properties and a body in one tuple, or a [`Message`].
///
/// It is sealed.
pub trait Publishable<'a, P: Protocol>: Sized + sealed::Sealed {
    /// The message.
    fn into_message(self) -> Message<'a, P>;

    /// Its properties, if it has any.
    #[doc(hidden)]
    fn properties(&self) -> Option<&P::BasicProperties> {
        None
    }

    /// Whether it is to come back if it reaches no queue.
    #[doc(hidden)]
    fn is_mandatory(&self) -> bool {
        false
    }
}

mod sealed {
    pub trait Sealed {}
}

impl<P: Protocol> sealed::Sealed for Message<'_, P> {}

impl<'a, P: Protocol> Publishable<'a, P> for Message<'a, P> {
    fn into_message(self) -> Self {
        self
    }

    fn properties(&self) -> Option<&P::BasicProperties> {
        self.parts().0
    }

    fn is_mandatory(&self) -> bool {
        self.mandatory
    }
}

impl<T, B> sealed::Sealed for (&T, B) {}

impl<'a, P: Protocol, B: Into<Body<'a>>> Publishable<'a, P> for (&'a P::BasicProperties, B) {
    #[inline]
    fn into_message(self) -> Message<'a, P> {
        let (properties, body) = self;
        Message {
            properties: Properties::Borrowed(properties),
            ..Message::new(body)
        }
    }

    fn properties(&self) -> Option<&P::BasicProperties> {
        Some(self.0)
    }
}

/// Properties and a body that borrow for different times.
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
pub(crate) struct Parts<'p, 'b, P: Protocol, B: Into<Body<'b>>> {
    properties: &'p P::BasicProperties,
    pub(crate) body: B,
    lifetime: PhantomData<Body<'b>>,
}

#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
impl<'p, 'b, P: Protocol, B: Into<Body<'b>>> Parts<'p, 'b, P, B> {
    pub(crate) const fn new(properties: &'p P::BasicProperties, body: B) -> Self {
        let lifetime = PhantomData;
        Self {
            properties,
            body,
            lifetime,
        }
    }
}

#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
impl<'b, P: Protocol, B: Into<Body<'b>>> sealed::Sealed for Parts<'_, 'b, P, B> {}

#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
impl<'a, 'p: 'a, 'b: 'a, P: Protocol, B: Into<Body<'b>>> Publishable<'a, P>
    for Parts<'p, 'b, P, B>
{
    fn into_message(self) -> Message<'a, P> {
        Message {
            properties: Properties::Borrowed(self.properties),
            ..Message::new(self.body.into())
        }
    }

    fn properties(&self) -> Option<&P::BasicProperties> {
        Some(self.properties)
    }
}

/// Lets bodies be published as they are.
macro_rules! bodies {
    ($(($($generics:tt)*) $type:ty;)*) => {$(
        impl<$($generics)*> sealed::Sealed for $type {}

        impl<'a, P: Protocol, $($generics)*> Publishable<'a, P> for $type
        where
            Self: Into<Body<'a>>,
        {
            #[inline]
            fn into_message(self) -> Message<'a, P> {
                Message::new(self)
            }
        }
    )*};
}

bodies! {
    () &[u8];
    (const N: usize) &[u8; N];
    () &Vec<u8>;
    () &str;
    () &String;
    () Vec<u8>;
    () String;
    () Bytes;
    () &Bytes;
    () Body<'_>;
}

crate::versions::each_version! {
    use super::{Body, Message, Publishable, sealed};

    impl<B> sealed::Sealed for (version::basic::Properties, B) {}

    impl<'a, B: Into<Body<'a>>> Publishable<'a, version::Version> for (version::basic::Properties, B) {
        fn into_message(self) -> Message<'a, version::Version> {
            let (properties, body) = self;
            properties.body(body)
        }

        fn properties(&self) -> Option<&version::basic::Properties> {
            Some(&self.0)
        }
    }

    impl version::basic::Properties {
        /// A message with these properties, to be published.
        #[must_use]
        pub fn body<'a>(self, body: impl Into<Body<'a>>) -> Message<'a, version::Version> {
            Message::new(body).properties(self)
        }
    }
}
