//! Every method by its type: the defaults, and what ties a type to the enum of all methods.
//!
//! The list is checked against the ids that the decoder knows, so that none is left out.

use pika::bytes::{Bytes, BytesMut};
use pika::frame;
use pika::method::{Args, MethodSet, Properties, PropertySet, Spec, decode_properties};
use pika::wire::{ChannelId, MethodId, Reader};

/// Checks a type and gives the id it stands for.
fn check<M: Args>() -> MethodId {
    let args = M::default();
    let mut out = BytesMut::new();
    args.encode(&mut out);
    assert!(out.iter().all(|octet| *octet == 0), "{}", M::NAME);
    assert_eq!(out.len(), args.encoded_len(), "{}", M::NAME);

    let octets = out.freeze();
    let mut input = Reader::new(&octets);
    assert_eq!(M::decode(&mut input).as_ref(), Ok(&args));
    assert!(input.is_empty());

    let method = args.clone().into_method();
    assert_eq!(method.id(), M::ID);
    assert_eq!(method.name(), M::NAME);
    let any = <M::Spec as Spec>::Method::decode(M::ID, &mut Reader::new(&octets));
    assert_eq!(any.as_ref(), Ok(&method));
    assert_eq!(M::from_method(method).as_ref(), Ok(&args));
    frames_are_alike(args);
    M::ID
}

/// A method is written alike by its type and as one of all.
fn frames_are_alike<M: Args>(args: M) {
    let (mut typed, mut any) = (BytesMut::new(), BytesMut::new());
    frame::put_method(&mut typed, ChannelId(3), &args);
    assert_eq!(typed.len(), frame::method_frame_len(&args));
    frame::put_any_method(&mut any, ChannelId(3), &args.into_method());
    assert_eq!(typed, any, "{}", M::NAME);
}

/// Another method is not taken for this one, and is given back.
fn refuses<M: Args, N: Args<Spec = M::Spec>>() {
    let other = N::default().into_method();
    assert_eq!(M::from_method(other.clone()), Err(other));
}

fn check_properties<P: Properties>() {
    let properties = P::default();
    let mut out = BytesMut::new();
    properties.encode(&mut out);
    let octets = out.freeze();
    assert_eq!(octets, Bytes::from_static(&[0, 0]));
    assert_eq!(properties.encoded_len(), 2);
    assert_eq!(
        decode_properties::<P>(&mut Reader::new(&octets)).as_ref(),
        Ok(&properties)
    );

    let set = properties.clone().into_set();
    assert_eq!(set.class(), P::CLASS);
    assert_eq!(P::from_set(set).as_ref(), Ok(&properties));

    let (mut typed, mut any) = (BytesMut::new(), BytesMut::new());
    frame::put_header(&mut typed, ChannelId(3), 9, &properties);
    frame::put_any_header(&mut any, ChannelId(3), 9, &properties.into_set());
    assert_eq!(typed, any);
}

macro_rules! listing {
    ($spec:ident, $($class:ident { $($method:ident)* })*) => {
        fn ids() -> Vec<MethodId> {
            vec![$($(super::check::<$class::$method>(),)*)*]
        }

        #[test]
        fn every_method_has_zero_defaults_and_its_place_in_the_enum() {
            let mut ids = ids();
            ids.sort_unstable();
            assert_eq!(ids, crate::shape::methods::<$spec>());
        }

        #[test]
        fn no_method_is_taken_for_another() {
            $($(
                if <$class::$method as Args>::ID != tx::Select::ID {
                    super::refuses::<$class::$method, tx::Select>();
                }
            )*)*
            super::refuses::<tx::Select, tx::Commit>();
        }
    };
}

#[cfg(feature = "amqp0-8")]
mod v0_8 {
    use pika::method::Args;
    use pika::v0_8::*;
    use pika::wire::MethodId;

    listing! {
        V0_8,
        connection {
            Start StartOk Secure SecureOk Tune TuneOk Open OpenOk Redirect Close CloseOk
        }
        channel {
            Open OpenOk Flow FlowOk Alert Close CloseOk
        }
        access {
            Request RequestOk
        }
        exchange {
            Declare DeclareOk Delete DeleteOk
        }
        queue {
            Declare DeclareOk Bind BindOk Purge PurgeOk Delete DeleteOk Unbind UnbindOk
        }
        basic {
            Qos QosOk Consume ConsumeOk Cancel CancelOk Publish Return Deliver Get GetOk GetEmpty
            Ack Reject RecoverAsync Recover RecoverOk
        }
        file {
            Qos QosOk Consume ConsumeOk Cancel CancelOk Open OpenOk Stage Publish Return Deliver
            Ack Reject
        }
        stream {
            Qos QosOk Consume ConsumeOk Cancel CancelOk Publish Return Deliver
        }
        tx {
            Select SelectOk Commit CommitOk Rollback RollbackOk
        }
        dtx {
            Select SelectOk Start StartOk
        }
        tunnel {
            Request
        }
        test {
            Integer IntegerOk TestString StringOk TestTable TableOk Content ContentOk
        }
    }

    #[test]
    fn every_property_list_is_empty_by_default() {
        super::check_properties::<basic::Properties>();
        super::check_properties::<file::Properties>();
        super::check_properties::<stream::Properties>();
        super::check_properties::<tunnel::Properties>();
        super::check_properties::<test::Properties>();
    }
}

#[cfg(feature = "amqp0-9-1")]
mod v0_9_1 {
    use pika::method::Args;
    use pika::v0_9_1::*;
    use pika::wire::MethodId;

    listing! {
        V0_9_1,
        connection {
            Start StartOk Secure SecureOk Tune TuneOk Open OpenOk Close CloseOk Blocked Unblocked
            UpdateSecret UpdateSecretOk
        }
        channel {
            Open OpenOk Flow FlowOk Close CloseOk
        }
        access {
            Request RequestOk
        }
        exchange {
            Declare DeclareOk Delete DeleteOk Bind BindOk Unbind UnbindOk
        }
        queue {
            Declare DeclareOk Bind BindOk Purge PurgeOk Delete DeleteOk Unbind UnbindOk
        }
        basic {
            Qos QosOk Consume ConsumeOk Cancel CancelOk Publish Return Deliver Get GetOk GetEmpty
            Ack Reject RecoverAsync Recover RecoverOk Nack
        }
        confirm {
            Select SelectOk
        }
        tx {
            Select SelectOk Commit CommitOk Rollback RollbackOk
        }
    }

    #[test]
    fn every_property_list_is_empty_by_default() {
        super::check_properties::<basic::Properties>();
    }
}
