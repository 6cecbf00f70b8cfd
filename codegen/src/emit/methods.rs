//! The traits of a method: its codec, its directions, its reply, its content.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use super::Around;
use crate::model::{Check, Class, Field, Intent, Item, Method, Reply, Type};
use crate::name::ident;

/// The trait implementations.
pub(super) fn emit(class: &Class, method: &Method, around: &Around) -> TokenStream {
    let name = ident(&method.ident);
    let args = args(class, method, around);
    let server = method.to_server.then(|| quote!(impl ToServer for #name {}));
    let client = method.to_client.then(|| quote!(impl ToClient for #name {}));
    let content = method.content.then(|| {
        quote! {
            impl ContentArgs for #name {
                type Properties = Properties;
            }
        }
    });
    let (call, sending) = (call(method), sending(method));
    quote! {
        #args
        #server
        #client
        #call
        #sending
        #content
        impl From<#name> for super::Method {
            fn from(args: #name) -> Self {
                args.into_method()
            }
        }
    }
}

fn args(class: &Class, method: &Method, around: &Around) -> TokenStream {
    let (name, variant, full_name) = (
        ident(&method.ident),
        ident(&class.variant),
        &method.full_name,
    );
    let index = Literal::u16_unsuffixed(method.index);
    let marker = &around.marker;
    let rest = (!around.only_method).then(|| quote!(other => Err(other),));
    let (encode, decode, validate) = (encode(method), decode(method), validate(method));
    let overlong = overlong(method.fields());
    quote! {
        impl Args for #name {
            type Spec = #marker;

            const ID: MethodId = MethodId::new(CLASS_ID, #index);
            const NAME: &'static str = #full_name;

            #encode
            #decode
            #validate
            #overlong

            fn into_method(self) -> super::Method {
                super::Method::#variant(Method::#name(self))
            }

            fn from_method(method: super::Method) -> Result<Self, super::Method> {
                match method {
                    super::Method::#variant(Method::#name(args)) => Ok(args),
                    #rest
                }
            }
        }
    }
}

fn encode(method: &Method) -> TokenStream {
    let out = ident(if method.items.is_empty() {
        "_out"
    } else {
        "out"
    });
    let lengths = method.items.iter().map(length);
    let length = if method.items.is_empty() {
        quote!(0)
    } else {
        quote!(#(#lengths)+*)
    };
    let puts = method.items.iter().map(put);
    quote! {
        #[inline]
        fn encoded_len(&self) -> usize {
            #length
        }

        #[inline]
        fn encode<B: BufMut>(&self, #out: &mut B) {
            #(#puts)*
        }
    }
}

fn length(item: &Item) -> TokenStream {
    match item {
        Item::Field(field) => {
            let name = ident(&field.ident);
            quote!(self.#name.encoded_len())
        }
        Item::Bits(bits) => {
            let count = Literal::usize_unsuffixed(bits.len());
            quote!(bit_octets(#count))
        }
    }
}

fn put(item: &Item) -> TokenStream {
    match item {
        Item::Field(field) => {
            let name = ident(&field.ident);
            quote!(self.#name.encode(out);)
        }
        Item::Bits(bits) => {
            let names = bits.iter().map(|bit| ident(&bit.ident));
            quote!(put_bits(out, [#(self.#names),*]);)
        }
    }
}

/// Fields behind the last bits are read in place, those before into variables.
fn decode(method: &Method) -> TokenStream {
    let input = ident(if method.items.is_empty() {
        "_input"
    } else {
        "input"
    });
    let in_place = |item: &&Item| matches!(item, Item::Field(_));
    let split = method.items.len() - method.items.iter().rev().take_while(in_place).count();
    let (before, behind) = method.items.split_at(split);
    let takes = before.iter().map(take);
    let known = before
        .iter()
        .flat_map(Item::fields)
        .map(|field| ident(&field.ident).into_token_stream());
    let read = behind.iter().flat_map(Item::fields).map(|field| {
        let name = ident(&field.ident);
        quote!(#name: input.get()?)
    });
    let values: Vec<_> = known.chain(read).collect();
    let made = if values.is_empty() {
        quote!(Self)
    } else {
        quote!(Self { #(#values),* })
    };
    quote! {
        #[inline]
        fn decode(#input: &mut Reader<'_>) -> Result<Self, DecodeError> {
            #(#takes)*
            Ok(#made)
        }
    }
}

fn take(item: &Item) -> TokenStream {
    match item {
        Item::Field(field) => {
            let name = ident(&field.ident);
            quote!(let #name = input.get()?;)
        }
        Item::Bits(bits) => {
            let names = bits.iter().map(|bit| ident(&bit.ident));
            quote!(let [#(#names),*] = input.bits()?;)
        }
    }
}

/// Nothing for a method without rules: the trait has a function for those.
fn validate(method: &Method) -> Option<TokenStream> {
    let mut checks: Vec<_> = method
        .fields()
        .flat_map(|field| {
            field
                .checks
                .iter()
                .map(move |check| check_call(field, *check))
        })
        .collect();
    let last = checks.pop()?;
    Some(quote! {
        fn validate(&self) -> Result<(), Violation> {
            #(#checks?;)*
            #last
        }
    })
}

/// Nothing where no field can be too long: the trait has a function for those.
pub(super) fn overlong<'a>(fields: impl Iterator<Item = &'a Field>) -> Option<TokenStream> {
    let named: Vec<_> = fields
        .filter(|field| matches!(field.ty, Type::ShortStr | Type::Table))
        .map(|field| {
            let (shown, name) = (&field.name, ident(&field.ident));
            quote!((#shown, &self.#name))
        })
        .collect();
    (!named.is_empty()).then(|| {
        quote! {
            fn overlong(&self) -> Option<Overlong> {
                find_overlong(&[#(#named),*])
            }
        }
    })
}

fn check_call(field: &Field, check: Check) -> TokenStream {
    let (name, shown) = (ident(&field.ident), &field.name);
    match check {
        Check::NotEmpty => quote!(check_not_empty(#shown, &self.#name)),
        Check::Length(most) => {
            let most = Literal::usize_unsuffixed(most);
            quote!(check_length(#shown, &self.#name, #most))
        }
        Check::NotEqual(other) => {
            let value = match field.ty {
                Type::ReplyCode => quote!(u64::from(self.#name.0)),
                Type::DeliveryTag => quote!(self.#name.0),
                Type::LongLong => quote!(self.#name),
                _ => quote!(u64::from(self.#name)),
            };
            let other = Literal::u64_unsuffixed(other);
            quote!(check_not_equal(#shown, #value, #other))
        }
    }
}

/// Who may send it, and what that changes.
fn sending(method: &Method) -> TokenStream {
    let name = ident(&method.ident);
    let on_connection = method
        .on_connection
        .then(|| quote!(impl ConnectionCall for #name {}));
    let on_channel = method.intent.as_ref().map(|intent| {
        let body = intent_body(intent);
        quote!(impl ChannelMethod for #name { #body })
    });
    let simple = method
        .call
        .is_some()
        .then(|| quote!(impl SimpleMethod for #name {}));
    let one_way = (method.call.is_some() && method.reply == Reply::None)
        .then(|| quote!(impl OneWay for #name {}));
    quote! { #on_connection #on_channel #simple #one_way }
}

/// Nothing for a method that changes nothing: the trait has a function for those.
fn intent_body(intent: &Intent) -> Option<TokenStream> {
    let value = match intent {
        Intent::Plain => return None,
        Intent::Consume { tag, no_ack } => {
            let (tag, no_ack) = (ident(tag), ident(no_ack));
            quote!(Consume { consumer_tag: &mut self.#tag, no_ack: self.#no_ack })
        }
        Intent::Cancel { tag } => {
            let tag = ident(tag);
            quote!(Cancel { consumer_tag: &self.#tag })
        }
        Intent::Get { no_ack } => {
            let no_ack = ident(no_ack);
            quote!(Get { no_ack: self.#no_ack })
        }
        Intent::ConfirmSelect => quote!(ConfirmSelect),
        Intent::Settle { tag, multiple } => {
            let (tag, multiple) = (ident(tag), ident(multiple));
            quote!(Settle { tag: self.#tag, multiple: self.#multiple })
        }
        Intent::Recover => quote!(Recover),
    };
    Some(quote! {
        fn intent(&mut self) -> Intent<'_> {
            Intent::#value
        }
    })
}

fn call(method: &Method) -> Option<TokenStream> {
    let name = ident(&method.ident);
    let reply = ident(match &method.reply {
        Reply::None => return None,
        Reply::One(only) => only,
        Reply::OneOf { ident, .. } => ident,
    });
    let no_wait = method.no_wait.as_deref().map(|field| {
        let field = ident(field);
        quote! {
            impl NoWait for #name {
                fn no_wait(&self) -> bool {
                    self.#field
                }

                fn set_no_wait(&mut self, no_wait: bool) {
                    self.#field = no_wait;
                }
            }
        }
    });
    let declines = method.no_wait.as_deref().map(|field| {
        let field = ident(field);
        quote! {
            fn declines_reply(&self) -> bool {
                self.#field
            }
        }
    });
    Some(quote! {
        impl Call for #name {
            type Reply = #reply;

            #declines
        }
        #no_wait
    })
}
