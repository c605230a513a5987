//! The page that people sign in on. It loads nothing, runs nothing and can be framed by nobody.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use directory::model::{Area, Scope};
use sha2::{Digest, Sha256};

use super::errors::unstored;

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:22rem;margin:10vh auto;padding:0 1rem}\
label{display:block;margin:1rem 0}input{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.5rem}\
button{font:inherit;padding:.5rem 1.5rem}[role=alert]{color:#a00}";

/// What the form asks and takes along.
pub struct SignInForm<'a> {
    /// The application's name.
    pub application: &'a str,
    /// What it wants to have.
    pub scope: Scope,
    /// What is wrong with what was sent before.
    pub trouble: Option<&'a str>,
    /// The user name that was sent before.
    pub username: &'a str,
    /// What comes back as it is.
    pub hidden: Vec<(&'static str, &'a str)>,
    /// Where the person will go back to.
    pub redirect_uri: &'a str,
}

impl SignInForm<'_> {
    /// The page.
    pub fn page(&self, status: StatusCode) -> Response {
        let hidden: String = self.hidden.iter().map(|(name, value)| hidden(name, value)).collect();
        let trouble = self.trouble.map_or_else(String::new, alert);
        let body = format!(
            "<h1>Sign in</h1><p><strong>{application}</strong> asks to use {what} of your account.</p>\
             {trouble}<form method=\"post\" action=\"/authorize\">{hidden}\
             <label>User name<input name=\"username\" value=\"{username}\" autocomplete=\"username\" required></label>\
             <label>Password<input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
             <button>Allow</button></form>",
            application = escaped(self.application),
            what = wanted(self.scope),
            username = escaped(self.username),
        );
        page(status, &body, source(self.redirect_uri).as_deref())
    }
}

/// What an application wants to have of an account, for people.
fn wanted(scope: Scope) -> String {
    let areas: Vec<_> = scope.named().map(Area::name).collect();
    if areas.is_empty() { "the telephones".to_owned() } else { areas.join(", ") }
}

/// A page that says why there is no form.
pub fn refusal(status: StatusCode, message: &str) -> Response {
    page(status, &format!("<h1>Sign in</h1>{}", alert(message)), None)
}

fn page(status: StatusCode, body: &str, goes_to: Option<&str>) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Sign in</title>\
         <style>{STYLE}</style></head><body>{body}</body></html>"
    );
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    let policy = HeaderValue::from_str(&policy(goes_to)).expect("sources are plain ASCII");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    unstored(response)
}

/// Browsers hold the redirect that answers a form to `form-action` too.
fn policy(goes_to: Option<&str>) -> String {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let goes_to = goes_to.map_or_else(String::new, |source| format!(" {source}"));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'{goes_to}; \
         frame-ancestors 'none'; base-uri 'none'"
    )
}

/// Scheme and host of a URI, as a source of a content security policy; of a private scheme, that alone.
fn source(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    let authority = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?']).next());
    let source = match (scheme, authority) {
        ("http" | "https", Some(authority)) => format!("{scheme}://{authority}"),
        _ => format!("{scheme}:"),
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:/[]".contains(&byte);
    source.bytes().all(is_plain).then_some(source)
}

fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(value))
}

fn alert(message: &str) -> String {
    format!("<p role=\"alert\">{}</p>", escaped(message))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_may_lead_only_to_the_place_that_the_person_goes_back_to() {
        let cases = [
            ("https://app.example.com/back?x=1", Some("https://app.example.com")),
            ("http://127.0.0.1:8123/back", Some("http://127.0.0.1:8123")),
            ("com.example.app:/back", Some("com.example.app:")),
            ("https://a;script-src/x", None),
        ];
        for (uri, expected) in cases {
            assert_eq!(source(uri).as_deref(), expected, "{uri}");
        }
    }
}
