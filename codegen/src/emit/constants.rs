//! The module of the constants.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::docs;
use crate::model::{Constant, ConstantValue, Model};
use crate::name::ident;
use crate::schema::ErrorClass;

/// The constants, and what an error with a code closes.
pub(super) fn emit(model: &Model) -> TokenStream {
    let constants = model.constants.iter().map(constant);
    let channel = arm(
        &model.constants,
        ErrorClass::Soft,
        &quote!(Some(Scope::Channel)),
    );
    let connection = arm(
        &model.constants,
        ErrorClass::Hard,
        &quote!(Some(Scope::Connection)),
    );
    let scope = if channel.is_none() && connection.is_none() {
        quote! { pub const fn scope(_code: ReplyCode) -> Option<Scope> { None } }
    } else {
        quote! {
            pub const fn scope(code: ReplyCode) -> Option<Scope> {
                match code {
                    #channel
                    #connection
                    _ => None,
                }
            }
        }
    };
    quote! {
        #(#constants)*
        /// What an error with this code closes; `None` for a code that the specification does not
        /// have, or that is no error.
        #[must_use]
        #scope
    }
}

fn constant(constant: &Constant) -> TokenStream {
    let (docs, name) = (docs::constant(constant), ident(&constant.ident));
    let (ty, value) = match constant.value {
        ConstantValue::Octet(value) => {
            let value = Literal::u8_unsuffixed(value);
            (quote!(u8), quote!(#value))
        }
        ConstantValue::Number(value) => {
            let value = Literal::u32_unsuffixed(value);
            (quote!(u32), quote!(#value))
        }
        ConstantValue::ReplyCode(value, _) => {
            let value = Literal::u16_unsuffixed(value);
            (quote!(ReplyCode), quote!(ReplyCode(#value)))
        }
    };
    quote! { #docs pub const #name: #ty = #value; }
}

fn arm(constants: &[Constant], class: ErrorClass, scope: &TokenStream) -> Option<TokenStream> {
    let codes: Vec<Ident> = constants
        .iter()
        .filter(|constant| matches!(constant.value, ConstantValue::ReplyCode(_, Some(of)) if of == class))
        .map(|constant| ident(&constant.ident))
        .collect();
    (!codes.is_empty()).then(|| quote!(#(#codes)|* => #scope,))
}
