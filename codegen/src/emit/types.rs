//! Wire types as Rust types.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::model::Type;

/// The type of a field.
pub(super) fn rust(ty: Type) -> TokenStream {
    match ty {
        Type::Bit => quote!(bool),
        Type::Octet => quote!(u8),
        Type::Short => quote!(u16),
        Type::Long => quote!(u32),
        Type::LongLong => quote!(u64),
        Type::ShortStr => quote!(ShortStr),
        Type::LongStr => quote!(LongStr),
        Type::Table => quote!(Table),
        Type::Timestamp => quote!(Timestamp),
        Type::ReplyCode => quote!(ReplyCode),
        Type::DeliveryTag => quote!(DeliveryTag),
        Type::TransferBody => quote!(TransferBody),
    }
}

/// The type of a parameter that is to become a field: whatever converts, or the plain number.
pub(super) fn parameter(ty: Type) -> TokenStream {
    let rust = rust(ty);
    if is_plain(ty) {
        rust
    } else {
        quote!(impl Into<#rust>)
    }
}

/// The parameter as the field.
pub(super) fn conversion(ty: Type, parameter: &Ident) -> TokenStream {
    if is_plain(ty) {
        quote!(#parameter)
    } else {
        quote!(#parameter.into())
    }
}

/// The type in words.
pub(super) fn words(ty: Type) -> &'static str {
    match ty {
        Type::Bit => "a flag",
        Type::Octet => "a number of one octet",
        Type::Short => "a number of two octets",
        Type::Long => "a number of four octets",
        Type::LongLong => "a number of eight octets",
        Type::ShortStr => "a string of at most 255 bytes",
        Type::LongStr => "a string",
        Type::Table => "a table",
        Type::Timestamp => "a time in seconds since 1970",
        Type::ReplyCode => "a reply code",
        Type::DeliveryTag => "a delivery tag",
        Type::TransferBody => "a body, or a reference to one",
    }
}

fn is_plain(ty: Type) -> bool {
    matches!(
        ty,
        Type::Bit | Type::Octet | Type::Short | Type::Long | Type::LongLong
    )
}
