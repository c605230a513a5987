//! The types of the service in the languages of the framework's clients, as its command line asks for them
//! (`/types/typescript`): all written from one [`catalogue`].

mod catalogue;
mod csharp;
mod dart;
mod go;
mod head;
mod java;
mod kotlin;
mod php;
mod python;
mod swift;
mod typescript;

pub use head::Head;

/// A language that types are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// C#.
    CSharp,
    /// TypeScript.
    TypeScript,
    /// Python.
    Python,
    /// Java.
    Java,
    /// Kotlin.
    Kotlin,
    /// Dart.
    Dart,
    /// Swift.
    Swift,
    /// PHP.
    Php,
    /// Go.
    Go,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::CSharp,
        Self::TypeScript,
        Self::Python,
        Self::Java,
        Self::Kotlin,
        Self::Dart,
        Self::Swift,
        Self::Php,
        Self::Go,
    ];

    /// Its name in paths.
    pub fn name(self) -> &'static str {
        match self {
            Self::CSharp => "csharp",
            Self::TypeScript => "typescript",
            Self::Python => "python",
            Self::Java => "java",
            Self::Kotlin => "kotlin",
            Self::Dart => "dart",
            Self::Swift => "swift",
            Self::Php => "php",
            Self::Go => "go",
        }
    }

    /// The options that its file may be asked with, and what they are if not.
    pub fn options(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::CSharp => &[("GlobalNamespace", catalogue::NAMESPACE)],
            Self::Java | Self::Kotlin => &[("Package", "")],
            Self::Php => &[("GlobalNamespace", "dtos")],
            Self::Go => &[("Package", "dtos")],
            Self::TypeScript | Self::Python | Self::Dart | Self::Swift => &[],
        }
    }

    /// The file.
    pub fn print(self, head: &Head) -> String {
        match self {
            Self::CSharp => csharp::print(head),
            Self::TypeScript => typescript::print(head),
            Self::Python => python::print(head),
            Self::Java => java::print(head),
            Self::Kotlin => kotlin::print(head),
            Self::Dart => dart::print(head),
            Self::Swift => swift::print(head),
            Self::Php => php::print(head),
            Self::Go => go::print(head),
        }
    }
}
