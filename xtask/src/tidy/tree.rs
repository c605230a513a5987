//! The files that are checked: Rust sources and manifests, each with its path from the root.

use std::{fs, path::Path};

use anyhow::Context;

use super::{
    Finding,
    code::{Code, Unreadable},
};

pub(super) struct Tree {
    pub(super) sources: Vec<Source>,
    pub(super) manifests: Vec<File>,
    pub(super) unreadable: Vec<Finding>,
}

pub(super) struct File {
    /// With `/` between folders.
    pub(super) path: String,
    pub(super) text: String,
}

pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
    pub(super) code: Code,
}

impl Tree {
    /// Everything below `root` but build output and hidden folders.
    pub(super) fn read(root: &Path) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        collect(root, "", &mut files)?;
        Ok(Self::of(files))
    }

    pub(super) fn of(files: Vec<File>) -> Self {
        let mut tree = Self { sources: Vec::new(), manifests: Vec::new(), unreadable: Vec::new() };
        for File { path, text } in files {
            if path.ends_with(".rs") {
                tree.take_source(path, text);
            } else {
                tree.manifests.push(File { path, text });
            }
        }
        tree
    }

    fn take_source(&mut self, path: String, text: String) {
        match Code::parse(&text) {
            Ok(code) => self.sources.push(Source { path, text, code }),
            Err(Unreadable { line }) => {
                self.unreadable.push(Finding::error(&path, line, "this is not Rust".to_owned()));
            }
        }
    }

    /// The sources below a folder, named with its last `/`.
    pub(super) fn sources_in(&self, folder: &str) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(move |source| source.path.starts_with(folder))
    }
}

impl Source {
    /// Whether the file holds nothing but tests.
    pub(super) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| matches!(part, "tests" | "tests.rs" | "benches"))
    }
}

fn collect(folder: &Path, path: &str, files: &mut Vec<File>) -> anyhow::Result<()> {
    let cannot_read = || format!("cannot read the folder {}", folder.display());
    for entry in fs::read_dir(folder).with_context(cannot_read)? {
        let entry = entry.with_context(cannot_read)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let inner = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        if entry.file_type().with_context(cannot_read)?.is_dir() {
            if name != "target" && !name.starts_with('.') {
                collect(&entry.path(), &inner, files)?;
            }
        } else if name.ends_with(".rs") || name == "Cargo.toml" {
            let text = fs::read_to_string(entry.path()).with_context(|| format!("cannot read {inner}"))?;
            files.push(File { path: inner, text });
        }
    }
    Ok(())
}
