//! `conformant serve`: the reference implementation, correct or broken on purpose.

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::terminal::print;
use crate::reference::{self, Fault, Variant};

/// Serves until a signal comes.
pub(super) fn serve(arguments: &Arguments) -> Result<Exit, Failure> {
    let options = &arguments.options;
    let fault = options.fault.as_deref().map(fault).transpose()?;
    let variants = options.variants.iter().map(|id| variant(id)).collect::<Result<Vec<_>, _>>()?;
    let port = u16::try_from(options.port.0).map_err(Failure::internal)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::internal)?;
    runtime.block_on(async {
        let served = reference::Options { port, fault, variants, token_uses: options.token_uses.0 };
        let running = reference::start(served).await.map_err(|error| {
            Failure::usage(format!("port {port} of 127.0.0.1 can't be listened on: {error}"), "give another --port")
        })?;
        print(|out| writeln!(out, "listening on http://{}", running.address()))?;
        let stop = crate::run::Stop::new();
        let signal = super::signals::listen(&stop, Vec::new()).map_err(Failure::internal)?;
        stop.asked().await;
        running.stop().await;
        Ok(signal.exit().unwrap_or(Exit::Success))
    })
}

fn fault(id: &str) -> Result<&'static Fault, Failure> {
    reference::fault(id)
        .ok_or_else(|| Failure::usage(format!("there is no fault {id}"), "`conformant mutants --list` lists them"))
}

fn variant(id: &str) -> Result<&'static Variant, Failure> {
    reference::variant(id).ok_or_else(|| {
        let known: Vec<&str> = reference::VARIANTS.iter().map(|variant| variant.id).collect();
        Failure::usage(format!("there is no variant {id}"), format!("there are {}", known.join(", ")))
    })
}
