//! `conformant schema`: the JSON Schema of case files, for editors.

use std::io::Write as _;

use super::exit::Exit;
use super::failure::Failure;

/// Prints the schema.
pub(super) fn schema() -> Result<Exit, Failure> {
    let text = serde_json::to_string_pretty(&crate::suite::case_schema()).map_err(Failure::internal)? + "\n";
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| Failure::sink("the schema", &error))?;
    Ok(Exit::Good)
}
