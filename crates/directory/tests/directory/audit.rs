//! What the audit trail tells of changes.

use std::time::Duration;

use call::{AccountId, CustomerId, Timestamp};
use directory::{
    Author, Directory, Interface, Who,
    audit::{AuditAction, AuditEntry, AuditQuery, AuditScope},
    model::{NumberlistId, Payment},
};

use crate::fixture::{NOW, SMALL, directory, parse, small_and, small_with};

fn ann(at: Timestamp) -> Author {
    let source = Some([192, 0, 2, 7].into());
    Author { who: Who::User("ann".into()), source, interface: Interface::Yeti, at }
}

fn all() -> AuditQuery {
    AuditQuery { scope: AuditScope::All, limit: 1_000, ..AuditQuery::default() }
}

fn told(directory: &Directory, query: &AuditQuery) -> Vec<AuditEntry> {
    directory.audit(query).expect("the trail can be read")
}

#[test]
fn applying_a_file_tells_each_entry_with_who_from_where_and_what_it_was() {
    let directory = directory(SMALL);
    assert_eq!(told(&directory, &all()).len(), 16, "each entry was new");
    let changed = small_with("name = \"Acme one\"", "name = \"Acme 1\"");
    directory.by(ann(NOW)).apply(&parse(&changed)).unwrap();
    let newest = &told(&directory, &all())[0];
    assert_eq!(newest.author, ann(NOW));
    let noted = &newest.noted;
    assert_eq!((noted.action, noted.entry.as_str()), (AuditAction::Changed, "account 10"));
    assert_eq!(noted.before.as_deref(), Some("name = \"Acme one\""));
    assert_eq!(noted.after.as_deref(), Some("name = \"Acme 1\""));
    assert_eq!(noted.whose.account, Some(AccountId(10)));
    directory.by(ann(NOW)).apply(&parse(&changed)).unwrap();
    assert_eq!(told(&directory, &all()).len(), 17, "what changes nothing is not told");
}

#[test]
fn secrets_are_not_told_even_as_digests() {
    let directory = directory(SMALL);
    let secrets = SMALL.replace("device-secret-1", "another").replace("ann-password", "another one");
    directory.by(ann(NOW)).apply(&parse(&secrets)).unwrap();
    let told = told(&directory, &all());
    let texts: Vec<_> =
        told.iter().flat_map(|entry| [&entry.noted.before, &entry.noted.after]).flatten().collect();
    assert!(texts.iter().any(|text| text.contains("ha1_md5 = (not shown)")));
    assert!(texts.iter().any(|text| text.contains("password_hash = (not shown)")));
    let entries = directory.snapshot();
    let device = &entries.entries().devices[0];
    for text in texts {
        assert!(
            !text.contains("argon2") && !text.contains(&*device.ha1_md5) && !text.contains("trunk-password")
        );
    }
}

#[test]
fn a_change_that_fails_is_not_told_and_one_that_is_made_is() {
    let list = "[[numberlists]]\nid = 1\nname = \"x\"\ncustomer = \"acme\"\n";
    let directory = directory(&small_and(list));
    let before = told(&directory, &all()).len();
    let item = ("4930".into(), None);
    let added = directory
        .by(ann(NOW))
        .add_numberlist_items(NumberlistId(1), std::slice::from_ref(&item))
        .unwrap()
        .remove(0);
    assert!(
        directory.by(ann(NOW)).add_numberlist_items(NumberlistId(1), &[("1".into(), None), item]).is_err()
    );
    assert!(directory.by(ann(NOW)).remove_numberlist_item(added.id).unwrap());
    assert!(!directory.by(ann(NOW)).remove_numberlist_item(added.id).unwrap());
    let told = told(&directory, &all());
    let actions: Vec<_> = told[..told.len() - before].iter().map(|entry| entry.noted.action).collect();
    assert_eq!(actions, [AuditAction::Removed, AuditAction::Added]);
    assert_eq!(told[0].noted.before.as_deref(), Some("key = \"4930\""));
    assert_eq!(told[0].noted.whose.customer, Some(CustomerId(1)));
}

#[test]
fn a_payment_is_told_once_however_often_it_is_sent() {
    let directory = directory(SMALL);
    let payment = Payment {
        uuid: uuid::Uuid::from_u128(7),
        account: AccountId(10),
        amount: "12.5".parse().unwrap(),
        notes: None,
        created_at: NOW,
    };
    for _ in 0..2 {
        directory.by(ann(NOW)).record_payment(&payment).unwrap();
    }
    let of_account = AuditQuery { account: Some(AccountId(10)), interface: Some(Interface::Yeti), ..all() };
    let told = told(&directory, &of_account);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].noted.after.as_deref(), Some("amount = \"12.5\""));
}

#[test]
fn who_sees_an_account_sees_its_entries_and_nobody_else_s() {
    let directory = directory(SMALL);
    let seen = |customer, accounts: &[u32]| {
        let scope = AuditScope::Of { customer, accounts: accounts.iter().map(|id| AccountId(*id)).collect() };
        let seen = told(&directory, &AuditQuery { scope, ..all() });
        seen.into_iter().map(|entry| entry.noted.entry).collect::<Vec<_>>()
    };
    let of_bolt = seen(None, &[20]);
    assert_eq!(of_bolt, ["extension 2001 of account 20", "device \"bolt-1\"", "account 20"]);
    let of_acme = seen(Some(CustomerId(1)), &[10]);
    assert!(
        of_acme.contains(&"user \"ann\"".to_owned()) && of_acme.iter().all(|entry| !entry.contains("bolt"))
    );
    assert!(
        of_acme.iter().all(|entry| !entry.contains("trunk") && !entry.contains("rate plan")),
        "{of_acme:?}"
    );
    assert!(seen(None, &[]).is_empty());
    assert!(told(&directory, &AuditQuery { limit: 1_000, ..AuditQuery::default() }).is_empty());
}

#[test]
fn old_entries_go_and_pages_follow_one_another() {
    let directory = Directory::in_memory().unwrap().with_audit_kept_for(Duration::from_secs(3_600));
    directory.by(ann(NOW)).apply(&parse(SMALL)).unwrap();
    let first = told(&directory, &AuditQuery { limit: 10, ..all() });
    let rest = told(&directory, &AuditQuery { before: Some(first[9].id), ..all() });
    assert_eq!((first.len(), rest.len()), (10, 6));
    let later = NOW + Duration::from_secs(3_601);
    directory.by(ann(later)).apply(&parse(&small_with("name = \"Acme one\"", "name = \"1\""))).unwrap();
    assert_eq!(told(&directory, &all()).len(), 1);
}

#[test]
fn who_loses_an_entry_to_another_learns_nothing_of_what_it_becomes_there() {
    let directory = directory(SMALL);
    let device = "sip_user = \"acme-1\"\naccount = 10\n";
    let moved = "sip_user = \"acme-1\"\naccount = 20\ncaller_name = \"Bolt's secret plan\"\n";
    let text = small_with(device, moved).replace(
        "[[extensions]]\naccount = 10\nnumber = \"1001\"\nname = \"Ann Lee\"\ndevices = [\"acme-1\"]\n",
        "[[extensions]]\naccount = 10\nnumber = \"1001\"\nname = \"Ann Lee\"\n",
    );
    let changes = directory.by(ann(NOW)).apply(&parse(&text)).unwrap();
    assert!(changes.to_string().contains("~ device \"acme-1\": account, caller_name"), "{changes}");
    let newest = |account: u32| {
        let scope = AuditScope::Of { customer: None, accounts: vec![AccountId(account)] };
        let told = told(&directory, &AuditQuery { scope, ..all() });
        let found = told.into_iter().find(|entry| entry.noted.entry == "device \"acme-1\"");
        found.expect("it is told").noted
    };
    let (old, new) = (newest(10), newest(20));
    assert_eq!((old.action, old.after), (AuditAction::Removed, None));
    assert!(old.before.unwrap().contains("account = 10"));
    assert_eq!((new.action, new.before), (AuditAction::Added, None));
    assert!(new.after.unwrap().contains("Bolt's secret plan"));
}
