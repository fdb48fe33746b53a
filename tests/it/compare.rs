//! `compare` as its users meet it: its outputs, its inputs, what it refuses, its worked example.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::planted::{claimstream, json as read_json, run, text};
use super::report::made_up;

/// A policy file that allows eight sessions where Cigna's allows ten.
pub(super) fn eight(folder: &Path) -> String {
    let policy = fs::read_to_string("policies/cigna-0139.toml").unwrap();
    let changed = policy.replace("\nlimit = 10\n", "\nlimit = 8\n");
    assert_ne!(policy, changed);
    let path = folder.join("eight.toml");
    fs::write(&path, changed).unwrap();
    text(&path).to_owned()
}

/// The outputs of a comparison of the made-up night.
fn outputs(folder: &Path, input: &str, more: &[&str]) -> Vec<Vec<u8>> {
    let [out, summary, page, errors] =
        ["o.csv", "s.json", "p.html", "e.jsonl"].map(|name| folder.join(name));
    let eight = eight(folder);
    let files = [
        ["--out", text(&out)],
        ["--summary", text(&summary)],
        ["--report", text(&page)],
        ["--errors", text(&errors)],
    ];
    let sides = ["compare", input, "--base", "cigna-0139", "--with", &eight];
    let output = run(&[&sides, &files.concat()[..], more].concat(), 1);
    let mut all = vec![output.stdout];
    all.extend([out, summary, page, errors].map(|path| fs::read(path).unwrap()));
    all
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let input = made_up(folder.path());
    let expected = outputs(folder.path(), text(&input), &["--threads", "1"]);
    for threads in ["2", "3", "8"] {
        let given = outputs(folder.path(), text(&input), &["--threads", threads]);
        assert!(given == expected, "{threads} threads");
    }
}

#[test]
fn errors_of_the_inputs_are_those_that_adjudicate_tells_whatever_the_plans() {
    let folder = TempDir::new().unwrap();
    let [ours, base, with] = ["o.jsonl", "b.jsonl", "w.jsonl"].map(|name| folder.path().join(name));
    let inputs = ["fixtures/defects", "--validate", "5"];
    let policies = ["cigna-0139", "caresource-ar-passe-mm-1503"];
    let sides = ["--base", policies[0], "--with", policies[1]];
    let command = [
        &["compare"],
        &inputs[..],
        &sides,
        &["--errors", text(&ours)],
    ];
    let told = run(&command.concat(), 1);
    for (policy, errors) in policies.into_iter().zip([&base, &with]) {
        let out = folder.path().join("out.jsonl");
        let given = [
            "--policy",
            policy,
            "--errors",
            text(errors),
            "--out",
            text(&out),
        ];
        run(&[&["adjudicate"], &inputs[..], &given].concat(), 1);
        assert_eq!(fs::read(errors).unwrap(), fs::read(&ours).unwrap());
    }
    let words = String::from_utf8(told.stderr).unwrap();
    assert_eq!(words.matches("and not told here:").count(), 1);
}

#[test]
fn standard_input_is_read_for_both_sides_and_dash_writes_lines_to_standard_output() {
    let folder = TempDir::new().unwrap();
    let (input, eight) = (made_up(folder.path()), eight(folder.path()));
    let out = folder.path().join("changed.jsonl");
    let sides = ["compare", "--base", "cigna-0139", "--with", &eight];
    run(
        &[&sides, &[text(&input), "--out", text(&out)][..]].concat(),
        1,
    );
    let mut command = claimstream(&[&sides, &["-", "--out", "-"][..]].concat());
    let output = command
        .stdin(fs::File::open(&input).unwrap())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let expected = fs::read_to_string(&out).unwrap();
    let expected = expected.replace(&format!("\"file\":\"{}\"", text(&input)), "\"file\":\"-\"");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("decisions change") && !words.contains("--out FILE"));
}

#[test]
fn a_file_that_is_called_dash_is_named_as_others_are() {
    let folder = TempDir::new().unwrap();
    let (input, eight) = (made_up(folder.path()), eight(folder.path()));
    let sides = ["compare", "--base", "cigna-0139", "--with", &eight];
    let mut command = claimstream(&[&sides, &[text(&input), "--summary", "-"][..]].concat());
    let output = command.current_dir(folder.path()).output().unwrap();
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(words.contains("\nsummary         -\n"), "{words}");
    read_json(&folder.path().join("-"));
}

#[test]
fn what_cannot_be_compared_is_told_in_one_sentence() {
    let folder = TempDir::new().unwrap();
    let wrong = folder.path().join("wrong.toml");
    fs::write(&wrong, "id = ").unwrap();
    let [wrong, missing] = [text(&wrong), "nowhere/claims.837"];
    let night = "fixtures/overnight.837";
    let plans = "fixtures/plans.toml";
    let both = |side| ["--base", side, "--with", side];
    for (more, status, words) in [
        (
            [&both("cigna")[..], &[night]].concat(),
            2,
            "no policy is called `cigna`",
        ),
        (
            [&both("none.toml")[..], &[night]].concat(),
            2,
            "none.toml: cannot be read",
        ),
        ([&both(wrong)[..], &[night]].concat(), 2, "wrong.toml"),
        (
            [&both(plans)[..], &[night, "--plan", "x"]].concat(),
            2,
            "--plan is for a policy",
        ),
        ([&both(plans)[..], &[missing]].concat(), 3, missing),
        (
            [&both(plans)[..], &[night, "--out", night]].concat(),
            2,
            "this is an input",
        ),
        (
            [&both(plans)[..], &[night, "--out", "changed.parquet"]].concat(),
            2,
            "changed.parquet: the ending names no format; name a file ending in .jsonl or .csv\n",
        ),
        (
            [&both(plans)[..], &[night, "--summary", night]].concat(),
            2,
            "this is an input",
        ),
        (
            [&both(plans)[..], &[night, "--report", plans]].concat(),
            2,
            "this is an input",
        ),
        (
            [&both(plans)[..], &[night, "--history", "no.history"]].concat(),
            3,
            "no such history",
        ),
        (
            [&both(plans)[..], &[night, "--no-code-list", "state"]].concat(),
            2,
            "give --validate too",
        ),
        (
            [&both(plans)[..], &[night, "--facts", "/dev/null"]].concat(),
            2,
            "/dev/null: facts are read once for each side; name a file",
        ),
        (vec!["--base", plans, night], 2, "--with"),
    ] {
        let output = run(&[&["compare"], &more[..]].concat(), status);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(words), "{more:?}: {told}");
        assert!(output.stdout.is_empty() && !told.contains("panicked"));
    }
}

#[test]
fn a_policy_judges_under_the_plan_that_is_named_so_that_facts_mean_both_sides() {
    let folder = TempDir::new().unwrap();
    let path = eight(folder.path());
    let renamed = fs::read_to_string(&path).unwrap();
    let renamed = renamed.replace("\nid = \"cigna-0139\"\n", "\nid = \"cigna-0139-eight\"\n");
    fs::write(&path, renamed).unwrap();
    let summary = folder.path().join("s.json");
    let plans = |base: &str, with: &str, more: &[&str]| {
        let sides = [
            "compare",
            "fixtures/overnight.837",
            "--base",
            base,
            "--with",
            with,
        ];
        let command = [&sides[..], &["--summary", text(&summary)], more].concat();
        run(&command, 0);
        let summary = read_json(&summary);
        ["base", "with"].map(|side| {
            let plan = &summary[side]["plans"][0]["plan"];
            plan.as_str().unwrap().to_owned()
        })
    };
    assert_eq!(plans("cigna-0139", &path, &[]), ["cigna-0139"; 2]);
    assert_eq!(plans(&path, "cigna-0139", &[]), ["cigna-0139-eight"; 2]);
    assert_eq!(plans("cigna-0139", &path, &["--plan", "c"]), ["c"; 2]);
    let facts = ["--facts", "fixtures/facts.jsonl"];
    plans("cigna-0139", &path, &facts);
    let warnings = read_json(&summary)["warnings"].to_string();
    assert_eq!(
        warnings.matches("clinical facts name a plan that").count(),
        2
    );
    let with_plans = plans("fixtures/plans.toml", &path, &[]);
    assert_eq!(with_plans, ["cigna-00123", "cigna-0139-eight"]);
}

/// The worked example of docs/compare.md: a year of made-up claims, ten sessions and eight.
#[test]
fn the_worked_example_says_what_the_program_says() {
    let folder = TempDir::new().unwrap();
    eight(folder.path());
    let command = |arguments: &[&str]| {
        let mut command = claimstream(arguments);
        let output = command.current_dir(folder.path()).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    command(&[
        "generate", "--claims", "20000", "--inject", "0.1", "--out", "2026.837",
    ]);
    let said = command(&[
        "compare",
        "--base",
        "cigna-0139",
        "--with",
        "eight.toml",
        "2026.837",
        "--out",
        "changed.csv",
    ]);
    let guide = fs::read_to_string("docs/compare.md").unwrap();
    assert!(guide.contains(&said), "docs/compare.md should say:\n{said}");
    let csv = fs::read_to_string(folder.path().join("changed.csv")).unwrap();
    let first: Vec<&str> = csv.lines().take(2).collect();
    assert!(
        guide.contains(&first.join("\n")),
        "docs/compare.md should say:\n{}",
        first.join("\n")
    );
}
