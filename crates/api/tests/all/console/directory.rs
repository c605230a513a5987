//! The directory changed by a file, and the audit trail.

use crate::harness::{Server, SignedIn, between};

const FILE: &str = "/console/directory/file";
const PREVIEW: &str = "/console/directory/preview";
const APPLY: &str = "/console/directory/apply";

/// The usual directory file with another name for an account, and without an extension's number.
fn changed() -> String {
    let usual = include_str!("../harness/directory.toml");
    assert!(usual.contains("name = \"Acme shop\""));
    usual.replace("name = \"Acme shop\"", "name = \"Acme <kiosk>\"")
}

/// The version that a preview was made of.
async fn previewed(person: &SignedIn<'_>, file: &str) -> String {
    let page = person.operator_sends(PREVIEW, &[("file", file)]).await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains("~ account 1002: name"), "{}", page.text());
    between(page.text(), "name=\"version\" value=\"", "\"").to_owned()
}

fn name_of_shop(server: &Server) -> String {
    server.directory().account(call::AccountId(1002)).unwrap().name.to_string()
}

#[tokio::test]
async fn a_file_is_looked_at_then_applied_and_noted() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    assert!(person.operator_page("/console/directory").await.text().contains(FILE));
    let version = previewed(&person, &changed()).await;
    assert_eq!(name_of_shop(&server), "Acme shop", "nothing changes before it is applied");
    let done = person.operator_sends(APPLY, &[("file", &changed()), ("version", &version)]).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, "/console/audit"), "{}", done.text());
    assert_eq!(name_of_shop(&server), "Acme <kiosk>");
    let trail = person.operator_page("/console/audit?interface=console").await;
    for part in ["account 1002", "Acme &lt;kiosk&gt;", ">changed<", "ann", "127.0.0.1"] {
        assert!(trail.text().contains(part), "{part} is not in {}", trail.text());
    }
}

#[tokio::test]
async fn what_was_not_looked_at_is_not_applied() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    let version = previewed(&person, &changed()).await;
    server.change_directory(|usual| usual.replace("name = \"Acme office\"", "name = \"Acme bureau\""));
    for version in [version.as_str(), "", "0"] {
        let refused = person.operator_sends(APPLY, &[("file", &changed()), ("version", version)]).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text().contains("The directory has changed since"), "{}", refused.text());
    }
    assert_eq!(name_of_shop(&server), "Acme shop");
}

#[tokio::test]
async fn all_mistakes_of_a_file_are_told_with_their_lines_and_its_text_is_kept() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    let file = "realm = \"x\"\n\n[[customers]]\nname = 7\nshoe = 1\n";
    let page = person.operator_sends(PREVIEW, &[("file", file)]).await;
    assert_eq!(page.status, 400);
    for part in ["directory.toml:4: customers.name", "directory.toml:5: customers.shoe", "shoe = 1"] {
        assert!(page.text().contains(part), "{part} is not in {}", page.text());
    }
}

#[tokio::test]
async fn the_directory_is_a_file_without_secrets() {
    let server = Server::start().await;
    let file = server.sign_in("ann").await.operator_sends(FILE, &[]).await;
    assert_eq!(file.status, 200);
    assert!(file.header("content-disposition").contains("directory.toml"));
    assert!(file.text().contains("name = \"Acme shop\"") && !file.text().contains(crate::harness::PASSWORD));
    // As it is, it changes nothing.
    let page = server.sign_in("ann").await.operator_sends(PREVIEW, &[("file", file.text())]).await;
    assert!(page.text().contains("Nothing: the directory is as the file says."), "{}", page.text());
}

#[tokio::test]
async fn the_directory_is_changed_by_managers_from_the_operators_networks_alone() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    assert!(!person.page("/console/directory").await.text().contains(FILE));
    let version = previewed(&person, &changed()).await;
    let file = changed();
    let fields: [(&str, &str); 2] = [("file", &file), ("version", &version)];
    for path in [FILE, PREVIEW, APPLY] {
        assert_eq!(person.sends(path, &fields).await.status, 403, "{path}");
        let viewer = server.sign_in("sue").await;
        assert_eq!(viewer.operator_sends(path, &fields).await.status, 403, "{path}");
    }
    assert_eq!(name_of_shop(&server), "Acme shop");
}

#[tokio::test]
async fn people_see_of_the_trail_what_is_theirs() {
    let server = Server::start().await;
    for (login, own, foreign) in [("ann", "Acme office", "globex"), ("gil", "Globex office", "acme")] {
        let person = server.sign_in(login).await;
        let page = person.page("/console/audit?action=added").await;
        let file = person.page("/console/audit.csv").await;
        assert!(file.text().starts_with("id,at,who,name,source,"), "{}", file.text());
        assert!(file.text().contains(own), "{}", file.text());
        for text in [page.text(), file.text()] {
            assert!(!text.to_lowercase().replace(&format!("/{foreign}"), "").contains(foreign), "{text}");
        }
    }
    let operator = server.sign_in("ann").await.operator_page("/console/audit.csv").await;
    assert!(operator.text().contains("Acme office") && operator.text().contains("Globex office"));
    assert_eq!(server.sign_in("sue").await.page("/console/audit").await.status, 403);
    assert!(!server.sign_in("sue").await.page("/console").await.text().contains("/console/audit"));
}

#[tokio::test]
async fn the_trail_is_filtered_and_goes_on_on_further_pages() {
    let server = Server::start().await;
    let branch = |id| format!("\n[[accounts]]\nid = {id}\ncustomer = \"Acme\"\nname = \"Branch {id}\"\n");
    server.change_directory(|usual| format!("{usual}{}", (3000..3030).map(branch).collect::<String>()));
    let person = server.sign_in("ann").await;
    let page = person.operator_page("/console/audit").await;
    let rows = |text: &str| text.matches("<tr>").count() - 1;
    assert_eq!(rows(page.text()), 50);
    let next = between(page.text(), "rel=\"next\" href=\"", "\"").replace("&amp;", "&");
    let second = person.operator_page(&next).await;
    assert!(rows(second.text()) > 0 && second.text().contains("First page"));
    let none = person.operator_page("/console/audit?by=nobody").await;
    assert!(none.text().contains("Nothing was found."));
    for (query, field) in [("action=eaten", "action"), ("from=soon", "from"), ("account=x", "account")] {
        let refused = person.operator_page(&format!("/console/audit?{query}")).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text().contains(field) && refused.text().contains("accepted"), "{}", refused.text());
    }
}
