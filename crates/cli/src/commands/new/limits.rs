/// Parameters of an event that are proposed as conditions; 3. More make a rule about one call and not about a
/// kind of call. The help names this number.
pub(super) const PARAMETERS: usize = 3;

/// Built-in rules about the same event that are named; 5.
pub(super) const NEIGHBOURS: usize = 5;
