//! One HTML file for people who would rather look than read.
//!
//! Written at the end from the template beside this file. Nothing in it comes from elsewhere, nothing in it is a script:
//! the filters and the clause map work by CSS alone, and the content security policy allows that one style sheet, by its
//! hash, and nothing else. All text is made printable and escaped.
//!
//! Bounded: the ledger's limits in memory, and about [`LIMIT`] bytes of text from the run on the page. What has no room is
//! counted.

mod causes;
mod view;

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use sha2::{Digest as _, Sha256};

use super::summary::Summary;
use super::{Format, Renderer};
use crate::verdict::{Event, Footer};

pub(super) const FORMAT: Format = Format {
    name: "html",
    says: "one HTML page to look at: verdict, a map of the clauses, every cause with its evidence",
    wants_exchanges: false,
    renderer: || Box::new(Html::default()),
};

/// About how many bytes of text from the run the page holds, escaped.
const LIMIT: usize = 16 * 1024 * 1024;

const PAGE: &str = include_str!("html/report.html");
const STYLE: &str = include_str!("html/report.css");

/// Renders HTML.
#[derive(Debug, Default)]
pub struct Html {
    ledger: Summary,
}

impl Renderer for Html {
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        match event {
            Event::Started(header) => self.ledger.start(header),
            Event::Case(result) => self.ledger.record(result),
            Event::Finished(footer) => return self.page(footer, out),
        }
        Ok(())
    }
}

impl Html {
    fn page(&self, footer: &Footer, out: &mut dyn Write) -> io::Result<()> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(io::Error::other)?;
        environment.set_syntax(syntax);
        // The name's end is what switches escaping on.
        environment.add_template("report.html", PAGE).map_err(io::Error::other)?;
        let template = environment.get_template("report.html").map_err(io::Error::other)?;
        let page = view::Page::new(&self.ledger, footer, LIMIT);
        let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
        let context = minijinja::context! { page => Serde(page), style => STYLE, style_hash => hash };
        template.render_captured_to(context, out).map(drop).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests;
