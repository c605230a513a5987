//! Lists of numbers: what they let through, and how their items change.

use call::Number;
use directory::{
    Author, Directory, ItemError, Snapshot,
    model::{NumberlistAction, NumberlistId, NumberlistItemId},
    routing::{Refused, Unroutable, Via},
};

use crate::fixture::{NOW, owner, parse, small_and};

const LIST: NumberlistId = NumberlistId(1);

fn directory(fields: &str) -> Directory {
    let directory = Directory::in_memory().expect("memory is there");
    directory.apply(&parse(&small_and(&list(fields)))).expect("the file is good");
    directory
}

fn list(fields: &str) -> String {
    format!("[[numberlists]]\nid = 1\nname = \"Wanted\"\ncustomer = \"acme\"\n{fields}\n")
}

fn add(directory: &Directory, items: &[(&str, Option<NumberlistAction>)]) {
    let items: Vec<_> = items.iter().map(|(key, action)| (Number::from(*key), *action)).collect();
    directory.by(Author::server()).add_numberlist_items(LIST, &items).expect("the items are new");
}

fn is_refused(snapshot: &Snapshot, account: u32, dialed: &str) -> bool {
    let owner = owner(snapshot, account);
    snapshot.route(owner, Via::Device(None), &dialed.into(), NOW)
        == Err(Unroutable::Refused(Refused::Numberlist))
}

/// Which of these numbers are refused to account 10.
fn refused<'a>(directory: &Directory, dialed: &[&'a str]) -> Vec<&'a str> {
    dialed.iter().copied().filter(|dialed| is_refused(&directory.snapshot(), 10, dialed)).collect()
}

const DIALED: [&str; 4] = ["+4930111", "4930111", "+49 30 111 2", "+1415"];

#[test]
fn a_list_of_refused_numbers_refuses_these_alone() {
    let directory = directory("mode = \"strict\"\ndefault_action = \"accept\"");
    add(&directory, &[("+4930111", Some(NumberlistAction::Reject)), ("1415", None)]);
    assert_eq!(refused(&directory, &DIALED), ["+4930111", "4930111"]);
}

#[test]
fn a_list_of_wanted_numbers_lets_these_alone_through() {
    let directory = directory("mode = \"strict\"\ndefault_action = \"reject\"");
    add(&directory, &[("4930111", Some(NumberlistAction::Accept))]);
    assert_eq!(refused(&directory, &DIALED), ["+49 30 111 2", "+1415"]);
}

#[test]
fn the_longest_prefix_counts() {
    let directory = directory("mode = \"prefix\"\ndefault_action = \"accept\"");
    let (no, yes) = (Some(NumberlistAction::Reject), Some(NumberlistAction::Accept));
    add(&directory, &[("49", no), ("+4930", yes), ("49301112", no)]);
    assert_eq!(refused(&directory, &DIALED), ["+49 30 111 2"]);
    assert_eq!(refused(&directory, &["+4940", "+4930"]), ["+4940"]);
}

#[test]
fn extensions_and_other_accounts_are_not_asked_about() {
    let directory = directory("accounts = [10]\ndefault_action = \"reject\"");
    let snapshot = directory.snapshot();
    assert!(is_refused(&snapshot, 10, "+1415"));
    assert!(!is_refused(&snapshot, 10, "1001"));
    assert!(!is_refused(&snapshot, 20, "+1415"));
}

#[test]
fn items_are_one_by_one_the_customers_own_and_outlive_what_is_applied() {
    let directory = directory("default_action = \"accept\"");
    let key = Number::from("+4930111");
    let added =
        directory.by(Author::server()).add_numberlist_items(LIST, &[(key.clone(), None)]).unwrap().remove(0);
    let again = directory
        .by(Author::server())
        .add_numberlist_items(LIST, &[("1".into(), None), ("4930111".into(), None)]);
    assert!(matches!(again, Err(ItemError::Taken { .. })));
    assert_eq!(directory.snapshot().numberlist_items().len(), 1, "all or none");
    let action = Some(NumberlistAction::Reject);
    let changed =
        directory.by(Author::server()).change_numberlist_item(added.id, &key, action).unwrap().unwrap();
    assert_eq!(changed.action, action);
    directory.apply(&parse(&small_and(&list("default_action = \"reject\"")))).unwrap();
    assert_eq!(directory.snapshot().numberlist_items().len(), 1);
    assert!(directory.by(Author::server()).remove_numberlist_item(added.id).unwrap());
    assert!(!directory.by(Author::server()).remove_numberlist_item(added.id).unwrap());
    assert!(
        directory
            .by(Author::server())
            .change_numberlist_item(NumberlistItemId(9), &key, None)
            .unwrap()
            .is_none()
    );
    add(&directory, &[("1", None)]);
    directory.apply(&parse(&small_and(""))).unwrap();
    assert_eq!(directory.snapshot().numberlist_items().len(), 0, "they go with their list");
}
