//! The text of a filter as a list of values (contract yeti.md, 5.2).

/// The values of a filter: one line of CSV. With unbalanced quotes the text is one value.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut is_quoted = false;
    for part in text.split_inclusive(['"', ',']) {
        let value = values.last_mut().expect("there is a first value, and none is taken away");
        match part.char_indices().next_back() {
            Some((at, '"')) => {
                value.push_str(&part[..at]);
                is_quoted = !is_quoted;
            }
            Some((at, ',')) if !is_quoted => {
                value.push_str(&part[..at]);
                values.push(String::new());
            }
            _ => value.push_str(part),
        }
    }
    match (is_quoted, text.trim()) {
        (_, "") => Vec::new(),
        (true, text) => vec![text.to_owned()],
        (false, _) => values.iter().map(|value| value.trim().to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn commas_separate_and_quotes_protect_them() {
        let cases: [(&str, &[&str]); 8] = [
            ("", &[]),
            ("  ", &[]),
            ("a", &["a"]),
            (" a , b ", &["a", "b"]),
            ("\"a,b\",c", &["a,b", "c"]),
            ("a,", &["a", ""]),
            ("\"a,b", &["\"a,b"]),
            ("\"\"", &[""]),
        ];
        for (text, values) in cases {
            assert_eq!(split(text), values, "{text}");
        }
    }
}
