use trailhound_aws::trails::{Activity, AdvancedSelector, BasicSelector, Call, DataResource, FieldSelector, LookError};

use super::{
    super::{
        super::samples::{QUESTION, healthy, needs},
        Verdict,
    },
    *,
};

/// Changes of trails that are all well, the checks that come out, and the names of the rules that cannot fire.
type Case = (fn(&mut Vec<Examined>), &'static [(Verdict, &'static str)], &'static [&'static str]);

fn basic(data: &[&str]) -> Selectors {
    let data = data.iter().map(|resource| DataResource {
        resource_type: (*resource).to_owned(),
        prefixes: vec!["arn:aws:lambda".to_owned()],
    });
    let all =
        BasicSelector { management: true, activity: Activity::All, excluded_sources: Vec::new(), data: data.collect() };
    Selectors::Basic(vec![all])
}

fn objects_of_one_bucket() -> Selectors {
    let field = |name: &str, value: &str| FieldSelector {
        field: name.to_owned(),
        equals: vec![value.to_owned()],
        ..FieldSelector::default()
    };
    let objects = vec![
        field("eventCategory", "Data"),
        field("resources.type", "AWS::S3::Object"),
        field("resources.ARN", "arn:aws:s3:::one/"),
    ];
    let management = vec![field("eventCategory", "Management")];
    Selectors::Advanced([objects, management].map(|fields| AdvancedSelector { fields }).to_vec())
}

const NO_FUNCTIONS: &str = "without data events of AWS::Lambda::Function, which no trail records";
const NO_OBJECTS: &str = "without data events of AWS::S3::Object, which no trail records";

const CASES: &[Case] = &[
    (
        |_| {},
        &[
            (Verdict::Warning, "1 rule cannot fire (invoked) without data events of AWS::Lambda::Function"),
            (Verdict::Warning, "1 rule cannot fire (object-read) and 1 rule sees less without data events of AWS::S3"),
            (Verdict::Warning, "1 rule has no test that matches"),
        ],
        &["invoked", "object-read"],
    ),
    (
        |trails| {
            trails[0].selectors = Ok(basic(&["AWS::Lambda::Function", "AWS::S3::Object"]));
        },
        &[(Verdict::Warning, "1 rule has no test that matches")],
        &[],
    ),
    (
        |trails| trails[0].selectors = Ok(objects_of_one_bucket()),
        &[
            (Verdict::Warning, NO_FUNCTIONS),
            (Verdict::Warning, "2 rules can fire only of what the selectors of the trails name"),
            (Verdict::Warning, "1 rule has no test that matches"),
        ],
        &["invoked"],
    ),
    (
        |trails| {
            let mut other = healthy("other");
            other.selectors = Ok(basic(&["AWS::Lambda::Function"]));
            trails.push(other);
        },
        &[(Verdict::Warning, NO_OBJECTS), (Verdict::Warning, "no test")],
        &["object-read"],
    ),
    (
        // What is off records nothing.
        |trails| {
            let mut other = healthy("other");
            other.selectors = Ok(basic(&["AWS::Lambda::Function"]));
            other.status.as_mut().unwrap().logging = false;
            trails.push(other);
        },
        &[(Verdict::Warning, NO_FUNCTIONS), (Verdict::Warning, NO_OBJECTS), (Verdict::Warning, "no test")],
        &["invoked", "object-read"],
    ),
    (
        |trails| {
            let data = basic(&["AWS::Lambda::Function", "AWS::S3::Object"]);
            let Selectors::Basic(mut selectors) = data else { return };
            selectors[0].management = false;
            trails[0].selectors = Ok(Selectors::Basic(selectors));
        },
        &[
            (Verdict::Problem, "1 rule cannot fire (user-made) and 1 rule sees less without management events"),
            (Verdict::Warning, "no test"),
        ],
        &["user-made"],
    ),
    (
        |trails| trails[0].selectors = Err(LookError::Denied { call: Call::GetEventSelectors }),
        &[
            (Verdict::Unknown, "without management events"),
            (Verdict::Unknown, NO_FUNCTIONS),
            (Verdict::Unknown, NO_OBJECTS),
            (Verdict::Warning, "no test"),
        ],
        &["denied-anywhere", "invoked", "object-read", "user-made"],
    ),
];

#[test]
fn each_gap_is_found() {
    let needs = needs();
    for (number, (change, expected, silent)) in CASES.iter().enumerate() {
        let mut trails = vec![healthy("main")];
        change(&mut trails);
        let report = judge(&needs, &trails, &QUESTION).unwrap();
        let shown: Vec<(Verdict, &str)> =
            report.checks.iter().map(|check| (check.verdict, check.seen.as_str())).collect();
        assert_eq!(shown.len(), expected.len(), "{number}: {shown:?}");
        for ((verdict, seen), (expected, part)) in shown.iter().zip(*expected) {
            assert!(verdict == expected && seen.contains(part), "{number}: {seen} is {verdict:?}, not {part}");
        }
        assert_eq!(report.silent.iter().map(|one| one.name).collect::<Vec<_>>(), *silent, "{number}");
    }
}

/// What is proposed has to be enough.
#[test]
fn the_selectors_let_every_rule_fire() {
    let needs = needs();
    let report_of = |selectors| {
        let trails = [Examined { selectors: Ok(selectors), ..healthy("main") }];
        judge(&needs, &trails, &QUESTION).unwrap().advanced_event_selectors
    };
    let other = FieldSelector {
        field: "eventCategory".to_owned(),
        equals: vec!["Insight".to_owned()],
        ..FieldSelector::default()
    };
    let nothing = Selectors::Advanced(vec![AdvancedSelector { fields: vec![other] }]);
    let proposed = report_of(nothing);
    assert_eq!(proposed.len(), 3);
    let texts =
        |value: &Value| value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect();
    let field = |field: &Value| FieldSelector {
        field: field["Field"].as_str().unwrap().to_owned(),
        equals: texts(&field["Equals"]),
        ..FieldSelector::default()
    };
    let read = |selector: &Value| AdvancedSelector {
        fields: selector["FieldSelectors"].as_array().unwrap().iter().map(field).collect(),
    };
    assert!(report_of(Selectors::Advanced(proposed.iter().map(read).collect())).is_empty());
}

#[test]
fn without_rules_or_trails_nothing_is_said() {
    assert!(judge(&[], &[healthy("main")], &QUESTION).is_none());
    assert!(judge(&needs(), &[], &QUESTION).is_none());
}
