//! The pages that say which files to touch name files that are there.

use std::path::Path;

#[test]
fn every_file_that_a_page_names_is_there() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut named = 0;
    for page in std::fs::read_dir(root.join("docs/howto")).unwrap() {
        let page = page.unwrap().path();
        let text = std::fs::read_to_string(&page).unwrap();
        for path in text.split('`').filter(|text| text.starts_with("crates/")) {
            assert!(root.join(path).exists(), "{}: {path}", page.display());
            named += 1;
        }
    }
    assert!(named > 10, "{named}");
}
