use std::net::IpAddr;

use super::{RawField, RawFields};

pub(super) const NEEDS: &[RawField] = &[RawField::EventSource, RawField::EventName];

/// `service:Name`: the event source without its domain, the event name without date.
pub(super) fn event(raw: &RawFields) -> Option<String> {
    let source = raw.get(RawField::EventSource)?;
    let domains = [".amazonaws.com", ".amazonaws.com.cn"];
    let service = domains.iter().find_map(|domain| source.strip_suffix(domain)).unwrap_or(source);
    Some(format!("{service}:{}", without_date(raw.get(RawField::EventName)?)))
}

/// An event name without the version of the API that Lambda (`CreateFunction20150331`,
/// `UpdateFunctionCode20150331v2`) and `CloudFront` (`CreateDistribution2020_05_31`) put behind it.
pub(crate) fn without_date(name: &str) -> &str {
    let unversioned = match name.rsplit_once('v') {
        Some((before, version)) if version.len() == 1 && version.bytes().all(|byte| byte.is_ascii_digit()) => before,
        _ => name,
    };
    let plain = (unversioned, 8, "20dddddd");
    let underscored = (name, 10, "20dd_dd_dd");
    for (text, length, form) in [plain, underscored] {
        let Some((before, date)) = text.len().checked_sub(length).and_then(|at| text.split_at_checked(at)) else {
            continue;
        };
        if !before.is_empty() && has_form(date, form) {
            return before;
        }
    }
    name
}

/// Whether a text follows a form in which `d` stands for a digit.
fn has_form(text: &str, form: &str) -> bool {
    text.bytes().zip(form.bytes()).all(|(byte, wanted)| match wanted {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    })
}

/// The source address; nothing where a service's name stands in its place.
pub(super) fn source_ip(raw: &RawFields) -> Option<&str> {
    raw.get(RawField::SourceIpAddress).filter(|text| text.parse::<IpAddr>().is_ok())
}
