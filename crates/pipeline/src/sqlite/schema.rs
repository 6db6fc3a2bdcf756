use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params};

use super::{SqliteError, end};

/// The layout that is written below; another one is refused.
const LAYOUT: i32 = 1;

/// Changed rows between two rounds of forgetting.
pub(super) const ROUND: u64 = 1_000;

/// Rows of each kind that one round forgets at most, so that no call takes long.
const FORGOTTEN: i64 = 5_000;

/// How long a claim that ran out is kept, in milliseconds: its holder may still complete it; one day.
const CLAIM_REST: i64 = 24 * 60 * 60 * 1_000;

const TABLES: &str = "
create table alerts (id text not null primary key, token text not null, until integer not null,
    completed integer not null) strict, without rowid;
create index alerts_until on alerts (until);
create table occurrences (grp text not null, second integer not null, nanosecond integer not null,
    event text not null, member integer not null, value text not null, until integer not null,
    primary key (grp, second, nanosecond, event, member, value)) strict, without rowid;
create index occurrences_until on occurrences (until);
create table cells (key text not null primary key, version text not null, document text not null,
    until integer not null) strict, without rowid;
create index cells_until on cells (until);
create table agenda (due integer not null, key text not null, note text not null,
    primary key (due, key)) strict, without rowid;
";

/// Sets the connection up and makes the tables where there are none.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), SqliteError> {
    // Readers and the writer do not wait for each other.
    connection.pragma_update(None, "journal_mode", "wal")?;
    // What was answered is on the disk.
    connection.pragma_update(None, "synchronous", "full")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match transaction.pragma_query_value(None, "user_version", |row| row.get(0))? {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", LAYOUT)?;
        }
        LAYOUT => {}
        found => return Err(SqliteError::Layout { found, known: LAYOUT }),
    }
    transaction.commit()?;
    Ok(())
}

/// Removes what was claimed and not completed.
pub(super) fn give_up_claims(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("delete from alerts where completed = 0", []).map(|_| ())
}

/// Removes some of what has ended.
pub(super) fn forget(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let now = end(now);
    connection.execute(
        "delete from alerts where id in (select id from alerts where until <= ?1
            and (completed = 1 or until <= ?2) limit ?3)",
        params![now, now.saturating_sub(CLAIM_REST), FORGOTTEN],
    )?;
    connection.execute(
        "delete from occurrences where (grp, second, nanosecond, event, member, value) in
            (select grp, second, nanosecond, event, member, value from occurrences where until <= ?1 limit ?2)",
        params![now, FORGOTTEN],
    )?;
    connection.execute(
        "delete from cells where key in (select key from cells where until <= ?1 limit ?2)",
        params![now, FORGOTTEN],
    )?;
    Ok(())
}
