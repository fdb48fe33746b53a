//! The page of a run in a real browser: it renders without a word on the console, at the width
//! of a desk and of a phone, and its tables sort.
//!
//! Chromium is named by `CLAIMSTREAM_CHROMIUM`, or on the path. Screenshots stay in
//! `target/report/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::planted::{run, text};
use super::report::made_up;

/// What is asked of the page: it logs the answers.
const QUESTIONS: &str = r#"<script>
const column = (table, place) =>
  [...document.getElementById(table).closest("table").tBodies[0].rows].map((row) => row.cells[place].textContent);
const press = (table, place) =>
  document.getElementById(table).closest("table").tHead.rows[0].cells[place].querySelector("button").click();
const before = column("by-provider", 0);
press("by-provider", 4);
const down = column("by-provider", 4);
press("by-provider", 4);
const up = column("by-provider", 4);
const sorted = document.querySelectorAll('[aria-sort="ascending"]').length;
const heads = [...document.querySelectorAll("table")].every((table) =>
  table.caption && [...table.tHead.rows[0].cells].every((head) => head.scope === "col" && head.textContent.trim()));
const rowsHaveHeads = [...document.querySelectorAll("tbody tr")].every((row) => row.cells[0].scope === "row");
console.log("answer " + JSON.stringify({
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  width: document.documentElement.clientWidth,
  before, down, up, sorted, heads, rowsHaveHeads,
  charts: [...document.querySelectorAll("figure svg")].filter((svg) => svg.getBoundingClientRect().height > 5).length,
  links: [...document.querySelectorAll("a")].every((a) => document.querySelector(a.getAttribute("href"))),
}) + " end");
</script>"#;

/// A browser that is here, or nothing.
pub(super) fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CLAIMSTREAM_CHROMIUM").map(PathBuf::from);
    let usual = ["chromium", "chromium-browser", "google-chrome"].map(PathBuf::from);
    let is_here = |path: &PathBuf| {
        let output = Command::new(path).arg("--version").output();
        output.is_ok_and(|output| output.status.success())
    };
    named.into_iter().chain(usual).find(is_here)
}

/// Opens a page; gives what stands on the console.
pub(super) fn open(browser: &Path, page: &Path, size: &str, screenshot: &Path) -> String {
    let profile = tempfile::tempdir().unwrap();
    let page = fs::canonicalize(page).unwrap();
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu"])
        .args(["--hide-scrollbars", "--enable-logging=stderr"])
        .arg(format!("--user-data-dir={}", text(profile.path())))
        .arg(format!("--window-size={size}"))
        .arg(format!("--screenshot={}", text(screenshot)))
        .arg(format!("file://{}", text(&page)))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_of_page = |line: &&str| line.contains("CONSOLE");
    told.lines()
        .filter(is_of_page)
        .collect::<Vec<_>>()
        .join("\n")
}

/// What a page logged when it was asked.
pub(super) fn answer(console: &str) -> Value {
    let (_, rest) = console.split_once("answer ").unwrap();
    serde_json::from_str(rest.split_once(" end").unwrap().0).unwrap()
}

/// Whether a file is a PNG of that width.
pub(super) fn is_png_of(path: &Path, width: u32) -> bool {
    let bytes = fs::read(path).unwrap();
    bytes.starts_with(b"\x89PNG") && bytes[16..20] == width.to_be_bytes()
}

#[test]
fn it_renders_at_desktop_and_phone_width_without_a_word_on_the_console() {
    let Some(browser) = chromium() else {
        eprintln!("skipped: Chromium is not installed; CLAIMSTREAM_CHROMIUM may name it");
        return;
    };
    let kept = Path::new("target/report");
    fs::create_dir_all(kept).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let input = made_up(folder.path());
    let (page, out, remit) = (
        kept.join("night.html"),
        folder.path().join("out.jsonl"),
        folder.path().join("paid.835"),
    );
    let given = ["adjudicate", text(&input), "--plans", "fixtures/plans.toml"];
    let outputs = [
        "--report",
        text(&page),
        "--out",
        text(&out),
        "--remit",
        text(&remit),
    ];
    run(&[&given[..], &outputs].concat(), 1);
    for (width, height, name) in [(1280, 900, "desktop.png"), (390, 844, "phone.png")] {
        let screenshot = kept.join(name);
        let size = format!("{width},{height}");
        assert_eq!(open(&browser, &page, &size, &screenshot), "", "{name}");
        assert!(is_png_of(&screenshot, width), "{name}");
    }
    // The page lets no script run but its own.
    let html = fs::read_to_string(&page).unwrap();
    let asking = folder.path().join("asking.html");
    fs::write(&asking, format!("{html}{QUESTIONS}")).unwrap();
    let unseen = folder.path().join("unseen.png");
    let refused = open(&browser, &asking, "390,844", &unseen);
    assert!(refused.contains("Content Security Policy") && !refused.contains("answer "));
    let (before_policy, rest) = html.split_once("<meta http-equiv").unwrap();
    let (_, after_policy) = rest.split_once('>').unwrap();
    fs::write(&asking, format!("{before_policy}{after_policy}{QUESTIONS}")).unwrap();
    // A window is never as narrow as a phone; a frame is.
    let frame = folder.path().join("frame.html");
    for width in [1280, 390] {
        let element = "iframe src=asking.html height=844 style='border:0'";
        fs::write(
            &frame,
            format!("<!doctype html><{element} width={width}></iframe>"),
        )
        .unwrap();
        check(&answer(&open(&browser, &frame, "1400,900", &unseen)), width);
    }
}

fn check(answer: &Value, width: u32) {
    assert_eq!(answer["width"], width);
    assert_eq!(answer["overflow"], 0, "the page is wider than the window");
    for name in ["heads", "rowsHaveHeads", "links"] {
        assert_eq!(answer[name], json!(true), "{name}");
    }
    assert!(answer["charts"].as_u64().unwrap() >= 2);
    assert_eq!(answer["sorted"], 1);
    let of = |name: &str| -> Vec<u64> {
        let cells = answer[name].as_array().unwrap().iter();
        let number = |cell: &Value| cell.as_str().unwrap().replace(',', "").parse().unwrap();
        cells.map(number).collect()
    };
    let (down, up) = (of("down"), of("up"));
    assert!(down.is_sorted_by(|one, other| one >= other) && up.is_sorted());
    assert!(down.first() > down.last() && down.len() == of("before").len());
}
