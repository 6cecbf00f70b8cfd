use super::Channel;
use super::confirms::Fingerprint;
use crate::connection::body::Body;
use crate::connection::ids::PublishSeq;
use crate::connection::shared::Shared;
use crate::error::{Error, Forbidden};
use crate::method::{ContentArgs, Properties as _};
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
        let print = (self.confirms.is_some() && P::mandatory(method)).then(|| {
            let (exchange, routing_key) = P::route(method);
            Fingerprint::new(exchange, routing_key, body.as_bytes())
        });
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

/// Why a content cannot be sent.
#[cold]
pub(in crate::connection) fn unsendable<P: Protocol, M: ContentArgs<Spec = P>>(
    method: &M,
    properties: &M::Properties,
    len: usize,
    shared: &Shared<P>,
) -> Error {
    let overlong = method.overlong().or_else(|| properties.overlong());
    shared.unsendable(M::NAME, len, overlong)
}
