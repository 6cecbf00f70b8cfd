//! The stream: limits at their exact byte, and any segmentation.

use pika::bytes::{Bytes, BytesMut};
use pika::frame::{self, Decoder, Frame, FrameError, FrameErrorKind as Kind, Frames, Limits};
use pika::method::Spec;
use pika::wire::ChannelId;
use proptest::prelude::*;

use crate::vectors::{frame_of, vectors};

const LIMITS: Limits = Limits {
    body: 5000,
    other: 6000,
};

fn decoder(limits: Limits) -> Decoder {
    let mut decoder = Decoder::new();
    decoder.set_limits(limits);
    decoder
}

/// The first seven bytes of a frame of `total` bytes.
fn head(frame_type: u8, total: u32) -> BytesMut {
    let size = (total - 8).to_be_bytes();
    BytesMut::from(&[&[frame_type, 0, 1][..], &size].concat()[..])
}

#[test]
fn a_frame_of_the_limit_is_accepted_and_one_byte_more_refused_at_the_head() {
    for (frame_type, limit) in [(1, 6000), (2, 6000), (3, 5000), (8, 6000)] {
        let decoder = decoder(LIMITS);
        let mut buffer = head(frame_type, limit);
        assert_eq!(decoder.split(&mut buffer).unwrap(), Bytes::new());
        assert_eq!(decoder.missing(&buffer), limit as usize - 7);
        buffer.resize(limit as usize, 0);
        assert_eq!(decoder.split(&mut buffer).unwrap().len(), limit as usize);

        let mut buffer = head(frame_type, limit + 1);
        let error = decoder.split(&mut buffer).unwrap_err();
        let size = u64::from(limit) + 1;
        assert_eq!(
            (error.kind(), error.offset()),
            (Kind::TooLarge { size, limit }, 3)
        );
    }
}

#[test]
fn the_largest_size_that_can_be_written_is_refused() {
    let mut buffer = BytesMut::from(&b"\x03\0\x01\xff\xff\xff\xff"[..]);
    let error = Decoder::new().split(&mut buffer).unwrap_err();
    let size = u64::from(u32::MAX) + 8;
    assert_eq!(error.kind(), Kind::TooLarge { size, limit: 8192 });
    let everything = Limits {
        body: u32::MAX,
        other: u32::MAX,
    };
    let error = decoder(everything).split(&mut buffer).unwrap_err();
    let limit = u32::MAX;
    assert_eq!(error.kind(), Kind::TooLarge { size, limit });
}

#[test]
fn the_limits_follow_from_frame_max() {
    let limits = |frame_max| {
        let Limits { body, other } = Limits::agreed(frame_max);
        (body, other)
    };
    assert_eq!(limits(4096), (4096, 131_072));
    assert_eq!(limits(131_072), (131_072, 131_072));
    assert_eq!(limits(1 << 20), (1 << 20, 1 << 20));
    assert_eq!(limits(0), (4096, 131_072), "0 does not mean unlimited here");
    assert_eq!(Decoder::new().limits(), Limits::HANDSHAKE);
}

#[test]
fn whole_frames_in_front_of_a_bad_one_come_first() {
    let mut buffer = BytesMut::new();
    frame::put_heartbeat(&mut buffer);
    frame::put_body(&mut buffer, ChannelId(1), b"x");
    let good = buffer.len();
    buffer.extend_from_slice(b"\x04rest");
    let decoder = Decoder::new();
    assert_eq!(decoder.split(&mut buffer).unwrap().len(), good);
    let error = decoder.split(&mut buffer).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (Kind::UnknownType(4), 0));
}

#[test]
fn one_frame_at_a_time_leaves_the_others() {
    let mut buffer = BytesMut::new();
    frame::put_heartbeat(&mut buffer);
    frame::put_heartbeat(&mut buffer);
    assert_eq!(Decoder::new().split_one(&mut buffer).unwrap().len(), 8);
    assert_eq!(buffer.len(), 8);
}

#[test]
fn a_body_is_a_slice_of_the_read_buffer() {
    let mut buffer = BytesMut::new();
    frame::put_body(&mut buffer, ChannelId(1), &[7; 3000]);
    let place = buffer[7..].as_ptr();
    let chunk = Decoder::new().split(&mut buffer).unwrap();
    let Some(Ok(Frame::Body { payload, .. })) = Frames::new(&chunk).next() else {
        panic!("expected a body");
    };
    assert_eq!(payload.as_bytes().as_ptr(), place);
    let body = payload.to_bytes();
    drop(chunk);
    assert_eq!((body.as_ptr(), body.len()), (place, 3000));
}

in_each_version! {
    any_segmentation_gives_the_same_frames
    damage_leaves_the_frames_before_it_alone
}

/// All vectors of a version as one stream.
fn stream<S: Spec>() -> Vec<u8> {
    vectors::<S>().iter().flat_map(frame_of).collect()
}

/// The frames that come out when the stream arrives in pieces, as text, and what ended it.
fn received<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<String>, Result<(), FrameError>) {
    let (mut buffer, mut frames) = (BytesMut::new(), Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        if let Err(error) = take(&mut buffer, &mut frames) {
            return (frames, Err(error));
        }
    }
    (frames, Ok(()))
}

fn take(buffer: &mut BytesMut, frames: &mut Vec<String>) -> Result<(), FrameError> {
    let decoder = Decoder::new();
    let chunk = decoder.split(buffer)?;
    for frame in Frames::new(&chunk) {
        frames.push(shown(frame?));
    }
    let next = decoder.split(buffer)?;
    assert!(next.is_empty(), "all whole frames come at once");
    Ok(())
}

/// A frame with its bytes, and without the memory that they are in.
fn shown(frame: Frame<'_>) -> String {
    match frame {
        Frame::Method { channel, payload } => format!("method {channel} {:?}", payload.as_bytes()),
        Frame::Header { channel, header } => {
            let properties = header.properties.as_bytes();
            let (class, size) = (header.class, header.body_size);
            format!("header {channel} {class} {size} {properties:?}")
        }
        Frame::Body { channel, payload } => format!("body {channel} {:?}", payload.as_bytes()),
        other => format!("{other:?}"),
    }
}

fn any_segmentation_gives_the_same_frames<S: Spec>() {
    let stream = stream::<S>();
    let whole = received([&stream[..]].into_iter());
    assert_eq!(whole.1, Ok(()));
    assert_eq!(whole.0.len(), vectors::<S>().len());
    for size in [1, 2, 3, 7, 8, 9, 64, 1000] {
        assert_eq!(received(stream.chunks(size)), whole, "pieces of {size}");
    }
    let sizes = proptest::collection::vec(1usize..200, 1..40);
    proptest!(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) },
        |(sizes in sizes)| {
            let mut rest = &stream[..];
            let pieces = sizes.iter().cycle().map_while(|size| {
                let (piece, more) = rest.split_at((*size).min(rest.len()));
                rest = more;
                (!piece.is_empty()).then_some(piece)
            });
            prop_assert_eq!(&received(pieces), &whole);
        }
    );
}

fn damage_leaves_the_frames_before_it_alone<S: Spec>() {
    let stream = stream::<S>();
    let (whole, _) = received([&stream[..]].into_iter());
    let ends: Vec<usize> = vectors::<S>()
        .iter()
        .scan(0, |end, vector| {
            *end += frame_of(vector).len();
            Some(*end)
        })
        .collect();
    proptest!(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) },
        |(at in 0..stream.len(), octet in any::<u8>())| {
            let mut damaged = stream.clone();
            damaged[at] = octet;
            let (frames, _) = received(damaged.chunks(100));
            let before = ends.iter().filter(|end| **end <= at).count();
            prop_assert!(frames.len() >= before);
            prop_assert_eq!(&frames[..before], &whole[..before]);
        }
    );
}
