//! `conformant schema`: the JSON Schemas of the files that people write, for editors, and of the event stream.

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::options::value::SchemaOf;
use super::profile;
use super::terminal::print;
use super::waivers;
use crate::suite::case_schema;
use crate::verdict::event_schema;

/// Prints the schema.
pub(super) fn schema(arguments: &Arguments) -> Result<Exit, Failure> {
    let schema = match arguments.options.schema_of {
        SchemaOf::Cases => case_schema(),
        SchemaOf::Profiles => profile::schema(),
        SchemaOf::Waivers => waivers::schema(),
        SchemaOf::Events => event_schema(),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(Failure::internal)? + "\n";
    print(|out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Success)
}
