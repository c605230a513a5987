//! The form of a field: what is accepted, in words, and how it is read.

use std::ops::RangeInclusive;

use toml::de::DeValue;

/// The form of a field.
pub(super) struct Form<'f, T> {
    pub(super) accepted: &'static str,
    /// Whether wrong values must not be shown.
    pub(super) is_secret: bool,
    read: Read<'f, T>,
}

type Read<'f, T> = Box<dyn Fn(&DeValue<'_>) -> Option<T> + 'f>;

impl<'f, T: 'f> Form<'f, T> {
    pub(super) fn new(accepted: &'static str, read: impl Fn(&DeValue<'_>) -> Option<T> + 'f) -> Self {
        Self { accepted, is_secret: false, read: Box::new(read) }
    }

    /// A form that is text in the file.
    pub(super) fn text(accepted: &'static str, read: impl Fn(&str) -> Option<T> + 'f) -> Self {
        Self::new(accepted, move |value| value.as_str().and_then(&read))
    }

    /// The same, but wrong values are not shown.
    pub(super) fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// The same, but only values that pass a test.
    pub(super) fn that(self, accepted: &'static str, test: impl Fn(&T) -> bool + 'f) -> Self {
        let read = self.read;
        Self { accepted, is_secret: self.is_secret, read: Box::new(move |value| read(value).filter(&test)) }
    }

    /// The same, as another type.
    pub(super) fn map<U: 'f>(self, convert: impl Fn(T) -> U + 'f) -> Form<'f, U> {
        let read = self.read;
        let read = Box::new(move |value: &DeValue<'_>| read(value).map(&convert));
        Form { accepted: self.accepted, is_secret: self.is_secret, read }
    }

    /// The value, if it has the form.
    pub(super) fn read(&self, value: &DeValue<'_>) -> Option<T> {
        (self.read)(value)
    }
}

/// A whole number in a range.
pub(super) fn whole<N>(accepted: &'static str, range: RangeInclusive<N>) -> Form<'static, N>
where
    N: TryFrom<u32> + PartialOrd + 'static,
{
    let number = |value: &DeValue<'_>| {
        let integer = value.as_integer()?;
        u32::from_str_radix(integer.as_str(), integer.radix()).ok()
    };
    Form::new(accepted, move |value| {
        let number = N::try_from(number(value)?).ok()?;
        range.contains(&number).then_some(number)
    })
}

/// Text that passes a test.
pub(super) fn text<T>(accepted: &'static str, test: impl Fn(&str) -> bool + 'static) -> Form<'static, T>
where
    T: for<'t> From<&'t str> + 'static,
{
    Form::text(accepted, move |text| test(text).then(|| text.into()))
}
