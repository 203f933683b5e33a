//! `conformant schema`: the JSON Schema of case files, for editors.

use super::exit::Exit;
use super::failure::Failure;
use super::terminal::print;

/// Prints the schema.
pub(super) fn schema() -> Result<Exit, Failure> {
    let text = serde_json::to_string_pretty(&crate::suite::case_schema()).map_err(Failure::internal)? + "\n";
    print(|out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Success)
}
