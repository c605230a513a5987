//! CSV: a line of member names, and a line of values for each request. Values that are objects or lists are JSV
//! in their cell.

use serde_json::Value as Json;

use super::{Unreadable, object};

/// The tree: an object if there is one line of values, else a list.
pub fn parse(body: &[u8]) -> Result<Json, Unreadable> {
    let unreadable = |error: csv::Error| Unreadable(error.to_string());
    let mut lines = csv::ReaderBuilder::new().from_reader(body);
    let names = lines.headers().map_err(unreadable)?.clone();
    let mut requests = Vec::new();
    for line in lines.records() {
        let line = line.map_err(unreadable)?;
        let pairs = names.iter().zip(&line).map(|(name, value)| (name.trim().to_owned(), value.to_owned()));
        requests.push(object(pairs.collect()));
    }
    Ok(if requests.len() == 1 { requests.remove(0) } else { Json::Array(requests) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_of_values_is_a_request() {
        let body = b"UserName,Password,Notes\r\nanna,\"a,\"\"b\",\r\n";
        assert_eq!(parse(body), Ok(json!({"UserName": "anna", "Password": "a,\"b"})));
    }

    #[test]
    fn lines_that_do_not_fit_the_names_are_refused() {
        assert!(parse(b"a,b\r\n1\r\n").is_err());
        assert!(parse(b"a\r\n\xff\r\n").is_err());
    }
}
