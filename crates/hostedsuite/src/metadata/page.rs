//! The page of one operation in one format: its route, its types, and a sample of a call.

use super::sample;
use crate::{
    dto::{Choice, Dto, Member},
    format::{STYLE, Word, escaped},
    operation::{Operation, Type},
};

/// The page.
pub fn print(operation: &'static Operation, word: Word, host: &str) -> String {
    let name = operation.name();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>HostedSuite</title>\
         <style>{STYLE}</style></head>\n<body><h1>HostedSuite</h1>\n\
         <p><a href=\"/api/metadata\">&lt;back to all web services</a></p>\n<h2>{name}</h2>\n<p>{}</p>\n\
         <p>The following routes are available for this service:</p>\n\
         <table class=\"routes\"><tr><td>{}</td><td>{}</td></tr></table>\n{}{}{}</body></html>\n",
        escaped(operation.about),
        operation.method.word(),
        operation.full_path(),
        tables(operation),
        notes(word),
        samples(operation, word, host),
    )
}

/// A table for each type: those of the request first.
fn tables(operation: &'static Operation) -> String {
    let request = operation.request.lineage().map(Type::Dto);
    let types = request.chain(operation.types.iter().copied());
    types
        .map(|of| match of {
            Type::Dto(dto) => members(dto),
            Type::Choice(choice) => words(choice),
        })
        .collect()
}

fn members(dto: &'static Dto) -> String {
    if dto.members.is_empty() {
        return String::new();
    }
    let rows: String = dto.members.iter().map(|member| row(dto, member)).collect();
    format!(
        "<table class=\"params\"><caption>{} Parameters:</caption>\n<thead><tr><th>Name</th><th>Parameter</th>\
         <th>Data Type</th><th>Required</th><th>Description</th></tr></thead>\n<tbody>\n{rows}</tbody></table>\n",
        escaped(&dto.full_name())
    )
}

fn row(dto: &Dto, member: &Member) -> String {
    format!(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        member.name,
        member.said.place,
        escaped(&dto.type_of(member)),
        if member.said.is_required { "Yes" } else { "No" },
        escaped(member.said.about)
    )
}

fn words(choice: &Choice) -> String {
    let rows: String = choice.words.iter().map(|word| format!("<tr><td>{word}</td></tr>\n")).collect();
    format!(
        "<table class=\"enum\"><caption>{} Enum:</caption>\n<tbody>\n{rows}</tbody></table>\n",
        choice.name
    )
}

/// What every page says of its format.
fn notes(word: Word) -> String {
    let name = word.name();
    let jsonp = "<p>To embed the response in a jsonp callback, append <em>?callback=myCallback</em></p>\n";
    format!(
        "<p>To override the Content-type in your clients, use the HTTP <strong>Accept</strong> Header, append \
         the <em>.{name}</em> suffix or <em>?format={name}</em></p>\n{}",
        if word == Word::Json { jsonp } else { "" }
    )
}

fn samples(operation: &'static Operation, word: Word, host: &str) -> String {
    format!(
        "<h3>HTTP + {}</h3>\n<p>The following are sample HTTP requests and responses. The placeholders shown \
         need to be replaced with actual values.</p>\n<pre>{}</pre>\n<pre>{}</pre>\n",
        word.name().to_uppercase(),
        escaped(&sample::request(operation, word, host)),
        escaped(&sample::response(operation, word)),
    )
}
