//! The items of a version: its marker, the enums over all classes, and the functions on channels.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs;
use crate::model::{Class, Method, Model, Reply};
use crate::name::ident;

/// Everything outside the modules.
pub(super) fn emit(model: &Model, inherent: Option<&str>) -> TokenStream {
    let spec = spec(model);
    let methods = any_method(model);
    let content: Vec<_> = model
        .classes
        .iter()
        .filter(|class| class.properties.is_some())
        .collect();
    let properties = any_properties(model, &content);
    let calls = calls(model);
    let inherent = inherent.map(|name| inherent_macro(model, name));
    quote! { #spec #methods #properties #calls #inherent }
}

fn spec(model: &Model) -> TokenStream {
    let version = &model.version;
    let (marker, name, docs) = (ident(&version.marker), &version.name, docs::version(model));
    let (major, minor) = (
        Literal::u8_unsuffixed(version.major),
        Literal::u8_unsuffixed(version.minor),
    );
    let revision = Literal::u8_unsuffixed(version.revision);
    let port = Literal::u16_unsuffixed(version.port);
    let (magic, tail) = version.header.split_at(4);
    let magic = magic.iter().map(|byte| Literal::byte_character(*byte));
    let tail = tail.iter().map(|byte| Literal::u8_unsuffixed(*byte));
    quote! {
        #docs
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct #marker;

        impl Spec for #marker {
            type Method = Method;
            type Properties = Properties;

            const NAME: &'static str = #name;
            const MAJOR: u8 = #major;
            const MINOR: u8 = #minor;
            const REVISION: u8 = #revision;
            const PORT: u16 = #port;
            const PROTOCOL_HEADER: [u8; 8] = [#(#magic,)* #(#tail),*];
        }
    }
}

fn any_method(model: &Model) -> TokenStream {
    let doc = docs::line(&format!("Any method of AMQP {}.", model.version.name));
    let variants: Vec<_> = model
        .classes
        .iter()
        .map(|class| ident(&class.variant))
        .collect();
    let modules: Vec<_> = model
        .classes
        .iter()
        .map(|class| ident(&class.module))
        .collect();
    let variant_docs = model.classes.iter().map(docs::class_variant);
    let set = method_set(model);
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Method {
            #(#variant_docs #variants(#modules::Method),)*
        }

        #set
    }
}

fn method_set(model: &Model) -> TokenStream {
    let marker = ident(&model.version.marker);
    let variants: Vec<_> = model
        .classes
        .iter()
        .map(|class| ident(&class.variant))
        .collect();
    let modules: Vec<_> = model
        .classes
        .iter()
        .map(|class| ident(&class.module))
        .collect();
    let has_content = has_content(model);
    quote! {
        impl MethodSet for Method {
            type Spec = #marker;

            fn decode(id: MethodId, input: &mut Reader<'_>) -> Result<Self, DecodeError> {
                match id.class {
                    #(#modules::CLASS_ID => Ok(Self::#variants(#modules::Method::decode(id, input)?)),)*
                    _ => Err(DecodeError::unknown_method(id)),
                }
            }

            fn name_of(id: MethodId) -> Option<&'static str> {
                match id.class {
                    #(#modules::CLASS_ID => #modules::Method::name_of(id),)*
                    _ => None,
                }
            }

            fn id(&self) -> MethodId {
                match self {
                    #(Self::#variants(method) => method.id(),)*
                }
            }

            fn name(&self) -> &'static str {
                match self {
                    #(Self::#variants(method) => method.name(),)*
                }
            }

            fn has_content(&self) -> bool {
                #has_content
            }

            fn encoded_len(&self) -> usize {
                match self {
                    #(Self::#variants(method) => method.encoded_len(),)*
                }
            }

            fn encode<B: BufMut>(&self, out: &mut B) {
                match self {
                    #(Self::#variants(method) => method.encode(out),)*
                }
            }

            fn validate(&self) -> Result<(), Violation> {
                match self {
                    #(Self::#variants(method) => method.validate(),)*
                }
            }
        }
    }
}

fn has_content(model: &Model) -> TokenStream {
    let sends = |class: &&Class| class.methods.iter().any(|method| method.content);
    let content: Vec<_> = model
        .classes
        .iter()
        .filter(sends)
        .map(|class| ident(&class.variant))
        .collect();
    if content.is_empty() {
        return quote!(false);
    }
    let rest = (content.len() < model.classes.len()).then(|| quote!(_ => false,));
    quote! {
        match self {
            #(Self::#content(method) => method.has_content(),)*
            #rest
        }
    }
}

fn any_properties(model: &Model, content: &[&Class]) -> TokenStream {
    let doc = docs::line(&format!(
        "The properties of any content of AMQP {}.",
        model.version.name
    ));
    let marker = ident(&model.version.marker);
    let variants: Vec<_> = content.iter().map(|class| ident(&class.variant)).collect();
    let modules: Vec<_> = content.iter().map(|class| ident(&class.module)).collect();
    let variant_docs = content
        .iter()
        .map(|class| docs::line(&format!("Of class `{}`.", class.name)));
    let (input, out) = match content {
        [] => (ident("_input"), ident("_out")),
        _ => (ident("input"), ident("out")),
    };
    let of_self = if content.is_empty() {
        quote!(*self)
    } else {
        quote!(self)
    };
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Properties {
            #(#variant_docs #variants(#modules::Properties),)*
        }

        impl PropertySet for Properties {
            type Spec = #marker;

            fn decode(class: u16, #input: &mut Reader<'_>) -> Result<Self, DecodeError> {
                match class {
                    #(#modules::CLASS_ID => #modules::Properties::decode(input).map(Self::#variants),)*
                    _ => Err(DecodeError::unknown_content(class)),
                }
            }

            fn class(&self) -> u16 {
                match #of_self {
                    #(Self::#variants(_) => #modules::CLASS_ID,)*
                }
            }

            fn encoded_len(&self) -> usize {
                match #of_self {
                    #(Self::#variants(properties) => properties.encoded_len(),)*
                }
            }

            fn encode<B: BufMut>(&self, #out: &mut B) {
                match #of_self {
                    #(Self::#variants(properties) => properties.encode(out),)*
                }
            }
        }
    }
}

fn calls(model: &Model) -> TokenStream {
    let doc = docs::calls(model);
    let marker = ident(&model.version.marker);
    let functions = model.classes.iter().flat_map(|class| {
        class
            .methods
            .iter()
            .filter_map(move |method| function(class, method))
    });
    quote! {
        #doc
        pub trait Methods: Caller<Spec = #marker> {
            #(#functions)*
        }

        impl<T: Caller<Spec = #marker> + ?Sized> Methods for T {}
    }
}

/// A macro that writes the functions of `Methods` as inherent ones of a channel type, so that
/// programs call them without an import.
///
/// `$ret` is what a call returns, as a type constructor: `Result`, or `Reply<_, Version>`.
fn inherent_macro(model: &Model, name: &str) -> TokenStream {
    let name = ident(name);
    let all = || {
        model.classes.iter().flat_map(|class| {
            class
                .methods
                .iter()
                .filter_map(move |method| Some((class, method, method.call.as_deref()?)))
        })
    };
    let functions = all().map(|(class, method, call)| {
        let (name, module, args) = (ident(call), ident(&class.module), ident(&method.ident));
        let docs = docs::call(class, method);
        let (result, verb) = match &method.reply {
            Reply::None => (quote!($sent), ident("send")),
            Reply::One(reply) | Reply::OneOf { ident: reply, .. } => {
                let reply = ident(reply);
                (quote!($ret<#module::#reply $(, $version)?>), ident("call"))
            }
        };
        quote! {
            #docs
            pub fn #name(&self, method: #module::#args) -> #result {
                Caller::#verb(self, method)
            }
        }
    });
    quote! {
        #[allow(unused_macros, reason = "a build may have no channel")]
        macro_rules! #name {
            ($channel:ty, $ret:ident $(<_, $version:ty>)?, $sent:ty) => {
                impl $channel {
                    #(#functions)*
                }
            };
        }
        #[allow(unused_imports, reason = "a build may have no channel")]
        pub(crate) use #name;
    }
}

fn function(class: &Class, method: &Method) -> Option<TokenStream> {
    let (name, module) = (ident(method.call.as_deref()?), ident(&class.module));
    let (docs, args) = (docs::call(class, method), ident(&method.ident));
    let (result, verb) = match &method.reply {
        Reply::None => (quote!(Self::Sent), ident("send")),
        Reply::One(reply) | Reply::OneOf { ident: reply, .. } => {
            let reply = ident(reply);
            (quote!(Self::Ret<#module::#reply>), ident("call"))
        }
    };
    Some(quote! {
        #docs
        fn #name(&self, method: #module::#args) -> #result {
            self.#verb(method)
        }
    })
}
