//! Which management events a trail records, from its selectors.

use std::collections::BTreeSet;

use trailhound_aws::trails::{Activity, AdvancedSelector, BasicSelector, FieldSelector, Selectors};

/// The management events that a trail records.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Recorded {
    pub(super) reads: Extent,
    pub(super) writes: Extent,
}

/// How much of something is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Extent {
    All,
    /// All but the events of these services.
    Without(BTreeSet<String>),
    /// Only events that meet some further condition.
    Some,
    None,
}

/// What one selector takes of the management events.
struct Slice {
    activity: Activity,
    extent: Extent,
}

/// An event is recorded if any selector takes it.
pub(super) fn recorded(selectors: &Selectors) -> Recorded {
    let slices: Vec<Slice> = match selectors {
        // What CloudTrail does with a trail for which nobody chose.
        Selectors::Basic(basic) if basic.is_empty() => vec![Slice { activity: Activity::All, extent: Extent::All }],
        Selectors::Basic(basic) => basic.iter().filter_map(of_basic).collect(),
        Selectors::Advanced(advanced) => advanced.iter().filter_map(of_advanced).collect(),
    };
    let together = |half: Activity| {
        let slices = slices.iter().filter(|slice| slice.activity == Activity::All || slice.activity == half);
        slices.map(|slice| slice.extent.clone()).fold(Extent::None, Extent::and)
    };
    Recorded { reads: together(Activity::Read), writes: together(Activity::Write) }
}

fn of_basic(selector: &BasicSelector) -> Option<Slice> {
    let BasicSelector { management, activity, excluded_sources, data: _ } = selector;
    management.then(|| Slice { activity: *activity, extent: Extent::without(excluded_sources) })
}

fn of_advanced(selector: &AdvancedSelector) -> Option<Slice> {
    let is_management = |field: &FieldSelector| {
        field.field == "eventCategory" && field.equals.iter().any(|category| category == "Management")
    };
    if !selector.fields.iter().any(is_management) {
        return None;
    }
    let mut slice = Slice { activity: Activity::All, extent: Extent::All };
    for field in selector.fields.iter().filter(|field| field.field != "eventCategory") {
        slice.narrow(field);
    }
    Some(slice)
}

impl Slice {
    fn narrow(&mut self, field: &FieldSelector) {
        let FieldSelector { field, equals, starts_with, ends_with, not_equals, not_starts_with, not_ends_with } = field;
        let compares_parts =
            [starts_with, ends_with, not_starts_with, not_ends_with].into_iter().any(|values| !values.is_empty());
        let equals: Vec<&str> = equals.iter().map(String::as_str).collect();
        match (field.as_str(), equals.as_slice(), not_equals.as_slice()) {
            ("readOnly", ["true"], []) => self.activity = Activity::Read,
            ("readOnly", ["false"], []) => self.activity = Activity::Write,
            ("eventSource", [], excluded) if !compares_parts && self.extent == Extent::All => {
                self.extent = Extent::without(excluded);
            }
            _ => self.extent = Extent::Some,
        }
    }
}

impl Extent {
    fn without(excluded: &[String]) -> Self {
        if excluded.is_empty() { Extent::All } else { Extent::Without(excluded.iter().cloned().collect()) }
    }

    /// What is recorded when both are. Two partial extents might make a whole; nobody looks so closely.
    fn and(self, other: Extent) -> Extent {
        match (self, other) {
            (Extent::All, _) | (_, Extent::All) => Extent::All,
            (Extent::Without(one), Extent::Without(other)) => {
                let both: Vec<String> = one.intersection(&other).cloned().collect();
                Extent::without(&both)
            }
            (Extent::Without(excluded), _) | (_, Extent::Without(excluded)) => Extent::Without(excluded),
            (Extent::Some, _) | (_, Extent::Some) => Extent::Some,
            (Extent::None, Extent::None) => Extent::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(activity: Activity, excluded: &[&str]) -> BasicSelector {
        let excluded_sources = excluded.iter().map(|source| (*source).to_owned()).collect();
        BasicSelector { management: true, activity, excluded_sources, data: Vec::new() }
    }

    fn data_events() -> BasicSelector {
        BasicSelector { management: false, ..basic(Activity::All, &[]) }
    }

    /// Fields as `name=value`, `name!=value` or `name^=value`.
    fn advanced(fields: &[&str]) -> AdvancedSelector {
        let field = |text: &&str| {
            let (name, value) = text.split_once('=').unwrap();
            let (not_equals, parts) = (name.ends_with('!'), name.ends_with('^'));
            let values = vec![value.to_owned()];
            FieldSelector {
                field: name.trim_end_matches(['!', '^']).to_owned(),
                equals: if not_equals || parts { Vec::new() } else { values.clone() },
                not_equals: if not_equals { values.clone() } else { Vec::new() },
                starts_with: if parts { values } else { Vec::new() },
                ..FieldSelector::default()
            }
        };
        AdvancedSelector { fields: fields.iter().map(field).collect() }
    }

    fn without(sources: &[&str]) -> Extent {
        Extent::Without(sources.iter().map(|source| (*source).to_owned()).collect())
    }

    #[test]
    fn basic_selectors_add_up() {
        use Activity::{All, Read, Unknown, Write};
        let (kms, rds) = ("kms.amazonaws.com", "rdsdata.amazonaws.com");
        for (selectors, reads, writes) in [
            (vec![], Extent::All, Extent::All),
            (vec![basic(All, &[])], Extent::All, Extent::All),
            (vec![basic(Read, &[]), basic(Write, &[])], Extent::All, Extent::All),
            (vec![basic(Write, &[]), data_events()], Extent::None, Extent::All),
            (vec![basic(Read, &[])], Extent::All, Extent::None),
            (vec![data_events()], Extent::None, Extent::None),
            (vec![basic(Unknown, &[])], Extent::None, Extent::None),
            (vec![basic(All, &[kms, rds])], without(&[kms, rds]), without(&[kms, rds])),
            (vec![basic(All, &[kms, rds]), basic(Write, &[kms])], without(&[kms, rds]), without(&[kms])),
            (vec![basic(All, &[kms]), basic(All, &[rds])], Extent::All, Extent::All),
        ] {
            let shown = format!("{selectors:?}");
            assert_eq!(recorded(&Selectors::Basic(selectors)), Recorded { reads, writes }, "{shown}");
        }
    }

    #[test]
    fn advanced_selectors_add_up() {
        const ALL: &[&str] = &["eventCategory=Management"];
        const READS: &[&str] = &["eventCategory=Management", "readOnly=true"];
        const WRITES: &[&str] = &["readOnly=false", "eventCategory=Management"];
        const NO_KMS: &[&str] = &["eventCategory=Management", "eventSource!=kms.amazonaws.com"];
        const ONLY_IAM: &[&str] = &["eventCategory=Management", "eventSource=iam.amazonaws.com"];
        const NO_NAMES: &[&str] = &["eventCategory=Management", "eventName!=Decrypt"];
        const PARTS: &[&str] = &["eventCategory=Management", "eventSource^=kms"];
        const BOTH: &[&str] = &["eventCategory=Management", "eventName!=Decrypt", "eventSource!=kms.amazonaws.com"];
        const DATA: &[&str] = &["eventCategory=Data", "resources.type=AWS::S3::Object"];
        let no_kms = || without(&["kms.amazonaws.com"]);
        for (selectors, reads, writes) in [
            (vec![ALL], Extent::All, Extent::All),
            (vec![DATA, ALL], Extent::All, Extent::All),
            (vec![DATA], Extent::None, Extent::None),
            (vec![READS], Extent::All, Extent::None),
            (vec![WRITES], Extent::None, Extent::All),
            (vec![READS, WRITES], Extent::All, Extent::All),
            (vec![NO_KMS], no_kms(), no_kms()),
            (vec![NO_KMS, WRITES], no_kms(), Extent::All),
            (vec![ONLY_IAM], Extent::Some, Extent::Some),
            (vec![ONLY_IAM, NO_KMS], no_kms(), no_kms()),
            (vec![NO_NAMES], Extent::Some, Extent::Some),
            (vec![PARTS], Extent::Some, Extent::Some),
            (vec![BOTH], Extent::Some, Extent::Some),
            (vec![BOTH, READS], Extent::All, Extent::Some),
        ] {
            let given = Selectors::Advanced(selectors.iter().map(|fields| advanced(fields)).collect());
            assert_eq!(recorded(&given), Recorded { reads, writes }, "{selectors:?}");
        }
    }
}
