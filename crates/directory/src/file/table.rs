//! Reading one table of a directory file: each field by its form, mistakes collected, and in the end a
//! mistake for each key that nobody asked for.

use std::cell::RefCell;

use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use super::{form::Form, mistake::Mistake};

/// Where a file's lines begin, and its mistakes so far.
pub(super) struct Report {
    line_starts: Vec<usize>,
    mistakes: RefCell<Vec<Mistake>>,
}

impl Report {
    pub(super) fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { line_starts: std::iter::once(0).chain(breaks).collect(), mistakes: RefCell::default() }
    }

    /// The line, from 1, that the byte `at` lies in.
    pub(super) fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    pub(super) fn add(&self, mistake: Mistake) {
        self.mistakes.borrow_mut().push(mistake);
    }

    /// The mistakes in the order of their lines.
    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        let mut mistakes = self.mistakes.into_inner();
        mistakes.sort_by_key(|mistake| mistake.line);
        mistakes
    }
}

/// A table while it is read.
pub(super) struct Table<'a> {
    /// What its fields' names begin with, as in `trunks.routes.`.
    path: String,
    line: usize,
    fields: &'a DeTable<'a>,
    asked: RefCell<Vec<&'static str>>,
    report: &'a Report,
}

impl<'a> Table<'a> {
    /// The whole file.
    pub(super) fn root(fields: &'a DeTable<'a>, report: &'a Report) -> Self {
        Self { path: String::new(), line: 1, fields, asked: RefCell::default(), report }
    }

    /// A field that must be there. `None` if it is not or is wrong; the mistake is reported then.
    pub(super) fn needed<T>(&self, key: &'static str, form: Form<'_, T>) -> Option<T> {
        match self.get(key) {
            Some(value) => self.read(key, value, &form),
            None => self.refuse(key, "nothing", form.accepted),
        }
    }

    /// A field that may be absent. `None` too if it is wrong; the mistake is reported then.
    pub(super) fn given<T>(&self, key: &'static str, form: Form<'_, T>) -> Option<T> {
        self.get(key).and_then(|value| self.read(key, value, &form))
    }

    /// A field that holds a list of different items; empty if absent. Wrong and repeated items are
    /// reported and left out.
    pub(super) fn set<T: PartialEq>(&self, key: &'static str, form: Form<'_, T>) -> Vec<T> {
        let mut set = Vec::new();
        let items = self.array(key, || format!("a list, each item {}", form.accepted));
        for item in items.into_iter().flatten() {
            match self.read(key, item, &form) {
                Some(value) if set.contains(&value) => self.refuse_item(key, item),
                value => set.extend(value),
            }
        }
        set
    }

    /// The tables under a key; none if absent.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Table<'a>> {
        let accepted = format!("tables, each begun by [[{}{key}]]", self.path);
        let items = self.array(key, || accepted.clone()).into_iter().flatten();
        items.filter_map(|item| self.table(key, item, &accepted)).collect()
    }

    /// A table in a field, as in `extension = { account = 1, number = "10" }`.
    pub(super) fn inner(&self, key: &'static str, accepted: &str) -> Option<Table<'a>> {
        self.get(key).and_then(|value| self.table(key, value, accepted))
    }

    /// Whether a field is there. It counts as asked for.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// Passes over a field that cannot be judged. It counts as asked for.
    pub(super) fn skip<T: Default>(&self, key: &'static str) -> T {
        self.asked.borrow_mut().push(key);
        T::default()
    }

    /// The line of a field; the table's if it is absent.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.fields.get(key).map_or(self.line, |value| self.report.line(value.span().start))
    }

    /// Reports a mistake in a field; `None`, as the field has no value then.
    pub(super) fn refuse<T>(
        &self,
        key: &str,
        found: impl Into<String>,
        accepted: impl Into<String>,
    ) -> Option<T> {
        self.refuse_at(self.line_of(key), key, found.into(), accepted.into());
        None
    }

    /// Reports a field whose value the line `first` has already.
    pub(super) fn refuse_repeated(&self, key: &str, first: usize, accepted: &str) {
        let found = self.fields.get(key).map_or("nothing".to_owned(), |value| shown(value.get_ref()));
        let found = format!("{found}, which line {first} has already");
        self.refuse_at(self.line_of(key), key, found, accepted.to_owned());
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(self) {
        let mut asked = self.asked.borrow().clone();
        asked.sort_unstable();
        asked.dedup();
        let unknown = self.fields.keys().filter(|key| !asked.contains(&key.get_ref().as_ref()));
        for key in unknown {
            let line = self.report.line(key.span().start);
            self.refuse_at(line, key.get_ref(), "an unknown key".to_owned(), asked.join(", "));
        }
    }

    fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().push(key);
        self.fields.get(key)
    }

    fn read<T>(&self, key: &str, value: &Spanned<DeValue<'_>>, form: &Form<'_, T>) -> Option<T> {
        let read = form.read(value.get_ref());
        if read.is_none() {
            let found = if form.is_secret { hidden(value.get_ref()) } else { shown(value.get_ref()) };
            self.refuse_at(self.report.line(value.span().start), key, found, form.accepted.to_owned());
        }
        read
    }

    fn refuse_item(&self, key: &str, item: &Spanned<DeValue<'_>>) {
        let found = format!("{} again", shown(item.get_ref()));
        self.refuse_at(self.report.line(item.span().start), key, found, "each item once".to_owned());
    }

    fn array(&self, key: &'static str, accepted: impl Fn() -> String) -> Option<&'a DeArray<'a>> {
        let value = self.get(key)?.get_ref();
        value.as_array().or_else(|| self.refuse(key, shown(value), accepted()))
    }

    fn table(&self, key: &str, value: &'a Spanned<DeValue<'a>>, accepted: &str) -> Option<Table<'a>> {
        let line = self.report.line(value.span().start);
        let Some(fields) = value.get_ref().as_table() else {
            self.refuse_at(line, key, shown(value.get_ref()), accepted.to_owned());
            return None;
        };
        let path = format!("{}{key}.", self.path);
        Some(Table { path, line, fields, asked: RefCell::default(), report: self.report })
    }

    fn refuse_at(&self, line: usize, key: &str, found: String, accepted: String) {
        let field = Some(format!("{}{key}", self.path));
        self.report.add(Mistake { line, field, found, accepted });
    }
}

/// Longest part of a text that a mistake shows.
const SHOWN_CHARS: usize = 60;

fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.chars().count() > SHOWN_CHARS => {
            format!("{:?}…", text.chars().take(SHOWN_CHARS).collect::<String>())
        }
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(instant) => instant.to_string(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// As [`shown`], for secrets.
fn hidden(value: &DeValue<'_>) -> String {
    format!("another {} (not shown)", value.type_str())
}
