use std::future::Future;

use super::Channel;
use super::reply::{Waiting, over};
use crate::connection::{Answer, DeliveryToken};
use crate::error::Result;
use crate::method::Args as _;
use crate::protocol::Protocol;
use crate::versions::Selected;

/// A message that a consumer got or [`Channel::get`] fetched.
///
/// It keeps its channel open, so that it can be settled.
pub type Delivery<P = Selected> = crate::adapters::delivery::Delivery<Channel<P>>;

crate::adapters::delivery::settle!(Channel);

impl<P: Protocol> Delivery<P> {
    /// Returns whether the delivery can no longer be settled since its channel has closed: the broker delivers the
    /// message again, unless it needs no acknowledgement. Long work asks this before it does something that must
    /// not be done twice.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        mutant!(
            "a delivery is never stale",
            !self.channel().is_open(),
            false
        )
    }

    /// Waits until the delivery [is stale](Self::is_stale), for long work to race.
    ///
    /// # Cancel safety
    /// Dropping it does nothing else.
    pub async fn revoked(&self) {
        self.channel().wait_closed().await;
    }
}

impl<P: Protocol> Channel<P> {
    /// Fetches one message, if the queue has one.
    ///
    /// # Errors
    /// When the server refuses, which closes the channel.
    ///
    /// # Cancel safety
    /// The message is asked for at once; if the future is dropped it goes back to its queue, unless
    /// it was to need no acknowledgement: then it is lost.
    pub fn get(
        &self,
        get: P::Get,
    ) -> impl Future<Output = Result<Option<Delivery<P>>>> + Send + use<P> {
        let key = self.key();
        let (place, mut get) = ((self.link(), Some(key)), Some(get));
        let waiting = Waiting::begin(place, P::Get::NAME, move |state, now| {
            let get = get.take().ok_or_else(|| over(P::Get::NAME))?;
            Ok((state.core.channel(key)?.call(get, now)?, ()))
        });
        let channel = self.clone();
        async move {
            Ok(match waiting.await? {
                (Answer::Message(message), ()) => Some(Delivery::new(*message, channel)),
                (Answer::Method(_), ()) => None,
            })
        }
    }

    /// The specification's name for [`get`](Self::get).
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    ///
    /// # Cancel safety
    /// As for [`get`](Self::get).
    pub fn basic_get(
        &self,
        get: P::Get,
    ) -> impl Future<Output = Result<Option<Delivery<P>>>> + Send + use<P> {
        self.get(get)
    }
}
