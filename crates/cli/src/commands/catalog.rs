//! `trailhound catalog`: the names of events and fields that lints know.

use std::io;

use trailhound_cloudtrail::{Inflater, Limits, RecordRefusal, RecordSink, read_records};
use trailhound_rule_engine::{
    catalog::Catalog,
    json::{Error, Reader},
};

use crate::{
    arguments::{CatalogArguments, CatalogCommand, LearnArguments},
    exit_status::ExitStatus,
    inputs::{Content, Object, Unreadable},
    output::{Output, count, named},
};

pub(crate) fn run(arguments: &CatalogArguments, output: &mut Output) -> io::Result<ExitStatus> {
    match &arguments.command {
        CatalogCommand::Learn(arguments) => learn(arguments, output),
    }
}

/// What was learnt so far.
#[derive(Debug, Default)]
struct Learner {
    catalog: Catalog,
    records: u64,
    /// What is no record, or has no event name.
    passed_over: u64,
}

fn learn(arguments: &LearnArguments, output: &mut Output) -> io::Result<ExitStatus> {
    let mut learner = Learner::default();
    let mut status = ExitStatus::Clean;
    let limit = arguments.max_object_bytes.0;
    let limits = Limits { inflated_bytes: usize::try_from(limit).unwrap_or(usize::MAX), ..Limits::default() };
    let mut inflater = Inflater::default();
    for input in &arguments.inputs {
        let mut objects = input.objects(limit).peekable();
        if objects.peek().is_none() {
            output.warning(format_args!("{}: no object found", named(&input.to_string())));
        }
        for object in objects {
            if !learner.take(object, (&limits, &mut inflater), output) {
                status = ExitStatus::CouldNotRun;
            }
        }
    }
    let built_in = Catalog::built_in();
    let new = learner.catalog.without(&built_in);
    let (events, paths) = new.size();
    output.note(format_args!(
        "{} learnt from, {} passed over; {} with new names, {} below them",
        count(usize::try_from(learner.records).unwrap_or(usize::MAX), "record"),
        learner.passed_over,
        count(events, "event"),
        count(paths, "new path"),
    ));
    output.text(if arguments.all { with_built_in(built_in, &new) } else { new.to_string() })?;
    Ok(status)
}

fn with_built_in(mut built_in: Catalog, new: &Catalog) -> String {
    // What a catalogue prints, it reads.
    let _ = built_in.read(&new.to_string());
    built_in.to_string()
}

impl Learner {
    /// Takes what can be read of an object; whether that is all of it.
    fn take(
        &mut self,
        object: Result<Object, Unreadable>,
        (limits, inflater): (&Limits, &mut Inflater),
        output: &Output,
    ) -> bool {
        match object {
            Err(unreadable) => output.unreadable(&unreadable),
            Ok(object) => match self.object(object.content, limits, inflater) {
                Ok(()) => return true,
                Err(reason) => output.warning(format_args!("{}: {reason}", named(&object.name))),
            },
        }
        false
    }

    /// Takes the names of an object's records; an error where part of it cannot be read.
    fn object(&mut self, content: Content, limits: &Limits, inflater: &mut Inflater) -> Result<(), String> {
        let bytes = match content {
            Content::Whole(bytes) => bytes,
            Content::TooLarge => return Err("too large, see `--max-object-bytes`".to_owned()),
            Content::NoRecords => return Ok(()),
        };
        let inflated = inflater.inflate(&bytes, limits.inflated_bytes);
        let problems = read_records(&inflated.bytes, limits, self);
        match (inflated.problem, problems.first()) {
            (Some(problem), _) => Err(problem.to_string()),
            (None, Some(problem)) => Err(problem.to_string()),
            (None, None) => Ok(()),
        }
    }
}

impl RecordSink for Learner {
    fn record(&mut self, _index: u64, reader: &mut Reader<'_>) -> Result<(), Error> {
        let record = reader.skip()?;
        match self.catalog.learn(record) {
            Ok(()) => self.records += 1,
            Err(_) => self.passed_over += 1,
        }
        Ok(())
    }

    fn refused(&mut self, _index: u64, _refusal: RecordRefusal) {
        self.passed_over += 1;
    }
}
