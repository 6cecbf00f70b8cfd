//! What methods are answered with.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Around, docs};
use crate::model::{Class, Method, Reply};
use crate::name::ident;

/// `Reply` for a method that answers, and the enum over the answers where there are several.
pub(super) fn emit(class: &Class, method: &Method, around: &Around) -> TokenStream {
    let own = method.answers.then(|| single(method, around));
    let several = several(class, method, around);
    quote! { #own #several }
}

fn single(method: &Method, around: &Around) -> TokenStream {
    let (name, marker) = (ident(&method.ident), &around.marker);
    quote! {
        impl Reply for #name {
            type Spec = #marker;

            const IDS: &'static [MethodId] = &[Self::ID];

            fn from_method(method: super::Method) -> Result<Self, super::Method> {
                <Self as Args>::from_method(method)
            }
        }
    }
}

fn several(class: &Class, method: &Method, around: &Around) -> Option<TokenStream> {
    let Reply::OneOf {
        ident: name,
        variants,
    } = &method.reply
    else {
        return None;
    };
    let (name, class_variant, marker) = (ident(name), ident(&class.variant), &around.marker);
    let doc = docs::line(&format!("What answers [`{}`].", method.ident));
    let idents: Vec<_> = variants
        .iter()
        .map(|variant| ident(&variant.ident))
        .collect();
    let structs: Vec<_> = variants
        .iter()
        .map(|variant| ident(&variant.method))
        .collect();
    let variant_docs = variants.iter().map(|variant| {
        let answer = class
            .methods
            .iter()
            .find(|method| method.ident == variant.method);
        answer.map(docs::variant)
    });
    Some(quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum #name {
            #(#variant_docs #idents(#structs),)*
        }

        impl Reply for #name {
            type Spec = #marker;

            const IDS: &'static [MethodId] = &[#(#structs::ID),*];

            fn from_method(method: super::Method) -> Result<Self, super::Method> {
                match method {
                    #(super::Method::#class_variant(Method::#structs(args)) => Ok(Self::#idents(args)),)*
                    other => Err(other),
                }
            }
        }
    })
}
