//! Whoever knows what would be sent is not sent it again, whatever the dialect.

use axum::http::Method;
use call::AccountId;
use http_core::config::StaticToken;

use crate::harness::Server;

async fn server() -> Server {
    let token = StaticToken::of("fixed", AccountId(1001));
    Server::start_with(|config| config.http.tokens = vec![token].into()).await
}

/// Something to read of each dialect: a path, and whether its credentials are a token.
const READ: [(&str, Option<&str>); 4] = [
    ("/cc/accounts/1001/calls", Some("fixed")),
    ("/registration/accounts/1001/devices", Some("fixed")),
    ("/api/types/typescript", None),
    ("/api/json/metadata?op=ListCallRecordsRequest", None),
];

#[tokio::test]
async fn a_known_body_is_not_sent_again() {
    let server = server().await;
    for (path, token) in READ {
        let ask = |method, known: Option<&str>| {
            let mut asked = server.request(method, path);
            if let Some(token) = token {
                asked = asked.header("authorization", &format!("Bearer {token}"));
            }
            match known {
                Some(known) => asked.header("if-none-match", known),
                None => asked,
            }
        };
        let first = ask(Method::GET, None).send().await;
        let etag = first.header("etag").to_owned();
        assert_eq!((first.status.as_u16(), etag.len()), (200, 36), "{path}");
        for known in [etag.clone(), "*".to_owned(), format!("\"x\", {etag}"), etag.replace("W/", "")] {
            let again = ask(Method::GET, Some(&known)).send().await;
            assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path} {known}");
            assert_eq!(again.header("etag"), etag);
        }
        let other = ask(Method::GET, Some("W/\"0\"")).send().await;
        assert_eq!((other.status.as_u16(), &other.body), (200, &first.body), "{path}");
        let head = ask(Method::HEAD, None).send().await;
        assert_eq!((head.status.as_u16(), head.header("etag")), (200, &*etag), "HEAD {path}");
    }
}

#[tokio::test]
async fn refusals_have_no_etag() {
    let server = server().await;
    for path in ["/cc/accounts/1001/calls", "/v1/calls/x/annotations", "/nowhere"] {
        assert_eq!(server.request(Method::GET, path).send().await.header("etag"), "", "{path}");
    }
}
