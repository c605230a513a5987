//! The database: what is applied is there after a restart and in other processes.

use call::event::Side;
use directory::{Directory, DirectoryError, model::Limits, password::Cost};

use crate::fixture::{NOW, SMALL, parse, small_with};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("the system has a folder for temporary files"))
    }

    fn database(&self) -> std::path::PathBuf {
        self.0.path().join("directory.db")
    }

    fn open(&self) -> Directory {
        let directory = Directory::open(&self.database()).expect("the database can be opened");
        directory.with_password_cost(Cost::LEAST)
    }
}

#[test]
fn a_new_database_is_empty_and_only_its_owner_can_read_it() {
    let folder = Folder::new();
    let directory = folder.open();
    assert!(directory.snapshot().entries().customers.is_empty());
    directory.apply(&parse(SMALL)).unwrap();
    for file in std::fs::read_dir(folder.0.path()).unwrap() {
        let mode = std::os::unix::fs::MetadataExt::mode(&file.unwrap().metadata().unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_database_opened_again_gives_the_same_entries() {
    let folder = Folder::new();
    let directory = folder.open();
    directory.apply(&parse(SMALL)).unwrap();
    let before = directory.snapshot();
    drop(directory);
    let again = folder.open();
    assert_eq!(again.snapshot().entries(), before.entries());
    assert_eq!(again.snapshot().to_toml(), before.to_toml());
    assert_eq!(again.apply(&parse(SMALL)).unwrap().to_string(), "no changes");
}

#[test]
fn what_another_process_applies_is_noticed_and_seen_after_a_reload() {
    let folder = Folder::new();
    let (one, other) = (folder.open(), folder.open());
    assert!(!one.has_changed_on_disk().unwrap());
    other.apply(&parse(SMALL)).unwrap();
    assert!(one.has_changed_on_disk().unwrap());
    assert!(!other.has_changed_on_disk().unwrap());
    assert!(one.snapshot().user_by_login("ann").is_none());
    one.reload().unwrap();
    assert!(!one.has_changed_on_disk().unwrap());
    assert_eq!(one.snapshot().entries(), other.snapshot().entries());
}

#[test]
fn applying_starts_from_what_is_on_disk_not_from_what_was_seen() {
    let folder = Folder::new();
    let (one, other) = (folder.open(), folder.open());
    other.apply(&parse(SMALL)).unwrap();
    let changes = one.apply(&parse(&small_with("name = \"west\"", "name = \"east\""))).unwrap();
    assert_eq!(changes.to_string(), "+ trunk \"east\"\n- trunk \"west\"");
    assert!(!one.has_changed_on_disk().unwrap());
}

#[test]
fn applying_without_changes_does_not_wake_other_processes() {
    let folder = Folder::new();
    let (one, other) = (folder.open(), folder.open());
    one.apply(&parse(SMALL)).unwrap();
    other.reload().unwrap();
    one.apply(&parse(SMALL)).unwrap();
    assert!(!other.has_changed_on_disk().unwrap());
}

#[test]
fn a_database_of_a_later_version_is_refused() {
    let folder = Folder::new();
    drop(folder.open());
    let database = rusqlite::Connection::open(folder.database()).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    let error = Directory::open(&folder.database()).err().unwrap();
    assert!(matches!(error, DirectoryError::Layout { found: 99, accepted: 19 }));
    let expected = "the directory's database has layout 99; this version reads layout 19 and earlier";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_database_of_the_first_layout_is_brought_to_the_present_one() {
    let folder = Folder::new();
    let database = rusqlite::Connection::open(folder.database()).unwrap();
    database.execute_batch(include_str!("../../src/store/layouts/1.sql")).unwrap();
    let rows = "INSERT INTO settings VALUES ('sip.example.com', 2, 1, 1, 1, 2);
         INSERT INTO customers VALUES (1, 'acme');
         INSERT INTO accounts VALUES (10, '069b073a-e7d9-11f0-932e-0a63caf27539', 1, NULL, 'Acme one');
         INSERT INTO trunks VALUES (1, 10, 'west', '192.0.2.9', 5060, 'udp', 0);
         INSERT INTO rates VALUES (10, 'origination', '49', 60, '0.02', 1, '0.01', '0.05', '19');
         INSERT INTO rates VALUES (10, 'termination', '', 1, '0.005', 1, '0.005', '0', '0');
         PRAGMA user_version = 1;";
    database.execute_batch(rows).unwrap();
    drop(database);
    let snapshot = folder.open().snapshot();
    let account = snapshot.account(call::AccountId(10)).unwrap();
    assert_eq!((&*account.name, account.limits), ("Acme one", Limits::default()));
    let rate = |side| snapshot.rate(account.owner(), side, &"4930".into(), NOW).unwrap().unwrap();
    let paid = rate(Side::Origination);
    assert_eq!(
        (&*paid.prefix, paid.fee.to_string(), paid.vat.to_string()),
        ("49", "0.05".into(), "19".into())
    );
    assert_eq!(rate(Side::Termination).next_rate.to_string(), "0.005");
    assert_eq!(account.billing.currency.as_ref(), "USD");
    let trunk = &snapshot.entries().trunks[0];
    assert_eq!((trunk.limits, &trunk.auth, trunk.registration), (Limits::default(), &None, None));
    assert_eq!(trunk.probe, Some(std::time::Duration::from_secs(30)));
}

#[test]
fn limits_are_there_after_a_restart() {
    let folder = Folder::new();
    let limits = "limits = { calls = 0, outgoing_calls = 1, incoming_calls = 2, calls_per_second = 3, max_call_seconds = 4 }";
    folder.open().apply(&parse(&small_with("id = 10\n", &format!("id = 10\n{limits}\n")))).unwrap();
    let expected = Limits {
        calls: Some(0),
        outgoing_calls: Some(1),
        incoming_calls: Some(2),
        calls_per_second: Some(3),
        max_call_length: Some(std::time::Duration::from_secs(4)),
    };
    let snapshot = folder.open().snapshot();
    assert_eq!(snapshot.account(call::AccountId(10)).unwrap().limits, expected);
    assert!(snapshot.to_toml().contains(&format!("\n{limits}\n")));
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = Folder::new();
    std::fs::write(
        folder.database(),
        "this is not a database, but it is longer than its header\n".repeat(100),
    )
    .unwrap();
    let error = Directory::open(&folder.database()).err().unwrap();
    assert_eq!(error.to_string(), "the directory failed to prepare its database");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = Folder::new();
    let path = folder.0.path().join("missing").join("directory.db");
    let error = Directory::open(&path).err().unwrap();
    assert_eq!(error.to_string(), format!("the directory cannot create {}", path.display()));
}

#[test]
fn a_new_database_can_be_opened_by_several_at_once() {
    for _ in 0..20 {
        let folder = Folder::new();
        std::thread::scope(|scope| {
            let openers: Vec<_> = (0..8).map(|_| scope.spawn(|| folder.open())).collect();
            openers.into_iter().for_each(|opener| drop(opener.join().unwrap()));
        });
        let files: Vec<_> =
            std::fs::read_dir(folder.0.path()).unwrap().map(|file| file.unwrap().path()).collect();
        assert_eq!(files, [folder.database()]);
    }
}

#[test]
fn when_storing_fails_nothing_has_changed() {
    let folder = Folder::new();
    let directory = folder.open();
    directory.apply(&parse(SMALL)).unwrap();
    let before = directory.snapshot();
    let database = rusqlite::Connection::open(folder.database()).unwrap();
    let trigger =
        "CREATE TRIGGER refuse BEFORE INSERT ON trunk_routes BEGIN SELECT RAISE(ABORT, 'refused'); END";
    database.execute_batch(trigger).unwrap();
    let error = directory.apply(&parse(&small_with("name = \"west\"", "name = \"east\""))).unwrap_err();
    assert_eq!(error.to_string(), "the directory failed to store its entries");
    assert_eq!(directory.snapshot().entries(), before.entries());
    assert_eq!(folder.open().snapshot().entries(), before.entries());
}
