//! `conformant completions` and `conformant man`: the command line as shells and manuals have it, made by clap.

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::options::command_line;
use super::terminal::print;

/// The name of the program.
const NAME: &str = "conformant";

/// Prints the completions for a shell.
pub(super) fn completions(arguments: &Arguments) -> Result<Exit, Failure> {
    let shell = arguments.options.shell.ok_or_else(|| Failure::usage("no shell is named", "name one, such as bash"))?;
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command_line(), NAME, &mut text);
    print(|out| out.write_all(&text))?;
    Ok(Exit::Success)
}

/// Writes the manual pages.
pub(super) fn man(arguments: &Arguments) -> Result<Exit, Failure> {
    let folder = arguments.options.pages.as_ref();
    let folder = folder.ok_or_else(|| Failure::usage("no folder is named", "name the folder for the pages"))?;
    let written = clap_mangen::generate_to(command_line(), folder);
    written.map_err(|error| Failure::unwritable(&folder.display().to_string(), &error))?;
    Ok(Exit::Success)
}
