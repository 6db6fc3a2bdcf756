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
    fs::write(Path::new(&out).join("files.rs"), rendered(&files))
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

/// A Rust expression: a slice of pairs of path and text.
fn rendered(files: &[String]) -> String {
    let mut list = String::from("&[\n");
    for path in files {
        let text = format!("include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/\", {path:?}))");
        // Writing to a string cannot fail.
        let _ = writeln!(list, "    ({path:?}, {text}),");
    }
    list.push_str("]\n");
    list
}
