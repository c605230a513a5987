//! `GET /invoices/{id}/download`: the invoice as a document. Of HTML and CSV, `?format=` chooses; HTML if it does not.

use axum::response::{IntoResponse, Response};
use directory::model::InvoiceSum;
use http_core::{
    file::{Content, Label, WantedPart},
    time::in_zone,
};
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::InvoiceView;
use crate::{
    errors::Refusal,
    request::{FileRequest, SentId},
    routes::resource::find,
};

const TITLES: [&str; 6] = ["Destination", "Calls", "Answered", "Seconds", "Billed Seconds", "Amount"];

/// What the document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Html,
    Csv,
}

/// The document, or the part of it that is asked for.
pub async fn download(
    FileRequest(request): FileRequest,
    id: SentId,
    wanted: WantedPart,
) -> Result<Response, Refusal> {
    let invoice: InvoiceView = find(&request, &id).await?;
    let format = match request.query.value("format") {
        None | Some("html") => Format::Html,
        Some("csv") => Format::Csv,
        Some(other) => {
            let detail = format!("{other} is not a valid value for format: accepted is html or csv.");
            return Err(Refusal::invalid(103, "Invalid field value", detail));
        }
    };
    let (text, label) = document(&invoice, format, &id.0);
    let mut content = Content::default();
    content.push(text);
    match wanted.of(content, &label).await {
        Ok(sent) => Ok(sent.into_response()),
        Err(_) => Err(Refusal::internal()),
    }
}

fn document(invoice: &InvoiceView, format: Format, id: &str) -> (String, Label) {
    let (text, media_type, extension) = match format {
        Format::Html => (html(invoice), "text/html; charset=utf-8", "html"),
        Format::Csv => (csv(invoice), "text/csv; charset=utf-8", "csv"),
    };
    let etag = Some(format!("\"{}\"", hex::encode(Sha256::digest(&text))));
    (text, Label { media_type, file_name: format!("{id}.{extension}"), etag })
}

/// A line for each destination, and one for all.
fn rows(invoice: &InvoiceView) -> Vec<[String; 6]> {
    let row = |name: &str, sum: &InvoiceSum| {
        let counts =
            [sum.calls, sum.answered, sum.seconds, sum.billed_seconds].map(|count| count.to_string());
        let [calls, answered, seconds, billed] = counts;
        [name.to_owned(), calls, answered, seconds, billed, sum.amount.normalize().to_string()]
    };
    let lines = invoice.invoice.lines.iter();
    let name = |prefix: Option<&str>| match prefix {
        None => "without a rate".to_owned(),
        Some("") => "any".to_owned(),
        Some(prefix) => prefix.to_owned(),
    };
    let lines = lines.map(|line| row(&name(line.prefix.as_deref()), &line.sum));
    lines.chain([row("Total", &invoice.total)]).collect()
}

/// As in exports: titles as they are, every value in quotes.
fn csv(invoice: &InvoiceView) -> String {
    let mut text = format!("{}\n", TITLES.join(","));
    for row in rows(invoice) {
        let quoted: Vec<_> = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        text.push_str(&quoted.join(","));
        text.push('\n');
    }
    text
}

fn html(invoice: &InvoiceView) -> String {
    let date = |at| in_zone(at, &TimeZone::UTC).strftime("%F %T").to_string();
    let (reference, period) = (escaped(&invoice.invoice.reference), &invoice.invoice.period);
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Invoice {reference}</title></head>\n\
         <body><h1>Invoice {reference}</h1>\n<p>{} to {} (UTC), in {}</p>\n<table>\n",
        date(period.start),
        date(period.end),
        escaped(&invoice.currency),
    );
    let cells = |row: &[String], tag: &str| {
        let cells = row.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell)));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    text.push_str(&cells(&TITLES.map(str::to_owned), "th"));
    rows(invoice).iter().for_each(|row| text.push_str(&cells(row, "td")));
    text.push_str("</table></body></html>\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
