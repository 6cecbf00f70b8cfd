//! Bytes to a tree of elements; the only file that knows the XML library.
//!
//! The family uses a small part of XML: elements, attributes, text and comments. Document types and
//! entities of one's own are refused, so that nothing can expand and nothing is fetched.

use quick_xml::XmlVersion;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use crate::error::{Error, ErrorKind, Place, Result};

/// The largest file that is read, in bytes; the largest of the family has 0.3 MB.
const MAX_SIZE: usize = 8 << 20;

/// How deep elements may be nested; the family needs seven levels.
const MAX_DEPTH: usize = 32;

/// One element with everything inside it.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<Attr>,
    /// All text directly inside the element, pieces between children joined.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
    pub(crate) place: Place,
}

/// One attribute.
#[derive(Clone, Debug)]
pub(crate) struct Attr {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) place: Place,
}

/// Reads a whole document and gives its root.
pub(crate) fn parse(bytes: &[u8]) -> Result<Element> {
    if bytes.len() > MAX_SIZE {
        let found = format!("a file of {} bytes", bytes.len());
        return Err(Error::new(ErrorKind::Xml, found).expected(format!("at most {MAX_SIZE}")));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let source = Source::new(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let place = source.place(error.valid_up_to());
        Error::xml(place, "bytes that are not UTF-8").expected("a file in UTF-8 or ASCII")
    })?;
    Builder::new(source).run(text)
}

/// The input, to turn offsets into places.
struct Source<'a> {
    bytes: &'a [u8],
    line_starts: Vec<usize>,
}

impl<'a> Source<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let line_starts = std::iter::once(0)
            .chain(ends.map(|(at, _)| at + 1))
            .collect();
        Self { bytes, line_starts }
    }

    fn place(&self, offset: usize) -> Place {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts.get(line.saturating_sub(1)).copied();
        Place {
            line,
            column: offset - start.unwrap_or(0) + 1,
        }
    }

    /// The place of a slice of the input.
    fn place_of(&self, part: &[u8]) -> Place {
        let offset = (part.as_ptr() as usize).wrapping_sub(self.bytes.as_ptr() as usize);
        self.place(offset.min(self.bytes.len()))
    }
}

/// Elements that are open, innermost last.
struct Builder<'a> {
    source: Source<'a>,
    open: Vec<Element>,
    root: Option<Element>,
}

impl<'a> Builder<'a> {
    fn new(source: Source<'a>) -> Self {
        Self {
            source,
            open: Vec::new(),
            root: None,
        }
    }

    fn run(mut self, text: &'a str) -> Result<Element> {
        let mut reader = Reader::from_str(text);
        loop {
            let start = offset(reader.buffer_position());
            let event = reader.read_event().map_err(|error| {
                let place = self.source.place(offset(reader.error_position()));
                Error::xml(place, format!("broken XML: {error}"))
            })?;
            let place = self.source.place(start);
            match event {
                Event::Start(tag) => self.start(&tag, place)?,
                Event::Empty(tag) => {
                    self.start(&tag, place)?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Text(part) => {
                    let part = part.xml10_content().map_err(|e| broken(place, &e))?;
                    self.text(&part, place)?;
                }
                Event::CData(part) => {
                    let part = part.xml10_content().map_err(|e| broken(place, &e))?;
                    self.text(&part, place)?;
                }
                Event::GeneralRef(reference) => {
                    let part = resolve(&reference, place)?;
                    self.text(&part, place)?;
                }
                Event::DocType(_) => {
                    let hint =
                        "the file is never validated; remove the DOCTYPE or put it in a comment";
                    return Err(Error::xml(place, "a document type declaration")
                        .expected("none")
                        .hint(hint));
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => return self.finish(place),
            }
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, place: Place) -> Result<()> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Error::xml(place, "elements nested too deeply")
                .expected(format!("at most {MAX_DEPTH} levels")));
        }
        let name = utf8(tag.name().0);
        if self.open.is_empty() && self.root.is_some() {
            return Err(
                Error::xml(place, format!("`{name}` after the end of the root element"))
                    .expected("one root element"),
            );
        }
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|e| broken(place, &e))?;
            attributes.push(self.attribute(&attribute)?);
        }
        let (text, children) = (String::new(), Vec::new());
        self.open.push(Element {
            name,
            attributes,
            text,
            children,
            place,
        });
        Ok(())
    }

    fn attribute(&self, attribute: &Attribute<'_>) -> Result<Attr> {
        let place = self.source.place_of(attribute.key.0);
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|e| broken(place, &e))?.into_owned();
        Ok(Attr {
            name: utf8(attribute.key.0),
            value,
            place,
        })
    }

    fn end(&mut self) {
        let Some(element) = self.open.pop() else {
            return;
        };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn text(&mut self, part: &str, place: Place) -> Result<()> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(part),
            None if part.trim().is_empty() => {}
            None => return Err(Error::xml(place, "text outside the root element")),
        }
        Ok(())
    }

    fn finish(self, place: Place) -> Result<Element> {
        if let Some(element) = self.open.last() {
            return Err(Error::xml(place, "the end of the file").expected(format!(
                "`</{}>`, which closes line {}",
                element.name, element.place.line
            )));
        }
        self.root
            .ok_or_else(|| Error::xml(place, "no element at all").expected("`<amqp>`"))
    }
}

fn resolve(reference: &BytesRef<'_>, place: Place) -> Result<String> {
    if let Some(character) = reference
        .resolve_char_ref()
        .map_err(|e| broken(place, &e))?
    {
        return Ok(character.to_string());
    }
    let name = utf8(reference);
    let known = quick_xml::escape::resolve_predefined_entity(&name);
    known.map(str::to_owned).ok_or_else(|| {
        Error::xml(place, format!("the entity `&{name};`"))
            .expected("one of `&amp;`, `&lt;`, `&gt;`, `&apos;`, `&quot;`")
    })
}

fn broken(place: Place, error: &dyn std::fmt::Display) -> Error {
    Error::xml(place, format!("broken XML: {error}"))
}

fn utf8(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}
