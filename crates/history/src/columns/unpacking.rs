//! Pages that are unpacked here and not by the reader, which makes what it needs for that anew for each column of each
//! batch. That takes longer than to unpack some pages.

use std::{cell::RefCell, sync::Arc};

use bytes::Bytes;
use parquet::{
    basic::Compression,
    column::page::{Page, PageMetadata, PageReader},
    errors::{ParquetError, Result},
    file::{
        metadata::ColumnChunkMetaData, page_index::offset_index::PageLocation,
        serialized_reader::SerializedPageReader,
    },
};
use zstd::{bulk::Decompressor, zstd_safe};

use super::window::Window;

thread_local! {
    /// What a thread unpacks with.
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// The pages of part of a column.
pub(super) struct UnpackedPages {
    pages: SerializedPageReader<Window>,
    /// Whether they are packed.
    is_packed: bool,
}

impl UnpackedPages {
    /// Those of a chunk that lie at `pages`, of which the window has those that are not stepped over. They have so many
    /// rows.
    pub(super) fn new(
        window: Arc<Window>,
        chunk: &ColumnChunkMetaData,
        rows: usize,
        pages: Vec<PageLocation>,
    ) -> Result<Self> {
        let is_packed = matches!(chunk.compression(), Compression::ZSTD(_));
        let as_they_are = chunk.clone().into_builder().set_compression(Compression::UNCOMPRESSED).build()?;
        let chunk = if is_packed { &as_they_are } else { chunk };
        Ok(Self { pages: SerializedPageReader::new(window, chunk, rows, Some(pages))?, is_packed })
    }

    fn unpacked(&self, mut page: Page) -> Result<Page> {
        if self.is_packed {
            match &mut page {
                Page::DataPage { buf, .. } | Page::DictionaryPage { buf, .. } => *buf = unpack(buf)?,
                Page::DataPageV2 { .. } => return Err(damaged()),
            }
        }
        Ok(page)
    }
}

impl PageReader for UnpackedPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.pages.get_next_page()?.map(|page| self.unpacked(page)).transpose()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}

impl Iterator for UnpackedPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// What was packed says how long it is.
fn unpack(packed: &[u8]) -> Result<Bytes> {
    let length = zstd_safe::get_frame_content_size(packed).ok().flatten().ok_or_else(damaged)?;
    let length = usize::try_from(length).map_err(|_| damaged())?;
    UNPACKER.with_borrow_mut(|unpacker| {
        let unpacker = match unpacker {
            Some(unpacker) => unpacker,
            None => unpacker.insert(Decompressor::new()?),
        };
        Ok(unpacker.decompress(packed, length)?.into())
    })
}

fn damaged() -> ParquetError {
    ParquetError::General("a page cannot be unpacked".to_owned())
}
