//! Which crate may depend on which. Everything points toward `call`, and adapters do not know each other.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    Finding,
    tree::{File, Tree},
};

/// Each crate with those of the workspace that it may depend on.
const LAYERS: [(&str, &[&str]); 32] = [
    ("b2bua", &["call"]),
    ("call", &[]),
    ("codec", &[]),
    ("sip", &[]),
    ("transactions", &[]),
    ("srtp", &[]),
    ("rtcp", &[]),
    ("dtls", &["srtp"]),
    ("ice", &[]),
    ("directory", &["call", "keyvalue"]),
    ("history", &["call"]),
    ("events", &["call", "directory", "history"]),
    ("import", &["call", "directory"]),
    ("guard", &[]),
    ("keyvalue", &["call"]),
    ("tls", &["call"]),
    // The simulated switch takes the feature codes from their one list.
    ("switch", &["b2bua", "call"]),
    (
        "switch-sip",
        &[
            "b2bua",
            "call",
            "codec",
            "directory",
            "dtls",
            "guard",
            "ice",
            "keyvalue",
            "rtcp",
            "sip",
            "srtp",
            "switch",
            "tls",
            "transactions",
        ],
    ),
    ("live", &["call", "directory", "history", "switch"]),
    ("questions", &["call", "directory", "history"]),
    ("webhooks", &["call", "directory", "events", "guard", "history", "keyvalue", "live"]),
    ("http-core", &["call", "directory", "guard", "history", "keyvalue", "live", "tls", "webhooks"]),
    ("console", DIALECT),
    ("yeti", DIALECT),
    ("vonage", DIALECT),
    ("hostedsuite", DIALECT),
    (
        "native",
        &[
            "call",
            "directory",
            "events",
            "guard",
            "history",
            "http-core",
            "keyvalue",
            "live",
            "questions",
            "webhooks",
        ],
    ),
    (
        "api",
        &[
            "call",
            "console",
            "directory",
            "guard",
            "history",
            "hostedsuite",
            "http-core",
            "keyvalue",
            "live",
            "native",
            "switch",
            "vonage",
            "webhooks",
            "yeti",
        ],
    ),
    (
        "trunkline",
        &[
            "api",
            "call",
            "directory",
            "guard",
            "history",
            "http-core",
            "import",
            "keyvalue",
            "live",
            "switch",
            "switch-sip",
            "tls",
            "vonage",
            "webhooks",
            "yeti",
        ],
    ),
    (
        "testkit",
        &[
            "api",
            "call",
            "directory",
            "guard",
            "history",
            "keyvalue",
            "live",
            "sip",
            "switch",
            "switch-sip",
            "trunkline",
        ],
    ),
    ("xtask", &["testkit"]),
    ("fuzz", &["api", "codec", "sip", "switch-sip"]),
];

/// Dialects do not know each other, nor the switch.
const DIALECT: &[&str] =
    &["call", "directory", "guard", "history", "http-core", "keyvalue", "live", "questions", "webhooks"];

/// For tests only.
const TESTKIT: &str = "testkit";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let members = tree.manifests.iter().filter(|manifest| manifest.path != "Cargo.toml");
    members.flat_map(check_manifest).collect()
}

fn check_manifest(manifest: &File) -> Vec<Finding> {
    let table = match DeTable::parse(&manifest.text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            let message = format!("this is not a manifest: {}", error.message());
            return vec![manifest.error(at, message)];
        }
    };
    let Some((at, name)) = package_name(&table) else {
        return vec![manifest.error(0, "the manifest has no package name".to_owned())];
    };
    let Some((_, allowed)) = LAYERS.iter().find(|(known, _)| *known == name) else {
        let message = format!("`{name}` has no place in the layers; give it one in xtask/src/tidy/layers.rs");
        return vec![manifest.error(at, message)];
    };
    let wrong = dependencies(&table).into_iter().filter(|found| !found.is_allowed(name, allowed));
    wrong.map(|found| manifest.error(found.at, found.objection(name, allowed))).collect()
}

impl File {
    /// An error at the line of the byte `at`.
    fn error(&self, at: usize, message: String) -> Finding {
        let before = self.text.get(..at).unwrap_or_default();
        Finding::error(&self.path, before.matches('\n').count() + 1, message)
    }
}

struct Dependency {
    at: usize,
    name: String,
    kind: String,
}

impl Dependency {
    fn is_allowed(&self, of: &str, allowed: &[&str]) -> bool {
        let is_foreign = !LAYERS.iter().any(|(name, _)| *name == self.name);
        let is_for_tests = self.kind == "dev-dependencies" && (self.name == TESTKIT || self.name == of);
        is_foreign || is_for_tests || allowed.contains(&self.name.as_str())
    }

    fn objection(&self, of: &str, allowed: &[&str]) -> String {
        let name = &self.name;
        if name == TESTKIT {
            return format!(
                "`{of}` may depend on `{TESTKIT}` in [dev-dependencies] only, not in [{}]",
                self.kind
            );
        }
        let allowed = if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") };
        format!("`{of}` must not depend on `{name}`; of the workspace it may depend on: {allowed}")
    }
}

fn package_name<'a>(table: &'a DeTable<'_>) -> Option<(usize, &'a str)> {
    let name = table.get("package")?.get_ref().get("name")?;
    Some((name.span().start, name.get_ref().as_str()?))
}

/// Those of the manifest, and those of its `[target.….dependencies]`.
fn dependencies(table: &DeTable<'_>) -> Vec<Dependency> {
    let targets = table.get("target").and_then(|targets| targets.get_ref().as_table());
    let targets = targets.into_iter().flat_map(|targets| targets.values());
    let targets = targets.filter_map(|target| target.get_ref().as_table());
    [table].into_iter().chain(targets).flat_map(of_table).collect()
}

fn of_table<'a>(table: &'a DeTable<'_>) -> impl Iterator<Item = Dependency> + use<'a> {
    let kinds = ["dependencies", "build-dependencies", "dev-dependencies"];
    kinds.into_iter().flat_map(|kind| {
        let found = table.get(kind).and_then(|found| found.get_ref().as_table());
        let found = found.into_iter().flat_map(|found| found.iter());
        found.map(|(key, value)| Dependency {
            at: key.span().start,
            name: package(value).unwrap_or(key.get_ref()).to_owned(),
            kind: kind.to_owned(),
        })
    })
}

/// The package's own name, if the manifest gives it another.
fn package<'a>(value: &'a Spanned<DeValue<'_>>) -> Option<&'a str> {
    value.get_ref().get("package")?.get_ref().as_str()
}
