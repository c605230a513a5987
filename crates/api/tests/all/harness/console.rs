//! People who use the console.

use super::{Answer, Asking, PASSWORD, Server};

/// An address in the operator's networks.
const OPERATOR: [u8; 4] = [127, 0, 0, 1];

/// Somebody who is signed in.
pub struct SignedIn<'a> {
    server: &'a Server,
    cookie: String,
    token: String,
}

impl Server {
    /// Signs a user in.
    pub async fn sign_in(&self, login: &str) -> SignedIn<'_> {
        let answer =
            self.post("/console/sign-in").body(form(&[("login", login), ("password", PASSWORD)])).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let page = self.a_page(&cookie).await;
        let token = between(page.text(), "name=\"token\" value=\"", "\"").to_owned();
        SignedIn { server: self, cookie, token }
    }

    /// A page that the user of a session is let near.
    async fn a_page(&self, cookie: &str) -> Answer {
        for path in ["/console", "/console/history", "/console/exports", "/console/phones"] {
            let page = self.get(path).header("cookie", cookie).send().await;
            if page.status == 200 {
                return page;
            }
        }
        panic!("there is no page for this user");
    }
}

impl SignedIn<'_> {
    /// What the browser sends.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// A request in the making.
    pub fn asks(&self, path: &str) -> Asking<'_> {
        self.server.get(path).header("cookie", &self.cookie)
    }

    /// A page.
    pub async fn page(&self, path: &str) -> Answer {
        self.asks(path).send().await
    }

    /// A form of one of its pages.
    pub async fn sends(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.posts(path).body(self.filled_in(fields)).await
    }

    /// The same, as the module sends it.
    pub async fn sends_as_module(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let asking = self.posts(path).header("accept", "text/plain, text/html");
        asking.body(self.filled_in(fields)).await
    }

    /// A page, for somebody in the operator's networks.
    pub async fn operator_page(&self, path: &str) -> Answer {
        self.asks(path).from(OPERATOR).send().await
    }

    /// A form of one of its pages, by somebody in the operator's networks.
    pub async fn operator_sends(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.posts(path).from(OPERATOR).body(self.filled_in(fields)).await
    }

    fn posts(&self, path: &str) -> Asking<'_> {
        self.server.post(path).header("cookie", &self.cookie)
    }

    fn filled_in(&self, fields: &[(&str, &str)]) -> String {
        form(&[&[("token", self.token.as_str())], fields].concat())
    }
}

/// The body of a form.
pub fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// What stands between the first `before` and the next `after`.
#[track_caller]
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}")).1;
    rest.split_once(after).unwrap().0
}
