//! The struct of a method: fields, `new`, and a setter for each field that is not reserved.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{docs, types};
use crate::model::{Class, Field, Method};
use crate::name::ident;

/// The struct and its own functions.
pub(super) fn emit(class: &Class, method: &Method) -> TokenStream {
    let name = ident(&method.ident);
    let docs = docs::method(class, method);
    let body = body(method);
    let new = new(method);
    let debug = debug(&name, method);
    let derived = match debug {
        Some(_) => quote!(Clone, Default, PartialEq, Eq),
        None => quote!(Clone, Debug, Default, PartialEq, Eq),
    };
    let setters = method
        .fields()
        .filter(|field| !field.reserved)
        .filter(|field| method.no_wait.as_deref() != Some(field.ident.as_str()))
        .map(setter);
    quote! {
        #docs
        #[derive(#derived)]
        #[non_exhaustive]
        pub struct #name #body

        impl #name {
            #new
            #(#setters)*
        }

        #debug
    }
}

/// Shows what `new` takes, and of the rest what is not as it is by default.
fn debug(name: &Ident, method: &Method) -> Option<TokenStream> {
    let shown = method.fields().map(|field| {
        let (name, text) = (ident(&field.ident), &field.ident);
        match field.essential {
            _ if field.secret => quote!(.secret(#text)),
            true => quote!(.given(#text, &self.#name)),
            false => quote!(.field(#text, &self.#name)),
        }
    });
    let shown: Vec<_> = shown.collect();
    (!shown.is_empty()).then(|| self::debug_impl(name, &shown))
}

/// The `Debug` of a struct whose fields are shown so.
pub(super) fn debug_impl(name: &Ident, shown: &[TokenStream]) -> TokenStream {
    let text = name.to_string();
    quote! {
        impl core::fmt::Debug for #name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                NotDefault::new(f, #text) #(#shown)* .finish()
            }
        }
    }
}

fn body(method: &Method) -> TokenStream {
    let fields: Vec<_> = method
        .fields()
        .map(|field| {
            let (docs, name, ty) = (
                docs::field(field),
                ident(&field.ident),
                types::rust(field.ty),
            );
            quote! { #docs pub #name: #ty, }
        })
        .collect();
    if fields.is_empty() {
        quote!(;)
    } else {
        quote!({ #(#fields)* })
    }
}

fn new(method: &Method) -> TokenStream {
    let doc = docs::new(method);
    let all = method.fields().count();
    let essential: Vec<_> = method.fields().filter(|field| field.essential).collect();
    let parameters = essential.iter().map(|field| {
        let (name, ty) = (ident(&field.ident), types::parameter(field.ty));
        quote!(#name: #ty)
    });
    let values = essential.iter().map(|field| value(field));
    let made = match essential.len() {
        _ if all == 0 => quote!(Self),
        0 => quote!(Self::default()),
        some if some == all => quote!(Self { #(#values,)* }),
        _ => quote!(Self { #(#values,)* ..Self::default() }),
    };
    quote! {
        #doc
        #[must_use]
        pub fn new(#(#parameters),*) -> Self {
            #made
        }
    }
}

fn value(field: &Field) -> TokenStream {
    let name = ident(&field.ident);
    let value = types::conversion(field.ty, &name);
    if value.to_string() == field.ident {
        quote!(#name)
    } else {
        quote!(#name: #value)
    }
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
            self.#name = #value;
            self
        }
    }
}
