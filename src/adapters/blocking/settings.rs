//! Builders that wrap those of the asynchronous front end.

/// Forwards settings of a builder to the one it wraps.
macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {$(
        $(#[$doc])*
        pub fn $name(mut self, value: $type) -> Self {
            self.inner = self.inner.$name(value);
            self
        }
    )*};
}

pub(super) use settings;
