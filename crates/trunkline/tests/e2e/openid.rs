//! OpenID Connect with clients of other makers, unmodified: a person signs in on the page, the client checks what
//! it is told, asks who it was, refreshes and revokes.

use std::{fs::File, path::Path, process::Stdio};

use serde_json::{Value, json};
use testkit::clients;

use crate::{
    directory::{LOGIN, PASSWORD},
    harness::{Process, Setup},
};

/// Where people go back to. Nobody listens there: the tests read where they are sent.
const BACK: &str = "http://127.0.0.1:9/back";

fn setup() -> Setup {
    let directory = crate::directory::text(1, 2);
    let applications = format!(
        "\n[[applications]]\nclient_id = \"browser\"\nname = \"In the browser\"\naccount = 1234\n\
         redirect_uris = [\"{BACK}\"]\n\n[[applications]]\nclient_id = \"dialer\"\nname = \"Dialer\"\n\
         account = 1234\nsecret = \"a secret of the dialer\"\nredirect_uris = [\"{BACK}\"]\n"
    );
    Setup::new(&(directory + &applications), &[])
}

/// Runs a client; gives what it printed.
fn told(server: &Process, command: &mut std::process::Command) -> Value {
    let person = json!({ "username": format!("{LOGIN}@vbc.prod"), "password": PASSWORD, "back": BACK });
    let run = command
        .arg(format!("http://{}", server.http))
        .arg(person.to_string())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(run.status.success());
    serde_json::from_slice(&run.stdout).unwrap()
}

fn script(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/openid").join(name)
}

#[track_caller]
fn assert_signed_in(told: &Value, server: &Process, client: &str) {
    let claims = &told["claims"];
    assert_eq!(claims["iss"], format!("http://{}", server.http));
    assert_eq!((&claims["sub"], &claims["aud"]), (&json!("olga@vbc.prod"), &json!(client)));
    assert_eq!(told["who"]["sub"], "olga@vbc.prod");
    assert_eq!(told["who"]["name"], "Olga");
    assert_eq!((&told["calls"], &told["refreshedCalls"]), (&json!(200), &json!(200)));
    assert_eq!((&told["revokedCalls"], &told["silent"]), (&json!(401), &json!("login_required")));
}

#[tokio::test(flavor = "multi_thread")]
async fn openid_client_for_javascript_signs_people_in() {
    let setup = setup();
    let server = setup.start();
    let told = told(&server, clients::node().unwrap().stdin(File::open(script("client.mjs")).unwrap()));
    assert_signed_in(&told, &server, "browser");
}

#[tokio::test(flavor = "multi_thread")]
async fn authlib_for_python_signs_people_in() {
    let setup = setup();
    let server = setup.start();
    let told = told(&server, &mut clients::python(script("client.py")).unwrap());
    assert_signed_in(&told, &server, "dialer");
}
