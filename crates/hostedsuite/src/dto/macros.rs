//! One list of members becomes a Rust type and its description.

/// Makes a type of the wire: `request` for one that is read, `response` for one that is shown.
///
/// Each member has its documentation for readers of the code, its name on the wire, its field, what it holds,
/// and, in a request, what the vendor's documents [say](crate::dto::Said) of it.
macro_rules! dto {
    (@said) => { $crate::dto::Said::NOTHING };
    (@said $said:expr) => { $said };
    (@root $name:ident) => { stringify!($name) };
    (@root $name:ident $root:literal) => { $root };
    (@namespace) => { $crate::dto::VENDOR };
    (@namespace $namespace:ident) => { $crate::dto::$namespace };
    (@parameter) => { None };
    (@parameter $name:literal $argument:literal) => {
        Some($crate::dto::Parameter { name: $name, argument: $argument })
    };
    (@base) => { None };
    (@base $base:ident $argument:literal) => {
        Some($crate::dto::Base { dto: &$base::DTO, argument: $argument })
    };
    (
        @type [$(#[$about:meta])*] $name:ident [$($parameter:tt)*] [$($base:tt)*] $root:expr, $namespace:expr => {
            $([$(#[$meant:meta])*] $wire:literal $field:ident $kind:ty [$($said:tt)*])*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Default, PartialEq)]
        pub struct $name {
            $($(#[$meant])* pub $field: $kind,)*
        }

        impl $name {
            /// What it is on the wire.
            pub const DTO: $crate::dto::Dto = $crate::dto::Dto {
                name: stringify!($name),
                root: $root,
                namespace: $namespace,
                parameter: $crate::dto::dto!(@parameter $($parameter)*),
                base: $crate::dto::dto!(@base $($base)*),
                members: &[$($crate::dto::Member {
                    name: $wire,
                    kind: <$kind as $crate::dto::Shape>::KIND,
                    said: $crate::dto::dto!(@said $($said)*),
                }),*],
            };
        }

        impl $crate::dto::Described for $name {}

        impl $crate::dto::Shape for $name {
            const KIND: $crate::dto::Kind = $crate::dto::Kind::Object(&Self::DTO);
        }
    };
    (
        $(#[$about:meta])*
        request $name:ident $(<$parameter:literal>)? $(: $base:ident<$argument:literal>)? {
            $($(#[$meant:meta])* $wire:literal $field:ident: $kind:ty $(= $said:expr)?,)*
        }
    ) => {
        $crate::dto::dto!(
            @type [$(#[$about])*] $name [$($parameter "")?] [$($base $argument)?]
            stringify!($name), $crate::dto::VENDOR => {
                $([$(#[$meant])*] $wire $field $kind [$($said)?])*
            }
        );

        impl $name {
            /// What the request says; what is wrong with it is added to `faults`.
            pub fn read(faults: &mut $crate::dto::Faults<'_>) -> Self {
                let _ = &faults;
                Self { $($field: faults.member($wire),)* }
            }
        }
    };
    (
        $(#[$about:meta])*
        response $name:ident $(<$parameter:literal = $argument:literal>)?
        $(as $root:literal)? $(in $namespace:ident)? {
            $($(#[$meant:meta])* $wire:literal $field:ident: $kind:ty,)*
        }
    ) => {
        $crate::dto::dto!(
            @type [$(#[$about])*] $name [$($parameter $argument)?] []
            $crate::dto::dto!(@root $name $($root)?),
            $crate::dto::dto!(@namespace $($namespace)?) => {
                $([$(#[$meant])*] $wire $field $kind [])*
            }
        );

        impl $crate::dto::Show for $name {
            fn show(self) -> $crate::dto::Value {
                let values = vec![$($crate::dto::Show::show(self.$field)),*];
                $crate::dto::Value::Object(&Self::DTO, values)
            }
        }
    };
}

/// Makes an enum of words; the first is the default.
macro_rules! choice {
    ($(#[$about:meta])* $name:ident { $(#[$first_meant:meta])* $first:ident, $($(#[$meant:meta])* $word:ident,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name {
            #[default]
            $(#[$first_meant])* $first,
            $($(#[$meant])* $word,)*
        }

        impl $name {
            /// What it is on the wire.
            pub const CHOICE: $crate::dto::Choice = $crate::dto::Choice {
                name: stringify!($name),
                words: &[stringify!($first) $(, stringify!($word))*],
                listed: concat!(stringify!($first) $(, ", ", stringify!($word))*),
            };

            /// The word.
            pub fn word(self) -> &'static str {
                match self {
                    Self::$first => stringify!($first),
                    $(Self::$word => stringify!($word),)*
                }
            }
        }

        impl $crate::dto::Shape for $name {
            const KIND: $crate::dto::Kind = $crate::dto::Kind::Choice(&Self::CHOICE);
        }

        impl $crate::dto::Shape for Option<$name> {
            const KIND: $crate::dto::Kind =
                $crate::dto::Kind::Nullable(&<$name as $crate::dto::Shape>::KIND);
        }

        impl $crate::dto::Read for Option<$name> {
            fn read(
                found: &serde_json::Value,
            ) -> Result<Self, $crate::dto::read::Misfit> {
                const ALL: &[$name] = &[$name::$first $(, $name::$word)*];
                let place = $crate::dto::read::word(&$name::CHOICE, found)?;
                Ok(place.and_then(|place| ALL.get(place).copied()))
            }
        }

        impl $crate::dto::Read for $name {
            fn read(
                found: &serde_json::Value,
            ) -> Result<Self, $crate::dto::read::Misfit> {
                <Option<Self> as $crate::dto::Read>::read(found).map(Option::unwrap_or_default)
            }
        }

        impl $crate::dto::Show for $name {
            fn show(self) -> $crate::dto::Value {
                $crate::dto::Value::Text(self.word().to_owned())
            }
        }
    };
}

pub(crate) use choice;
pub(crate) use dto;
