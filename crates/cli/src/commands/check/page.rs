//! What a code means, at length.

use trailhound_rule_engine::Code;

/// The pages of all lints, each under a heading `## CODE: title`.
const PAGES: &str = include_str!("../../../../../docs/lints.md");

/// Columns of a page.
const WIDTH: usize = 80;

/// The page of a code; for an error, which its report explains, one sentence.
pub(super) fn of(code: Code) -> String {
    lint(code).unwrap_or_else(|| format!("{code}: {}\n", code.summary()))
}

/// The page of a code as Markdown.
pub(in crate::commands) fn markdown(code: Code) -> String {
    match written(code) {
        Some(page) => format!("**{code}: {}", page.trim_end().replacen('\n', "**\n", 1)),
        None => format!("**{code}** {}", code.summary()),
    }
}

fn written(code: Code) -> Option<&'static str> {
    let heading = format!("## {code}: ");
    let (_, from_title) = PAGES.split_once(heading.as_str())?;
    from_title.split("\n## ").next()
}

fn lint(code: Code) -> Option<String> {
    let page = written(code)?;
    let mut wrapped = String::new();
    let mut inside_example = false;
    for line in format!("{code}: {}", page.trim_end()).lines() {
        if line.starts_with("```") {
            inside_example = !inside_example;
        } else if inside_example {
            wrapped.extend(["    ", line, "\n"]);
        } else {
            push_wrapped(line, &mut wrapped);
        }
    }
    Some(wrapped)
}

fn push_wrapped(line: &str, wrapped: &mut String) {
    let mut column = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            wrapped.push('\n');
            column = 0;
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lint_has_a_page_that_says_its_severity() {
        for code in Code::ALL.iter().filter(|code| code.is_lint()) {
            let page = lint(*code).unwrap_or_else(|| panic!("{code} {} has no page", code.name()));
            let severity = code.lint_severity().unwrap().as_str();
            let line = format!("\n*{}, `{}`*\n", severity, code.name());
            assert!(page.contains(&line), "the page of {code} does not say {line}");
            assert!(page.lines().count() > 4, "the page of {code} says too little");
        }
    }

    #[test]
    fn every_page_is_about_a_lint() {
        for heading in PAGES.lines().filter_map(|line| line.strip_prefix("## TH")) {
            let code: Code = format!("TH{}", heading.split(':').next().unwrap()).parse().unwrap();
            assert!(code.is_lint(), "{code}");
        }
    }

    #[test]
    fn an_error_has_one_sentence() {
        assert_eq!(of(Code::UnknownModifier), "TH0301: A modifier that Sigma does not know.\n");
    }
}
