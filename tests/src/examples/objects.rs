//! Puts the records into log objects, as CloudTrail delivers them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use flate2::{Compression, GzBuilder};

use super::company::{ACCOUNT, Region};
use super::moment::Moment;
use super::random::Random;
use super::record::Record;
use super::{break_in, ordinary};

/// Seconds between two deliveries to one region.
const DELIVERY_PERIOD: u32 = 600;
/// Fewer records wait for the next delivery.
const SMALLEST_OBJECT: usize = 5;
/// More records are divided into several objects.
const LARGEST_OBJECT: usize = 200;
/// The event that is delivered a second time, in an object of its own time.
const DELIVERED_TWICE: &str = "\"eventName\":\"DeleteDetector\"";

/// The example log objects: S3 keys and gzip bytes, the same at every call.
///
/// # Errors
///
/// Passes on what the compressor reports; it writes to memory, so nothing is expected.
pub fn log_objects() -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut random = Random::named("deliveries");
    let mut objects = BTreeMap::new();
    for ((region, time), mut records) in deliveries(&mut random) {
        // Within an object the records of one service stand together, so times go up and down.
        records.sort_by(|one, other| (&one.service, one.time).cmp(&(&other.service, other.time)));
        let size = records.len().div_ceil(records.len().div_ceil(LARGEST_OBJECT).max(1)).max(1);
        for part in records.chunks(size) {
            let key = key(region, time, &random.alphanumeric(16));
            objects.insert(key, compress(part)?);
        }
    }
    Ok(objects)
}

type Deliveries = BTreeMap<(Region, Moment), Vec<Record>>;

/// Which records go out together: those of a region and of five minutes, late and out of order.
fn deliveries(random: &mut Random) -> Deliveries {
    let mut records = ordinary::records();
    records.extend(break_in::records());
    let mut waiting: BTreeMap<Region, Vec<(Moment, Record)>> = BTreeMap::new();
    for record in records {
        let arrival = record.time.plus(random.between(110, 290));
        if record.region == Region::Ireland && record.text.contains(DELIVERED_TWICE) {
            let again = arrival.plus(2 * DELIVERY_PERIOD);
            waiting.entry(record.region).or_default().push((again, record.clone()));
        }
        waiting.entry(record.region).or_default().push((arrival, record));
    }
    let mut deliveries = Deliveries::new();
    for (region, mut records) in waiting {
        // Ties are broken by text, so that the order does not depend on who was asked first.
        records.sort_by(|(a, one), (b, other)| (a, &one.text).cmp(&(b, &other.text)));
        deliver(region, records, &mut deliveries);
    }
    deliveries
}

/// A delivery with too few records is put off to the next; the very last joins the one before.
fn deliver(region: Region, records: Vec<(Moment, Record)>, deliveries: &mut Deliveries) {
    let mut kept_back: Vec<Record> = Vec::new();
    let mut due = None;
    for (arrival, record) in records {
        let slot = arrival.rounded_up(DELIVERY_PERIOD);
        if let Some(previous) = due.filter(|&previous| previous != slot)
            && kept_back.len() >= SMALLEST_OBJECT
        {
            deliveries.insert((region, previous), std::mem::take(&mut kept_back));
        }
        due = Some(slot);
        kept_back.push(record);
    }
    if let Some(last) = due {
        let last_objects = deliveries.iter_mut().rev().find(|((at, _), _)| *at == region);
        match last_objects {
            Some((_, records)) if kept_back.len() < SMALLEST_OBJECT => records.extend(kept_back),
            Some(_) | None => {
                deliveries.insert((region, last), kept_back);
            }
        }
    }
}

fn key(region: Region, time: Moment, unique: &str) -> String {
    let (region, stamp) = (region.name(), time.minute_stamp());
    format!("AWSLogs/{ACCOUNT}/CloudTrail/{region}/2026/03/10/{ACCOUNT}_CloudTrail_{region}_{stamp}_{unique}.json.gz")
}

/// One member, no file name and no time in the header: the same records give the same bytes.
fn compress(records: &[Record]) -> io::Result<Vec<u8>> {
    let lines: Vec<&str> = records.iter().map(|record| record.text.as_str()).collect();
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    write!(encoder, "{{\"Records\":[{}]}}", lines.join(","))?;
    encoder.finish()
}
