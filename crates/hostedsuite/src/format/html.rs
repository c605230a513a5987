//! A page for people: the answer as a table, with the answer itself and links to it in the other formats. It
//! loads nothing from anywhere.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Document, Format, JsonStyle, Word};
use crate::dto::{Dto, Kind, Value, value::double};

/// What a browser may do with a page: show it.
pub const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; \
                          base-uri 'none'; frame-ancestors 'none'";

/// How pages look.
pub const STYLE: &str = "body{font:14px/1.45 system-ui,sans-serif;margin:2rem;color:#222}\
    h1{font-size:1.3rem}h2{font-size:1.05rem;margin-top:2rem}table{border-collapse:collapse;margin:.5rem 0}\
    th,td{border:1px solid #ccc;padding:.25rem .5rem;text-align:left;vertical-align:top}th{background:#f3f3f3}\
    pre{background:#f6f6f6;padding:.75rem;overflow:auto}a{color:#05a}";

/// The page.
pub fn print(document: &Document<'_>) -> String {
    let title = escaped(&format!("{} Snapshot of {}", document.name, document.made_at));
    let links: Vec<_> = others().map(|word| link(document, word)).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <style>{STYLE}</style></head>\n<body><h1>{title}</h1>\n<p>The same as {}</p>\n{}\n\
         <script id=\"dto\" type=\"text/json\">{}</script>\n</body></html>\n",
        links.join(", "),
        table(document.value),
        JsonStyle::default().print(document.value).replace('<', "\\u003c"),
    )
}

fn others() -> impl Iterator<Item = Word> {
    Word::ALL.into_iter().filter(|word| *word != Word::Html)
}

/// The answer was made for a request that a link cannot repeat, as its credentials are in its body; so the link
/// holds the answer.
fn link(document: &Document<'_>, word: Word) -> String {
    let content = STANDARD.encode(Format::plain(word).print(document));
    let (name, media, word) = (escaped(document.name), word.media_type(), word.name());
    format!("<a download=\"{name}.{word}\" href=\"data:{media};charset=utf-8;base64,{content}\">{word}</a>")
}

fn table(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => escaped(text),
        Value::Int(number) => number.to_string(),
        Value::Double(number) => double(*number),
        Value::Bool(truth) => truth.to_string(),
        Value::List(_, items) if items.is_empty() => "none".to_owned(),
        Value::List(Kind::Object(dto), items) => rows(dto, items),
        Value::List(_, items) => items.iter().map(table).collect::<Vec<_>>().join(", "),
        Value::Dictionary(pairs) => {
            let pairs = pairs.iter().map(|(name, text)| pair(name, &escaped(text)));
            format!("<table>{}</table>", pairs.collect::<String>())
        }
        Value::Object(..) => {
            let pairs = value.members().map(|(member, value)| pair(member.name, &table(value)));
            format!("<table>{}</table>", pairs.collect::<String>())
        }
    }
}

fn rows(dto: &'static Dto, items: &[Value]) -> String {
    let head: String = dto.all_members().map(|member| format!("<th>{}</th>", member.name)).collect();
    let row = |item: &Value| {
        let cells: String = item.members().map(|(_, value)| format!("<td>{}</td>", table(value))).collect();
        format!("<tr>{cells}</tr>\n")
    };
    format!("<table><tr>{head}</tr>\n{}</table>", items.iter().map(row).collect::<String>())
}

fn pair(name: &str, cell: &str) -> String {
    format!("<tr><th>{}</th><td>{cell}</td></tr>", escaped(name))
}

/// A text as it stands in HTML or XML, also in an attribute. Characters that XML cannot hold are replaced.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' => escaped.push(character),
            '\r' => escaped.push_str("&#xD;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
