//! Arrows point one way: a module uses only those below it.

use std::fs;
use std::path::{Path, PathBuf};

/// Each module with the modules that it may use.
const LAYERS: [(&str, &[&str]); 26] = [
    ("claim", &[]),
    ("x12", &[]),
    ("spool", &[]),
    ("compose", &["claim"]),
    ("ack", &["claim", "x12", "compose"]),
    ("generate", &["claim"]),
    ("policy", &["claim"]),
    ("guide", &[]),
    ("validate", &["x12", "guide"]),
    ("p837", &["claim", "x12", "guide", "validate"]),
    ("timeline", &["claim", "policy"]),
    ("rules", &["claim", "policy", "timeline"]),
    (
        "intake",
        &[
            "claim", "x12", "guide", "validate", "policy", "p837", "timeline",
        ],
    ),
    ("adjudicate", &["claim", "policy", "timeline", "rules"]),
    (
        "cases",
        &["claim", "policy", "timeline", "rules", "adjudicate"],
    ),
    (
        "answer",
        &["claim", "x12", "guide", "validate", "intake", "ack"],
    ),
    (
        "output",
        &[
            "claim",
            "policy",
            "timeline",
            "rules",
            "adjudicate",
            "spool",
        ],
    ),
    (
        "overflow",
        &[
            "claim",
            "policy",
            "timeline",
            "rules",
            "adjudicate",
            "intake",
            "spool",
        ],
    ),
    ("remit", &["claim", "x12", "compose", "policy"]),
    (
        "history",
        &[
            "claim",
            "policy",
            "timeline",
            "rules",
            "adjudicate",
            "intake",
            "output",
            "remit",
        ],
    ),
    (
        "payment",
        &[
            "claim",
            "x12",
            "guide",
            "validate",
            "p837",
            "policy",
            "timeline",
            "rules",
            "adjudicate",
            "intake",
            "output",
            "spool",
            "remit",
            "history",
        ],
    ),
    (
        "compare",
        &[
            "claim",
            "policy",
            "timeline",
            "rules",
            "adjudicate",
            "output",
        ],
    ),
    (
        "recoveries",
        &[
            "claim",
            "policy",
            "timeline",
            "rules",
            "adjudicate",
            "output",
            "history",
        ],
    ),
    (
        "report",
        &[
            "claim",
            "x12",
            "policy",
            "timeline",
            "rules",
            "adjudicate",
            "intake",
            "output",
            "remit",
            "history",
            "payment",
            "compare",
            "recoveries",
        ],
    ),
    (
        "explain",
        &["claim", "policy", "timeline", "rules", "output", "history"],
    ),
    (
        "cli",
        &[
            "claim",
            "x12",
            "ack",
            "answer",
            "guide",
            "validate",
            "generate",
            "policy",
            "timeline",
            "rules",
            "adjudicate",
            "cases",
            "intake",
            "output",
            "history",
            "report",
            "explain",
            "overflow",
            "remit",
            "payment",
            "compare",
            "recoveries",
        ],
    ),
];

/// The part of a file before its tests, without comments.
fn code(text: &str) -> String {
    let code = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The source files of a module, which may be one, those in folders inside it included.
fn files(folder: &Path) -> Vec<PathBuf> {
    if !folder.is_dir() {
        return vec![folder.with_extension("rs")];
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn modules_use_only_those_below_them() {
    for (module, below) in LAYERS {
        let folder = Path::new("src").join(module);
        for path in files(&folder) {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let is_in_tests = path.iter().any(|part| part == "tests");
            if is_in_tests || name == "tests" || name == "cases" {
                continue;
            }
            let code = code(&fs::read_to_string(&path).unwrap());
            for used in code.split("crate::").skip(1) {
                let used: String = used
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                assert!(
                    used == module || below.contains(&&*used),
                    "{} uses crate::{used}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn no_float_and_no_clock_decides() {
    for (module, _) in LAYERS.iter().filter(|(module, _)| *module != "cli") {
        for path in files(&Path::new("src").join(module)) {
            let code = code(&fs::read_to_string(&path).unwrap());
            for word in [
                "f32",
                "f64",
                "SystemTime",
                "Instant",
                "Utc::now",
                "Local::now",
            ] {
                assert!(!code.contains(word), "{} has {word}", path.display());
            }
        }
    }
}
