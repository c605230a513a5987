//! `multipart/form-data` (RFC 7578), its texts; files are passed over.

use serde_json::Value as Json;

use super::{Unreadable, object};

/// The boundary among the parameters of a `Content-Type`.
pub fn boundary(parameters: &str) -> Option<String> {
    parameter(parameters, "boundary").filter(|boundary| !boundary.is_empty() && boundary.len() <= 200)
}

/// The tree.
pub fn parse(body: &[u8], boundary: &str) -> Result<Json, Unreadable> {
    let delimiter = format!("\r\n--{boundary}");
    let body = [b"\r\n", body].concat();
    let mut pairs = Vec::new();
    for part in split(&body, delimiter.as_bytes()).into_iter().skip(1) {
        if part.starts_with(b"--") {
            return Ok(object(pairs));
        }
        pairs.extend(field(part)?);
    }
    Err(Unreadable("the last boundary is missing".to_owned()))
}

/// The name and text of a part; `None` if it is a file.
fn field(part: &[u8]) -> Result<Option<(String, String)>, Unreadable> {
    let part = part.strip_prefix(b"\r\n").unwrap_or(part);
    let blank = b"\r\n\r\n";
    let end = part.windows(blank.len()).position(|window| window == blank).unwrap_or(part.len());
    let (head, value) = part.split_at(end);
    let (head, value) = (String::from_utf8_lossy(head), value.strip_prefix(blank).unwrap_or_default());
    let is_disposition = |line: &&str| line.to_ascii_lowercase().starts_with("content-disposition:");
    let disposition = head.lines().find(is_disposition).unwrap_or_default();
    if parameter(disposition, "filename").is_some() {
        return Ok(None);
    }
    let name = parameter(disposition, "name");
    let name = name.ok_or_else(|| Unreadable("a part has no name".to_owned()))?;
    Ok(Some((name, String::from_utf8_lossy(value).into_owned())))
}

/// A parameter of a header, without its quotes.
fn parameter(header: &str, name: &str) -> Option<String> {
    let parameters = header.split(';').filter_map(|parameter| parameter.split_once('='));
    let mut fitting = parameters.filter(|(found, _)| found.trim().eq_ignore_ascii_case(name));
    fitting.next().map(|(_, value)| value.trim().trim_matches('"').to_owned())
}

fn split<'a>(text: &'a [u8], at: &[u8]) -> Vec<&'a [u8]> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some(found) = rest.windows(at.len()).position(|window| window == at) {
        let (part, after) = rest.split_at(found);
        parts.push(part);
        rest = after.get(at.len()..).unwrap_or_default();
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BODY: &str = "preamble\r\n--x\r\nContent-Disposition: form-data; name=\"UserName\"\r\n\r\nanna\r\n--x\r\n\
        content-disposition: form-data; name=Notes\r\nContent-Type: text/plain\r\n\r\ntwo\r\n\r\nlines\r\n--x\r\n\
        Content-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\nfile\r\n--x--\r\n";

    #[test]
    fn the_texts_of_a_form_are_read_and_its_files_are_not() {
        let expected = json!({"UserName": "anna", "Notes": "two\r\n\r\nlines"});
        assert_eq!(parse(BODY.as_bytes(), "x"), Ok(expected));
    }

    #[test]
    fn a_form_without_its_end_or_a_part_without_a_name_is_refused() {
        assert!(parse(BODY.replace("--x--", "").as_bytes(), "x").is_err());
        assert!(parse(b"--x\r\n\r\nvalue\r\n--x--", "x").is_err());
    }

    #[test]
    fn the_boundary_may_be_quoted() {
        assert_eq!(boundary(" charset=utf-8; Boundary=\"a b\"").as_deref(), Some("a b"));
        assert_eq!(boundary("charset=utf-8"), None);
    }
}
