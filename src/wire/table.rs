use core::fmt;
use core::hash::{Hash, Hasher};

use bytes::{BufMut, Bytes, BytesMut};

use super::long::{put_len, take_len};
use super::{DecodeError, Field, Reader, ShortStr, Value};

/// Named values: arguments of declarations, headers of messages, properties of peers.
///
/// A table *is* its wire bytes: order, duplicate names and values with unknown tags survive being
/// received and sent on. Reading walks them when asked and takes what is long as slices; building
/// appends to them. Two tables are equal when their bytes are.
///
/// ```
/// use pika::table;
/// use pika::wire::Table;
///
/// let arguments = table! { "x-max-length" => 1000, "x-overflow" => "reject-publish" };
/// assert_eq!(arguments.get("x-max-length").and_then(|v| v.as_i64()), Some(1000));
///
/// let mut headers = Table::new();
/// headers.insert("attempt", 3u8);
/// for field in &headers {
///     let (name, value) = field?;
///     println!("{name}: {value:?}");
/// }
/// # Ok::<_, pika::wire::DecodeError>(())
/// ```
///
/// A received table is not read until it is asked for, so it can turn out to be malformed. Then
/// [`get`](Self::get) finds what stands before the mistake, [`iter`](Self::iter) ends with the
/// error, and [`validate`](Self::validate) reports it without a search.
#[derive(Clone, Default)]
pub struct Table {
    bytes: Bytes,
    /// Tables around this one. It bounds the recursion of whoever walks a received table.
    depth: u8,
}

impl Table {
    /// A table without fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bytes: Bytes::new(),
            depth: 0,
        }
    }

    /// A table from its wire bytes, without the length in front.
    ///
    /// The bytes are not looked at; see [`validate`](Self::validate).
    #[must_use]
    pub const fn from_wire(bytes: Bytes) -> Self {
        Self { bytes, depth: 0 }
    }

    /// The wire bytes, without the length in front.
    #[must_use]
    pub const fn as_wire(&self) -> &Bytes {
        &self.bytes
    }

    /// Appends a field. A field of the same name that is there already stays and is found first.
    ///
    /// The name is any string of at most 255 bytes: a literal, or a [`ShortStr`].
    pub fn insert(&mut self, name: impl Into<ShortStr>, value: impl Into<Value>) {
        self.push(&name.into(), &value.into());
    }

    /// The same table with a field appended.
    #[must_use]
    pub fn with(mut self, name: impl Into<ShortStr>, value: impl Into<Value>) -> Self {
        self.insert(name, value);
        self
    }

    /// The value of the first field of that name, if it stands before any malformed place.
    #[must_use]
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<Value> {
        let name = name.as_ref();
        self.iter()
            .map_while(Result::ok)
            .find(|(found, _)| found.as_bytes() == name)
            .map(second)
    }

    /// Walks the fields in their order.
    ///
    /// A malformed field yields the error and ends the walk.
    #[must_use]
    pub fn iter(&self) -> Fields<'_> {
        Fields {
            input: Reader::new(&self.bytes),
            depth: self.depth,
        }
    }

    /// Whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Reads everything, nested tables too.
    ///
    /// # Errors
    /// The first malformed place, with its offset from the start of this table's
    /// [`wire bytes`](Self::as_wire).
    pub fn validate(&self) -> Result<(), DecodeError> {
        let mut fields = self.iter();
        while let Some(field) = fields.next() {
            let (_, value) = field?;
            value.validate(fields.input.offset())?;
        }
        Ok(())
    }

    pub(super) fn take_at(input: &mut Reader<'_>, depth: u8) -> Result<Self, DecodeError> {
        let len = take_len(input)?;
        Ok(Self {
            bytes: input.shared(len)?,
            depth,
        })
    }

    /// As [`validate`](Self::validate), for a table that ends at `end` of the piece it is in.
    pub(super) fn validate_before(&self, end: usize) -> Result<(), DecodeError> {
        self.validate()
            .map_err(|error| error.behind(end - self.bytes.len()))
    }

    fn push(&mut self, name: &ShortStr, value: &Value) {
        append(
            &mut self.bytes,
            name.encoded_len() + value.encoded_len(),
            |out| {
                name.put(out);
                value.put(out);
            },
        );
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

fn second((_, value): (ShortStr, Value)) -> Value {
    value
}

impl Field for Table {
    #[inline]
    fn encoded_len(&self) -> usize {
        4 + self.bytes.len()
    }

    #[inline]
    fn put<B: BufMut>(&self, out: &mut B) {
        put_len(self.bytes.len(), out);
        out.put_slice(&self.bytes);
    }

    #[inline]
    fn take(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let table = Self::take_at(input, 0)?;
        if input.is_strict() {
            table.validate_before(input.offset())?;
        }
        Ok(table)
    }
}

impl<K: Into<ShortStr>, V: Into<Value>> Extend<(K, V)> for Table {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, fields: I) {
        for (name, value) in fields {
            self.insert(name, value);
        }
    }
}

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
    type Item = Result<(ShortStr, Value), DecodeError>;
    type IntoIter = Fields<'a>;

    fn into_iter(self) -> Fields<'a> {
        self.iter()
    }
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
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
        for field in self {
            match field {
                Ok((name, value)) => map.entry(&name, &value),
                Err(error) => map.entry(&"malformed", &format_args!("{error}")),
            };
        }
        map.finish()
    }
}

/// The fields of a [`Table`], read one by one.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    input: Reader<'a>,
    depth: u8,
}

impl Fields<'_> {
    fn read(&mut self) -> Result<(ShortStr, Value), DecodeError> {
        Ok((self.input.get()?, Value::take(&mut self.input, self.depth)?))
    }
}

impl Iterator for Fields<'_> {
    type Item = Result<(ShortStr, Value), DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.input.is_empty() {
            return None;
        }
        let field = self.read();
        if field.is_err() {
            self.input.end();
        }
        Some(field)
    }
}

impl core::iter::FusedIterator for Fields<'_> {}

/// Builds a [`Table`] from names and values of any types that convert.
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
        $(table.insert($name, $value);)*
        table
    }};
}
