//! The form that From, To, Contact and Route have: `"name" <uri>;parameters` (RFC 3261 section 20.10).

pub use crate::param::quote;
use crate::param::{param, unquote};

/// One such value, in pieces of the text that it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameAddr<'a> {
    display: &'a str,
    /// The URI, without angle brackets.
    pub uri: &'a str,
    params: &'a str,
}

impl<'a> NameAddr<'a> {
    /// Reads one value; `None` if brackets or quotes do not match or there is no URI.
    pub fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let Some(open) = find_unquoted(text, b'<') else { return Self::without_brackets(text) };
        let rest = &text[open + 1..];
        let close = rest.find('>')?;
        let uri = rest[..close].trim();
        let params = rest[close + 1..].trim_start();
        let display = text[..open].trim();
        let is_sound = !uri.is_empty() && (params.is_empty() || params.starts_with(';'));
        is_sound.then_some(Self { display, uri, params })
    }

    /// Without brackets, parameters belong to the header and not to the URI.
    fn without_brackets(text: &'a str) -> Option<Self> {
        let end = text.find(';').unwrap_or(text.len());
        let uri = text[..end].trim();
        let is_sound = !uri.is_empty() && !uri.contains(['"', ' ', '>', ',']);
        is_sound.then_some(Self { display: "", uri, params: &text[end..] })
    }

    /// The display name without its quotes; `None` if there is none.
    pub fn display(&self) -> Option<String> {
        let name = unquote(self.display);
        (!name.trim().is_empty()).then_some(name)
    }

    /// A parameter of the header; empty if it has no value.
    pub fn param(&self, name: &str) -> Option<&'a str> {
        param(self.params, name)
    }
}

/// The values of a header that holds several, separated by commas outside quotes and brackets.
pub fn split_list(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = find_unquoted(text, b',');
        rest = end.map(|end| &text[end + 1..]);
        Some(text[..end.unwrap_or(text.len())].trim())
    })
}

/// Where `wanted` first stands outside quotes and, unless it opens them, outside brackets.
fn find_unquoted(text: &str, wanted: u8) -> Option<usize> {
    let mut is_bracketed = false;
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' if !is_bracketed => is_quoted = !is_quoted,
            _ if is_quoted => {}
            _ if byte == wanted && !is_bracketed => return Some(at),
            b'<' => is_bracketed = true,
            b'>' => is_bracketed = false,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_quoted_name_with_escapes_and_brackets_in_it() {
        let value = NameAddr::parse(r#" "A \"<B>\", c" <sip:a@h;x=1> ; tag=t1;lr"#).unwrap();
        assert_eq!(value.display().unwrap(), r#"A "<B>", c"#);
        assert_eq!(value.uri, "sip:a@h;x=1");
        assert_eq!(value.param("TAG"), Some("t1"));
        assert_eq!(value.param("lr"), Some(""));
        assert_eq!(value.param("x"), None);
    }

    #[test]
    fn quoted_parameters_hide_what_is_in_them() {
        let value = NameAddr::parse(r#"<sip:a@b>;note="x;tag=evil";tag=real"#).unwrap();
        assert_eq!((value.param("tag"), value.param("note")), (Some("real"), Some(r#""x;tag=evil""#)));
        let bare = NameAddr::parse(r#"sip:a@b;note="x;tag=evil, <y>";tag=real"#).unwrap();
        assert_eq!((bare.uri, bare.param("tag")), ("sip:a@b", Some("real")));
    }

    #[test]
    fn parameters_after_a_bare_uri_belong_to_the_header() {
        let value = NameAddr::parse("sip:a@h;tag=t1").unwrap();
        assert_eq!((value.uri, value.param("tag"), value.display()), ("sip:a@h", Some("t1"), None));
    }

    #[test]
    fn refuses_what_has_no_uri_or_no_end() {
        for text in ["", "<sip:a@h", "\"A\" ", "<>;tag=1", "\"A <sip:a@h>", "<sip:a@h> junk"] {
            assert_eq!(NameAddr::parse(text), None, "{text}");
        }
    }

    #[test]
    fn splits_lists_at_commas_outside_quotes_and_brackets() {
        let list = r#""a,b" <sip:a,1@h>;q=1, <sip:b@h> ,*"#;
        let items: Vec<_> = split_list(list).collect();
        assert_eq!(items, [r#""a,b" <sip:a,1@h>;q=1"#, "<sip:b@h>", "*"]);
    }

    #[test]
    fn quoting_is_undone_by_reading() {
        let name = r#"Ann "the \ boss""#;
        let text = format!("{} <sip:a@h>", quote(name));
        assert_eq!(NameAddr::parse(&text).unwrap().display().unwrap(), name);
    }
}
