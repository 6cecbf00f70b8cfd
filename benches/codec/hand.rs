//! The least that has to be done, written by hand for exactly these messages: the measure that the
//! codec is held against.

/// `basic.publish` to the default exchange, with the properties of [`Properties`].
pub(crate) fn publish(out: &mut Vec<u8>, routing_key: &str, properties: &Properties, body: &[u8]) {
    frame(out, 1, |out| {
        // Class, method, reserved ticket and the empty exchange.
        out.extend_from_slice(&[0, 60, 0, 40, 0, 0, 0]);
        short(out, routing_key.as_bytes());
        out.push(0);
    });
    header(out, properties, body.len());
    frame(out, 3, |out| out.extend_from_slice(body));
}

/// `basic.deliver` of the same message.
pub(crate) fn deliver(out: &mut Vec<u8>, routing_key: &str, properties: &Properties, body: &[u8]) {
    frame(out, 1, |out| {
        out.extend_from_slice(&[0, 60, 0, 60]);
        short(out, b"ctag");
        out.extend_from_slice(&77u64.to_be_bytes());
        out.push(0);
        short(out, b"");
        short(out, routing_key.as_bytes());
    });
    header(out, properties, body.len());
    frame(out, 3, |out| out.extend_from_slice(body));
}

/// Six properties; which of them are there, `flags` says.
#[derive(Default)]
pub(crate) struct Properties {
    pub(crate) flags: u16,
    pub(crate) content_type: &'static str,
    /// The bytes of the table, without its length.
    pub(crate) headers: Vec<u8>,
    pub(crate) delivery_mode: u8,
    pub(crate) correlation_id: &'static str,
    pub(crate) message_id: &'static str,
    pub(crate) timestamp: u64,
}

const CONTENT_TYPE: u16 = 1 << 15;
const HEADERS: u16 = 1 << 13;
const DELIVERY_MODE: u16 = 1 << 12;
const CORRELATION_ID: u16 = 1 << 10;
const MESSAGE_ID: u16 = 1 << 7;
const TIMESTAMP: u16 = 1 << 6;

/// The flags of all six.
pub(crate) const SIX: u16 =
    CONTENT_TYPE | HEADERS | DELIVERY_MODE | CORRELATION_ID | MESSAGE_ID | TIMESTAMP;

fn header(out: &mut Vec<u8>, properties: &Properties, body_size: usize) {
    frame(out, 2, |out| {
        out.extend_from_slice(&[0, 60, 0, 0]);
        out.extend_from_slice(&(body_size as u64).to_be_bytes());
        let flags = properties.flags;
        out.extend_from_slice(&flags.to_be_bytes());
        if flags & CONTENT_TYPE != 0 {
            short(out, properties.content_type.as_bytes());
        }
        if flags & HEADERS != 0 {
            let len = u32::try_from(properties.headers.len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&len.to_be_bytes());
            out.extend_from_slice(&properties.headers);
        }
        if flags & DELIVERY_MODE != 0 {
            out.push(properties.delivery_mode);
        }
        if flags & CORRELATION_ID != 0 {
            short(out, properties.correlation_id.as_bytes());
        }
        if flags & MESSAGE_ID != 0 {
            short(out, properties.message_id.as_bytes());
        }
        if flags & TIMESTAMP != 0 {
            out.extend_from_slice(&properties.timestamp.to_be_bytes());
        }
    });
}

/// Writes the payload first and its size afterwards.
#[inline]
fn frame(out: &mut Vec<u8>, kind: u8, payload: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(&[kind, 0, 1, 0, 0, 0, 0]);
    let start = out.len();
    payload(out);
    let size = u32::try_from(out.len() - start).unwrap_or(u32::MAX);
    out[start - 4..start].copy_from_slice(&size.to_be_bytes());
    out.push(0xce);
}

#[inline]
fn short(out: &mut Vec<u8>, text: &[u8]) {
    out.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
    out.extend_from_slice(text);
}

/// A delivery whose every part was read and checked; it borrows from the buffer.
#[derive(Default)]
pub(crate) struct Delivery<'a> {
    pub(crate) consumer_tag: &'a str,
    pub(crate) delivery_tag: u64,
    pub(crate) redelivered: bool,
    pub(crate) exchange: &'a str,
    pub(crate) routing_key: &'a str,
    /// The properties that are short strings, each at its place in the order of flags.
    pub(crate) texts: [Option<&'a str>; 14],
    pub(crate) headers: Option<&'a [u8]>,
    pub(crate) delivery_mode: Option<u8>,
    pub(crate) priority: Option<u8>,
    pub(crate) timestamp: Option<u64>,
    pub(crate) body: &'a [u8],
}

/// Reads method, header and body of a delivery.
pub(crate) fn delivery(mut input: &[u8]) -> Option<Delivery<'_>> {
    let mut method = payload(&mut input, 1)?;
    if *array::<4>(&mut method)? != [0, 60, 0, 60] {
        return None;
    }
    let mut delivery = Delivery {
        consumer_tag: text(&mut method)?,
        delivery_tag: u64::from_be_bytes(*array(&mut method)?),
        redelivered: *array::<1>(&mut method)? != [0],
        exchange: text(&mut method)?,
        routing_key: text(&mut method)?,
        ..Delivery::default()
    };
    let mut header = payload(&mut input, 2)?;
    if *array::<4>(&mut header)? != [0, 60, 0, 0] {
        return None;
    }
    let size = u64::from_be_bytes(*array(&mut header)?);
    properties(&mut header, &mut delivery)?;
    delivery.body = payload(&mut input, 3)?;
    (method.is_empty() && header.is_empty() && delivery.body.len() as u64 == size)
        .then_some(delivery)
}

fn properties<'a>(input: &mut &'a [u8], delivery: &mut Delivery<'a>) -> Option<()> {
    let flags = u16::from_be_bytes(*array(input)?);
    for (index, place) in delivery.texts.iter_mut().enumerate() {
        if flags << index & 0x8000 == 0 {
            continue;
        }
        match index {
            2 => {
                let len = u32::from_be_bytes(*array(input)?);
                delivery.headers = Some(slice(input, usize::try_from(len).ok()?)?);
            }
            3 => delivery.delivery_mode = Some(array::<1>(input)?[0]),
            4 => delivery.priority = Some(array::<1>(input)?[0]),
            9 => delivery.timestamp = Some(u64::from_be_bytes(*array(input)?)),
            _ => *place = Some(text(input)?),
        }
    }
    Some(())
}

#[inline]
fn payload<'a>(input: &mut &'a [u8], kind: u8) -> Option<&'a [u8]> {
    let [found, _, _, size @ ..] = *array::<7>(input)?;
    let payload = slice(input, usize::try_from(u32::from_be_bytes(size)).ok()?)?;
    (found == kind && *array::<1>(input)? == [0xce]).then_some(payload)
}

#[inline]
fn text<'a>(input: &mut &'a [u8]) -> Option<&'a str> {
    let [len] = *array(input)?;
    std::str::from_utf8(slice(input, len.into())?).ok()
}

#[inline]
fn slice<'a>(input: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, rest) = input.split_at_checked(len)?;
    *input = rest;
    Some(taken)
}

#[inline]
fn array<'a, const N: usize>(input: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (taken, rest) = input.split_first_chunk()?;
    *input = rest;
    Some(taken)
}
