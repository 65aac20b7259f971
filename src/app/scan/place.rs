//! Places in a text that is read part by part: line, column and byte.
//!
//! Invariant: a cursor only goes forward, so that all places of a file cost one reading of it.

/// Where something begins. Lines and columns count from 1; a column is a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) line: u64,
    pub(super) column: u64,
    /// The byte in the file, from 0.
    pub(super) byte: u64,
}

impl Place {
    /// A place that is no place: the file's name.
    pub(super) const NAME: Self = Self { line: 0, column: 0, byte: 0 };
    /// The beginning of a file.
    pub(super) const BEGIN: Self = Self { line: 1, column: 1, byte: 0 };
}

/// How many bytes a text takes in its file.
pub(super) type Width = fn(&str) -> u64;

/// Bytes of text that is UTF-8.
pub(super) fn narrow(text: &str) -> u64 {
    text.len() as u64
}

/// Bytes of text that is UTF-16.
pub(super) fn wide(text: &str) -> u64 {
    text.encode_utf16().count() as u64 * 2
}

/// Goes through a text and knows where it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    at: usize,
    place: Place,
    width: Width,
}

impl Cursor {
    /// At the beginning of a part of a text.
    pub(super) fn new(place: Place, width: Width) -> Self {
        Self { at: 0, place, width }
    }

    /// Goes on to that byte of the part. It does not go back.
    pub(super) fn go(&mut self, text: &str, to: usize) -> Place {
        let passed = text.get(self.at..to).unwrap_or_default();
        let breaks = memchr::memchr_iter(b'\n', passed.as_bytes()).count() as u64;
        let line = memchr::memrchr(b'\n', passed.as_bytes()).and_then(|last| passed.get(last + 1..));
        let letters = line.unwrap_or(passed).chars().count() as u64;
        self.place.column = if line.is_some() { 1 + letters } else { self.place.column + letters };
        self.place.line += breaks;
        self.place.byte += (self.width)(passed);
        self.at = self.at.max(to);
        self.place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_columns_and_bytes_are_counted() {
        let text = "aé\nb\n\nüc";
        let mut cursor = Cursor::new(Place::BEGIN, narrow);
        assert_eq!(cursor.go(text, 3), Place { line: 1, column: 3, byte: 3 });
        assert_eq!(cursor.go(text, 4), Place { line: 2, column: 1, byte: 4 });
        assert_eq!(cursor.go(text, 9), Place { line: 4, column: 2, byte: 9 });
        assert_eq!(Cursor::new(Place::BEGIN, wide).go(text, 9).byte, 14);
    }
}
