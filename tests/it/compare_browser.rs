//! The page of a comparison: its numbers are those of the summary, it names nobody, and in a
//! real browser it renders without a word on the console, at the width of a desk and of a phone.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::compare::eight;
use super::planted::{json as read_json, run, text};
use super::report::{made_up, numbers};
use super::report_browser::{answer, chromium, is_png_of, open};

/// What is asked of the page: it logs the answers.
const QUESTIONS: &str = r#"<script>
const table = document.getElementById("by-provider").closest("table");
const column = () => [...table.tBodies[0].rows].map((row) => Number(row.cells[5].dataset.v));
const press = () => table.tHead.rows[0].cells[5].querySelector("button").click();
press();
const down = column();
press();
const up = column();
const heads = [...document.querySelectorAll("table")].every((table) =>
  table.caption && [...table.tHead.rows[0].cells].every((head) => head.scope === "col" && head.textContent.trim()));
console.log("answer " + JSON.stringify({
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  width: document.documentElement.clientWidth,
  down, up, heads,
  rowsHaveHeads: [...document.querySelectorAll("tbody tr")].every((row) => row.cells[0].scope === "row"),
  charts: [...document.querySelectorAll("figure svg.shares")].filter((svg) => svg.getBoundingClientRect().height > 5).length,
  links: [...document.querySelectorAll("a")].every((a) => document.querySelector(a.getAttribute("href"))),
}) + " end");
</script>"#;

/// Compares a made-up night; gives the page and the summary.
fn compared(folder: &Path, page: &Path) -> (String, Value) {
    let (input, eight) = (made_up(folder), eight(folder));
    let (summary, out) = (folder.join("summary.json"), folder.join("changed.jsonl"));
    let sides = [
        "compare",
        text(&input),
        "--base",
        "cigna-0139",
        "--with",
        &eight,
    ];
    let outputs = [
        "--report",
        text(page),
        "--summary",
        text(&summary),
        "--out",
        text(&out),
    ];
    run(&[&sides[..], &outputs].concat(), 1);
    (fs::read_to_string(page).unwrap(), read_json(&summary))
}

#[test]
fn the_page_has_the_numbers_of_the_summary_and_names_no_member_and_no_claim() {
    let folder = tempfile::tempdir().unwrap();
    let (page, summary) = compared(folder.path(), &folder.path().join("change.html"));
    assert_eq!(numbers(&page), summary);
    let changed = fs::read_to_string(folder.path().join("changed.jsonl")).unwrap();
    assert!(changed.lines().count() > 0);
    for line in changed.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        for name in [
            "member",
            "claim",
            "claim_control_number",
            "line_control_number",
        ] {
            assert!(!page.contains(line[name].as_str().unwrap()), "{name}");
        }
    }
    for amount in ["base_total", "with_total"] {
        let allowed = summary[amount]["allowed"].as_str().unwrap();
        assert!(page.contains(&format!("data-v=\"{allowed}\"")), "{amount}");
    }
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
    let page = kept.join("change.html");
    let (html, _) = compared(folder.path(), &page);
    for (width, height, name) in [
        (1280, 900, "change-desktop.png"),
        (390, 844, "change-phone.png"),
    ] {
        let screenshot = kept.join(name);
        let size = format!("{width},{height}");
        assert_eq!(open(&browser, &page, &size, &screenshot), "", "{name}");
        assert!(is_png_of(&screenshot, width), "{name}");
    }
    // Its own policy lets no other script run.
    let (before_policy, rest) = html.split_once("<meta http-equiv").unwrap();
    let (_, after_policy) = rest.split_once('>').unwrap();
    let asking = folder.path().join("asking.html");
    fs::write(&asking, format!("{before_policy}{after_policy}{QUESTIONS}")).unwrap();
    let frame = folder.path().join("frame.html");
    for width in [1280, 390] {
        let element = "iframe src=asking.html height=844 style='border:0'";
        let document = format!("<!doctype html><{element} width={width}></iframe>");
        fs::write(&frame, document).unwrap();
        let unseen = folder.path().join("unseen.png");
        check(&answer(&open(&browser, &frame, "1400,900", &unseen)), width);
    }
}

fn check(answer: &Value, width: u32) {
    assert_eq!(answer["width"], width);
    assert_eq!(answer["overflow"], 0, "the page is wider than the window");
    for name in ["heads", "rowsHaveHeads", "links"] {
        assert_eq!(answer[name], json!(true), "{name}");
    }
    assert_eq!(answer["charts"], 2);
    let of = |name: &str| -> Vec<i64> {
        let cells = answer[name].as_array().unwrap().iter();
        cells.map(|cell| cell.as_i64().unwrap()).collect()
    };
    let (down, up) = (of("down"), of("up"));
    assert!(down.is_sorted_by(|one, other| one >= other) && up.is_sorted());
    assert!(down.len() > 1 && down.first() > down.last());
}
