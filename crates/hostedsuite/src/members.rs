//! The members of a request by name, however they arrived (section 1.7).

use std::collections::HashMap;

use serde_json::Value as Json;

/// The members of a request. Names are found in either case; of members with the same name the last
/// counts. They hold a password, so this has no `Debug`.
#[derive(Clone, Default)]
pub struct Members(HashMap<String, Json>);

impl Members {
    /// From the tree of a body; `None` if it is no object.
    pub fn of(body: Json) -> Option<Self> {
        match body {
            Json::Object(members) => {
                Some(Self(members.into_iter().map(|(name, value)| (key(&name), value)).collect()))
            }
            _ => None,
        }
    }

    /// Lays `pairs` over the members; empty values are skipped.
    pub(crate) fn lay_over(&mut self, pairs: Vec<(String, String)>) {
        let filled = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        self.0.extend(filled.map(|(name, value)| (key(&name), Json::String(value))));
    }

    /// Lays `pairs` over those members alone that say no more than if they were absent.
    pub(crate) fn fill_in(&mut self, pairs: Vec<(String, String)>) {
        let is_open = |name: &str| self.get(name).is_none_or(is_default);
        let open = pairs.into_iter().filter(|(name, _)| is_open(name)).collect();
        self.lay_over(open);
    }

    /// The member `name`.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.get(&key(name))
    }
}

fn is_default(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(false) => true,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::String(text) => text.is_empty(),
        Json::Bool(true) | Json::Array(_) | Json::Object(_) => false,
    }
}

fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn names_are_found_in_either_case_and_the_last_of_two_counts() {
        let members = Members::of(json!({"page": 1, "PAGE": 2, "Page": 3})).unwrap();
        assert_eq!(members.get("Page"), Some(&json!(3)));
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        assert!(Members::of(json!([])).is_none() && Members::of(json!("a")).is_none());
    }

    #[test]
    fn filled_pairs_replace_members_and_empty_ones_do_not() {
        let mut members = Members::of(json!({"Page": 1, "SortDir": "Desc"})).unwrap();
        members.lay_over(pairs(&[("page", "2"), ("sortdir", "")]));
        assert_eq!((members.get("Page"), members.get("SortDir")), (Some(&json!("2")), Some(&json!("Desc"))));
    }

    #[test]
    fn only_what_is_at_its_default_is_filled_in() {
        let mut members = Members::of(json!({"Page": 0, "Size": 5, "Sort": "", "Dir": "Asc"})).unwrap();
        members.fill_in(pairs(&[("page", "2"), ("size", "9"), ("SORT", "a"), ("dir", "Desc"), ("New", "n")]));
        let found = ["Page", "Size", "Sort", "Dir", "New"].map(|name| members.get(name).cloned().unwrap());
        assert_eq!(found, [json!("2"), json!(5), json!("a"), json!("Asc"), json!("n")]);
    }
}
