use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use crate::diagnostic::Severity;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal,)+) => {
        /// The stable name of one kind of problem. A code never changes its meaning and is never
        /// used again for something else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code there is, in ascending order.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The code as people see and search it, for example `TH0301`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => $code,)+
                }
            }

            /// The code as a word without spaces, for example `UnknownModifier`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Code::$name => stringify!($name),)+
                }
            }

            /// The kind of problem in one sentence.
            pub fn summary(self) -> &'static str {
                match self {
                    $(Code::$name => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

codes! {
    /// The file is larger than the limit.
    FileTooLarge = "TH0001",
    /// The text is no YAML 1.2.
    InvalidYaml = "TH0002",
    /// A map has the same key twice.
    DuplicateKey = "TH0003",
    /// More nodes or levels than the limits allow, aliases counted.
    TooComplex = "TH0004",
    /// The document or value is no map where one is needed.
    NotAMap = "TH0005",
    /// The file holds no document.
    NoDocument = "TH0006",
    /// A required attribute is missing.
    MissingAttribute = "TH0101",
    /// An attribute has the wrong type.
    WrongType = "TH0102",
    /// A word that is not among the allowed ones.
    UnknownWord = "TH0103",
    /// An allowed word in other letter case.
    LetterCase = "TH0104",
    /// A text is longer or shorter than the specification allows.
    TextLength = "TH0105",
    /// Not a date of the form `YYYY-MM-DD`.
    InvalidDate = "TH0106",
    /// A tag does not follow the pattern of the specification.
    InvalidTag = "TH0107",
    /// Two rules share an id or a name.
    DuplicateRule = "TH0108",
    /// The log source names no product, service or category.
    EmptyLogSource = "TH0109",
    /// An attribute that looks like a misspelt one.
    MisspeltAttribute = "TH0110",
    /// A list that must not repeat an entry does.
    RepeatedEntry = "TH0111",
    /// The detection has no search identifier beside its condition.
    NoIdentifier = "TH0201",
    /// A search identifier or a field without any value.
    EmptySearch = "TH0202",
    /// A value of a shape that cannot stand there.
    WrongShape = "TH0203",
    /// `null` inside a list of values.
    NullInList = "TH0204",
    /// A search identifier whose name a condition cannot say.
    InvalidIdentifier = "TH0205",
    /// A search identifier that no condition uses.
    UnusedIdentifier = "TH0206",
    /// `timeframe`, which belonged to the removed aggregation syntax.
    Timeframe = "TH0207",
    /// A modifier that Sigma does not know.
    UnknownModifier = "TH0301",
    /// Modifiers that cannot stand together, or in this order.
    ModifierCombination = "TH0303",
    /// A value of a type that the modifier does not take.
    ValueType = "TH0304",
    /// `all` on a single value.
    AllOnSingleValue = "TH0305",
    /// A regular expression that cannot be compiled.
    InvalidRegex = "TH0306",
    /// Not an IP network in CIDR notation.
    InvalidNetwork = "TH0307",
    /// A network with bits set beyond its prefix.
    HostBits = "TH0308",
    /// A modifier that is an empty text, as in `field|`.
    EmptyModifier = "TH0309",
    /// A modifier that needs a field name and has none.
    FieldNeeded = "TH0310",
    /// More wildcards in a value than the limit.
    TooManyWildcards = "TH0311",
    /// A placeholder whose list nobody filled.
    UnknownList = "TH0312",
    /// A name that starts with `trailhound.` and is no derived field.
    UnknownDerivedField = "TH0313",
    /// A selector in brackets that Sigma 3 does not know, or that cannot stand there.
    InvalidSelector = "TH0314",
    /// The condition does not follow the grammar.
    ConditionSyntax = "TH0401",
    /// The condition names an identifier that is not defined.
    UnknownIdentifier = "TH0402",
    /// A selector such as `1 of filter_*` that no identifier fits.
    EmptySelector = "TH0403",
    /// The aggregation syntax that Sigma removed with version 2.
    Aggregation = "TH0404",
    /// `2 of …`; only `1 of`, `any of` and `all of` exist.
    CountedSelector = "TH0405",
    /// An operator in upper case.
    UpperCaseOperator = "TH0406",
    /// The condition is longer or nested deeper than the limits allow.
    ConditionTooComplex = "TH0407",
    /// An `action` that is none of `global`, `reset` and `repeat`, or has nothing to act on.
    InvalidAction = "TH0503",
    /// A `sigma-version` that there is not.
    VersionUnsupported = "TH0504",
    /// A `lists` document that is not written as it has to be.
    InvalidList = "TH0505",
    /// A filter or correlation refers to a rule that is not there.
    UnknownReference = "TH0506",
    /// A filter whose condition has no `not` keeps what it probably means to exclude.
    FilterWithoutNot = "TH0507",
    /// A filter whose log source does not cover that of a rule it names.
    FilterLogSource = "TH0508",
    /// A filter that has expired and is not applied any more.
    FilterExpired = "TH0509",
    /// A filter that expires within a week.
    FilterExpiresSoon = "TH0510",
    /// A test of a rule that is not written as it has to be.
    InvalidTest = "TH0601",
    /// A key that correlations do not have.
    UnknownCorrelationKey = "TH0701",
    /// Not a timespan such as `90m`.
    InvalidTimespan = "TH0702",
    /// A condition that does not fit its type of correlation.
    InvalidCorrelationCondition = "TH0703",
    /// A correlation refers to a rule that is not there or not valid.
    CorrelationReference = "TH0704",
    /// A correlation that is about itself, directly or through others.
    CorrelationCycle = "TH0705",
    /// An alias that does not fit the rules or the grouping.
    InvalidAlias = "TH0706",
    /// A key or variable that the configuration does not have.
    UnknownSetting = "TH0801",
    /// A value that a setting does not take.
    InvalidSetting = "TH0802",
    /// The configuration lacks what it cannot do without.
    MissingSetting = "TH0803",
    /// A topic that is not configured, or is not used.
    TopicReference = "TH0804",
    /// A route that is never asked, or routes that leave alerts out.
    RouteOrder = "TH0805",
    /// A template that cannot be used.
    InvalidTemplate = "TH0806",
    /// An entry of `allow` that names no lint or gives no reason.
    InvalidAllow = "TH1001",
    /// An entry of `allow` for a lint that finds nothing there.
    UnneededAllow = "TH1002",
    /// An event source that is not known.
    UnknownEventSource = "TH1010",
    /// An event name that its event source does not log.
    UnknownEventName = "TH1011",
    /// A field that the record or the event does not have.
    UnknownField = "TH1012",
    /// The name of an IAM permission in the place of an event name.
    PermissionName = "TH1013",
    /// An event name without the date that CloudTrail writes behind it.
    DateSuffix = "TH1014",
    /// An event name without its event source, where several may log it.
    MissingEventSource = "TH1015",
    /// A value of another JSON type than the field has.
    ValueKind = "TH1020",
    /// A word such as `null` or `Success` as text, where the field is absent.
    AbsentAsText = "TH1021",
    /// A field about MFA that does not say whether the user has MFA.
    MfaMisread = "TH1022",
    /// An exclusion that rests only on what the caller chooses.
    CallerControlled = "TH1030",
    /// The beginning of a user agent, which may stand in brackets.
    BracketedUserAgent = "TH1031",
    /// A substring of a JSON document where a path into it would do.
    DocumentAsText = "TH1032",
    /// A rule without a test that matches and one that does not.
    NoTests = "TH1040",
    /// A rule that does not say its level.
    NoLevel = "TH1041",
    /// A rule without tags.
    NoTags = "TH1042",
    /// A rule that names no false positives.
    NoFalsePositives = "TH1043",
    /// A tag of ATT&CK that there is not.
    UnknownTechnique = "TH1044",
    /// A tag of ATT&CK that got another name.
    RenamedTechnique = "TH1045",
    /// A tag of a name space that Sigma does not know.
    UnknownTagSpace = "TH1046",
    /// A rule without an id.
    NoId = "TH1047",
    /// Two rules with the same title.
    DuplicateTitle = "TH1048",
    /// A filter without owner, reason or last day.
    UnownedSuppression = "TH1050",
    /// `them` where there is only one search.
    ThemWithOne = "TH1060",
    /// `all of them`, which every further search changes.
    AllOfThem = "TH1061",
    /// `all` with whole values, which no single value can equal.
    AllWithoutPosition = "TH1062",
    /// `base64offset` without `contains`.
    OffsetWithoutContains = "TH1063",
    /// `windash` with `all`.
    WinDashWithAll = "TH1064",
    /// Wildcards at the ends of a value where a modifier would do.
    WildcardAtEnd = "TH1065",
    /// Two wildcards in a row.
    DoubledWildcard = "TH1066",
    /// A control character in a value.
    ControlCharacter = "TH1067",
    /// A backslash that escapes nothing.
    LiteralBackslash = "TH1068",
    /// An attribute that neither Sigma nor Trailhound knows.
    CustomAttribute = "TH1069",
}

impl Code {
    /// Whether it is judged only where lints are wanted, and can be allowed.
    pub fn is_lint(self) -> bool {
        self >= Code::InvalidAllow
    }

    /// How much a lint matters; problems that are no lints carry a severity each.
    pub fn lint_severity(self) -> Option<Severity> {
        if !self.is_lint() {
            return None;
        }
        let noted = matches!(
            self,
            Code::UnneededAllow
                | Code::ValueKind
                | Code::NoTests
                | Code::NoLevel
                | Code::NoTags
                | Code::NoFalsePositives
                | Code::UnknownTagSpace
                | Code::NoId
                | Code::UnownedSuppression
                | Code::ThemWithOne
                | Code::AllOfThem
                | Code::AllWithoutPosition
                | Code::WinDashWithAll
                | Code::WildcardAtEnd
                | Code::DoubledWildcard
                | Code::CustomAttribute
        );
        Some(if noted { Severity::Note } else { Severity::Warning })
    }
}

/// A word that is no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no code; codes look like TH1011")]
pub struct UnknownCode(pub String);

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Code::ALL.iter().find(|code| code.as_str().eq_ignore_ascii_case(text));
        known.copied().ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
