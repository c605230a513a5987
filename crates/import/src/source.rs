//! The calls of a file, one after the other: it may be of any size, and is never held whole.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::Value;

use crate::{
    field::Mistake,
    foreign::ForeignCall,
    formats::{Format, LineReader, read_freeswitch},
    mapping::{Mapping, MappingError},
};

/// Bytes that are read at a time.
const BUFFER: usize = 1 << 20;

/// A line or document.
pub struct Found {
    /// Where: `line 17` or `cdr.json, document 3`.
    pub place: String,
    line: Line,
    /// What it says.
    pub outcome: Result<Understood, Mistake>,
}

/// As it stands in the file.
enum Line {
    Csv(csv::StringRecord, u8),
    Json(Value),
    /// It cannot be read.
    None,
}

impl Found {
    /// As it stands there, so that it can be read again: a line of CSV or a document of JSON. Empty if it cannot be
    /// read at all.
    pub fn text(&self) -> String {
        match &self.line {
            Line::Csv(line, separator) => written(line, *separator),
            Line::Json(document) => document.to_string(),
            Line::None => String::new(),
        }
    }
}

/// What a line says.
pub enum Understood {
    /// A call.
    Call(Box<ForeignCall>),
    /// What is no call of its own.
    PassedOver(Passed),
}

/// Why a line is no call of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// It was tried again elsewhere; another line tells of the call.
    Attempt,
    /// It is the leg to the called party; the caller's tells of the call.
    CalledLeg,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be opened or read on.
    #[error("cannot read {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Its first line does not fit the format.
    #[error("{path}: {mistake}")]
    Header {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        mistake: Mistake,
    },
    /// The mapping cannot be used.
    #[error(transparent)]
    Mapping(#[from] MappingError),
}

/// A file that is read.
pub struct Source {
    items: Items,
    header: Option<String>,
    read: Arc<AtomicU64>,
    bytes: u64,
}

type Items = Box<dyn Iterator<Item = Found> + Send>;

impl Source {
    /// Opens a file, or with [`Format::Freeswitch`] a folder of files.
    pub fn open(path: &Path, format: Format, mapping: &Mapping) -> Result<Self, SourceError> {
        let read = Arc::new(AtomicU64::new(0));
        let failed = |source| SourceError::File { path: path.to_owned(), source };
        let Some(lines) = format.lines(mapping) else {
            let files = files_of(path).map_err(failed)?;
            let bytes = files.iter().map(|file| fs::metadata(file).map_or(0, |file| file.len())).sum();
            let counted = read.clone();
            let items = files.into_iter().flat_map(move |file| documents_of(&file, counted.clone()));
            return Ok(Self { items: Box::new(items), header: None, read, bytes });
        };
        let bytes = fs::metadata(path).map_err(failed)?.len();
        let (items, header) = lines_of(path, lines, mapping.separator()?, read.clone())?;
        Ok(Self { items, header, read, bytes })
    }

    /// The line that names the columns, if the format has one.
    pub fn header(&self) -> Option<&str> {
        self.header.as_deref()
    }

    /// How many bytes are read, of how many.
    pub fn progress(&self) -> (u64, u64) {
        (self.read.load(Ordering::Relaxed), self.bytes)
    }
}

impl Iterator for Source {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        self.items.next()
    }
}

/// Counts what is read.
struct Counting<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

fn lines_of(
    path: &Path,
    mut layout: Box<dyn LineReader + Send>,
    separator: u8,
    read: Arc<AtomicU64>,
) -> Result<(Items, Option<String>), SourceError> {
    let failed = |source| SourceError::File { path: path.to_owned(), source };
    let file = Counting { inner: File::open(path).map_err(failed)?, read };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(layout.has_header())
        .flexible(true)
        .delimiter(separator)
        .buffer_capacity(BUFFER)
        .from_reader(file);
    let mut first_line = None;
    if layout.has_header() {
        let header = reader.headers().map_err(|error| failed(error.into()))?;
        let learned = layout.learn(header);
        learned.map_err(|mistake| SourceError::Header { path: path.to_owned(), mistake })?;
        first_line = Some(written(header, separator));
    }
    let mut line = csv::StringRecord::new();
    let mut is_over = false;
    let items = std::iter::from_fn(move || {
        if is_over {
            return None;
        }
        let at = format!("line {}", reader.position().line());
        match reader.read_record(&mut line) {
            Ok(false) => None,
            Ok(true) => {
                let outcome = layout.read(&line);
                Some(Found { place: at, line: Line::Csv(line.clone(), separator), outcome })
            }
            Err(error) => {
                // What follows a line that is no UTF-8 can be read; what follows a failure of the disk cannot.
                is_over = error.is_io_error();
                let mistake = Mistake::new("the line", &error.to_string(), "CSV in UTF-8");
                Some(Found { place: at, line: Line::None, outcome: Err(mistake) })
            }
        }
    });
    Ok((Box::new(items), first_line))
}

/// A line as CSV.
fn written(line: &csv::StringRecord, separator: u8) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
    let bytes = writer.write_record(line).ok().and_then(|()| writer.into_inner().ok());
    String::from_utf8(bytes.unwrap_or_default()).unwrap_or_default().trim_end().to_owned()
}

/// The file, or those of a folder whose names end in `.json`, by name.
fn files_of(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "json") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn documents_of(path: &Path, read: Arc<AtomicU64>) -> Items {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (bytes, file) = match opened {
        Ok((bytes, file)) => (bytes, BufReader::with_capacity(BUFFER, Counting { inner: file, read })),
        Err(error) => return Box::new(std::iter::once(unreadable(name, &error.to_string(), ""))),
    };
    let mut documents = serde_json::Deserializer::from_reader(file).into_iter::<Value>();
    let numbers = 1_u64..;
    Box::new(numbers.map_while(move |number| {
        let (place, before) = (format!("{name}, document {number}"), documents.byte_offset());
        Some(match documents.next()? {
            Ok(document) => {
                let outcome = read_freeswitch(&document);
                Found { place, line: Line::Json(document), outcome }
            }
            // Where the next one begins cannot be told.
            Err(error) => {
                let left = bytes.saturating_sub(before as u64);
                let rest =
                    format!("; the last {left} bytes of the file, from byte {before} on, are not read");
                unreadable(
                    format!("{place}, line {}, column {}", error.line(), error.column()),
                    &error.to_string(),
                    &rest,
                )
            }
        })
    }))
}

fn unreadable(place: String, why: &str, rest: &str) -> Found {
    let mistake = Mistake::new("the document", why, format!("JSON of mod_json_cdr{rest}"));
    Found { place, line: Line::None, outcome: Err(mistake) }
}
