//! What people and programs get to read.
//!
//! Every value of a record may have been chosen by an attacker. In text, whatever a template prints
//! goes through [`presentable`]: secrets are masked, control and direction characters made visible,
//! links made dead, and long values shortened in the middle. In chat it stands inside a code span
//! as well. A template cannot forget it.
//!
//! An [`AlertView`] says what there is to tell; a [`Renderer`] makes a [`Message`] of it in a
//! [`Format`], within the limits of SNS whatever the record holds.

mod attributes;
mod chat;
mod context;
mod evidence;
mod link;
mod markup;
mod ocsf;
mod of_kind;
mod of_match;
mod phrase;
mod present;
mod renderer;
pub mod samples;
mod secrets;
mod settings;
mod structured;
mod templates;
mod view;

pub use link::console_link;
pub use phrase::Phrase;
pub use present::presentable;
pub use renderer::{Format, Message, Renderer};
pub use settings::RenderSettings;
pub use templates::{Template, TemplateError, TemplateKind};
pub use view::{
    Account, AlertKind, AlertView, Counted, Extent, ExtentEvent, Link, LinkTarget, Row, Section, SectionForm,
};
