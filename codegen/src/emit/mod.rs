//! The model written out as Rust; what the generated code looks like is decided here alone.
//!
//! Each file emits one kind of item. All of them name things from the runtime plainly (`ShortStr`,
//! `Args`); [`imports`] then finds out what a module has to import.

mod class;
mod constants;
mod docs;
mod imports;
mod methods;
mod properties;
mod reply;
mod root;
mod structs;
mod types;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::model::{Class, Item, Model};
use crate::name::ident;
use imports::Extra;

/// The file for a model, with the runtime's items under the path `runtime`, and with a macro of the
/// name `inherent` for channel types.
pub(crate) fn file(model: &Model, runtime: &TokenStream, inherent: Option<&str>) -> TokenStream {
    let root = root::emit(model, inherent);
    let properties_trait = model.classes.iter().any(|class| class.properties.is_some());
    let extra = Extra {
        spec: true,
        properties_trait,
        ..Extra::default()
    };
    let imports = imports::of(runtime, &root, extra);
    let constants = constants::emit(model);
    let constant_imports = imports::of(runtime, &constants, Extra::default());
    let classes = model
        .classes
        .iter()
        .map(|class| module(model, class, runtime));
    quote! {
        #imports
        #root
        /// The numbers that the specification gives names to.
        pub mod constant {
            #constant_imports
            #constants
        }
        #(#classes)*
    }
}

/// What the emitters of a class have to know of the others.
struct Around {
    marker: Ident,
    /// The class has the only method there is.
    only_method: bool,
    /// The class has the only properties there are.
    only_properties: bool,
}

fn module(model: &Model, class: &Class, runtime: &TokenStream) -> TokenStream {
    let name = ident(&class.module);
    let around = Around {
        marker: ident(&model.version.marker),
        only_method: model
            .classes
            .iter()
            .map(|class| class.methods.len())
            .sum::<usize>()
            == 1,
        only_properties: model
            .classes
            .iter()
            .filter(|class| class.properties.is_some())
            .count()
            == 1,
    };
    let marker = &around.marker;
    let docs = docs::class(class);
    let mut items = class.methods.iter().flat_map(|method| &method.items);
    let extra = Extra {
        field: items.any(|item| !matches!(item, Item::Bits(_))),
        method_module: class.properties.is_some(),
        ..Extra::default()
    };
    let items = class::emit(class, &around);
    let imports = imports::of(runtime, &items, extra);
    quote! {
        #docs
        pub mod #name {
            use super::#marker;
            #imports
            #items
        }
    }
}
