//! `conformant serve`: the reference implementation, correct or broken on purpose.

use std::io::Write as _;

use super::args::ServeArgs;
use super::exit::Exit;
use super::failure::Failure;
use crate::reference::{self, Fault, Variant};

/// Serves until a signal comes.
pub(super) fn serve(args: &ServeArgs) -> Result<Exit, Failure> {
    let fault = args.fault.as_deref().map(fault).transpose()?;
    let variants = args.variants.iter().map(|id| variant(id)).collect::<Result<Vec<_>, _>>()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::internal)?;
    runtime.block_on(async {
        let options = reference::Options { port: args.port, fault, variants };
        let running = reference::start(options).await.map_err(|error| {
            Failure::usage(
                format!("port {} of 127.0.0.1 can't be listened on: {error}", args.port),
                "give another --port",
            )
        })?;
        let mut out = anstream::stdout();
        writeln!(out, "listening on http://{}", running.address())
            .and_then(|()| out.flush())
            .map_err(|error| Failure::sink("the terminal", &error))?;
        let stop = crate::run::Stop::new();
        let signal = super::signals::listen(&stop).map_err(Failure::internal)?;
        stop.asked().await;
        running.stop().await;
        Ok(signal.exit().unwrap_or(Exit::Good))
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
