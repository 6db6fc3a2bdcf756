//! Lists the rule files of this folder for `lib.rs`.

use std::{env, fmt::Write as _, fs, io, path::Path};

fn main() -> io::Result<()> {
    // The folder as a whole: a new or removed file counts as a change, too.
    println!("cargo::rerun-if-changed=.");
    let mut files = Vec::new();
    // Cargo runs build scripts in the folder of their package.
    collect(Path::new("."), "", &mut files)?;
    files.sort();
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets no OUT_DIR"))?;
    let out = Path::new(&out);
    let mut rules = String::new();
    for path in &files {
        let text = fs::read_to_string(path)?;
        let text = if env::var_os("CARGO_FEATURE_TESTS").is_some() { &text } else { without_tests(&text) };
        fs::write(out.join(file_name(path)), text)?;
        // Writing to a string cannot fail.
        let _ = writeln!(rules, "    ({path:?}, include_str!({:?})),", file_name(path));
    }
    fs::write(out.join("files.rs"), format!("&[\n{rules}]\n"))
}

/// What stands before the tests, which are the last key of every rule file.
fn without_tests(text: &str) -> &str {
    text.split_once("\ntests:").map_or(text, |(before, _)| before)
}

/// The file of a rule among the output, which has no folders.
fn file_name(path: &str) -> String {
    path.replace('/', "--")
}

/// Adds the path of each rule file under `folder`, relative to the root and with `/` between its parts.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry
            .file_name()
            .into_string()
            .map_err(|name| io::Error::other(format!("the file name {} is not UTF-8", name.display())))?;
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else if is_rule_file(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_rule_file(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "yml" || extension == "yaml")
}
