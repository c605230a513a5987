//! The text of a filter as a list of values (contract yeti.md, 5.2).

/// The values of a filter: one line of CSV (RFC 4180). A text that is none is one value as it is: quotes may be
/// part of a name.
pub(super) fn split(text: &str) -> Vec<String> {
    match text.trim() {
        "" => Vec::new(),
        text => line(text).unwrap_or_else(|| vec![text.to_owned()]),
    }
}

/// The values of a line; `None` if it is not one.
fn line(text: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let mut rest = text;
    loop {
        let (value, after) = if rest.starts_with('"') { quoted(rest)? } else { plain(rest)? };
        values.push(value);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return after.is_empty().then_some(values),
        }
    }
}

/// A value without quotes, and what follows it.
fn plain(text: &str) -> Option<(String, &str)> {
    let (value, after) = text.split_at(text.find(',').unwrap_or(text.len()));
    (!value.contains(['"', '\r', '\n'])).then(|| (value.trim().to_owned(), after))
}

/// A value in quotes, and what follows it. A quote in it is doubled.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text.strip_prefix('"')?;
    loop {
        let (part, after) = rest.split_once('"')?;
        value.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                value.push('"');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};
    use testkit::texts::TEXTS;

    use super::split;

    #[test]
    fn commas_separate_and_quotes_protect_them() {
        let cases: [(&str, &[&str]); 16] = [
            ("", &[]),
            ("  ", &[]),
            ("a", &["a"]),
            (" a , b ", &["a", "b"]),
            ("\"a,b\",c", &["a,b", "c"]),
            ("a,", &["a", ""]),
            ("\"\"", &[""]),
            ("\"a \"\"b\"\" c\"", &["a \"b\" c"]),
            ("\"\"\"\"", &["\""]),
            ("\" a \"", &[" a "]),
            ("\"a,b", &["\"a,b"]),
            ("a \"b\" c", &["a \"b\" c"]),
            ("a, \"b\"", &["a, \"b\""]),
            ("\"a\"b,c", &["\"a\"b,c"]),
            ("\"", &["\""]),
            ("a\nb", &["a\nb"]),
        ];
        for (text, values) in cases {
            assert_eq!(split(text), values, "{text}");
        }
    }

    proptest! {
        #[test]
        fn values_in_quotes_come_back(values in vec(select(TEXTS), 1..4)) {
            let quoted: Vec<_> = values.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
            prop_assert_eq!(split(&quoted.join(",")), values);
        }
    }
}
