//! What a source names and how long its functions are, read from its tokens. Comments and texts in quotes
//! do not count.

use std::ops::RangeInclusive;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// A source without its comments.
#[derive(Default)]
pub(super) struct Code {
    /// Everything that is named, as `a::b::c`; the groups of `use` are taken apart.
    pub(super) names: Vec<Name>,
    pub(super) functions: Vec<Function>,
    /// Lines of modules for tests only.
    pub(super) tests: Vec<RangeInclusive<usize>>,
}

pub(super) struct Name {
    pub(super) line: usize,
    pub(super) path: Vec<String>,
}

pub(super) struct Function {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) length: usize,
    pub(super) is_test: bool,
}

/// The source is not made of Rust's tokens.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) line: usize,
}

impl Code {
    pub(super) fn parse(text: &str) -> Result<Self, Unreadable> {
        let tokens: TokenStream = text
            .parse()
            .map_err(|error: proc_macro2::LexError| Unreadable { line: error.span().start().line })?;
        let mut code = Self::default();
        code.read(tokens, &[], false);
        Ok(code)
    }

    /// Lines that are not tests.
    pub(super) fn length(&self, text: &str) -> usize {
        let tests: usize = self.tests.iter().map(|lines| lines.end() - lines.start() + 1).sum();
        text.lines().count().saturating_sub(tests)
    }

    fn read(&mut self, tokens: TokenStream, prefix: &[String], is_test: bool) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Ident(_) => {
                    self.note_function(&tokens[at..], is_test);
                    at += self.read_path(&tokens[at..], prefix, is_test);
                    continue;
                }
                TokenTree::Group(group) => {
                    let is_test = is_test || self.is_test_module(&tokens[..at], group);
                    self.read(group.stream(), &[], is_test);
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            at += 1;
        }
    }

    /// Reads `a::b::c` or `a::{b, c}` at the beginning of `tokens`; returns how many tokens that was.
    fn read_path(&mut self, tokens: &[TokenTree], prefix: &[String], is_test: bool) -> usize {
        let mut path = prefix.to_vec();
        let mut at = 0;
        let line = tokens.first().map_or(0, |token| token.span().start().line);
        while let Some(TokenTree::Ident(ident)) = tokens.get(at) {
            path.push(ident.to_string());
            at += 1;
            if !is_path_separator(&tokens[at..]) {
                break;
            }
            if let Some(TokenTree::Group(group)) = tokens.get(at + 2)
                && group.delimiter() == Delimiter::Brace
            {
                self.read(group.stream(), &path, is_test);
                return at + 3;
            }
            at += 2;
        }
        self.names.push(Name { line, path });
        at
    }

    /// `fn name … { … }` at the beginning of `tokens`.
    fn note_function(&mut self, tokens: &[TokenTree], is_test: bool) {
        let [TokenTree::Ident(keyword), TokenTree::Ident(name), rest @ ..] = tokens else { return };
        let body = rest.iter().take_while(|token| !is_semicolon(token)).find_map(body);
        if let (true, Some(body)) = (keyword == "fn", body) {
            let line = keyword.span().start().line;
            let length = body.span_close().end().line - line + 1;
            self.functions.push(Function { name: name.to_string(), line, length, is_test });
        }
    }

    /// Whether `group` is the body of a module that `tokens` before it mark as tests.
    fn is_test_module(&mut self, before: &[TokenTree], group: &Group) -> bool {
        let [
            ..,
            TokenTree::Punct(hash),
            TokenTree::Group(attribute),
            TokenTree::Ident(keyword),
            TokenTree::Ident(_),
        ] = before
        else {
            return false;
        };
        let marked = hash.as_char() == '#' && attribute.stream().to_string().replace(' ', "") == "cfg(test)";
        if marked && keyword == "mod" {
            self.tests.push(hash.span().start().line..=group.span_close().end().line);
        }
        marked && keyword == "mod"
    }
}

fn is_path_separator(tokens: &[TokenTree]) -> bool {
    let [TokenTree::Punct(first), TokenTree::Punct(second), ..] = tokens else { return false };
    first.as_char() == ':' && first.spacing() == Spacing::Joint && second.as_char() == ':'
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';')
}

fn body(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}
