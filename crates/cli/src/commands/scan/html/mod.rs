//! The report as one page for a browser: everything in one file, nothing from the network.
//!
//! A page may be opened long after, on another machine, by somebody who trusts it, and shows what attackers
//! wrote. Three things keep it harmless: every text of a record is made presentable, the template escapes
//! whatever it prints, and a content security policy lets nothing run or load but our own script and style.

mod collect;
mod hit;
mod view;

use std::{fs::File, io, io::Write, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use minijinja::{AutoEscape, Environment, Value, syntax::SyntaxConfig, value::Serde};
use sha2::{Digest, Sha256};
use trailhound_pipeline::Match;
use trailhound_rule_engine::Metadata;

use self::{collect::Collection, view::View};
use super::{correlating::Fired, report::Ending};

const TEMPLATE: &str = include_str!("page.html.jinja");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A page under way, and the file it goes to.
#[derive(Debug)]
pub(super) struct Page {
    file: File,
    collection: Collection,
}

impl Page {
    /// Makes sure that the file can be written before anything is scanned.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        Ok(Page { file: File::create(path)?, collection: Collection::default() })
    }

    pub(super) fn add_match(&mut self, rule: &Metadata, path: &str, found: &Match) {
        self.collection.add_match(rule, path, found);
    }

    pub(super) fn add_fired(&mut self, rule: &Metadata, fired: &Fired) {
        self.collection.add_fired(rule, fired);
    }

    /// Writes the page.
    pub(super) fn finish(mut self, ending: &Ending<'_>) -> io::Result<()> {
        let text = render(&View::new(&self.collection, ending)).map_err(io::Error::other)?;
        self.file.write_all(text.as_bytes())?;
        self.file.sync_all()
    }
}

fn render(view: &View) -> Result<String, minijinja::Error> {
    let mut environment = Environment::empty();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    // Only for our own script and style.
    environment.add_global("style", Value::from_safe_string(STYLE.to_owned()));
    environment.add_global("script", Value::from_safe_string(SCRIPT.to_owned()));
    environment.add_global("policy", policy());
    environment.add_template("page.html", TEMPLATE)?;
    environment.get_template("page.html")?.render(Serde(view))
}

/// Nothing may be loaded, sent or run but the script and the style of these hashes.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
}
