//! JSV: objects and lists as in JSON, texts as in CSV. A text is quoted with `"`, a quote in it is doubled; one
//! without quotes goes on to the next `,`, `}` or `]`.

use serde_json::{Map, Value as Json};

use super::{DEPTH, Unreadable, text};

/// The tree. All that is no object and no list is text; a text that is left out is null.
pub fn parse(body: &[u8]) -> Result<Json, Unreadable> {
    let mut reader = Reader { rest: text(body)?.trim(), depth: 0 };
    let value = reader.value()?;
    match reader.rest.trim() {
        "" => Ok(value),
        rest => Err(Unreadable(format!("after the end comes {:?}", start(rest)))),
    }
}

/// The items of a list in a text: `[a,b]`, or `a,b`.
pub fn list(text: &str) -> Vec<Json> {
    match parse(text.trim().as_bytes()) {
        Ok(Json::Array(items)) => items,
        _ => text.split(',').map(|item| Json::String(item.trim().to_owned())).collect(),
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Json, Unreadable> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next() {
            Some('{') => self.nested('}', Self::object),
            Some('[') => self.nested(']', Self::list),
            Some('"') => self.quoted().map(Json::String),
            _ => Ok(self.bare()),
        }
    }

    /// What stands between brackets.
    fn nested(
        &mut self,
        close: char,
        read: impl FnOnce(&mut Self, char) -> Result<Json, Unreadable>,
    ) -> Result<Json, Unreadable> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Unreadable(format!("values are nested deeper than {DEPTH}")));
        }
        self.skip();
        let value = read(self, close)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self, close: char) -> Result<Json, Unreadable> {
        let mut members = Map::new();
        while !self.closes(close)? {
            let name = self.name()?;
            let value = self.value()?;
            members.insert(name, value);
            self.part(close)?;
        }
        Ok(Json::Object(members))
    }

    fn list(&mut self, close: char) -> Result<Json, Unreadable> {
        let mut items = Vec::new();
        while !self.closes(close)? {
            items.push(self.value()?);
            self.part(close)?;
        }
        Ok(Json::Array(items))
    }

    /// Whether the bracket closes here; it is passed over then.
    fn closes(&mut self, close: char) -> Result<bool, Unreadable> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next() {
            None => Err(Unreadable(format!("it ends before {close:?}"))),
            Some(found) if found == close => {
                self.skip();
                Ok(true)
            }
            Some(_) => Ok(false),
        }
    }

    /// Passes over a comma; before the closing bracket there is none.
    fn part(&mut self, close: char) -> Result<(), Unreadable> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next() {
            Some(',') => self.skip(),
            Some(found) if found == close => {}
            _ => return Err(Unreadable(format!("found {:?}, not a comma or {close:?}", start(self.rest)))),
        }
        Ok(())
    }

    fn name(&mut self) -> Result<String, Unreadable> {
        let name = if self.rest.starts_with('"') { self.quoted()? } else { self.until(&[':', ',', '}']) };
        self.rest = self.rest.trim_start();
        if !self.rest.starts_with(':') {
            return Err(Unreadable(format!("after the name {:?} comes no colon", start(&name))));
        }
        self.skip();
        Ok(name)
    }

    fn bare(&mut self) -> Json {
        let text = self.until(&[',', '}', ']']);
        if text.is_empty() { Json::Null } else { Json::String(text) }
    }

    fn until(&mut self, ends: &[char]) -> String {
        let (text, rest) = self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        text.trim().to_owned()
    }

    /// The text between quotes.
    fn quoted(&mut self) -> Result<String, Unreadable> {
        self.skip();
        let mut text = String::new();
        loop {
            let Some((part, rest)) = self.rest.split_once('"') else {
                return Err(Unreadable("a text has no closing quote".to_owned()));
            };
            (self.rest, text) = (rest, text + part);
            if !self.rest.starts_with('"') {
                return Ok(text);
            }
            self.skip();
            text.push('"');
        }
    }

    fn skip(&mut self) {
        let mut chars = self.rest.chars();
        chars.next();
        self.rest = chars.as_str();
    }
}

/// As much of a text as an error shows.
fn start(text: &str) -> &str {
    text.char_indices().nth(20).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Json {
        parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn objects_lists_and_texts_are_read() {
        let text = r#"{StartDate:"2026-03-01 12:00",Page:0,Ids:[a,"b,c"], Filter : {x:1},None:,Empty:""}"#;
        let expected = json!({
            "StartDate": "2026-03-01 12:00",
            "Page": "0",
            "Ids": ["a", "b,c"],
            "Filter": {"x": "1"},
            "None": null,
            "Empty": "",
        });
        assert_eq!(read(text), expected);
    }

    #[test]
    fn a_quote_in_a_text_is_doubled() {
        assert_eq!(read(r#"{a:"say ""hi""",b:""""}"#), json!({"a": "say \"hi\"", "b": "\""}));
    }

    #[test]
    fn a_text_without_quotes_may_hold_colons() {
        assert_eq!(
            read("{StartDate:2026-03-01 12:00,Page:1}"),
            json!({"StartDate": "2026-03-01 12:00", "Page": "1"})
        );
    }

    #[test]
    fn what_is_no_jsv_is_refused() {
        for text in ["{", "{a", "{a:1", "{a}", "{a:[1}", "{a:1}}", "{a:\"x}", "[", &"[".repeat(100_000)] {
            assert!(parse(text.as_bytes()).is_err(), "{text:.20}");
        }
        assert!(parse(b"{a:\xff}").is_err());
    }

    #[test]
    fn a_list_in_a_text_has_brackets_or_not() {
        assert_eq!(list("[a,\"b,c\"]"), [json!("a"), json!("b,c")]);
        assert_eq!(list("a, b"), [json!("a"), json!("b")]);
    }
}
