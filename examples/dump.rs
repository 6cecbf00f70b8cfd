//! Shows frames in words: hexadecimal on standard input, one frame a line.
//!
//! ```text
//! echo 08000000000000ce | cargo run --example dump -- --protocol 0-9-1
//! ```
//!
//! Prints for each frame `channel<TAB>name and fields<TAB>the frame as pika writes it`. A protocol
//! header belongs to no channel; its channel is `-`. A method that the version does not have, as of
//! an extension, is shown by its number and the bytes of its arguments. A bad frame gives one line on
//! standard error that names the line (from 1) and the byte of the frame (from 0), and the exit
//! status 1 at the end.
//!
//! A version is understood if it is compiled in: `--features amqp0-8` adds the one that is not
//! there by default.

use std::env;
use std::fmt::{self, Debug};
use std::io::{self, BufRead, BufWriter, Write};
use std::process::ExitCode;

use pika::bytes::{Bytes, BytesMut};
use pika::frame::{self, Decoder, Frame, FrameError, Frames, Limits, Payload};
use pika::method::{MethodSet, PropertySet, Spec, decode_method};
use pika::wire::{ChannelId, DecodeError, DecodeErrorKind, MethodId};

const VERSIONS: [&str; 2] = ["0-8", "0-9-1"];

const USAGE: &str = "usage: dump --protocol 0-8|0-9-1 < FRAMES";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let dump = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--protocol", version] => find(version),
        _ => Err(USAGE.to_owned()),
    };
    let all_good = dump.and_then(|dump| dump().map_err(|error| error.to_string()));
    match all_good {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// The work, in the version of that name.
fn find(version: &str) -> Result<fn() -> io::Result<bool>, String> {
    match version {
        #[cfg(feature = "amqp0-8")]
        "0-8" => Ok(dump::<pika::v0_8::V0_8>),
        #[cfg(feature = "amqp0-9-1")]
        "0-9-1" => Ok(dump::<pika::v0_9_1::V0_9_1>),
        _ if VERSIONS.contains(&version) => Err(format!(
            "AMQP {version} is not compiled in; build with --features amqp{version}"
        )),
        _ => Err(USAGE.to_owned()),
    }
}

/// Goes through standard input; whether every frame was good.
fn dump<S: Spec>() -> io::Result<bool> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut all_good = true;
    for (index, line) in io::stdin().lock().lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        match translate::<S>(line.trim()) {
            Ok(text) => writeln!(out, "{text}")?,
            Err(problem) => {
                // In order, should both streams go to the same place.
                out.flush()?;
                eprintln!("line {}, {problem}", index + 1);
                all_good = false;
            }
        }
    }
    out.flush()?;
    Ok(all_good)
}

/// One line of hexadecimal to one line of words. The tests of the wire call it too.
pub(crate) fn translate<S: Spec>(line: &str) -> Result<String, Problem> {
    let mut buffer = from_hex(line)?;
    let given = buffer.len();
    let mut decoder = Decoder::new();
    decoder.set_limits(Limits {
        body: u32::MAX,
        other: u32::MAX,
    });
    let chunk = decoder.split_one(&mut buffer)?;
    if chunk.is_empty() {
        let missing = decoder.missing(&buffer);
        let what = format!("expected at least {missing} more bytes of the frame, found none");
        return Err(Problem::new(given, what));
    }
    let Some(frame) = Frames::new(&chunk).next().transpose()? else {
        return Err(Problem::new(0, "expected a frame".to_owned()));
    };
    if !buffer.is_empty() {
        let what = format!("expected one frame, found {} more bytes", buffer.len());
        return Err(Problem::new(chunk.len(), what));
    }
    describe::<S>(&frame, &chunk)
}

/// The three columns of a frame, which fills `chunk`.
fn describe<S: Spec>(frame: &Frame<'_>, chunk: &Bytes) -> Result<String, Problem> {
    let mut out = BytesMut::new();
    let (channel, text) = match *frame {
        Frame::ProtocolHeader(header) => {
            out.extend_from_slice(&header.to_bytes());
            return Ok(format!("-\tprotocol-header {header}\t{}", Hex(&out)));
        }
        Frame::Heartbeat => {
            frame::put_heartbeat(&mut out);
            (ChannelId::CONNECTION, "heartbeat".to_owned())
        }
        Frame::Method { channel, payload } => {
            (channel, describe_method::<S>(channel, payload, &mut out)?)
        }
        Frame::Header { channel, header } => {
            let behind = chunk.len() - 1 - header.properties.as_bytes().len();
            let mut input = header.properties.reader().strict();
            let properties = S::Properties::decode(header.class, &mut input)
                .and_then(|properties| input.finish().map(|()| properties))
                .map_err(|error| Problem::in_properties(&error, behind))?;
            frame::put_any_header(&mut out, channel, header.body_size, &properties);
            let (class, fields) = parts(&properties);
            let size = header.body_size;
            (channel, format!("{class} header body-size {size}{fields}"))
        }
        Frame::Body { channel, payload } => {
            let body = payload.as_bytes();
            frame::put_body(&mut out, channel, body);
            (channel, format!("body \"{}\"", body.escape_ascii()))
        }
    };
    Ok(format!("{channel}\t{text}\t{}", Hex(&out)))
}

/// A method in words, and its frame written to `out`.
fn describe_method<S: Spec>(
    channel: ChannelId,
    payload: Payload<'_>,
    out: &mut BytesMut,
) -> Result<String, Problem> {
    let error = match decode_method::<S>(&mut payload.reader().strict()) {
        Ok(method) => {
            frame::put_any_method(out, channel, &method);
            let (_, fields) = parts(&method);
            return Ok(format!("{}{fields}", method.name()));
        }
        Err(error) => error,
    };
    let (DecodeErrorKind::UnknownMethod, Some(id)) = (error.kind(), error.method()) else {
        return Err(Problem::in_arguments(&error));
    };
    let arguments = payload.as_bytes().get(size_of::<MethodId>()..);
    let arguments = arguments.unwrap_or_default();
    frame::put_raw_method(out, channel, id, arguments);
    Ok(format!("method {id} \"{}\"", arguments.escape_ascii()))
}

/// The class and the fields of any method or property list.
///
/// Their `Debug` is `Class(Name(Name { field: value }))`, or without the braces where there are
/// no fields.
fn parts(value: &impl Debug) -> (String, String) {
    let text = format!("{value:?}");
    let class = text.split('(').next().unwrap_or_default().to_lowercase();
    let fields = match (text.find('{'), text.rfind('}')) {
        (Some(from), Some(to)) => format!(" {}", &text[from..=to]),
        _ => String::new(),
    };
    (class, fields)
}

/// What is wrong with a line, and at which byte of it.
pub(crate) struct Problem {
    byte: usize,
    what: String,
}

impl Problem {
    const fn new(byte: usize, what: String) -> Self {
        Self { byte, what }
    }

    fn in_arguments(error: &DecodeError) -> Self {
        let what = match error.method() {
            Some(id) => format!("method {id}: {}", error.kind()),
            None => error.kind().to_string(),
        };
        let arguments = frame::HEAD_LEN + size_of::<MethodId>();
        Self::new(arguments + error.offset(), what)
    }

    /// For properties that stand `behind` so many bytes of the frame.
    fn in_properties(error: &DecodeError, behind: usize) -> Self {
        Self::new(
            behind + error.offset(),
            format!("properties: {}", error.kind()),
        )
    }
}

impl From<FrameError> for Problem {
    fn from(error: FrameError) -> Self {
        Self::new(error.offset(), error.kind().to_string())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.byte, self.what)
    }
}

fn from_hex(line: &str) -> Result<BytesMut, Problem> {
    let mut bytes = BytesMut::with_capacity(line.len() / 2);
    for pair in line.as_bytes().chunks(2) {
        let byte = std::str::from_utf8(pair)
            .ok()
            .filter(|pair| pair.len() == 2 && pair.bytes().all(|c| c.is_ascii_hexdigit()))
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let Some(byte) = byte else {
            let found = pair.escape_ascii();
            let what = format!("expected two hexadecimal digits, found `{found}`");
            return Err(Problem::new(bytes.len(), what));
        };
        bytes.extend_from_slice(&[byte]);
    }
    Ok(bytes)
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
