//! Extensions of SIP: which we know, and what a message says of them (RFC 3261 section 19.2).

use rsipstack::sip::{
    HasHeaders, Header,
    headers::{Require, Supported},
};

use sip::name_addr::split_list;

/// Provisional responses that are acknowledged (RFC 3262).
pub(crate) const RELIABLE: &str = "100rel";

/// Sessions that end unless they are refreshed (RFC 4028).
pub(crate) const TIMER: &str = "timer";

/// INVITEs that take the place of a leg (RFC 3891).
pub(crate) const REPLACES: &str = "replaces";

/// Registrations through proxies that want to be on the way to the phone (RFC 3327).
const PATH: &str = "path";

/// Registrations that stay the same whatever connection they come by (RFC 5626).
pub(crate) const OUTBOUND: &str = "outbound";

/// Every one that a request may require.
const KNOWN: [&str; 5] = [RELIABLE, REPLACES, TIMER, PATH, OUTBOUND];

/// The names in all headers of a kind.
macro_rules! names {
    ($message:expr, $($variant:ident)|+) => {
        $message.headers().iter().filter_map(|header| match header {
            $(Header::$variant(value) => Some(value.value()),)+
            _ => None,
        }).flat_map(split_list)
    };
}

/// Whether the message asks for an extension.
pub(crate) fn is_required(message: &impl HasHeaders, name: &str) -> bool {
    names!(message, Require).any(|required| required.eq_ignore_ascii_case(name))
}

/// Whether the sender of the message knows an extension.
pub(crate) fn is_supported(message: &impl HasHeaders, name: &str) -> bool {
    names!(message, Supported).any(|supported| supported.eq_ignore_ascii_case(name))
}

/// What the message asks for and we do not know; `None` if there is no such thing.
pub(crate) fn unknown(message: &impl HasHeaders) -> Option<String> {
    let is_unknown = |name: &&str| !KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known));
    let unknown: Vec<_> = names!(message, Require | ProxyRequire).filter(is_unknown).collect();
    (!unknown.is_empty()).then(|| unknown.join(", "))
}

/// `Supported` with these.
pub(crate) fn supported(names: &[&str]) -> Header {
    Header::Supported(Supported::new(names.join(", ")))
}

/// `Require` with this.
pub(crate) fn required(name: &str) -> Header {
    Header::Require(Require::new(name))
}
