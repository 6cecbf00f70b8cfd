//! The module of a class: its id, its structs, and the enum over its methods.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::{Around, docs, methods, properties, reply, structs};
use crate::model::Class;
use crate::name::ident;

/// What a module contains behind its imports.
pub(super) fn emit(class: &Class, around: &Around) -> TokenStream {
    let index = Literal::u16_unsuffixed(class.index);
    let doc = docs::line(&format!("The id of class `{}`.", class.name));
    let any = any(class);
    let content = class
        .properties
        .as_deref()
        .map(|all| properties::emit(class, all, around));
    let methods = class.methods.iter().map(|method| {
        let item = structs::emit(class, method);
        let traits = methods::emit(class, method, around);
        let reply = reply::emit(class, method, around);
        quote! { #item #traits #reply }
    });
    quote! {
        #doc
        pub const CLASS_ID: u16 = #index;
        #(#methods)*
        #content
        #any
    }
}

/// The enum over the methods, which the one over all classes builds on.
fn any(class: &Class) -> TokenStream {
    let doc = docs::line(&format!("Any method of class `{}`.", class.name));
    let variant = ident(&class.variant);
    let names: Vec<_> = class
        .methods
        .iter()
        .map(|method| ident(&method.ident))
        .collect();
    let variant_docs = class.methods.iter().map(docs::variant);
    let (reading, asking) = (reading(&names), asking(class, &names));
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Method {
            #(#variant_docs #names(#names),)*
        }

        impl Method {
            #reading
            #asking
        }

        impl From<Method> for super::Method {
            fn from(method: Method) -> Self {
                Self::#variant(method)
            }
        }

        #(impl From<#names> for Method {
            fn from(args: #names) -> Self {
                Self::#names(args)
            }
        })*
    }
}

fn reading(names: &[Ident]) -> TokenStream {
    quote! {
        /// Reads the arguments of the method with this id.
        pub(super) fn decode(
            id: MethodId,
            input: &mut Reader<'_>,
        ) -> Result<Self, DecodeError> {
            match id {
                #(#names::ID => #names::decode(input).map(Self::#names),)*
                _ => Err(DecodeError::unknown_method(id)),
            }
        }
    }
}

fn asking(class: &Class, names: &[Ident]) -> TokenStream {
    let content: Vec<_> = class
        .methods
        .iter()
        .filter(|method| method.content)
        .map(|method| ident(&method.ident))
        .collect();
    let has_content = (!content.is_empty()).then(|| {
        quote! {
            /// Whether a content header and a body follow the method.
            pub(super) fn has_content(&self) -> bool {
                matches!(self, #(Self::#content(_))|*)
            }
        }
    });
    quote! {
        /// The name in the specification of the method with this id, if the class has it.
        pub(super) fn name_of(id: MethodId) -> Option<&'static str> {
            match id {
                #(#names::ID => Some(#names::NAME),)*
                _ => None,
            }
        }

        /// The class and method id.
        pub(super) fn id(&self) -> MethodId {
            match self {
                #(Self::#names(_) => #names::ID,)*
            }
        }

        /// The name in the specification.
        pub(super) fn name(&self) -> &'static str {
            match self {
                #(Self::#names(_) => #names::NAME,)*
            }
        }

        #has_content

        /// Bytes that the arguments take.
        pub(super) fn encoded_len(&self) -> usize {
            match self {
                #(Self::#names(args) => args.encoded_len(),)*
            }
        }

        /// Writes the arguments.
        pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
            match self {
                #(Self::#names(args) => args.encode(out),)*
            }
        }

        /// Checks the rules of the specification that the wire does not enforce.
        pub(super) fn validate(&self) -> Result<(), Violation> {
            match self {
                #(Self::#names(args) => args.validate(),)*
            }
        }
    }
}
