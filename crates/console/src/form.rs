//! Forms that come back: whether they are ours, and what they say.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, header},
};

use crate::{Console, errors::Failure, viewer::Viewer, words};

/// The field that carries what a page of somebody else's does not know.
pub const TOKEN: &str = "token";

/// The fields of a query or of a form, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

/// A form that a signed-in user sent from one of our pages.
pub struct Change {
    /// Who.
    pub viewer: Viewer,
    /// What it says.
    pub fields: Fields,
}

impl Fields {
    /// Reads `name=value&…`. Empty values are left out: that is what an empty field of a form sends.
    pub fn parse(text: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(text).filter(|(_, value)| !value.trim().is_empty());
        Self(pairs.map(|(name, value)| (name.into_owned(), value.trim().to_owned())).collect())
    }

    /// The first value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a field.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The same with another value of a field, or without it.
    #[must_use]
    pub fn with(&self, name: &str, value: Option<&str>) -> Self {
        let others = self.0.iter().filter(|(field, _)| field != name).cloned();
        let value = value.map(|value| (name.to_owned(), value.to_owned()));
        Self(others.chain(value).collect())
    }

    /// As a query: `?name=value&…`, or nothing.
    pub fn query(&self) -> String {
        match self.text() {
            text if text.is_empty() => text,
            text => format!("?{text}"),
        }
    }

    /// The same without the question mark.
    pub fn text(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

impl FromRequest<Console> for Change {
    type Rejection = Failure;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let viewer =
            <Viewer as axum::extract::FromRequestParts<_>>::from_request_parts(&mut parts, console).await?;
        let headers = parts.headers.clone();
        let fields = fields(Request::from_parts(parts, body), console).await?;
        let token = fields.get(TOKEN).unwrap_or_default();
        if !is_from_here(&headers) || !console.sessions.is_form_token(viewer.ticket, token) {
            return Err(Failure::forbidden(words::FORM_IS_OLD));
        }
        Ok(Self { viewer, fields })
    }
}

/// The fields of a request's body.
pub async fn fields(request: Request, console: &Console) -> Result<Fields, Failure> {
    let body =
        Bytes::from_request(request, console).await.map_err(|_| Failure::invalid(words::FORM_TOO_LARGE))?;
    Ok(Fields::parse(&body))
}

/// Whether a form comes from one of our own pages, as far as the browser says: newer ones by `Sec-Fetch-Site`,
/// others by `Origin`.
pub fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    let origin = || {
        let host = text(header::HOST.as_str()).unwrap_or_default();
        text(header::ORIGIN.as_str()).is_none_or(|origin| origin.ends_with(&[b"://", host].concat()))
    };
    text("sec-fetch-site").map_or_else(origin, |site| site == b"same-origin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_field_of_a_form_is_not_there() {
        let fields = Fields::parse(b"a=1&b=&c=+&a=%262");
        assert_eq!(fields.all("a").collect::<Vec<_>>(), ["1", "&2"]);
        assert_eq!((fields.get("b"), fields.get("c")), (None, None));
        assert_eq!(fields.query(), "?a=1&a=%262");
        assert_eq!(fields.with("a", None).query(), "");
        assert_eq!(fields.with("b", Some("ä")).query(), "?a=1&a=%262&b=%C3%A4");
    }

    #[test]
    fn a_form_of_another_site_is_known_by_what_the_browser_says() {
        let cases = [
            (&[][..], true),
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://a.example")], false),
            (&[("origin", "https://a.example"), ("host", "a.example")], true),
            (&[("origin", "https://evil-a.example"), ("host", "a.example")], false),
            (&[("origin", "null"), ("host", "a.example")], false),
        ];
        for (sent, expected) in cases {
            let headers = sent.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            assert_eq!(is_from_here(&headers.collect()), expected, "{sent:?}");
        }
    }
}
