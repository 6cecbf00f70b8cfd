//! Fields: domains to types, bits to runs, and which arguments are essential.

use std::collections::BTreeMap;

use super::unique;
use crate::error::{Error, Result};
use crate::model::{Check, Field, Item, Type};
use crate::name::Name;
use crate::schema::{self, Assert, Domain};

/// Names that a field must not take: functions of the generated structs and their local variables.
const TAKEN: &[&str] = &[
    "clone",
    "decode",
    "default",
    "encode",
    "encoded_len",
    "eq",
    "fmt",
    "from",
    "from_method",
    "from_set",
    "input",
    "into",
    "into_method",
    "into_set",
    "ne",
    "new",
    "no_wait",
    "out",
    "set_no_wait",
    "validate",
];

/// Arguments that are neither flags nor tables and yet rarely given, so that `new` leaves them out:
/// they have a default, or 0-8 kept them for a purpose that never came.
const RARE: &[&str] = &[
    "capabilities",
    "channel-id",
    "cluster-id",
    "consume-rate",
    "known-hosts",
    "out-of-band",
    "prefetch-size",
];

/// The most arguments that `new` takes; a method with more is built from its default by setters.
const MOST_ESSENTIAL: usize = 6;

/// Flag bits in the one word that property lists of this family need.
const MOST_PROPERTIES: usize = 15;

/// The primitive types; `content` is used by 0-9's `message.transfer` and defined nowhere.
const PRIMITIVES: &[(&str, Type)] = &[
    ("bit", Type::Bit),
    ("octet", Type::Octet),
    ("short", Type::Short),
    ("long", Type::Long),
    ("longlong", Type::LongLong),
    ("shortstr", Type::ShortStr),
    ("longstr", Type::LongStr),
    ("timestamp", Type::Timestamp),
    ("table", Type::Table),
    ("content", Type::TransferBody),
];

/// The domains of a file, and what fields of them are.
pub(crate) struct Fields<'a> {
    domains: BTreeMap<&'a Name, &'a Domain>,
}

/// The arguments of a method.
pub(crate) struct Arguments {
    pub(crate) items: Vec<Item>,
    pub(crate) no_wait: Option<String>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(spec: &'a schema::Spec) -> Result<Self> {
        unique(
            "domain",
            spec.domains.iter().map(|d| (d.name.to_string(), d.place)),
        )?;
        let domains = spec
            .domains
            .iter()
            .map(|domain| (&domain.name, domain))
            .collect();
        let fields = Self { domains };
        for domain in &spec.domains {
            fields.primitive(&domain.name, domain.place)?;
        }
        Ok(fields)
    }

    /// The properties of a class, in flag order.
    ///
    /// A reserved mark means nothing here: 0-9-1 reserves what was `cluster-id` by name alone, and
    /// brokers pass it on like any other.
    pub(crate) fn properties(&self, class: &schema::Class) -> Result<Vec<Field>> {
        if let Some(extra) = class.fields.get(MOST_PROPERTIES) {
            return Err(
                Error::meaning(extra.place, format!("the property `{}`", extra.name))
                    .expected(format!("at most {MOST_PROPERTIES} properties in a class")),
            );
        }
        let mut properties = Vec::new();
        for field in &class.fields {
            let property = self.field(field, field.name.snake(TAKEN))?;
            if property.ty == Type::Bit {
                return Err(Error::meaning(
                    field.place,
                    format!("the bit property `{}`", field.name),
                )
                .expected("a property with a value"));
            }
            properties.push(property);
        }
        let idents = properties.iter().zip(&class.fields);
        unique(
            "property",
            idents.map(|(property, at)| (property.ident.clone(), at.place)),
        )?;
        Ok(properties)
    }

    /// The arguments of a method, bits gathered into runs.
    ///
    /// A reserved one is an argument like any other, apart from being without rules and in no
    /// function: whoever passes a method on has to pass on its bytes, whatever they may mean.
    pub(crate) fn arguments(
        &self,
        class: &schema::Class,
        method: &schema::Method,
    ) -> Result<Arguments> {
        let mut items = Vec::new();
        let mut no_wait = None;
        let mut idents = Vec::new();
        for field in &method.fields {
            let asks = !field.reserved && !method.responses.is_empty() && is_no_wait(&field.name);
            let ident = if asks {
                "no_wait".to_owned()
            } else {
                field.name.snake(TAKEN)
            };
            let mut resolved = self.field(field, ident)?;
            if asks && resolved.ty == Type::Bit {
                no_wait = Some(resolved.ident.clone());
            }
            idents.push((resolved.ident.clone(), field.place));
            resolved.essential = is_essential(class, method, field, resolved.ty);
            resolved.secret = is_secret(class, field);
            if field.reserved {
                resolved.reserved = true;
                resolved.checks.clear();
            }
            push(&mut items, resolved);
        }
        unique("field", idents.into_iter())?;
        limit_essential(&mut items);
        Ok(Arguments { items, no_wait })
    }

    fn field(&self, field: &schema::Field, ident: String) -> Result<Field> {
        let primitive = self.primitive(&field.ty, field.place)?;
        let ty = newtype(&field.ty, primitive);
        let inherited = self
            .domains
            .get(&field.ty)
            .map_or(&[][..], |domain| &domain.asserts);
        let mut checks = Vec::new();
        for assert in inherited.iter().chain(&field.asserts) {
            checks.extend(check(assert, ty).filter(|check| !checks.contains(check)));
        }
        Ok(Field {
            name: field.name.to_string(),
            ident,
            ty,
            essential: false,
            reserved: false,
            secret: false,
            checks,
            prose: field.prose.clone(),
        })
    }

    /// The primitive type behind a domain; later revisions define `bit` as `bit`.
    fn primitive(&self, name: &Name, place: crate::error::Place) -> Result<Type> {
        let mut current = name;
        for _ in 0..=self.domains.len() {
            match self.domains.get(current) {
                Some(domain) if domain.ty != *current => current = &domain.ty,
                _ => break,
            }
        }
        let known = PRIMITIVES
            .iter()
            .find(|(primitive, _)| current == primitive);
        known.map(|(_, ty)| *ty).ok_or_else(|| {
            let primitives: Vec<_> = PRIMITIVES
                .iter()
                .map(|(name, _)| format!("`{name}`"))
                .collect();
            let found = if self.domains.contains_key(current) {
                format!("the domain `{name}`, which is defined by itself")
            } else {
                format!("the type `{current}`, which is defined nowhere")
            };
            Error::meaning(place, found).expected(format!(
                "a domain of this file or one of {}",
                primitives.join(", ")
            ))
        })
    }
}

/// Whether an argument carries a password or a token: the SASL responses and the secret of
/// `connection.update-secret`. No specification marks them, so their names decide.
fn is_secret(class: &schema::Class, field: &schema::Field) -> bool {
    let name = field.name.to_string();
    class.name == *"connection" && matches!(name.as_str(), "response" | "new-secret")
}

/// Numbers that would hurt if they were mixed up with others.
fn newtype(domain: &Name, primitive: Type) -> Type {
    match (domain.as_str(), primitive) {
        ("reply-code", Type::Short) => Type::ReplyCode,
        ("delivery-tag", Type::LongLong) => Type::DeliveryTag,
        _ => primitive,
    }
}

/// The rule, if it says something about a value of this type.
fn check(assert: &Assert, ty: Type) -> Option<Check> {
    let text = matches!(ty, Type::ShortStr | Type::LongStr);
    let number = matches!(
        ty,
        Type::Octet
            | Type::Short
            | Type::Long
            | Type::LongLong
            | Type::ReplyCode
            | Type::DeliveryTag
    );
    match assert {
        Assert::NotNull if text => Some(Check::NotEmpty),
        Assert::Length(most) if text => Some(Check::Length(*most)),
        Assert::NotEqual(value) if number => Some(Check::NotEqual(*value)),
        _ => None,
    }
}

/// `nowait`, `no-wait` and `no wait` are in use.
fn is_no_wait(name: &Name) -> bool {
    name.as_str().replace('-', "") == "nowait"
}

fn is_essential(
    class: &schema::Class,
    method: &schema::Method,
    field: &schema::Field,
    ty: Type,
) -> bool {
    let rare = RARE.contains(&field.name.as_str())
        || (method.name == "consume" && field.name == "consumer-tag")
        || (class.name != "access" && field.name == "ticket");
    !field.reserved && !rare && !matches!(ty, Type::Bit | Type::Table)
}

fn push(items: &mut Vec<Item>, field: Field) {
    match items.last_mut() {
        _ if field.ty != Type::Bit => items.push(Item::Field(field)),
        Some(Item::Bits(run)) => run.push(field),
        _ => items.push(Item::Bits(vec![field])),
    }
}

fn limit_essential(items: &mut [Item]) {
    let mut fields: Vec<_> = items
        .iter_mut()
        .filter_map(|item| {
            if let Item::Field(field) = item {
                Some(field)
            } else {
                None
            }
        })
        .filter(|field| field.essential)
        .collect();
    if fields.len() > MOST_ESSENTIAL {
        fields.iter_mut().for_each(|field| field.essential = false);
    }
}
