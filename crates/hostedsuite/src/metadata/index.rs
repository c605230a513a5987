//! The list of all operations.

use super::PAGES;
use crate::{
    format::{STYLE, escaped},
    operation::{OPERATIONS, Operation},
};

/// The page.
pub fn print() -> String {
    let rows: String = OPERATIONS.iter().map(row).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>HostedSuite</title>\
         <style>{STYLE}</style></head>\n<body><h1>HostedSuite</h1>\n\
         <p>The operations of this service. Each request carries CustomerName, UserName and Password.</p>\n\
         <table><tr><th>Operation</th><th>Route</th><th>Description</th><th>Metadata</th></tr>\n{rows}</table>\n\
         <h2>Types for clients</h2>\n<p><a href=\"/api/types/typescript\">TypeScript</a>, \
         <a href=\"/api/types/metadata\">JSON</a></p>\n</body></html>\n"
    )
}

fn row(operation: &Operation) -> String {
    let name = operation.name();
    let link = |word: &str| format!("<a href=\"/api/{word}/metadata?op={name}\">{}</a>", word.to_uppercase());
    format!(
        "<tr><td>{name}</td><td>{} {}</td><td>{}</td><td>{}</td></tr>\n",
        operation.method.word(),
        operation.full_path(),
        escaped(operation.about),
        PAGES.map(|word| link(word.name())).join(" ")
    )
}
