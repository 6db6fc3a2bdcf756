//! Anchors: what a record must hold for a rule to match, told from the rule.

use std::ops::ControlFlow;

use crate::{
    derived::{DENIED_CODES, Derived},
    detection::{Condition, Detection, Field, Item, Search, Test, Value},
    modifier::Quantifier,
    path::Path,
    pattern::{Part, Pattern, lower},
};

pub(super) const EVENT_NAME: &str = "eventName";
const EVENT_SOURCE: &str = "eventSource";
const ERROR_CODE: &str = "errorCode";

const COMMON_CALLERS: &[&str] = &["assumedrole", "awsservice", "iamuser"];

/// Bytes of a piece of text below which looking for it rules out too little.
const SHORTEST_PIECE: usize = 3;

/// A place in a record that the first pass comes by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// A key of the record.
    Top(String),
    /// A key of the object at a key of the record.
    Below(String, String),
}

/// What has to stand there. Texts are in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// This text.
    Text(String),
    /// A text with this piece in it.
    Piece(String),
    /// Anything.
    Present,
}

/// Something without which a rule cannot match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) place: Place,
    pub(super) wanted: Wanted,
}

/// Anchors of which at least one must hold for a rule to match.
pub(super) type Anchors = Vec<Anchor>;

/// Anchors of a detection, or `None` when a record without any particular value could match.
pub(super) fn of(detection: &Detection) -> Option<Anchors> {
    condition(&detection.condition, detection)
}

fn condition(node: &Condition, detection: &Detection) -> Option<Anchors> {
    match node {
        Condition::Identifier(index) => search(&detection.identifiers.get(*index)?.search),
        Condition::Not(_) => None,
        Condition::All(members) => best(members.iter().map(|member| condition(member, detection))),
        Condition::Any(members) => every(members.iter().map(|member| condition(member, detection))),
    }
}

fn search(node: &Search) -> Option<Anchors> {
    match node {
        Search::Item(item) => self::item(item),
        Search::Block(_) => None,
        Search::All(members) => best(members.iter().map(search)),
        Search::Any(searches) => every(searches.iter().map(search)),
    }
}

/// An entry anchors when it cannot hold without a value at a place of the first pass.
fn item(item: &Item) -> Option<Anchors> {
    let anchored = item.field.as_ref().and_then(Anchored::of).filter(|_| !item.negated)?;
    match &item.test {
        Test::Values { quantifier, values } => {
            let anchors = values.iter().map(|value| anchored.anchors(value));
            match quantifier {
                Quantifier::Any => every(anchors),
                // With `all` every single value must occur, so one of them is enough.
                Quantifier::All => best(anchors),
            }
        }
        Test::Exists(true) => anchored.presence(),
        Test::Exists(false) | Test::Null => None,
    }
}

/// A field of which the first pass tells something.
#[derive(Debug, Clone)]
enum Anchored {
    Field(Place),
    /// `trailhound.event`, whose values tell the name of the event.
    Event,
    /// `trailhound.outcome`, of which `denied` rests on the error code.
    Outcome,
}

impl Anchored {
    fn of(field: &Field) -> Option<Self> {
        match field {
            Field::Path(path) => place(path).map(Anchored::Field),
            Field::Derived(Derived::Event) => Some(Anchored::Event),
            Field::Derived(Derived::Outcome) => Some(Anchored::Outcome),
            Field::Derived(_) => None,
        }
    }

    fn anchors(&self, value: &Value) -> Option<Anchors> {
        match value {
            Value::Text(pattern) => self.pattern(pattern),
            Value::Forms(forms) => every(forms.iter().map(|form| self.anchors(form))),
            Value::Regex(expression) => self.expression(expression.pieces()),
            Value::Number(_)
            | Value::Bool(_)
            | Value::Network(_)
            | Value::Compare(..)
            | Value::Time(..)
            | Value::Field(_) => self.presence(),
        }
    }

    fn pattern(&self, pattern: &Pattern) -> Option<Anchors> {
        match (self, pattern.literal()) {
            (Anchored::Field(place), Some(text)) => Some(vec![Anchor::text(place.clone(), text)]),
            (Anchored::Field(place), None) => Some(vec![Anchor::piece(place.clone(), pattern)]),
            (Anchored::Event, Some(text)) => name_of_event(text),
            (Anchored::Outcome, Some(text)) => error_codes(text),
            (Anchored::Event | Anchored::Outcome, None) => None,
        }
    }

    fn expression(&self, pieces: &[String]) -> Option<Anchors> {
        let Anchored::Field(place) = self else { return None };
        let anchors: Option<Anchors> = pieces.iter().map(|piece| Anchor::of_piece(place, &lower(piece))).collect();
        anchors.filter(|anchors| !anchors.is_empty()).or_else(|| self.presence())
    }

    /// An absent field fails every positive test.
    fn presence(&self) -> Option<Anchors> {
        match self {
            Anchored::Field(place) => Some(vec![Anchor { place: place.clone(), wanted: Wanted::Present }]),
            Anchored::Event | Anchored::Outcome => None,
        }
    }
}

impl Anchor {
    fn text(place: Place, text: &str) -> Self {
        Anchor { place, wanted: Wanted::Text(lower(text).into_owned()) }
    }

    /// The longest piece of a text with wildcards.
    fn piece(place: Place, pattern: &Pattern) -> Self {
        let pieces = pattern.parts().iter().filter_map(|part| match part {
            Part::Literal(text) => Anchor::of_piece(&place, &lower(text)),
            Part::One | Part::Many => None,
        });
        let longest = pieces.max_by_key(|anchor| match &anchor.wanted {
            Wanted::Piece(piece) => piece.len(),
            Wanted::Text(_) | Wanted::Present => 0,
        });
        longest.unwrap_or(Anchor { place, wanted: Wanted::Present })
    }

    /// `None` for a piece that is too short to rule anything out, or holds letters beyond ASCII, whose lower
    /// cases have several lengths: the search goes by bytes.
    fn of_piece(place: &Place, piece: &str) -> Option<Self> {
        let usable = piece.is_ascii() && piece.len() >= SHORTEST_PIECE;
        usable.then(|| Anchor { place: place.clone(), wanted: Wanted::Piece(piece.to_owned()) })
    }

    /// How many records meet the anchor, few first, from what real records show.
    fn rank(&self) -> u32 {
        match (&self.place, &self.wanted) {
            (Place::Top(key), Wanted::Text(_)) => rank_of_text(key),
            (Place::Top(key), Wanted::Piece(_)) => rank_of_text(key).max(2) + 1,
            (Place::Top(key), Wanted::Present) if key == ERROR_CODE => 3,
            // What most callers are: an AWSService, a role's session, a user.
            (Place::Below(..), Wanted::Text(text)) if COMMON_CALLERS.contains(&text.as_str()) => 6,
            (Place::Below(..), Wanted::Text(_)) => 4,
            (Place::Below(..), Wanted::Piece(_)) => 5,
            (_, Wanted::Present) => 7,
        }
    }
}

fn rank_of_text(key: &str) -> u32 {
    match key {
        EVENT_NAME => 0,
        ERROR_CODE | "errorMessage" => 1,
        EVENT_SOURCE => 4,
        "awsRegion" | "eventType" | "eventCategory" | "eventVersion" | "recipientAccountId" => 6,
        _ => 2,
    }
}

fn place(path: &Path) -> Option<Place> {
    let names = path.as_names()?;
    match names.split_once('.') {
        None => Some(Place::Top(names.to_owned())),
        Some((key, below)) if !below.contains('.') => Some(Place::Below(key.to_owned(), below.to_owned())),
        Some(_) => None,
    }
}

fn name_of_event(event: &str) -> Option<Anchors> {
    let event = lower(event);
    // With a second colon it would be open which one stands between service and name.
    let (_, name) = event.split_once(':').filter(|(_, name)| !name.contains(':'))?;
    Some(vec![Anchor::text(Place::Top(EVENT_NAME.to_owned()), name)])
}

fn error_codes(outcome: &str) -> Option<Anchors> {
    let code = |code: &str| Anchor::text(Place::Top(ERROR_CODE.to_owned()), code);
    (lower(outcome) == "denied")
        .then(|| DENIED_CODES.iter().flat_map(|denied| [code(denied), code(&format!("client.{denied}"))]).collect())
}

/// All members must hold: the most telling anchors of one of them.
fn best(members: impl Iterator<Item = Option<Anchors>>) -> Option<Anchors> {
    members.flatten().min_by_key(|anchors| {
        let rank = anchors.iter().map(Anchor::rank).max().unwrap_or_default();
        (rank, anchors.len())
    })
}

/// Any member may hold: the anchors of all, if all have some.
fn every(mut members: impl Iterator<Item = Option<Anchors>>) -> Option<Anchors> {
    let all = members.try_fold(Anchors::new(), |mut all, anchors| match anchors {
        Some(anchors) => {
            all.extend(anchors);
            ControlFlow::Continue(all)
        }
        None => ControlFlow::Break(()),
    });
    all.continue_value()
}
