use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};

use bytes::{BufMut, Bytes, BytesMut};

use super::{Value, ValueRef};
use crate::wire::long::{put_len, take_len};
use crate::wire::short::CheckOverlong;
use crate::wire::{DecodeError, Field, Reader, ShortStr, UNSENDABLE};

/// Named values: arguments of declarations, headers of messages, properties of peers.
///
/// A table *is* its wire bytes: order, duplicate names and values with unknown tags survive being
/// received and sent on. Reading walks them when asked and takes what is long as slices; building
/// appends to them. Two tables are equal (`==`) when their bytes are; whether they mean the same is what
/// [`has_same_fields`](Self::has_same_fields) says. A broker may sort the fields of a message, or send an
/// integer in another width, as RabbitMQ 4 does.
///
/// ```
/// use pika::table;
/// use pika::wire::Table;
///
/// let arguments = table! { "x-max-length" => 1000, "x-overflow" => "reject-publish" };
/// assert_eq!(arguments.get("x-max-length").and_then(|value| value.as_i64()), Some(1000));
///
/// let mut headers = Table::new();
/// headers.insert("attempt", 3u8);
/// for (name, value) in &headers {
///     println!("{name}: {value:?}");
/// }
/// ```
///
/// A received table is not read until it is asked for, so it can turn out to be malformed. Then
/// [`get`](Self::get) and [`iter`](Self::iter) see what stands before the mistake,
/// [`try_iter`](Self::try_iter) ends with the error, and [`validate`](Self::validate) reports it
/// without a search.
///
/// A name of more than 255 bytes cannot be sent. A table that was to hold one is refused with
/// [`Misuse::NameTooLong`](https://docs.rs/pika-amqp/latest/pika/error/enum.Misuse.html) when it is
/// sent, and so is a table or an array around it.
#[derive(Clone, Default)]
pub struct Table {
    bytes: Bytes,
    /// Tables around this one. It bounds the recursion of whoever walks a received table.
    depth: u8,
    /// The length of the first name in it, or in what it holds, that is too long; else 0.
    overlong: u32,
}

impl Table {
    /// A table without fields.
    #[must_use]
    pub const fn new() -> Self {
        Self::from_wire(Bytes::new())
    }

    /// A table from its wire bytes, without the length in front.
    ///
    /// The bytes are not looked at; see [`validate`](Self::validate).
    #[must_use]
    pub const fn from_wire(bytes: Bytes) -> Self {
        Self {
            bytes,
            depth: 0,
            overlong: 0,
        }
    }

    /// The wire bytes, without the length in front.
    #[must_use]
    pub const fn as_wire(&self) -> &Bytes {
        &self.bytes
    }

    /// Sets the field of that name: appends it, and removes others of the same name.
    pub fn insert(&mut self, name: impl Into<ShortStr>, value: impl Into<Value>) {
        let name = name.into();
        self.remove(&name);
        self.append(name, value);
    }

    /// Appends a field. A field of the same name that is there already stays and is found first.
    ///
    /// Duplicate names are legal on the wire. RabbitMQ keeps them in headers.
    pub fn append(&mut self, name: impl Into<ShortStr>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        let overlong = name.overlong_len().or_else(|| value.overlong_name());
        if let Some(len) = overlong {
            if self.overlong == 0 {
                self.overlong = u32::try_from(len).unwrap_or(u32::MAX);
            }
            return;
        }
        let len = name.encoded_len() + value.encoded_len();
        append(&mut self.bytes, len, |out| {
            name.encode(out);
            value.encode(out);
        });
    }

    /// Removes all fields of that name, and returns the value of the first.
    ///
    /// A malformed field ends the search; it and what follows stay.
    pub fn remove(&mut self, name: impl AsRef<[u8]>) -> Option<Value> {
        let name = name.as_ref();
        let first = self.get(name)?.to_value();
        let mut kept = BytesMut::with_capacity(self.bytes.len());
        let mut fields = self.iter();
        loop {
            let before = fields.input.rest();
            let Some((found, _)) = fields.next() else {
                kept.extend_from_slice(before);
                break;
            };
            if found.as_bytes() != name {
                let len = before.len() - fields.input.rest().len();
                kept.extend_from_slice(before.get(..len).unwrap_or_default());
            }
        }
        self.bytes = kept.freeze();
        Some(first)
    }

    /// The same table with the field [set](Self::insert).
    #[must_use]
    pub fn with(mut self, name: impl Into<ShortStr>, value: impl Into<Value>) -> Self {
        self.insert(name, value);
        self
    }

    /// The value of the first field of that name, if it stands before any malformed place.
    #[must_use]
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<ValueRef<'_>> {
        let name = name.as_ref();
        let mut fields = self.iter();
        fields.find_map(|(found, value)| (found.as_bytes() == name).then_some(value))
    }

    /// Whether there is a field of that name.
    #[must_use]
    pub fn contains(&self, name: impl AsRef<[u8]>) -> bool {
        self.get(name).is_some()
    }

    /// The fields in their order, as names and values. A malformed field ends the walk; where that
    /// matters, use [`try_iter`](Self::try_iter).
    #[must_use]
    pub fn iter(&self) -> Fields<'_> {
        Fields {
            input: Reader::new(&self.bytes),
            depth: self.depth,
        }
    }

    /// The fields in their order. A malformed field yields the error and ends the walk.
    #[must_use]
    pub fn try_iter(&self) -> TryFields<'_> {
        TryFields(self.iter())
    }

    /// How many fields there are before any malformed place. This walks them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether both tables have the same fields, in whatever order, as often each.
    ///
    /// Integers are the same in every width, nested tables by this rule, and arrays value by value;
    /// everything else when it is equal.
    #[must_use]
    pub fn has_same_fields(&self, other: &Self) -> bool {
        let mut left: Vec<_> = other.iter().collect();
        for (name, value) in self {
            let found =
                |(other, it): &(ShortStr, ValueRef<'_>)| *other == name && it.is_same(value);
            match left.iter().position(found) {
                Some(at) => _ = left.swap_remove(at),
                None => return false,
            }
        }
        left.is_empty()
    }

    /// Reads everything, nested tables too.
    ///
    /// # Errors
    /// The first malformed place, with its offset from the start of this table's
    /// [`wire bytes`](Self::as_wire).
    pub fn validate(&self) -> Result<(), DecodeError> {
        let mut fields = self.iter();
        while let Some(field) = fields.read() {
            let (_, value) = field?;
            value.to_value().validate(fields.input.offset())?;
        }
        Ok(())
    }

    /// The length of a name in it that is too long to be sent.
    pub(super) fn overlong_name(&self) -> Option<usize> {
        (self.overlong > 0).then_some(self.overlong as usize)
    }

    pub(super) fn take_at(input: &mut Reader<'_>, depth: u8) -> Result<Self, DecodeError> {
        let len = take_len(input)?;
        Ok(Self {
            bytes: input.shared(len)?,
            depth,
            overlong: 0,
        })
    }

    /// As [`validate`](Self::validate), for a table that ends at `end` of the piece it is in.
    pub(super) fn validate_before(&self, end: usize) -> Result<(), DecodeError> {
        self.validate()
            .map_err(|error| error.behind(end - self.bytes.len()))
    }
}

/// Appends to `bytes`, in place where nobody else holds them.
pub(super) fn append(bytes: &mut Bytes, len: usize, write: impl FnOnce(&mut BytesMut)) {
    let mut out = match core::mem::take(bytes).try_into_mut() {
        Ok(out) => out,
        Err(shared) => {
            let mut copy = BytesMut::with_capacity(shared.len() + len);
            copy.extend_from_slice(&shared);
            copy
        }
    };
    out.reserve(len);
    write(&mut out);
    *bytes = out.freeze();
}

impl Field for Table {
    #[inline]
    fn encoded_len(&self) -> usize {
        match self.overlong {
            0 => 4 + self.bytes.len(),
            _ => UNSENDABLE,
        }
    }

    #[inline]
    fn encode<B: BufMut>(&self, out: &mut B) {
        put_len(self.bytes.len(), out);
        out.put_slice(&self.bytes);
    }

    #[inline]
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let table = Self::take_at(input, 0)?;
        if input.is_strict() {
            table.validate_before(input.offset())?;
        }
        Ok(table)
    }
}

impl CheckOverlong for Table {
    fn overlong_len(&self) -> Option<usize> {
        self.overlong_name()
    }
}

/// Appends each field, as [`append`](Table::append) does: a name that is there already comes twice.
impl<K: Into<ShortStr>, V: Into<Value>> Extend<(K, V)> for Table {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, fields: I) {
        for (name, value) in fields {
            self.append(name, value);
        }
    }
}

/// Appends each field, as [`append`](Table::append) does.
impl<K: Into<ShortStr>, V: Into<Value>> FromIterator<(K, V)> for Table {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(fields: I) -> Self {
        let mut table = Self::new();
        table.extend(fields);
        table
    }
}

impl<K: Into<ShortStr>, V: Into<Value>, const N: usize> From<[(K, V); N]> for Table {
    fn from(fields: [(K, V); N]) -> Self {
        fields.into_iter().collect()
    }
}

impl<'a> IntoIterator for &'a Table {
    type Item = (ShortStr, ValueRef<'a>);
    type IntoIter = Fields<'a>;

    fn into_iter(self) -> Fields<'a> {
        self.iter()
    }
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes && self.overlong == other.overlong
    }
}

impl Eq for Table {}

impl Hash for Table {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for field in self.try_iter() {
            match field {
                Ok((name, value)) => map.entry(&name, &value),
                Err(error) => map.entry(&"malformed", &format_args!("{error}")),
            };
        }
        if let Some(len) = self.overlong_name() {
            map.entry(&"unsendable", &format_args!("a name of {len} bytes"));
        }
        map.finish()
    }
}

/// The fields of a [`Table`] before any malformed place, see [`Table::iter`].
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    input: Reader<'a>,
    depth: u8,
}

impl<'a> Fields<'a> {
    fn read(&mut self) -> Option<Result<(ShortStr, ValueRef<'a>), DecodeError>> {
        if self.input.is_empty() {
            return None;
        }
        let before = self.input.clone();
        let name = self.input.get();
        let field = name.and_then(|name| Ok((name, ValueRef::find(&mut self.input, self.depth)?)));
        if field.is_err() {
            self.input = before;
        }
        Some(field)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (ShortStr, ValueRef<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.read()?.ok()
    }
}

impl core::iter::FusedIterator for Fields<'_> {}

/// The fields of a [`Table`], and the error that ends them, see [`Table::try_iter`].
#[derive(Clone, Debug)]
pub struct TryFields<'a>(Fields<'a>);

impl<'a> Iterator for TryFields<'a> {
    type Item = Result<(ShortStr, ValueRef<'a>), DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let field = self.0.read()?;
        if field.is_err() {
            self.0.input.end();
        }
        Some(field)
    }
}

impl core::iter::FusedIterator for TryFields<'_> {}

/// Builds a [`Table`] from names and values of any types that convert. Each field is appended: a name
/// that is written twice comes twice.
///
/// ```
/// let headers = pika::table! {
///     "x-trace" => "4bf92f35",
///     "x-attempt" => 3,
///     "x-origin" => pika::table! { "host" => "a.example", "port" => 5672u16 },
/// };
/// assert_eq!(headers.iter().count(), 3);
/// ```
#[macro_export]
macro_rules! table {
    ($($name:expr => $value:expr),* $(,)?) => {{
        #[allow(unused_mut, reason = "an empty table is not changed")]
        let mut table = $crate::wire::Table::new();
        $(table.append($name, $value);)*
        table
    }};
}
