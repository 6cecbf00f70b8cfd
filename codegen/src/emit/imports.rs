//! Which items of the runtime a module uses.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::name::ident;

/// The runtime's module of the traits, and what generated code takes from it.
const METHOD: &[&str] = &[
    "Args",
    "Call",
    "Caller",
    "ChannelMethod",
    "ConnectionCall",
    "ContentArgs",
    "Intent",
    "MethodSet",
    "NoWait",
    "OneWay",
    "PropertySet",
    "Reply",
    "SimpleMethod",
    "ToClient",
    "ToServer",
];

/// The runtime's module of the wire types, and what generated code takes from it.
const WIRE: &[&str] = &[
    "DecodeError",
    "DeliveryTag",
    "Flags",
    "LongStr",
    "MethodId",
    "NotDefault",
    "Overlong",
    "Reader",
    "ReplyCode",
    "Scope",
    "ShortStr",
    "Table",
    "Timestamp",
    "TransferBody",
    "Violation",
    "bit_octets",
    "check_length",
    "check_not_empty",
    "check_not_equal",
    "find_overlong",
    "optional_len",
    "put_bits",
    "put_optional",
];

/// What a module imports beyond the names in its code.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extra {
    /// The trait `Field`, whose functions the code calls on values.
    pub(super) field: bool,
    /// The module of the traits itself, to tell `method::Properties` from the struct.
    pub(super) method_module: bool,
    /// The trait `Spec`, which shares its name with an associated type of others.
    pub(super) spec: bool,
    /// The functions of the trait `Properties`, beside an enum of that name.
    pub(super) properties_trait: bool,
}

/// The `use` items for this code.
pub(super) fn of(runtime: &TokenStream, code: &TokenStream, extra: Extra) -> TokenStream {
    let mut used = BTreeSet::new();
    collect(code.clone(), &mut used);
    let bytes = used
        .contains("BufMut")
        .then(|| quote!(use #runtime::bytes::BufMut;));
    let mut method = pick(METHOD, &used);
    method.extend(extra.method_module.then(|| "self".to_owned()));
    method.extend(extra.spec.then(|| "Spec".to_owned()));
    method.extend(extra.properties_trait.then(|| "Properties as _".to_owned()));
    let mut wire = pick(WIRE, &used);
    wire.extend(extra.field.then(|| "Field".to_owned()));
    let (method, wire) = (list(runtime, "method", method), list(runtime, "wire", wire));
    quote! { #bytes #method #wire }
}

fn pick(names: &[&str], used: &BTreeSet<String>) -> Vec<String> {
    names
        .iter()
        .filter(|name| used.contains(**name))
        .map(|name| (*name).to_owned())
        .collect()
}

/// One `use` item, its names in the order of rustfmt.
fn list(runtime: &TokenStream, module: &str, mut names: Vec<String>) -> Option<TokenStream> {
    names.sort_by_key(|name| {
        (
            name != "self",
            name.starts_with(char::is_lowercase),
            name.clone(),
        )
    });
    let names = names.iter().map(|name| match name.strip_suffix(" as _") {
        None => ident(name).into_token_stream(),
        Some(name) => {
            let name = ident(name);
            quote!(#name as _)
        }
    });
    let (module, names) = (ident(module), names.collect::<Vec<_>>());
    (!names.is_empty()).then(|| quote!(use #runtime::#module::{#(#names),*};))
}

fn collect(code: TokenStream, used: &mut BTreeSet<String>) {
    for tree in code {
        match tree {
            TokenTree::Ident(word) => drop(used.insert(word.to_string())),
            TokenTree::Group(group) => collect(group.stream(), used),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
