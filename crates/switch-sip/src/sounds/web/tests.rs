//! Fetching from hosts that behave and from hosts that do not.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};

use super::*;

/// A host that answers each connection with the next of some answers; gives its address and what it is
/// asked.
async fn host(answers: Vec<String>) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (asked, questions) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut question = vec![0; 4_096];
            let length = stream.read(&mut question).await.unwrap();
            asked.send(String::from_utf8_lossy(&question[..length]).into_owned()).unwrap();
            // A client that has read enough hangs up.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, questions)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn moved(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
}

fn client(allows_private: bool) -> WebClient {
    WebClient::new(allows_private).unwrap()
}

async fn fetch(address: SocketAddr, path: &str) -> Result<Vec<u8>, WebError> {
    client(true).fetch(Url::parse(&format!("http://{address}{path}")).unwrap()).await
}

#[tokio::test]
async fn a_file_is_fetched_and_redirects_are_followed() {
    let (address, mut asked) = host(vec![moved("/b?c=d"), ok("sound")]).await;
    assert_eq!(fetch(address, "/a").await.unwrap(), b"sound");
    let first = asked.recv().await.unwrap();
    assert!(first.starts_with("GET /a HTTP/1.1\r\n"), "{first}");
    assert!(first.to_lowercase().contains(&format!("host: {address}\r\n")), "{first}");
    assert!(asked.recv().await.unwrap().starts_with("GET /b?c=d HTTP/1.1\r\n"));
}

#[tokio::test]
async fn credentials_go_to_the_host_that_they_are_for_and_to_no_other() {
    let (other, mut asked_other) = host(vec![ok("sound")]).await;
    let (address, mut asked) = host(vec![moved(&format!("http://{other}/"))]).await;
    let url = Url::parse(&format!("http://anna:p%40ss@{address}/")).unwrap();
    client(true).fetch(url).await.unwrap();
    assert!(asked.recv().await.unwrap().contains(&format!("Basic {}", STANDARD.encode("anna:p@ss"))));
    assert!(!asked_other.recv().await.unwrap().to_lowercase().contains("authorization"));
}

#[tokio::test]
async fn what_is_no_file_or_too_large_is_an_error() {
    let cases = [
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(), "status 404"),
        (format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", LARGEST + 1), "more than"),
        (format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(LARGEST + 1)), "more than"),
        ("SSH-2.0-OpenSSH\r\n".to_owned(), "cannot be read"),
        ("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n".to_owned(), "lead nowhere"),
    ];
    for (answer, expected) in cases {
        let (address, _asked) = host(vec![answer]).await;
        let error = fetch(address, "/").await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let (address, _asked) = host(vec![moved("/"); REDIRECTS + 1]).await;
    assert!(matches!(fetch(address, "/").await, Err(WebError::Redirects)));
}

#[tokio::test]
async fn private_addresses_are_refused_by_number_by_name_and_behind_redirects() {
    let client = client(false);
    for url in [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://169.254.169.254/latest",
        "http://0x7f.1/",
        "http://2130706433/",
    ] {
        assert_eq!(client.check(url), Err(UrlError::Private), "{url}");
    }
    for url in ["ftp://example.com/a", "file:///etc/passwd", "example.com", "http://", "data:,x"] {
        assert_eq!(client.check(url), Err(UrlError::Malformed), "{url}");
    }
    let named = client.check("http://localhost/").unwrap();
    assert!(matches!(
        client.fetch(named).await,
        Err(WebError::Connect(ConnectError::Url(UrlError::Private)))
    ));
    let redirected = Url::parse("http://example.com/").unwrap().join("http://10.0.0.1/").unwrap();
    assert!(matches!(
        client.fetch(redirected).await,
        Err(WebError::Connect(ConnectError::Url(UrlError::Private)))
    ));
}

#[test]
fn no_error_shows_a_url() {
    let error = client(false).check("http://anna:secret@127.0.0.1/").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"));
}
