//! A dialect of the HTTP API, and the console beside them, knows neither the other dialects, nor the switch, nor the database.

use super::{
    Finding,
    tree::{Source, Tree},
};

const DIALECTS: [&str; 5] = ["console", "hostedsuite", "native", "vonage", "yeti"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let of_dialect = |dialect| {
        let folder = format!("crates/{dialect}/src/");
        let sources = tree.sources_in(&folder);
        sources.flat_map(|source| check_source(dialect, source)).collect::<Vec<_>>()
    };
    DIALECTS.into_iter().flat_map(of_dialect).collect()
}

fn check_source(dialect: &str, source: &Source) -> Vec<Finding> {
    let names = source.code.names.iter().filter(|name| name.path.len() > 1 || name.path == ["rusqlite"]);
    let foreign = names.filter_map(|name| Some((name.line, foreign(dialect, &name.path)?)));
    let finding = |(line, foreign)| {
        Finding::error(&source.path, line, format!("the dialect `{dialect}` must not know {foreign}"))
    };
    foreign.map(finding).collect()
}

fn foreign(dialect: &str, path: &[String]) -> Option<String> {
    let names = |word: &str| path.iter().any(|part| part == word);
    let other = DIALECTS.into_iter().find(|other| *other != dialect && names(other));
    if let Some(other) = other {
        return Some(format!("the dialect `{other}`"));
    }
    if let Some(switch) = ["switch", "switch_sip"].into_iter().find(|word| names(word)) {
        return Some(format!("the switch (`{switch}`)"));
    }
    let is_store = path.starts_with(&["history".to_owned(), "sqlite".to_owned()]) || names("rusqlite");
    is_store.then(|| format!("the database (`{}`)", path.join("::")))
}
