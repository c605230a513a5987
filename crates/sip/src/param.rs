//! Parameters of headers and URIs: `;name=value`, whose values may be quoted strings (RFC 3261 section 25.1).

/// Name and value of each parameter in `;a=1;b="x;y"`. What stands before the first `;` is none. A value keeps
/// its quotes; it is empty where there is none.
pub fn params(text: &str) -> impl Iterator<Item = (&str, &str)> {
    split(text, b';').skip(1).map(|param| {
        let (name, value) = param.split_once('=').unwrap_or((param, ""));
        (name.trim(), value.trim())
    })
}

/// The value of the first parameter `name`; empty if it has none.
pub fn param<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    params(text).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The pieces of a text between `separator`s that stand outside quotes. In a quote that does not close,
/// nothing separates.
pub fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = unquoted(text).find(|(_, byte)| *byte == separator).map(|(at, _)| at);
        rest = end.map(|end| &text[end + 1..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}

/// The bytes outside quoted strings, with their places.
pub(crate) fn unquoted(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.bytes().enumerate().filter(move |(_, byte)| {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            _ => return !is_quoted,
        }
        false
    })
}

/// A value without the quotes that it may have, and without the backslashes in them.
pub(crate) fn unquote(value: &str) -> String {
    match value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => unescape(quoted),
        None => value.to_owned(),
    }
}

fn unescape(quoted: &str) -> String {
    let mut plain = String::with_capacity(quoted.len());
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    plain
}

/// A text as a quoted string; control characters, which none may have, are left out.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_in_quotes_do_not_separate() {
        for (text, name, value) in [
            (";a=1;tag=t", "tag", Some("t")),
            (r#";note="x;tag=evil";tag=real"#, "tag", Some("real")),
            (r#";note="x\";tag=evil";tag=real"#, "tag", Some("real")),
            (r#";note="x\\";tag=real"#, "tag", Some("real")),
            (r#";note="never closed;tag=evil"#, "tag", None),
            (r#";a="b=c";d"#, "a", Some(r#""b=c""#)),
            (" ; LR ;  Tag = t ", "tag", Some("t")),
            (";lr", "LR", Some("")),
            ("tag=before", "tag", None),
            (";;;=;tag=t;tag=second", "tag", Some("t")),
        ] {
            assert_eq!(param(text, name), value, "{text}");
        }
    }

    #[test]
    fn quoting_is_undone_by_unquoting() {
        for text in [r#"Ann "the \ boss""#, "", "plain", "ü;,<>"] {
            assert_eq!(unquote(&quote(text)), text);
        }
        assert_eq!(unquote("plain"), "plain");
        assert_eq!(quote("a\r\nb\0"), "\"ab\"");
    }
}
