//! A sample of a call.

use crate::{
    dto::{Value, sample, sample_object},
    format::{JsonStyle, Word, dump_jsv, dump_xml},
    operation::{Operation, Verb},
};

/// What is sent.
pub fn request(operation: &'static Operation, word: Word, host: &str) -> String {
    let (verb, path, media) = (operation.method.word(), operation.full_path(), word.media_type());
    let head = format!("{verb} {path} HTTP/1.1 \nHost: {host} \nAccept: {media}");
    match operation.method {
        Verb::Get => head,
        Verb::Post => {
            let body = body(&sample_object(operation.request), word);
            format!("{head}\nContent-Type: {media}\nContent-Length: length\n\n{body}")
        }
    }
}

/// What comes back.
pub fn response(operation: &'static Operation, word: Word) -> String {
    let body = body(&sample(&operation.response), word);
    format!("HTTP/1.1 200 OK\nContent-Type: {}\nContent-Length: length\n\n{body}", word.media_type())
}

/// The vendor's pages for CSV show JSON.
fn body(value: &Value, word: Word) -> String {
    match word {
        Word::Xml => dump_xml(value),
        Word::Jsv => dump_jsv(value),
        Word::Json | Word::Csv | Word::Html => JsonStyle::default().print(value),
    }
}
