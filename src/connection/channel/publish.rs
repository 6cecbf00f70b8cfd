use super::Channel;
use super::ChannelMut;
use super::fingerprint::Fingerprint;
use crate::connection::body::Body;
use crate::connection::ids::PublishSeq;
use crate::connection::outgoing::{Message, Publishable};
use crate::connection::shared::Shared;

#[cfg(doc)]
use crate::error::Misuse;
use crate::error::{Error, Forbidden, Refused};
use crate::frame::{header_frame_len, method_frame_len};
use crate::method::{ContentArgs, Properties as _, ToServer};
use crate::protocol::Protocol;

impl<P: Protocol> Channel<P> {
    /// Why content may not be sent now, if so.
    #[inline]
    pub(in crate::connection) fn forbidden(&self, shared: &Shared<P>) -> Option<Forbidden> {
        if !self.flow {
            Some(Forbidden::Flow)
        } else if shared.blocked.is_some() {
            Some(Forbidden::Blocked)
        } else if shared.is_output_full() {
            Some(Forbidden::OutputFull)
        } else {
            None
        }
    }

    /// Appends `basic.publish`, the header and the body to the output, or nothing at all.
    #[inline]
    pub(in crate::connection) fn publish(
        &mut self,
        method: &P::Publish,
        properties: &P::BasicProperties,
        body: Body<'_>,
        shared: &mut Shared<P>,
    ) -> Result<Option<PublishSeq>, Error> {
        self.check_content(shared)?;
        self.publish_now(method, properties, body, shared)
    }

    /// As [`publish`](Self::publish), where it was checked that content may be sent.
    #[inline]
    pub(in crate::connection) fn publish_now(
        &mut self,
        method: &P::Publish,
        properties: &P::BasicProperties,
        body: Body<'_>,
        shared: &mut Shared<P>,
    ) -> Result<Option<PublishSeq>, Error> {
        let print = (self.confirms.is_some() && P::mandatory(method))
            .then(|| Fingerprint::new::<P>(P::route(method), properties, body.as_bytes()));
        self.append(method, properties, body, shared)?;
        Ok(self.confirms.as_mut().map(|ledger| ledger.publish(print)))
    }

    /// Appends a content other than `basic.publish`, or nothing at all.
    pub(in crate::connection) fn send_content<M: ContentArgs<Spec = P>>(
        &mut self,
        method: &M,
        properties: &M::Properties,
        body: Body<'_>,
        shared: &mut Shared<P>,
    ) -> Result<(), Error> {
        self.check_content(shared)?;
        self.append(method, properties, body, shared)
    }

    #[inline]
    fn append<M: ContentArgs<Spec = P>>(
        &self,
        method: &M,
        properties: &M::Properties,
        body: Body<'_>,
        shared: &mut Shared<P>,
    ) -> Result<(), Error> {
        let frame_max = shared.tuning.frame_max;
        let content = (method, properties);
        let appended = shared.output.content(self.key.id, content, body, frame_max);
        appended.map_err(|too_large| unsendable(method, properties, too_large.len, shared))
    }

    /// Whether a content may be sent now, as far as that does not depend on it.
    #[inline]
    pub(in crate::connection) fn check_content(&self, shared: &Shared<P>) -> Result<(), Error> {
        if let Some(reason) = self.closed() {
            return Err(reason.clone().into());
        }
        match self.forbidden(shared) {
            Some(forbidden) => Err(forbidden.into()),
            None => Ok(()),
        }
    }
}

impl<P: Protocol> ChannelMut<'_, P> {
    /// Publishes a message: all of it, or in case of an error nothing.
    ///
    /// In confirm mode it gives the number that
    /// [`Event::Confirmed`](crate::connection::Event::Confirmed) will name.
    ///
    /// # Errors
    /// [`Error::ContentForbidden`] while content may not be sent; the message is still the caller's.
    /// [`Misuse::FrameTooLarge`] when the method or the properties do not fit in a frame.
    #[inline]
    pub fn publish<'b>(
        &mut self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Option<PublishSeq>, Error> {
        self.channel
            .publish(publish, properties, body.into(), self.shared)
    }

    /// Publishes a message, unless [`refusal`](Self::refusal) has something to say to one without a
    /// ticket. An error returns it as it was given.
    ///
    /// The message comes back with the number of the publish too, so that what it owns is dropped when
    /// nothing is borrowed or locked. Whether it is mandatory, `publish` says, and not the message.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish).
    pub fn try_publish<'b, M: Publishable<'b, P>>(
        &mut self,
        publish: &P::Publish,
        message: M,
    ) -> Result<(Option<PublishSeq>, Message<'b, P>), Refused<M>> {
        let verdict = self.check_open().and_then(|()| {
            self.check_publish(publish, message.properties())?;
            match self.refusal(None) {
                Some(why) => Err(why.into()),
                None => Ok(()),
            }
        });
        if let Err(error) = verdict {
            return Err(Refused::new(error, message));
        }
        let message = message.into_message();
        let (properties, body, _) = message.parts();
        let sent = with_properties::<P, _>(properties, |properties| {
            self.channel
                .publish_now(publish, properties, body.share(), self.shared)
        });
        debug_assert!(sent.is_ok(), "everything was looked at before");
        Ok((sent.unwrap_or_default(), message))
    }

    /// Publishes a message, unless [`refusal`](Self::refusal) has something to say to the holder of this
    /// ticket.
    ///
    /// # Errors
    /// [`Error::ContentForbidden`] for what is refused; and as for [`publish`](Self::publish).
    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    #[inline(always)]
    pub(crate) fn publish_permitted(
        &mut self,
        (publish, properties, body): (&P::Publish, Option<&P::BasicProperties>, Body<'_>),
        ticket: Option<crate::connection::Ticket>,
    ) -> Result<Option<PublishSeq>, Error> {
        self.channel.check_content(self.shared)?;
        let ahead = match ticket {
            None => self.shared.tickets.ahead(Some(self.channel.key)),
            Some(_) => None,
        };
        if let Some(why) = ahead {
            return Err(why.into());
        }
        with_properties::<P, _>(properties, |properties| {
            self.channel
                .publish_now(publish, properties, body, self.shared)
        })
    }

    /// Checks that a message can be sent, as far as that depends on its method and properties.
    ///
    /// # Errors
    /// [`Misuse::NameTooLong`] and [`Misuse::FrameTooLarge`].
    fn check_publish(
        &self,
        publish: &P::Publish,
        properties: Option<&P::BasicProperties>,
    ) -> Result<(), Error> {
        // An empty list fits into any frame.
        let header = properties.map_or(0, header_frame_len);
        let len = method_frame_len(publish).max(header);
        if len <= self.shared.tuning.frame_max as usize {
            return Ok(());
        }
        Err(with_properties::<P, _>(properties, |properties| {
            unsendable(publish, properties, len, self.shared)
        }))
    }

    /// Sends a content of another class than `basic`.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish).
    pub fn send_content<'b, M: ContentArgs<Spec = P> + ToServer>(
        &mut self,
        method: &M,
        properties: &M::Properties,
        body: impl Into<Body<'b>>,
    ) -> Result<(), Error> {
        self.channel
            .send_content(method, properties, body.into(), self.shared)
    }
}

/// Why a content cannot be sent.
#[cold]
fn unsendable<P: Protocol, M: ContentArgs<Spec = P>>(
    method: &M,
    properties: &M::Properties,
    len: usize,
    shared: &Shared<P>,
) -> Error {
    let overlong = method.overlong().or_else(|| properties.overlong());
    shared.unsendable(M::NAME, len, overlong)
}

/// Runs `then` with the properties of a message, or with none set where it brings none of its own.
#[inline]
fn with_properties<P: Protocol, R>(
    own: Option<&P::BasicProperties>,
    then: impl FnOnce(&P::BasicProperties) -> R,
) -> R {
    match own {
        Some(properties) => then(properties),
        None => then(&P::BasicProperties::default()),
    }
}
