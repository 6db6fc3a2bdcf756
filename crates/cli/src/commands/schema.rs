//! `trailhound schema`: JSON Schemas of what people write.

use std::io;

use trailhound_pipeline::configuration;
use trailhound_rule_engine::schema;

use crate::{arguments::SchemaArguments, exit_status::ExitStatus, output::Output};

pub(crate) fn run(arguments: &SchemaArguments, output: &mut Output) -> io::Result<ExitStatus> {
    let schema = arguments.kind.of_rules().map_or_else(configuration::schema, schema::of);
    output.json_document(&schema)?;
    Ok(ExitStatus::Clean)
}
