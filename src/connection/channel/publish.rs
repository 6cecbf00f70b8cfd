use super::Channel;
use super::confirms::Fingerprint;
use crate::connection::ids::PublishSeq;
use crate::connection::output::Body;
use crate::connection::shared::Shared;
use crate::error::{Error, Forbidden};
use crate::method::{Args, ContentArgs, Properties};
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
        self.check_content(method, properties, shared)?;
        Ok(self.put_publish((method, properties, body), shared))
    }

    /// Appends a message that was found fit to be sent.
    #[inline]
    pub(in crate::connection) fn put_publish(
        &mut self,
        (method, properties, body): (&P::Publish, &P::BasicProperties, Body<'_>),
        shared: &mut Shared<P>,
    ) -> Option<PublishSeq> {
        let seq = self.confirms.as_mut().map(|ledger| {
            let print = P::mandatory(method).then(|| {
                let (exchange, routing_key) = P::route(method);
                Fingerprint::new(exchange, routing_key, body.as_bytes())
            });
            ledger.publish(print)
        });
        let frame_max = shared.tuning.frame_max;
        shared
            .output
            .content(self.key.id, (method, properties), body, frame_max);
        seq
    }

    /// Appends a content other than `basic.publish`, or nothing at all.
    pub(in crate::connection) fn send_content<M: ContentArgs<Spec = P>>(
        &mut self,
        method: &M,
        properties: &M::Properties,
        body: Body<'_>,
        shared: &mut Shared<P>,
    ) -> Result<(), Error> {
        self.check_content(method, properties, shared)?;
        let frame_max = shared.tuning.frame_max;
        shared
            .output
            .content(self.key.id, (method, properties), body, frame_max);
        Ok(())
    }

    /// Whether a content may be sent now, as far as it does not depend on the body.
    #[inline]
    pub(in crate::connection) fn check_content<M: ContentArgs<Spec = P>>(
        &self,
        method: &M,
        properties: &M::Properties,
        shared: &Shared<P>,
    ) -> Result<(), Error> {
        if let Some(reason) = self.closed() {
            return Err(reason.clone().into());
        }
        if let Some(forbidden) = self.forbidden(shared) {
            return Err(forbidden.into());
        }
        shared.check_size(method)?;
        shared.check_header(<M as Args>::NAME, properties.encoded_len())
    }
}
