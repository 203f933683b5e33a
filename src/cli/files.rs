//! Reading whole files, none larger than makes sense.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// What a file holds, or why it can't be read. What a pipe or a device holds isn't known before it is read, so the limit
/// (in bytes) holds while reading.
pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
    match read {
        Err(error) => Err(error.to_string()),
        Ok(_) if bytes.len() as u64 > limit => Err(format!("it has more than {limit} bytes")),
        Ok(_) => Ok(bytes),
    }
}

/// The same of a file that has to be UTF-8.
pub(super) fn read_text(path: &Path, limit: u64) -> Result<String, String> {
    String::from_utf8(read(path, limit)?).map_err(|_| "it is not UTF-8".to_owned())
}
