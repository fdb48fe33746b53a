#!/usr/bin/env python3
"""What a nightly batch costs with and without a history.

Lets `claimstream generate` make up a year of nights, lets the engine build a history from them,
one run a night, and then measures one more night, a single 837P file, three ways in turn:

    wc -l night.837
    claimstream adjudicate night.837 --policy POLICY --out out.jsonl
    claimstream adjudicate night.837 --policy POLICY --out out.jsonl --history h.db

Every run with a history starts from a fresh copy of the same file, and copying is not timed.
The same options and seed give the same claims, byte for byte. All names and ids are made up.

    cargo build --release
    benches/history/run.py
    benches/history/run.py --plan caresource
    benches/history/run.py --claims 100000 --history-lines 500000 --runs 3    # a tenth

Writes results.csv (one row for each measured run) and README.md (medians, ratios, machine)
into --out. Needs Linux and Python 3.11 or later, and with the default sizes ten gigabytes below
--scratch, which are freed at the end.
"""

import argparse
import csv
import hashlib
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import namedtuple
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from statistics import median

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = REPOSITORY / "target/release/claimstream"

# The history bills 52 weeks, every weekday the night after; the night that is measured bills the
# week after those. Both policies are in force all the time.
HISTORY_BEGINS = date(2026, 5, 4)
HISTORY_DAYS = 52 * 7
NIGHT_BEGINS = HISTORY_BEGINS + timedelta(HISTORY_DAYS)
NIGHT_DAYS = 7
# Of the history's lines as many are injections and guidance as can be made, so that it holds
# many lines and takes few claims. The night is what `generate` makes by itself.
HISTORY_INJECTED = "0.4"
PILOT_CLAIMS = 100_000

# What is asked of the answers of `generate` to know how many lines a policy governs, about.
Plan = namedtuple("Plan", "policy governs")
INJECTED = ("injection_lines", "guidance_lines")
PLANS = {
    "cigna": Plan("cigna-0139", INJECTED),
    "caresource": Plan("caresource-ar-passe-mm-1503", (*INJECTED, "office_visit_lines")),
}


# --- the claims ---------------------------------------------------------------------------


def generate(options, claims, begins, days, out, *more):
    """Makes claims up, of the same members for any period; returns what was planted."""
    answers = options.scratch / "answers.json"
    command = [
        options.binary, "generate", "--claims", claims, "--members", options.members,
        "--seed", options.seed, "--start", begins, "--days", days, "--out", out,
        "--answers", answers, *more,
    ]
    measure(command)
    return json.loads(answers.read_text())


def history_claims(options, plan):
    """How many claims have the wanted number of governed lines, from a small file."""
    pilot = options.scratch / "pilot.837"
    history = (HISTORY_BEGINS, HISTORY_DAYS, pilot, "--inject", HISTORY_INJECTED)
    planted = generate(options, PILOT_CLAIMS, *history)
    pilot.unlink()
    governed = sum(planted[kind] for kind in plan.governs)
    return round(options.history_lines * PILOT_CLAIMS / governed)


# --- the runs -----------------------------------------------------------------------------

Measure = namedtuple("Measure", "wall cpu peak status")  # seconds, seconds, MiB, exit status


def measure(command):
    """Runs a command to its end; exits when its status is neither 0 nor 1."""
    command = [str(part) for part in command]
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        quiet = subprocess.DEVNULL
        child = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=errors)
        _, waited, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = status = os.waitstatus_to_exitcode(waited)
        if status not in (0, 1):
            errors.seek(0)
            sys.stderr.write(errors.read().decode(errors="replace"))
            sys.exit(f"status {status}: {shlex.join(command)}")
    return Measure(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, status)


# Both policies pay one line a date, so that each of these is a session; the view would take longer.
SESSIONS = "lines WHERE role = 'session' AND stands_as IN ('pay', 'reduce')"


def history_counts(path):
    """How many rows the tables of a history hold."""
    counted = {table: table for table in ("lines", "sessions", "claims", "timelines", "runs")}
    counted["sessions"] = SESSIONS
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return {
            name: connection.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]
            for name, rows in counted.items()
        }


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def count_lines(path):
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def build_history(options, plan, claims):
    """Adjudicates the nights of the history one after the other; returns its file and the times."""
    history, nights = options.scratch / "pristine.db", options.scratch / "nights"
    decided = options.scratch / "earlier.jsonl"
    nights.mkdir()
    year = (HISTORY_BEGINS, HISTORY_DAYS, nights, "--inject", HISTORY_INJECTED, "--nightly")
    generate(options, claims, *year)
    files = sorted(nights.iterdir())
    walls = []
    for file in files:
        command = [options.binary, "adjudicate", file, "--policy", plan.policy]
        walls.append(measure(command + ["--out", decided, "--history", history]).wall)
        file.unlink()
        if len(walls) % 20 == 0:
            print(f"history: {len(walls)} of {len(files)} nights in {sum(walls):.1f} s")
    beside = [path.name for path in options.scratch.iterdir() if "pristine.db-" in path.name]
    if beside:
        sys.exit(f"the history is more than one file: {', '.join(beside)}")
    return history, walls


def measured_runs(options, plan, night_file, pristine):
    """The rows of results.csv, how many lines were decided, the history before and after a run."""
    history, out = options.scratch / "h.db", options.scratch / "out.jsonl"
    adjudicate = [options.binary, "adjudicate", night_file, "--policy", plan.policy, "--out", out]
    commands = {
        "wc": ["wc", "-l", night_file],
        "without": adjudicate,
        "with": adjudicate + ["--history", history],
    }
    before = history_counts(pristine)
    rows, decided, digests, afters = [], 0, {}, []
    for number in range(1, options.runs + 1):
        for kind, command in commands.items():
            out.unlink(missing_ok=True)
            if kind == "with":
                shutil.copyfile(pristine, history)
            os.sync()  # so that nothing written before is written during the run
            run = measure(command)
            row = {
                "run": number,
                "command": kind,
                "wall_s": f"{run.wall:.3f}",
                "cpu_s": f"{run.cpu:.3f}",
                "peak_mib": f"{run.peak:.1f}",
                "status": run.status,
                "history_lines_before": "",
                "history_lines_after": "",
            }
            if kind != "wc":
                digests.setdefault(kind, set()).add(digest(out))
                decided = decided or count_lines(out)
            if kind == "with":
                afters.append(history_counts(history))
                row["history_lines_before"] = before["lines"]
                row["history_lines_after"] = afters[-1]["lines"]
            rows.append(row)
            print(", ".join(f"{key} {value}" for key, value in row.items() if value != ""))
    if any(len(different) > 1 for different in digests.values()):
        sys.exit("the same command wrote different determinations")
    if any(after != afters[0] for after in afters):
        sys.exit(f"the runs left different histories: {afters}")
    if afters[0]["lines"] <= before["lines"]:
        sys.exit("the runs added nothing to the history")
    return rows, decided, before, afters[0]


# --- the report ---------------------------------------------------------------------------


def machine():
    def first(path, key):
        lines = Path(path).read_text().splitlines()
        values = (line.split(":", 1)[1].strip() for line in lines if line.startswith(key))
        return next(values, "unknown")

    memory = int(first("/proc/meminfo", "MemTotal").split()[0]) / 1024 / 1024
    cores = len(os.sched_getaffinity(0))
    return f"{first('/proc/cpuinfo', 'model name')}, {cores} cores, {memory:.1f} GiB of memory"


def report(options, plan, facts, rows):
    """The text of README.md."""
    def middle(kind, column):
        return median(float(row[column]) for row in rows if row["command"] == kind)

    names = {"wc": "`wc -l`", "without": "without a history", "with": "with a history"}
    table = [
        f"| {names[kind]} | {middle(kind, 'wall_s'):.3f} | {middle(kind, 'cpu_s'):.3f} "
        f"| {middle(kind, 'peak_mib'):.0f} |"
        for kind in names
    ]
    ratios = [
        f"| {names[one]} to {names[other]} | {middle(one, 'wall_s') / middle(other, 'wall_s'):.2f} "
        f"| {middle(one, 'cpu_s') / middle(other, 'cpu_s'):.2f} |"
        for one, other in [("with", "without"), ("without", "wc"), ("with", "wc")]
    ]
    repeat = (
        f"benches/history/run.py --plan {options.plan} --claims {options.claims} "
        f"--history-lines {options.history_lines} --members {options.members} "
        f"--runs {options.runs} --seed {options.seed}"
    )
    before, after, walls = facts["before"], facts["after"], facts["walls"]
    history_rows = [f"| {name} | {before[name]:,} | {after[name]:,} |" for name in before]
    newline = "\n"
    return f"""# A night with and without a history: {options.plan}

{facts["date"]}, {facts["version"]}, {facts["machine"]}.

One file of {facts["claims"]:,} claims and {facts["lines"]:,} lines, {facts["bytes"] / 1e6:,.1f} MB,
one transaction set. `{plan.policy}` governs {facts["governed"]:,} of the
lines ({100 * facts["governed"] / facts["lines"]:.1f} %). Medians of {options.runs} runs, taken in turn:
`wc -l`, without, with.

| | wall, s | CPU, s | peak memory, MiB |
| --- | --- | --- | --- |
{newline.join(table)}

| ratio | wall | CPU |
| --- | --- | --- |
{newline.join(ratios)}

CPU is user and system time of the whole process. The peak is the largest resident set, as the
kernel reports it when a process ends; it is never below that of the script that starts it, so
the figure for `wc -l` is the floor of the measure. Files are in the page cache.

## The history

{before["lines"]:,} lines before a run, in one file of {facts["history_bytes"] / 1e6:,.1f} MB.
The engine made it from {len(walls)} earlier nights, one run each, in {sum(walls):.1f} s: the longest took
{max(walls):.2f} s, half of them {median(walls):.2f} s or less. Every run with a
history starts from a copy of that file; copying is not timed. The same command wrote the same
determinations on every run, and left as many rows.

| rows of | before | after |
| --- | --- | --- |
{newline.join(history_rows)}

## Commands

```sh
claimstream adjudicate night.837 --policy {plan.policy} --out out.jsonl
claimstream adjudicate night.837 --policy {plan.policy} --out out.jsonl --history h.db
wc -l night.837
```

## Data

Everything is made up by `claimstream generate` (docs/generate.md), from seed {options.seed}, of the same
{options.members:,} members.

- The night bills the week from {NIGHT_BEGINS}: `--claims {options.claims} --claims-per-set {options.claims}
  --start {NIGHT_BEGINS} --days {NIGHT_DAYS}`.
- The nights of the history bill the year before, each weekday the night after: `--claims
  {facts["history_claims"]} --inject {HISTORY_INJECTED} --nightly --start {HISTORY_BEGINS} --days {HISTORY_DAYS}`.
- All claims are judged by one policy, whoever pays for the member. No claim voids or replaces another.
- `generate` cannot let the courses of one period go on in another. Courses of the night begin in it,
  so that more of its sessions follow a session too soon than in life.

## Again

```sh
cargo build --release
{repeat}
```

`results.csv` has one row for each measured run.
"""


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--binary", type=Path, default=BINARY, help="the engine")
    add("--plan", choices=PLANS, default="cigna", help="whose policy")
    add("--claims", type=int, default=1_000_000, help="claims of the measured night")
    add("--history-lines", type=int, default=5_000_000, help="lines of the history, about")
    add("--members", type=int, help="members; None: one for five lines of the history")
    add("--runs", type=int, default=5, help="measured runs of each command")
    add("--seed", type=int, default=1, help="same seed, same claims")
    add("--scratch", type=Path, default=Path(tempfile.gettempdir()), help="where files are made")
    add("--out", type=Path, help="folder of the report; None: benches/runs/DATE-history-PLAN")
    options = parser.parse_args()
    options.members = options.members or max(1, options.history_lines // 5)
    if min(options.claims, options.members, options.runs, options.history_lines) < 1:
        parser.error("--claims, --history-lines, --members and --runs are at least 1")
    options.binary = options.binary.resolve()
    return options


def measured(options, plan):
    """Makes claims and history, measures; returns what the report tells, and the rows."""
    earlier_claims = history_claims(options, plan)
    pristine, walls = build_history(options, plan, earlier_claims)
    night_file = options.scratch / "night.837"
    one_set = ("--claims-per-set", options.claims)
    night = generate(options, options.claims, NIGHT_BEGINS, NIGHT_DAYS, night_file, *one_set)
    print(f"night: {night['claims']:,} claims, {night['lines']:,} lines, {night['bytes']:,} bytes")
    rows, governed, before, after = measured_runs(options, plan, night_file, pristine)
    return rows, {
        "claims": night["claims"],
        "lines": night["lines"],
        "bytes": night["bytes"],
        "governed": governed,
        "before": before,
        "after": after,
        "walls": walls,
        "history_claims": earlier_claims,
        "history_bytes": pristine.stat().st_size,
    }


def main():
    sys.stdout.reconfigure(line_buffering=True)
    options = parse_options()
    plan = PLANS[options.plan]
    today = time.strftime("%Y-%m-%d", time.gmtime())
    options.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="claimstream-history-", dir=options.scratch) as scratch:
        options.scratch = Path(scratch)
        rows, facts = measured(options, plan)
    version = subprocess.check_output([options.binary, "--version"], text=True).strip()
    facts |= {"date": today, "version": version, "machine": machine()}
    out = options.out or REPOSITORY / "benches/runs" / f"{today}-history-{options.plan}"
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "results.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (out / "README.md").write_text(report(options, plan, facts, rows))
    print(f"written: {out}")


if __name__ == "__main__":
    main()
