//! XML as the vendor's serializer writes it, members in any order and namespace. Document types are refused, so
//! there are no entities beside the five of XML itself.

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};
use serde_json::Value as Json;

use super::{DEPTH, Unreadable, text};

/// An element that has not ended yet.
#[derive(Default)]
struct Element {
    name: String,
    is_nil: bool,
    text: String,
    children: Vec<(String, Json)>,
}

/// The tree: the members of the root element; a list if that is an `ArrayOf…`.
pub fn parse(body: &[u8]) -> Result<Json, Unreadable> {
    let mut reader = Reader::from_str(text(body)?);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = vec![Element::default()];
    loop {
        match reader.read_event().map_err(unreadable)? {
            Event::Start(_) if open.len() > DEPTH => return Err(too_deep()),
            Event::Start(start) => open.push(element(&start)?),
            Event::End(_) => end(&mut open),
            Event::Text(part) => write(&mut open, &part.decode().map_err(unreadable)?),
            Event::CData(part) => write(&mut open, &part.decode().map_err(unreadable)?),
            Event::GeneralRef(reference) => write(&mut open, &character(&reference)?),
            Event::DocType(_) => return Err(Unreadable("a document type is not accepted".to_owned())),
            Event::Eof => return root(open),
            Event::Empty(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, Unreadable> {
    let mut element = Element { name: local(start.local_name().as_ref()), ..Element::default() };
    // To look for doubled ones would take a time that grows with their square.
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(unreadable)?;
        let is_nil = attribute.key.local_name().as_ref() == b"nil";
        element.is_nil |= is_nil && matches!(attribute.value.as_ref(), b"true" | b"1");
    }
    Ok(element)
}

fn end(open: &mut Vec<Element>) {
    let Some(ended) = open.pop() else { return };
    let is_request = match open.as_slice() {
        [_] => !ended.is_list(),
        [_, root] => root.is_list(),
        _ => false,
    };
    if let Some(parent) = open.last_mut() {
        let name = ended.name.clone();
        let value = if is_request { ended.request() } else { ended.value() };
        parent.children.push((name, value));
    }
}

fn write(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// The character that a reference stands for.
fn character(reference: &BytesRef<'_>) -> Result<String, Unreadable> {
    if let Some(character) = reference.resolve_char_ref().map_err(unreadable)? {
        return Ok(character.to_string());
    }
    let name = reference.decode().map_err(unreadable)?;
    let predefined = quick_xml::escape::resolve_predefined_entity(&name);
    predefined.map(str::to_owned).ok_or_else(|| Unreadable(format!("there is no entity {name:?}")))
}

/// What stood in the document.
fn root(open: Vec<Element>) -> Result<Json, Unreadable> {
    let [document] =
        <[Element; 1]>::try_from(open).map_err(|_| Unreadable("it ends too early".to_owned()))?;
    match <[(String, Json); 1]>::try_from(document.children) {
        Ok([(_, value)]) => Ok(value),
        Err(_) => Err(Unreadable("it has not exactly one root element".to_owned())),
    }
}

impl Element {
    /// Whether it holds several requests.
    fn is_list(&self) -> bool {
        self.name.starts_with("ArrayOf")
    }

    /// Its children as members.
    fn request(self) -> Json {
        Json::Object(self.children.into_iter().collect())
    }

    /// Its text, the list of its children if all are called alike, or an object.
    fn value(self) -> Json {
        if self.is_nil {
            return Json::Null;
        }
        match self.children.first() {
            None => Json::String(self.text),
            Some((name, _)) if name.starts_with("KeyValueOf") => pairs(self.children),
            Some((name, _)) if self.children.iter().all(|(other, _)| other == name) => {
                Json::Array(self.children.into_iter().map(|(_, value)| value).collect())
            }
            Some(_) => self.request(),
        }
    }
}

/// A dictionary, each entry of which has a key and a value.
fn pairs(entries: Vec<(String, Json)>) -> Json {
    let pair = |(_, mut entry): (String, Json)| {
        let key = entry.get("Key").and_then(Json::as_str).map(str::to_owned)?;
        Some((key, entry.get_mut("Value").map(Json::take).unwrap_or_default()))
    };
    Json::Object(entries.into_iter().filter_map(pair).collect())
}

/// A name without its prefix.
fn local(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

fn too_deep() -> Unreadable {
    Unreadable(format!("elements are nested deeper than {DEPTH}"))
}

fn unreadable(error: impl std::fmt::Display) -> Unreadable {
    Unreadable(error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Json {
        parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn members_are_read_in_any_order_and_namespace() {
        let text = "<?xml version=\"1.0\"?>\n<!-- a request --><x:R xmlns:x='urn:x' xmlns:i='urn:i'>\n\
            <x:Page>1</x:Page><Notes>a &lt; b &#x26; <![CDATA[<c>]]></Notes><EndDate i:nil=\"true\"/><Name/></x:R>";
        let expected = json!({"Page": "1", "Notes": "a < b & <c>", "EndDate": null, "Name": ""});
        assert_eq!(read(text), expected);
    }

    #[test]
    fn lists_and_dictionaries_are_read() {
        let text = "<R><Ids xmlns:a='urn:a'><a:string>x</a:string><a:string>y</a:string></Ids><One><s>z</s></One>\
            <Filter><KeyValueOfstringstring><Key>k</Key><Value>v</Value></KeyValueOfstringstring></Filter></R>";
        assert_eq!(read(text), json!({"Ids": ["x", "y"], "One": ["z"], "Filter": {"k": "v"}}));
    }

    #[test]
    fn a_request_with_one_member_is_no_list() {
        assert_eq!(read("<R><Name>a</Name></R>"), json!({"Name": "a"}));
        assert_eq!(read("<R/>"), json!({}));
        assert_eq!(read("<ArrayOfR><R><Name>a</Name></R><R/></ArrayOfR>"), json!([{"Name": "a"}, {}]));
    }

    #[test]
    fn document_types_and_their_entities_are_refused() {
        let bomb = "<!DOCTYPE r [<!ENTITY a \"aaaa\">]><R><Name>&a;</Name></R>";
        assert!(parse(bomb.as_bytes()).unwrap_err().0.contains("document type"));
        assert!(parse(b"<R><Name>&a;</Name></R>").unwrap_err().0.contains("entity"));
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let deep = "<a>".repeat(100_000);
        for text in ["<R>", "<R></S>", "text", "<R/><R/>", "<R><Name></R>", "<R>&", "<R a=1/>", &deep] {
            assert!(parse(text.as_bytes()).is_err(), "{text:.20}");
        }
        assert!(parse(b"<R>\xff</R>").is_err());
    }
}
