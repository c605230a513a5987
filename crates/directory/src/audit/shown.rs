//! Entries as the audit trail shows them: as in a directory file, without their secrets.

use std::collections::HashSet;

/// Fields that are secrets, or digests that can be tried against one.
const SECRETS: [&str; 5] = ["password_hash", "ha1_md5", "ha1_sha256", "secret_sha256", "auth"];
/// Most bytes of a text that is kept; the rest is cut off.
const MOST: usize = 8 << 10;

/// The lines of an entry, without secrets.
pub(crate) fn redacted(text: &str) -> String {
    joined(text.lines())
}

/// The lines that are in one text alone, and those that are in the other alone, without secrets.
pub(crate) fn difference(before: &str, after: &str) -> (String, String) {
    let (old, new): (HashSet<_>, HashSet<_>) = (before.lines().collect(), after.lines().collect());
    let gone = before.lines().filter(|line| !new.contains(line));
    let come = after.lines().filter(|line| !old.contains(line));
    (joined(gone), joined(come))
}

fn joined<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for line in lines.map(hidden).filter(|line| !line.is_empty()) {
        if text.len() + line.len() > MOST {
            text.push('…');
            break;
        }
        text.push_str(&line);
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}

fn hidden(line: &str) -> std::borrow::Cow<'_, str> {
    let secret = line.split_once(" = ").map(|(key, _)| key).filter(|key| SECRETS.contains(key));
    secret.map_or(line.into(), |key| format!("{key} = (not shown)").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_has_changed_is_seen_to_have_and_not_shown() {
        let (before, after) = ("a = 1\nha1_md5 = \"00\"\nb = 2", "a = 1\nha1_md5 = \"11\"\nb = 3");
        let shown = difference(before, after);
        assert_eq!(shown, ("ha1_md5 = (not shown)\nb = 2".into(), "ha1_md5 = (not shown)\nb = 3".into()));
    }

    #[test]
    fn a_long_text_is_cut_off() {
        let text = redacted(&"line of a rate plan\n".repeat(10_000));
        assert!(text.len() <= MOST + 3 && text.ends_with('…'), "{}", text.len());
    }
}
