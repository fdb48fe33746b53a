//! The page of `claimstream explain`: well formed, escaped, the picture and the table the same,
//! and shown by a browser.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use claimstream::explain::{
    Asked, Decided, Explanation, Line, MonitoredRule, Reason, Source, Standing, Timeline,
    write_page, write_words,
};
use claimstream::policy::{Decision, Plans, RuleKind};
use tempfile::TempDir;

use super::planted::{run, text};

const DECIDED: &str = "fixtures/overnight.expected.jsonl";

const MEMBERS: [&str; 8] = [
    "U10000001",
    "U10000002/20080117/M/MILO",
    "U10000003",
    "U10000005",
    "U10000007",
    "U10000008",
    "P20000001",
    "P20000002/20120501/F/ROSE",
];

/// The page about a member of the fixture.
fn page_of(folder: &Path, member: &str) -> PathBuf {
    let page = folder.join("why.html");
    let ask = [
        "explain",
        DECIDED,
        "--member",
        member,
        "--html",
        text(&page),
    ];
    run(&[&ask[..], &["--plans", "fixtures/plans.toml"]].concat(), 0);
    page
}

/// The tags of a page, in order, each without its brackets; fails where text has one.
fn tags(page: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((before, from)) = rest.split_once('<') {
        let is_style = tags.last().is_some_and(|tag: &&str| *tag == "style");
        assert!(is_style || !before.contains('>'), "{before}");
        let (tag, after) = from.split_once('>').unwrap();
        tags.push(tag);
        rest = after;
    }
    tags
}

/// The value of an attribute of a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, from) = tag.split_once(&format!(" {name}=\""))?;
    from.split('"').next()
}

/// Every element is closed, in order; every id stands once, and whatever is referred to stands.
fn check_form(page: &str) {
    let (mut open, mut ids, mut references) = (Vec::new(), BTreeSet::new(), Vec::new());
    for tag in tags(page) {
        let name = tag.split([' ', '/']).next().unwrap();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed));
        } else if !tag.ends_with('/') && !tag.starts_with('!') {
            open.push(name);
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(id) = attribute(tag, "id") {
            assert!(ids.insert(id), "{id}");
        }
        references.extend(
            attribute(tag, "aria-labelledby")
                .unwrap_or_default()
                .split(' '),
        );
    }
    assert_eq!(open, [""; 0]);
    references.retain(|reference| !reference.is_empty());
    assert!(references.iter().all(|reference| ids.contains(reference)));
}

/// The numbers of the tags of a name that have one.
fn numbers<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    let tags = tags(page).into_iter();
    let named = tags.filter(|tag| tag.split(' ').next() == Some(name));
    named
        .filter_map(|tag| attribute(tag, "data-line"))
        .collect()
}

#[test]
fn pages_are_well_formed_and_refer_to_nothing_outside() {
    let folder = TempDir::new().unwrap();
    for member in MEMBERS {
        let page = fs::read_to_string(page_of(folder.path(), member)).unwrap();
        check_form(&page);
        for tag in tags(&page) {
            let name = tag.split([' ', '/']).next().unwrap();
            let loads = [
                "script", "link", "img", "iframe", "object", "embed", "form", "a", "use",
            ];
            assert!(!loads.contains(&name), "{tag}");
            for loads in ["src", "href", "xlink:href", "style", "onload", "onclick"] {
                assert_eq!(attribute(tag, loads), None, "{tag}");
            }
        }
        let spaces = "xmlns=\"http://www.w3.org/2000/svg\"";
        let text = page.replace(spaces, "");
        for word in ["http:", "https:", "@import", "@font-face"] {
            assert!(!text.contains(word), "{word}");
        }
        // The only address in the style is that of the page's own pattern.
        assert!(
            text.split("url(")
                .skip(1)
                .all(|address| address.starts_with("#t1-hatch)"))
        );
    }
}

#[test]
fn the_picture_has_every_line_of_the_table_that_has_a_date() {
    let folder = TempDir::new().unwrap();
    for member in MEMBERS {
        let page = fs::read_to_string(page_of(folder.path(), member)).unwrap();
        let rows = numbers(&page, "tr");
        let dated: BTreeSet<&str> = page
            .lines()
            .filter(|row| {
                row.starts_with("<tr role=\"row\" data-line") && !row.contains(">none</td>")
            })
            .filter_map(|row| attribute(row, "data-line"))
            .collect();
        let marks = numbers(&page, "g");
        assert!(!rows.is_empty());
        assert_eq!(marks.len(), dated.len(), "{member}");
        assert_eq!(
            marks.into_iter().collect::<BTreeSet<_>>(),
            dated,
            "{member}"
        );
    }
}

#[test]
fn the_page_says_what_the_words_say() {
    let folder = TempDir::new().unwrap();
    let plain = |text: &str| {
        let mut plain = String::new();
        for part in text.split('<') {
            plain.push_str(part.split_once('>').map_or(part, |(_, after)| after));
        }
        let plain = plain.replace("&quot;", "\"").replace("&#39;", "'");
        let words: Vec<&str> = plain.split_whitespace().collect();
        words.join(" ")
    };
    for member in MEMBERS {
        let page = plain(&fs::read_to_string(page_of(folder.path(), member)).unwrap());
        let ask = [
            "explain",
            DECIDED,
            "--member",
            member,
            "--plans",
            "fixtures/plans.toml",
        ];
        let words = String::from_utf8(run(&ask, 0).stdout).unwrap();
        for name in [
            "Why",
            "Rule",
            "Window",
            "Payable",
            "Waits for",
            "To change it",
        ] {
            let entries = words.replace("\n                ", " ");
            let entries = entries
                .lines()
                .filter_map(|row| row.strip_prefix(&format!("  {name:14}")));
            for entry in entries {
                let entry: Vec<&str> = entry.split_whitespace().collect();
                assert!(page.contains(&entry.join(" ")), "{member}: {entry:?}");
            }
        }
    }
}

/// A value that is markup wherever it is not escaped.
const HOSTILE: &str = "\"'><script>alert(1)</script><b onclick=\"x\">&amp;\u{1b}[2J";

fn hostile_line(standing: Standing) -> Line {
    let text = || HOSTILE.to_owned();
    let reason = |rule, decision| Reason {
        rule,
        clause: format!("{HOSTILE}: \"{HOSTILE}\""),
        decision,
        group: Some(text()),
        carc: Some(text()),
        rarc: vec![text()],
        status: (decision == Decision::Pend).then(text),
        text: format!("{HOSTILE} 2026-01-05 (2026-01-05, 2026-01-06)"),
    };
    Line {
        decided: Decided {
            claim: text(),
            claim_control_number: Some(text()),
            line: 1,
            plan: Some(text()),
            policy: Some(text()),
            member: text(),
            service_date: Some("2026-01-05".parse().unwrap()),
            procedure: text(),
            modifiers: vec![text()],
            charge: text(),
            decision: Decision::Deny,
            amount_allowed: text(),
            phase: None,
            session: Some(1),
            reasons: vec![
                reason(RuleKind::CalendarLimit, Decision::Deny),
                reason(RuleKind::AddOn, Decision::Pend),
            ],
            reversed_by: Some(text()),
            monitored: vec![MonitoredRule {
                rule: RuleKind::RollingLimit,
                decision: Decision::Deny,
                set: text(),
                citation: text(),
            }],
        },
        standing,
        is_session_line: true,
        phase: None,
        review: Some(text()),
        taken_back_by: Some(text()),
    }
}

#[test]
fn no_value_is_markup_on_a_page_nor_an_order_to_a_terminal() {
    let timeline = Timeline {
        name: (Some(HOSTILE.into()), HOSTILE.into()),
        source: Source::File,
        lines: Standing::ALL.map(hostile_line).to_vec(),
    };
    let explanation = Explanation::new(&timeline, None, &Asked::default());
    let (mut page, mut words) = (Vec::new(), Vec::new());
    write_page(std::slice::from_ref(&explanation), &mut page).unwrap();
    write_words(&explanation, &mut words).unwrap();
    let page = String::from_utf8(page).unwrap();
    check_form(&page);
    assert!(page.matches("&lt;script&gt;").count() > 20);
    assert!(!page.contains("<script") && !page.contains('\u{1b}'));
    assert!(!words.contains(&0x1b));
}

#[test]
fn a_line_that_is_paid_only_beside_others_is_explained() {
    let mut line = hostile_line(Standing::Pended);
    line.decided = Decided {
        claim: "A1".into(),
        claim_control_number: None,
        plan: Some("acupuncture".into()),
        policy: None,
        member: "M1".into(),
        procedure: "97811".into(),
        modifiers: Vec::new(),
        charge: "40.00".into(),
        amount_allowed: "0.00".into(),
        session: None,
        decision: Decision::Pend,
        reversed_by: None,
        monitored: Vec::new(),
        reasons: vec![Reason {
            rule: RuleKind::AddOn,
            clause: "Example Policy, 3".into(),
            decision: Decision::Pend,
            group: None,
            carc: None,
            rarc: Vec::new(),
            status: Some("P2:42".into()),
            text: "the code is paid only beside 97810, which waits for a person on 2026-01-05"
                .into(),
        }],
        ..line.decided
    };
    (line.review, line.taken_back_by, line.is_session_line) = (None, None, false);
    let timeline = Timeline {
        name: (Some("acupuncture".into()), "M1".into()),
        source: Source::History,
        lines: vec![line],
    };
    let mut words = Vec::new();
    let plan = timeline.plan(&Plans::default()).cloned();
    let explanation = Explanation::new(&timeline, plan.as_ref(), &Asked::default());
    write_words(&explanation, &mut words).unwrap();
    insta::assert_snapshot!("an_add_on_in_words", String::from_utf8(words).unwrap());
}

/// A browser, where one is: named by `CLAIMSTREAM_CHROMIUM`, or `chromium` on the path.
fn browser() -> Option<PathBuf> {
    let named = env::var_os("CLAIMSTREAM_CHROMIUM").filter(|name| !name.is_empty());
    named.map(PathBuf::from).or_else(|| {
        let path = env::var_os("PATH")?;
        let mut found = env::split_paths(&path).map(|folder| folder.join("chromium"));
        found.find(|file| file.is_file())
    })
}

/// Runs the browser; gives the page as it then stands, and what was told on the console.
fn browse(browser: &Path, folder: &Path, more: &[OsString]) -> (String, String) {
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
        ])
        .args(["--enable-logging=stderr", "--virtual-time-budget=10000"])
        .arg(format!("--user-data-dir={}", text(&folder.join("profile"))))
        .args(more)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    let console = told.lines().filter(|line| line.contains("CONSOLE"));
    let console: Vec<&str> = console.collect();
    let page = String::from_utf8_lossy(&output.stdout).into_owned();
    (page, console.join("\n"))
}

/// A page that shows another at a width, and tells how wide that wants to be.
fn frame(folder: &Path, page: &str, width: u32) -> PathBuf {
    let measure = "<script>addEventListener('load', () => parent.postMessage(\
                   document.documentElement.scrollWidth + ' ' + document.querySelectorAll('g.mark')\
                   .length, '*'))</script></body>";
    // The measuring script is the test's: the page itself forbids all scripts.
    let open = page.replace("default-src 'none'; style-src 'unsafe-inline'", "");
    fs::write(folder.join("inner.html"), open.replace("</body>", measure)).unwrap();
    let outer = folder.join("outer.html");
    let text = format!(
        "<!DOCTYPE html><html><body><script>addEventListener('message', event => \
         document.body.dataset.told = event.data)</script>\
         <iframe src=\"inner.html\" width=\"{width}\" height=\"800\" style=\"border: 0\"></iframe></body></html>"
    );
    fs::write(&outer, text).unwrap();
    outer
}

#[test]
fn a_browser_shows_the_page_at_desktop_and_phone_width_without_an_error() {
    let Some(browser) = browser() else {
        eprintln!("skipped: no browser; name one with CLAIMSTREAM_CHROMIUM");
        return;
    };
    let folder = TempDir::new().unwrap();
    let page = page_of(folder.path(), "U10000003");
    let shots = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (name, width) in [("desktop", 1280), ("phone", 390)] {
        let shot = shots.join(format!("explain-{name}.png"));
        let look = [
            format!("--window-size={width},1600").into(),
            format!("--screenshot={}", text(&shot)).into(),
            page.clone().into(),
        ];
        let (_, console) = browse(&browser, folder.path(), &look);
        assert_eq!(console, "", "{name}");
        assert!(fs::metadata(&shot).unwrap().len() > 10_000, "{name}");

        let outer = frame(folder.path(), &fs::read_to_string(&page).unwrap(), width);
        let measure = ["--dump-dom".into(), outer.into()];
        let (shown, console) = browse(&browser, folder.path(), &measure);
        assert_eq!(console, "", "{name}");
        let told = attribute(&shown, "data-told").unwrap();
        // Nothing is wider than the window, and every line of the member has its mark.
        assert_eq!(told, format!("{width} 11"), "{name}");
    }
}
