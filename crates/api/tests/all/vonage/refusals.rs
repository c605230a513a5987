//! What is no route at all.

use axum::http::{Method, StatusCode};

use super::{CALLS, DEVICES, ask, get, refused, start};

const BASE: &str = "/t/vbc.prod/telephony/v3";
const ID: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

#[tokio::test]
async fn an_unknown_path_is_told_in_the_dialects_shape() {
    let server = start().await;
    let paths = ["/cc/x", "/cc/accounts/1001", "/registration/accounts/1001/phones", &format!("{CALLS}/")];
    for path in paths {
        refused(&get(&server, path).await, 404);
        refused(&get(&server, &format!("{BASE}{path}")).await, 404);
        refused(&server.get(path).send().await, 404);
    }
    refused(&get(&server, &format!("{BASE}/anything")).await, 404);
}

#[tokio::test]
async fn paths_beyond_the_dialect_are_not_its_business() {
    let server = start().await;
    let answer = get(&server, "/elsewhere").await;
    assert_eq!((answer.status, &answer.json()["code"]), (StatusCode::NOT_FOUND, &"not_found".into()));
}

#[tokio::test]
async fn a_wrong_method_is_told_which_ones_there_are() {
    let server = start().await;
    let paths = [
        (CALLS.to_owned(), Method::PATCH, "GET,HEAD,POST"),
        (format!("{CALLS}/{ID}"), Method::POST, "DELETE,GET,HEAD,PUT"),
        (format!("{CALLS}/{ID}/legs"), Method::DELETE, "GET,HEAD"),
        (format!("{CALLS}/{ID}/legs/{ID}"), Method::POST, "DELETE,GET,HEAD,PUT"),
        (DEVICES.to_owned(), Method::DELETE, "GET,HEAD"),
        (format!("{DEVICES}/38-99-62-00-01-01"), Method::PUT, "GET,HEAD"),
    ];
    for (path, method, allowed) in paths {
        for path in [path.clone(), format!("{BASE}{path}")] {
            let answer = ask(&server, method.clone(), &path).send().await;
            refused(&answer, 405);
            let mut methods: Vec<_> = answer.header("allow").split(',').collect();
            methods.sort_unstable();
            assert_eq!(methods.join(","), allowed, "{method} {path}");
        }
    }
}
