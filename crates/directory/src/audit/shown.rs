//! Entries as the audit trail shows them: as in a directory file, without their secrets.

use std::collections::HashMap;

/// Fields that are secrets, or digests that can be tried against one.
const SECRETS: [&str; 5] = ["password_hash", "ha1_md5", "ha1_sha256", "secret_sha256", "auth"];
/// Most bytes of a text that is kept; the rest is cut off.
const MOST: usize = 8 << 10;

/// The lines of an entry, without secrets.
pub(crate) fn redacted(text: &str) -> String {
    joined(text.lines())
}

/// What is in one text alone, and what is in the other alone, without secrets: of the entry's own lines each, of the
/// tables inside it each whole, as a line of one says nothing without the others.
pub(crate) fn difference(before: &str, after: &str) -> (String, String) {
    let (old, new) = (pieces(before), pieces(after));
    (joined(missing(&old, &new)), joined(missing(&new, &old)))
}

/// An entry's own lines, then the tables inside it.
fn pieces(text: &str) -> Vec<&str> {
    let own = text.find("\n[[").unwrap_or(text.len());
    let (own, inner) = text.split_at(own);
    let tables = inner.split("\n\n").map(|table| table.trim_matches('\n'));
    own.lines().chain(tables.filter(|table| !table.is_empty())).collect()
}

/// The lines of those pieces of one that the other lacks, as often as it lacks them.
fn missing<'a>(of: &[&'a str], other: &[&str]) -> impl Iterator<Item = &'a str> {
    let mut there: HashMap<&str, usize> = HashMap::new();
    other.iter().for_each(|piece| *there.entry(piece).or_default() += 1);
    let is_missing = |piece: &&&str| match there.get_mut(**piece) {
        Some(count @ 1..) => {
            *count -= 1;
            false
        }
        _ => true,
    };
    of.iter().filter(is_missing).flat_map(|piece| piece.lines()).collect::<Vec<_>>().into_iter()
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
    fn a_table_inside_an_entry_is_shown_whole_or_not_at_all() {
        let table = |prefix: &str, rate: &str| {
            format!("\n[[rateplans.rates]]\nprefix = \"{prefix}\"\nnext_rate = \"{rate}\"\n")
        };
        let plan = |rates: &[String]| format!("name = \"retail\"\n{}", rates.concat());
        let before = plan(&[table("49", "0.01"), table("44", "0.02")]);
        let after = plan(&[table("49", "0.02"), table("44", "0.02")]);
        let shown = |table: String| table.trim().to_owned();
        assert_eq!(difference(&before, &after), (shown(table("49", "0.01")), shown(table("49", "0.02"))));
        let twice = plan(&[table("49", "0.01"), table("44", "0.02"), table("44", "0.02")]);
        assert_eq!(difference(&before, &twice), (String::new(), shown(table("44", "0.02"))));
    }

    #[test]
    fn a_long_text_is_cut_off() {
        let text = redacted(&"line of a rate plan\n".repeat(10_000));
        assert!(text.len() <= MOST + 3 && text.ends_with('…'), "{}", text.len());
    }
}
