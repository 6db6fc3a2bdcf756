//! Which alerts go to which topics.
//!
//! Routes are asked in their order. The first that takes an alert decides where it goes, unless it says
//! to go on with the next. Alerts of experimental rules are taken only by routes that name the status:
//! otherwise they are counted and not sent.

mod dispatcher;
mod glob;
pub(crate) mod notices;

use trailhound_rule_engine::{Level, Status};

use crate::{
    TopicName,
    render::{AlertKind, AlertView},
};

pub(crate) use dispatcher::Channel;
pub use dispatcher::{Dispatcher, Fate};
pub use glob::Glob;
pub(crate) use notices::notice;
pub use notices::{expiring_suppressions, refused_version};

/// All routes, and what goes with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Router {
    /// Alerts below this level are taken only by routes that name a level of their own; `medium`.
    pub minimum_level: Level,
    /// In the order in which they are asked.
    pub routes: Vec<Route>,
    /// Where notices about the product itself go.
    pub notices: Vec<TopicName>,
    /// Topics that canaries go to, which ask no route; none unless they are named.
    pub canaries: Vec<TopicName>,
}

/// What is done with the alerts that fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Route {
    /// Which alerts it takes.
    pub matches: RouteMatch,
    /// Where they go; empty where they are to go nowhere.
    pub to: Vec<TopicName>,
    /// Whether the routes after it are asked too.
    pub then: Then,
}

/// Whether the routes after one that took an alert are asked too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Then {
    /// They are not.
    #[default]
    Stop,
    /// They are.
    Continue,
}

/// Which alerts a route takes: everything that is said has to fit; of a list, one entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RouteMatch {
    /// Exactly these levels.
    pub levels: Vec<Level>,
    /// This level and above.
    pub minimum_level: Option<Level>,
    /// Numbers or names of accounts.
    pub accounts: Vec<Glob>,
    /// Regions.
    pub regions: Vec<Glob>,
    /// Names or ids of rules.
    pub rules: Vec<Glob>,
    /// Tags of rules.
    pub tags: Vec<Glob>,
    /// Statuses of rules. Without any: all but `experimental`.
    pub statuses: Vec<Status>,
    /// Kinds of alerts.
    pub kinds: Vec<AlertKind>,
}

/// What routes say about an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routing {
    /// It goes to these topics, each named once.
    To(Vec<TopicName>),
    /// No route takes it, and its level is below the least.
    BelowLevel,
    /// No route takes it, or the one that does sends it nowhere.
    Nowhere,
}

impl Router {
    /// Everything from `minimum_level` upwards goes to the default topic.
    pub fn single(minimum_level: Level) -> Self {
        let topic = TopicName::default();
        let route = Route { to: vec![topic.clone()], ..Route::default() };
        Router { minimum_level, routes: vec![route], notices: vec![topic], canaries: Vec::new() }
    }

    /// Whether any route could take an alert of this level.
    pub fn wants(&self, level: Level) -> bool {
        self.routes.iter().any(|route| route.matches.level_fits(level, self.minimum_level))
    }

    /// Where an alert goes.
    pub fn route(&self, view: &AlertView) -> Routing {
        if view.kind == AlertKind::Notice {
            return Routing::To(self.notices.clone());
        }
        if view.kind == AlertKind::Canary {
            return if self.canaries.is_empty() { Routing::Nowhere } else { Routing::To(self.canaries.clone()) };
        }
        let mut topics: Vec<TopicName> = Vec::new();
        for route in &self.routes {
            if !route.matches.takes(view, self.minimum_level) {
                continue;
            }
            for topic in &route.to {
                if !topics.contains(topic) {
                    topics.push(topic.clone());
                }
            }
            // The rest of a digest of several places may belong elsewhere.
            let takes_all =
                !is_of_many_places(view) || (route.matches.accounts.is_empty() && route.matches.regions.is_empty());
            if route.then == Then::Stop && takes_all {
                break;
            }
        }
        if !topics.is_empty() {
            Routing::To(topics)
        } else if view.level < self.minimum_level {
            Routing::BelowLevel
        } else {
            Routing::Nowhere
        }
    }
}

impl RouteMatch {
    /// Whether it takes whatever has at least the least level and no experimental rule.
    pub fn is_everything(&self) -> bool {
        *self == RouteMatch::default()
    }

    fn takes(&self, view: &AlertView, minimum_level: Level) -> bool {
        let rule = view.rule.as_ref();
        let account = view.account.as_ref();
        let accounts = account.into_iter().flat_map(|account| [Some(account.id.as_str()), account.name.as_deref()]);
        let rules = rule.into_iter().flat_map(|rule| [rule.name.as_deref(), rule.id.as_deref()]);
        let tags = rule.map(|rule| rule.tags.iter().map(String::as_str)).into_iter().flatten();
        self.level_fits(view.level, minimum_level)
            && self.status_fits(rule.and_then(|rule| rule.status))
            && (self.kinds.is_empty() || self.kinds.contains(&view.kind))
            && (is_of_many_places(view)
                || any_fits(&self.accounts, accounts.flatten()) && any_fits(&self.regions, view.region.as_deref()))
            && any_fits(&self.rules, rules.flatten())
            && any_fits(&self.tags, tags)
    }

    fn level_fits(&self, level: Level, minimum_level: Level) -> bool {
        match (self.levels.as_slice(), self.minimum_level) {
            ([], None) => level >= minimum_level,
            ([], Some(own)) => level >= own,
            (levels, own) => levels.contains(&level) && own.is_none_or(|own| level >= own),
        }
    }

    fn status_fits(&self, status: Option<Status>) -> bool {
        match (self.statuses.as_slice(), status) {
            ([], status) => status != Some(Status::Experimental),
            (statuses, Some(status)) => statuses.contains(&status),
            (_, None) => false,
        }
    }
}

/// Whether it tells of what was in several places or is not known where, and goes to all who get any of it.
fn is_of_many_places(view: &AlertView) -> bool {
    matches!(view.kind, AlertKind::Digest | AlertKind::Correlation) && view.account.is_none()
}

/// Whether nothing is asked for, or one of the values fits.
fn any_fits<'v>(globs: &[Glob], values: impl IntoIterator<Item = &'v str>) -> bool {
    globs.is_empty() || values.into_iter().any(|value| globs.iter().any(|glob| glob.fits(value)))
}
