use super::Channel;
use crate::connection::DeliveryToken;
use crate::error::Result;
use crate::versions::Selected;

/// A message that a consumer got or [`Channel::get`] fetched.
///
/// It keeps its channel open, so that it can be settled.
pub type Delivery<P = Selected> = crate::adapters::delivery::Delivery<Channel<P>>;

crate::adapters::delivery::settle!(Channel);
