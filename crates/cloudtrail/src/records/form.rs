use trailhound_rule_engine::json::{self, Kind, Progress};

use super::cursor::Cursor;

/// What an object at the top of a document, or in a list there, holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A record itself.
    Record,
    /// `Records`: an object as CloudTrail delivers it.
    Records,
    /// `detail` and `detail-type`: an `EventBridge` event.
    Envelope,
    /// `logEvents`: a message of a CloudWatch Logs subscription.
    LogMessage,
    /// The same with `messageType: CONTROL_MESSAGE`: a probe without records.
    ControlMessage,
    /// `Events`: the output of `lookup-events`.
    LookupOutput,
    /// `CloudTrailEvent`: one event of such output.
    LookupEvent,
}

/// What the keys read so far say.
#[derive(Debug)]
struct Seen {
    form: Form,
    /// How many of the two keys of an `EventBridge` event are there.
    envelope_keys: u8,
    is_control: bool,
}

impl Seen {
    fn form(&self) -> Form {
        match self.form {
            _ if self.envelope_keys >= 2 => Form::Envelope,
            Form::LogMessage if self.is_control => Form::ControlMessage,
            form => form,
        }
    }
}

/// Tells the form of the object that comes next; the caller rewinds.
///
/// `Records` decides at once, so that a delivered object is read in one pass. An object that is
/// damaged behind `logEvents` or `Events` still has that form: its sound entries are read.
pub(super) fn of_object(cursor: &mut Cursor<'_>) -> Result<Form, json::Error> {
    let mut seen = Seen { form: Form::Record, envelope_keys: 0, is_control: false };
    match read_keys(cursor, &mut seen) {
        Ok(Some(form)) => Ok(form),
        Ok(None) => Ok(seen.form()),
        Err(_) if matches!(seen.form, Form::LogMessage | Form::LookupOutput) => Ok(seen.form()),
        Err(error) => Err(error),
    }
}

fn read_keys(cursor: &mut Cursor<'_>, seen: &mut Seen) -> Result<Option<Form>, json::Error> {
    let mut progress = Progress::default();
    cursor.enter_object()?;
    while let Some(key) = cursor.next_key(&mut progress)? {
        let kind = cursor.peek()?;
        match &*key.decode() {
            "Records" => return Ok(Some(Form::Records)),
            "detail" => seen.envelope_keys += 1,
            "detail-type" if kind == Kind::String => seen.envelope_keys += 1,
            "logEvents" => seen.form = Form::LogMessage,
            "Events" if kind == Kind::Array => seen.form = Form::LookupOutput,
            "CloudTrailEvent" => seen.form = Form::LookupEvent,
            "messageType" if kind == Kind::String => {
                seen.is_control = cursor.string()?.decode() == "CONTROL_MESSAGE";
                continue;
            }
            _ => {}
        }
        cursor.skip()?;
    }
    Ok(None)
}
