//! The run over folders: look, read what is new, wait.

use std::time::Duration;

use trailhound_trigger::{QueueOrder, Sender, Trigger, UnitOutcome};

use super::{
    folders::{Again, Folders, unit},
    limits::{BATCH, FIRST_PAUSE, SETTLED},
    session::Session,
};
use crate::{
    exit_status::ExitStatus,
    output::{count, printable},
};

/// How long a run over folders goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// Until it is told to end, looking so often.
    Told(Duration),
    /// Until all that is there is read.
    AllRead,
}

/// Reads what is in the folders, until it is to end.
pub(super) async fn folders(mut folders: Folders, until: Until, session: &mut Session<'_>) -> ExitStatus {
    let mut status = ExitStatus::Clean;
    for number in 0.. {
        let look = match folders.look(number).await {
            Ok(look) => look,
            Err(error) => {
                session.output.error(error);
                if until == Until::AllRead {
                    return ExitStatus::CouldNotRun;
                }
                session.stopping.pause(FIRST_PAUSE).await;
                continue;
            }
        };
        for unreadable in &look.unreadable {
            session.output.unreadable(unreadable);
            status = ExitStatus::CouldNotRun;
        }
        let was_due = !look.due.is_empty();
        for batch in look.due.chunks(BATCH) {
            read(&mut folders, batch, session).await;
        }
        session.sweep_now_and_then().await;
        if session.stopping.is_asked() {
            return ExitStatus::Clean;
        }
        let is_unsettled = look.later > 0;
        match until {
            Until::AllRead if !was_due && !is_unsettled => break,
            // What has failed just now, or came meanwhile, is found by another look.
            Until::AllRead if was_due => {}
            Until::AllRead => session.stopping.pause(SETTLED / 4).await,
            Until::Told(interval) if is_unsettled => session.stopping.pause(interval.min(SETTLED)).await,
            Until::Told(interval) => session.stopping.pause(interval).await,
        }
    }
    if folders.has_failures() { ExitStatus::CouldNotRun } else { status }
}

async fn read(folders: &mut Folders, paths: &[String], session: &mut Session<'_>) {
    let units = paths.iter().cloned().map(unit).collect();
    let outcomes = session.work(Trigger { sender: Sender::Queue(QueueOrder::Standard), units }).await;
    for outcome in &outcomes {
        session.tally.add(outcome);
        match folders.settle(outcome).await {
            Ok(again) => report(outcome, again, session),
            // It is read again, and its alerts are known by then.
            Err(error) => {
                let path = printable(&outcome.id);
                session.output.warning(format_args!("{path}: done, but that could not be noted: {error}"));
            }
        }
    }
}

fn report(outcome: &UnitOutcome, again: Option<Again>, session: &Session<'_>) {
    let (Some(again), Some(reason)) = (again, Session::reason(outcome)) else { return };
    let when = match again {
        Again::WhenItChanges => "not tried again before it changes".to_owned(),
        Again::After(pause) => format!("tried again in {}", count(pause.as_secs(), "second")),
    };
    session.output.error(format_args!("{}: {}; {when}", printable(&outcome.id), printable(&reason)));
}
