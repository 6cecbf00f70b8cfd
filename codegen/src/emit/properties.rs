//! The property list of a content class.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{Around, docs, types};
use crate::model::{Class, Field};
use crate::name::ident;

/// The struct, its setters and its codec.
pub(super) fn emit(class: &Class, all: &[Field], around: &Around) -> TokenStream {
    let docs = docs::properties(class, all);
    let item = item(all);
    let (new, made) = if all.is_empty() {
        ("Nothing: the class has no properties.", quote!(Self))
    } else {
        ("No property at all.", quote!(Self::default()))
    };
    let new = docs::line(new);
    let setters = all.iter().map(setter);
    let flags = (!all.is_empty()).then(|| flags(all));
    let debug = debug(all);
    let derived = match debug {
        Some(_) => quote!(Clone, Default, PartialEq, Eq),
        None => quote!(Clone, Debug, Default, PartialEq, Eq),
    };
    let codec = if all.is_empty() {
        empty_codec()
    } else {
        codec(all)
    };
    let (variant, marker) = (ident(&class.variant), &around.marker);
    let rest = (!around.only_properties).then(|| quote!(other => Err(other),));
    quote! {
        #docs
        #[derive(#derived)]
        #[non_exhaustive]
        pub struct Properties #item

        impl Properties {
            #new
            #[must_use]
            pub fn new() -> Self {
                #made
            }
            #(#setters)*
            #flags
        }

        #debug

        impl method::Properties for Properties {
            type Spec = #marker;

            const CLASS: u16 = CLASS_ID;

            #codec

            fn into_set(self) -> super::Properties {
                super::Properties::#variant(self)
            }

            fn from_set(properties: super::Properties) -> Result<Self, super::Properties> {
                match properties {
                    super::Properties::#variant(properties) => Ok(properties),
                    #rest
                }
            }
        }

        impl From<Properties> for super::Properties {
            fn from(properties: Properties) -> Self {
                Self::#variant(properties)
            }
        }
    }
}

fn item(all: &[Field]) -> TokenStream {
    let fields: Vec<_> = all
        .iter()
        .map(|field| {
            let (docs, name, ty) = (
                docs::field(field),
                ident(&field.ident),
                types::rust(field.ty),
            );
            quote! { #docs pub #name: Option<#ty>, }
        })
        .collect();
    if fields.is_empty() {
        quote!(;)
    } else {
        quote!({ #(#fields)* })
    }
}

/// Shows the properties that are there.
fn debug(all: &[Field]) -> Option<TokenStream> {
    let shown = all.iter().map(|field| {
        let (name, text) = (ident(&field.ident), &field.ident);
        quote!(.optional(#text, &self.#name))
    });
    let shown: Vec<_> = shown.collect();
    (!shown.is_empty()).then(|| super::structs::debug_impl(&ident("Properties"), &shown))
}

fn setter(field: &Field) -> TokenStream {
    let (doc, name) = (docs::setter(field), ident(&field.ident));
    let (ty, value) = (
        types::parameter(field.ty),
        types::conversion(field.ty, &name),
    );
    quote! {
        #doc
        #[must_use]
        pub fn #name(mut self, #name: #ty) -> Self {
            self.#name = Some(#value);
            self
        }
    }
}

fn flags(all: &[Field]) -> TokenStream {
    let sets = all.iter().zip(0u8..).map(|(field, index)| {
        let (name, index) = (ident(&field.ident), Literal::u8_unsuffixed(index));
        quote!(.set(#index, self.#name.is_some()))
    });
    quote! {
        #[inline]
        fn flags(&self) -> Flags {
            Flags::none() #(#sets)*
        }
    }
}

fn codec(all: &[Field]) -> TokenStream {
    let overlong = super::methods::overlong(all.iter());
    let names: Vec<_> = all.iter().map(|field| ident(&field.ident)).collect();
    let indexes = (0u8..).take(all.len()).map(Literal::u8_unsuffixed);
    quote! {
        #[inline]
        fn encoded_len(&self) -> usize {
            let flags = self.flags();
            if flags == Flags::none() {
                return flags.encoded_len();
            }
            flags.encoded_len() #(+ optional_len(&self.#names))*
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            let flags = self.flags();
            flags.encode(out);
            if flags == Flags::none() {
                return;
            }
            #(put_optional(&self.#names, out);)*
        }

        #overlong

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            let flags = input.flags()?;
            if flags == Flags::none() {
                return Ok(Self::default());
            }
            Ok(Self { #(#names: input.optional(flags, #indexes)?,)* })
        }
    }
}

/// RabbitMQ sends such a list without even the flags; the specification wants them.
fn empty_codec() -> TokenStream {
    quote! {
        #[inline]
        fn encoded_len(&self) -> usize {
            Flags::none().encoded_len()
        }

        #[inline]
        fn encode<B: BufMut>(&self, out: &mut B) {
            Flags::none().encode(out);
        }

        #[inline]
        fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            if !input.is_empty() {
                input.flags()?;
            }
            Ok(Self)
        }
    }
}
