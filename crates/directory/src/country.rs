//! The country of a phone number, from the numbering plans that the `phonenumber` crate carries.

use call::Number;
use isocountry::CountryCode;

/// ISO 3166-1 numeric code of the country that an international number belongs to. `None` for
/// extensions, national numbers and numbers that are not bound to one country.
pub fn country_of(number: &Number) -> Option<u16> {
    let digits = number.digits().filter(|digits| digits.len() > 6)?;
    let parsed = phonenumber::parse(None, format!("+{digits}")).ok()?;
    let id = parsed.country().id()?;
    let country = CountryCode::for_alpha2_caseless(id.as_ref()).ok()?;
    u16::try_from(country.numeric_id()).ok()
}
