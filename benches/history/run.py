#!/usr/bin/env python3
"""What a nightly batch costs with and without a history.

Makes claims, lets the engine build a history from twenty nights of them, and then measures
one more night, a single 837P file, three ways in turn:

    wc -l night.837
    claimstream adjudicate night.837 --policy POLICY --out out.jsonl
    claimstream adjudicate night.837 --policy POLICY --out out.jsonl --history h.db

Every run with a history starts from a fresh copy of the same file, and copying is not timed.
The same options and seed give the same claims, byte for byte. All names and ids are made up.

    cargo build --release
    benches/history/run.py
    benches/history/run.py --plan caresource

Writes results.csv (one row for each measured run) and README.md (medians, ratios, machine)
into --out. Needs Linux and Python 3.11 or later, and with the default sizes several
gigabytes below --scratch, which are freed at the end.
"""

import argparse
import csv
import hashlib
import os
import random
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
from itertools import accumulate
from pathlib import Path
from statistics import median

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = REPOSITORY / "target/release/claimstream"

# The night that is measured. A year before it both policies are in force.
NIGHT = date(2027, 5, 3)
NIGHT_DAYS = 7
# The nights of the history: each bills the days since the one before; the last is the eve of NIGHT.
HISTORY_NIGHTS = 20
HISTORY_DAYS = 18

Code = namedtuple("Code", "procedure price")  # the price in whole dollars
Plan = namedtuple("Plan", "policy payer name dense guided")

INJECTIONS = [Code("20552", 140), Code("20553", 180)]
GUIDANCE = Code("76942", 95)
VISITS = [
    Code(procedure, price)
    for procedure, price in [
        ("99202", 110), ("99203", 160), ("99204", 240), ("99205", 310), ("99211", 40),
        ("99212", 80), ("99213", 120), ("99213:25", 120), ("99214", 170), ("99215", 230),
    ]
]
OTHERS = [
    Code(procedure, price)
    for procedure, price in [
        ("36415", 12), ("71046", 60), ("80053", 35), ("80061", 40), ("81002", 10),
        ("83036", 25), ("84443", 45), ("85025", 28), ("87880", 30), ("90471", 32),
        ("90686", 38), ("93000", 48), ("96372", 36), ("97110", 65), ("97112", 68),
        ("97140", 62), ("97530", 72), ("98941", 55), ("99396", 210), ("J1100", 8),
    ]
]

# Shares of the codes that are drawn, by kind, and the share of injections whose next line, if the
# claim has one, becomes guidance. `SPARSE` is the measured night: of its lines 40 % are office
# visits, 3 % injections and guidance. `dense` and `guided` of a plan are its history.
SPARSE = {"visits": 0.403, "injections": 0.0231, "others": 0.5739}
SPARSE_GUIDED = 0.5
PLANS = {
    "cigna": Plan("cigna-0139", "62308", "CIGNA", {"injections": 1.0}, 1.0),
    "caresource": Plan(
        "caresource-ar-passe-mm-1503", "CSPASSE", "CARESOURCE PASSE",
        {"visits": 0.6, "injections": 0.4}, 0.7,
    ),
}
# How many claims in a hundred have 1, 2, ... lines.
SPARSE_SIZES = [29, 28, 21, 12, 6, 4]
DENSE_SIZES = [50, 50]

PAIN = ["M7918", "M7912", "M542", "M5450", "M546", "M62830"]
ILLS = ["E119", "E785", "F411", "I10", "J069", "K219", "M1711", "M25511", "N390", "R5383"]
FIRST = ["ADA", "BEN", "CLEO", "DORA", "EARL", "FERN", "GUS", "HOPE", "IVAN", "JUNE", "KARL"]
LAST = ["ABEL", "BIRD", "COLE", "DALE", "FROST", "GRAY", "HOLT", "IRVIN", "JUDD", "KNOX", "LANE"]
STREETS = ["ELM ST", "MAIN ST", "HILL RD", "OAK AVE", "RIVER DR", "PINE CT"]
PLACES = ["LITTLE ROCK*AR*722010000", "CONWAY*AR*720320000", "BENTON*AR*720150000"]
TAXONOMIES = ["207Q00000X", "207R00000X", "208100000X", "208VP0014X"]


# --- the claims ---------------------------------------------------------------------------


def npi(number):
    """The NPI of a nine-digit number: with the Luhn check digit over 80840 and the number."""
    total = 24  # what the prefix 80840 adds
    for position, digit in enumerate(reversed(f"{number:09}")):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return f"{number:09}{-total % 10}"


class World:
    """The people and providers of a benchmark: texts that claims pick from, made once.

    A member number always has the same name, address, birth date and sex.
    """

    def __init__(self, seed, members, plan):
        rng = random.Random(f"{seed}-world")
        self.members = members
        self.payer = (
            f"NM1*PR*2*{plan.name}*****PI*{plan.payer}~\n"
            "N3*PO BOX 1000~\nN4*LITTLE ROCK*AR*722030000~\n"
        )
        self.people = [self._person(rng) for _ in range(5003)]
        self.billing = [self._billing(rng, number) for number in range(2000)]
        self.rendering = [self._rendering(rng, number) for number in range(2000)]
        self.pains = [self._diagnoses(rng, PAIN) for _ in range(500)]
        self.ills = [self._diagnoses(rng, PAIN + ILLS) for _ in range(500)]

    @staticmethod
    def _address(rng):
        return f"N3*{rng.randint(1, 9999)} {rng.choice(STREETS)}~\nN4*{rng.choice(PLACES)}~\n"

    def _person(self, rng):
        """What stands before and after the member's id."""
        born = date(1940, 1, 1) + timedelta(rng.randrange(29_000))
        return (
            f"NM1*IL*1*{rng.choice(LAST)}*{rng.choice(FIRST)}****MI*W",
            f"{self._address(rng)}DMG*D8*{born:%Y%m%d}*{rng.choice('FM')}~\n{self.payer}",
        )

    def _billing(self, rng, number):
        """A billing provider's segments after HL, its place of service, its service facility."""
        name = f"{rng.choice(LAST)} CLINIC {number:04}"
        segments = (
            f"PRV*BI*PXC*{rng.choice(TAXONOMIES)}~\n"
            f"NM1*85*2*{name}*****XX*{npi(200_000_000 + number)}~\n"
            f"{self._address(rng)}REF*EI*71{number:07}~\n"
        )
        if number % 4:
            return segments, "11", ""
        name = f"{rng.choice(LAST)} HOSPITAL"
        facility = f"NM1*77*2*{name}*****XX*{npi(220_000_000 + number)}~\n"
        return segments, "22", facility + self._address(rng)

    @staticmethod
    def _rendering(rng, number):
        """A rendering provider, after a referring one every second time."""

        def person():
            return f"{rng.choice(LAST)}*{rng.choice(FIRST)}"

        referring = f"NM1*DN*1*{person()}****XX*{npi(230_000_000 + number)}~\n"
        rendering = (
            f"NM1*82*1*{person()}****XX*{npi(210_000_000 + number)}~\n"
            f"PRV*PE*PXC*{rng.choice(TAXONOMIES)}~\n"
        )
        return referring + rendering if number % 2 else rendering

    @staticmethod
    def _diagnoses(rng, principals):
        """An HI segment of two to four diagnoses."""
        first = rng.choice(principals)
        others = rng.sample([code for code in PAIN + ILLS if code != first], rng.randint(1, 3))
        return "*".join([f"HI*ABK:{first}"] + [f"ABF:{code}" for code in others]) + "~\n"


class Mix:
    """How many lines a claim has, and of which codes."""

    def __init__(self, shares, guided, sizes):
        kinds = {"visits": VISITS, "injections": INJECTIONS, "others": OTHERS}
        self.codes = [code for kind in shares for code in kinds[kind]]
        self.weights = list(
            accumulate(shares[kind] / len(kinds[kind]) for kind in shares for _ in kinds[kind])
        )
        self.guided = guided
        self.sizes = range(1, len(sizes) + 1)
        self.size_weights = list(accumulate(sizes))

    def draw(self, rng, count):
        """The lines of `count` claims: a list of codes for each."""
        sizes = rng.choices(self.sizes, cum_weights=self.size_weights, k=count)
        drawn = iter(rng.choices(self.codes, cum_weights=self.weights, k=sum(sizes)))
        claims = []
        for size in sizes:
            codes = [next(drawn) for _ in range(size)]
            for index in range(1, size):
                if codes[index - 1] in INJECTIONS and rng.random() < self.guided:
                    codes[index] = GUIDANCE
            claims.append(codes)
        return claims


def billing_levels(world, mix, rng, night, days, is_enough):
    """Yields billing providers with their claims, as (text, claims, lines), until there are enough.

    `is_enough(claims, lines)` is asked before each claim. A billing provider has 1 to 200 claims.
    """
    level = claims = lines = 0
    while not is_enough(claims, lines):
        segments, place, facility = rng.choice(world.billing)
        markup = rng.randrange(30)
        level += 1
        billing = level
        text = [f"HL*{billing}**20*1~\n{segments}"]
        count = rng.randint(1, 200)
        before = claims, lines
        numbers = rng.choices(range(world.members), k=count)
        dates = rng.choices(days, k=count)
        renderings = rng.choices(world.rendering, k=count)
        drawn = zip(numbers, dates, renderings, mix.draw(rng, count))
        for number, service_date, rendering, codes in drawn:
            if is_enough(claims, lines):
                break
            level += 1
            claims += 1
            lines += len(codes)
            name, person = world.people[number % len(world.people)]
            control = f"N{night:02}C{claims:08}"
            charge = sum(code.price for code in codes) + markup * len(codes)
            has_injection = not set(INJECTIONS).isdisjoint(codes)
            diagnoses = rng.choice(world.pains if has_injection else world.ills)
            text.append(
                f"HL*{level}*{billing}*22*0~\nSBR*P*18*G{number % 400:05}******CI~\n"
                f"{name}{number:09}~\n{person}"
                f"CLM*{control}*{charge}***{place}:B:1*Y*A*Y*Y~\nREF*D9*2{night:02}{claims:011}~\n"
                f"REF*EA*MR{number:09}~\n{diagnoses}{rendering}{facility}"
            )
            for index, (procedure, price) in enumerate(codes, 1):
                pointers = "1:2" if index % 2 else "1"
                text.append(
                    f"LX*{index}~\nSV1*HC:{procedure}*{price + markup}*UN*1***{pointers}~\n"
                    f"DTP*472*D8*{service_date}~\nREF*6R*{control}L{index}~\n"
                )
        yield "".join(text), claims - before[0], lines - before[1]


def write_night(path, world, mix, seed, night, dated, days_back, is_enough):
    """Writes one file of one transaction set; tells how many claims and lines it holds.

    Dates of service are the `days_back` days before the date of the file.
    """
    rng = random.Random(f"{seed}-{night}")
    days = [f"{dated - timedelta(back):%Y%m%d}" for back in range(1, days_back + 1)]
    number = 1000 + night
    day = f"{dated:%Y%m%d}"
    claims = lines = 0
    segments = 1  # SE
    with open(path, "w", encoding="ascii", buffering=1 << 20) as file:
        file.write(
            f"ISA*00*          *00*          *ZZ*{'CLEARING':15}*ZZ*{'CLAIMSTREAM':15}"
            f"*{day[2:]}*0215*^*00501*{number:09}*0*P*:~\n"
            f"GS*HC*CLEARING*CLAIMSTREAM*{day}*0215*{number}*X*005010X222A1~\n"
        )
        head = (
            f"ST*837*0001*005010X222A1~\nBHT*0019*00*N{number}*{day}*0215*CH~\n"
            "NM1*41*2*CLEARING*****46*CLEARING~\nPER*IC*HELP DESK*TE*5015550100~\n"
            "NM1*40*2*CLAIMSTREAM*****46*CLAIMSTREAM~\n"
        )
        file.write(head)
        segments += head.count("~")
        levels = billing_levels(world, mix, rng, night, days, is_enough)
        for text, more_claims, more_lines in levels:
            file.write(text)
            segments += text.count("~")
            claims += more_claims
            lines += more_lines
        file.write(f"SE*{segments}*0001~\nGE*1*{number}~\nIEA*1*{number:09}~\n")
    return claims, lines


# --- the runs -----------------------------------------------------------------------------

Measure = namedtuple("Measure", "wall cpu peak status")  # seconds, seconds, MiB, exit status


def measure(command):
    """Runs a command to its end; exits when its status is neither 0 nor 1."""
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
            sys.exit(f"status {status}: {shlex.join(map(str, command))}")
    return Measure(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, status)


def history_counts(path):
    """How many rows the tables of a history hold."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("lines", "sessions", "claims")
        }


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def count_lines(path):
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def build_history(options, plan, world, scratch):
    """Adjudicates the nights of the history one after the other; returns its file and the time."""
    history = scratch / "pristine.db"
    night_file = scratch / "earlier.837"
    mix = Mix(plan.dense, plan.guided, DENSE_SIZES)
    wall = 0.0
    done = 0
    for night in range(1, HISTORY_NIGHTS + 1):
        dated = NIGHT - timedelta(1 + HISTORY_DAYS * (HISTORY_NIGHTS - night))
        share = options.history_lines * night // HISTORY_NIGHTS - done
        _, lines = write_night(
            night_file, world, mix, options.seed, night, dated, HISTORY_DAYS,
            lambda claims, lines: lines >= share,
        )
        done += lines
        command = [options.binary, "adjudicate", night_file, "--policy", plan.policy]
        run = measure(command + ["--out", scratch / "earlier.jsonl", "--history", history])
        wall += run.wall
        print(f"history {night:2}: {dated}, {lines:,} lines, {run.wall:.2f} s, status {run.status}")
    night_file.unlink()
    (scratch / "earlier.jsonl").unlink()
    beside = [path.name for path in scratch.iterdir() if path.name.startswith("pristine.db-")]
    if beside:
        sys.exit(f"the history is more than one file: {', '.join(beside)}")
    return history, wall


def measured_runs(options, plan, night_file, pristine, scratch):
    """The rows of results.csv, how many lines were decided, the history before and after a run."""
    history, out = scratch / "h.db", scratch / "out.jsonl"
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
    before, after = facts["before"], facts["after"]
    history_rows = [f"| {name} | {before[name]:,} | {after[name]:,} |" for name in before]
    words = {"visits": "office visits", "injections": "injections"}
    dense = " and ".join(f"{100 * share:.0f} % {words[kind]}" for kind, share in plan.dense.items())
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
The engine made it from {HISTORY_NIGHTS} earlier nights in {facts["build"]:.1f} s. Every run with a
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

Everything is made up, from seed {options.seed}, by `benches/history/run.py`.

- The night is dated {NIGHT} and bills the {NIGHT_DAYS} days before. Claims have 1 to 6 lines,
  2.5 on average. Of the lines 40 % are office visits, 3 % injections (20552, 20553) and guidance
  (76942), the rest other codes.
- The {HISTORY_NIGHTS} nights of the history bill {HISTORY_DAYS} days each; the last is dated the day
  before the night. Their claims have one or two lines, all governed. Codes are drawn as
  {dense}; the line after an injection is then made guidance
  in {100 * plan.guided:.0f} % of cases.
- Claims draw their member evenly from {options.members:,}. Billing providers come with 1 to 200
  claims in a row.

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
    add("--plan", choices=PLANS, default="cigna", help="whose policy and payer id")
    add("--claims", type=int, default=1_000_000, help="claims of the measured night")
    add("--history-lines", type=int, default=5_000_000, help="lines of the history, about")
    add("--members", type=int, default=1_000_000, help="members the claims are drawn from")
    add("--runs", type=int, default=5, help="measured runs of each command")
    add("--seed", type=int, default=1, help="same seed, same claims")
    add("--scratch", type=Path, default=Path(tempfile.gettempdir()), help="where files are made")
    add("--out", type=Path, help="folder of the report; None: benches/runs/DATE-history-PLAN")
    options = parser.parse_args()
    if min(options.claims, options.members, options.runs) < 1:
        parser.error("--claims, --members and --runs are at least 1")
    if options.history_lines < HISTORY_NIGHTS:
        parser.error(f"--history-lines is at least {HISTORY_NIGHTS}, one a night")
    options.binary = options.binary.resolve()
    return options


def main():
    sys.stdout.reconfigure(line_buffering=True)
    options = parse_options()
    plan = PLANS[options.plan]
    today = time.strftime("%Y-%m-%d", time.gmtime())
    version = subprocess.check_output([options.binary, "--version"], text=True).strip()
    world = World(options.seed, options.members, plan)
    options.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="claimstream-history-", dir=options.scratch) as scratch:
        scratch = Path(scratch)
        pristine, build = build_history(options, plan, world, scratch)
        night_file = scratch / "night.837"
        claims, lines = write_night(
            night_file, world, Mix(SPARSE, SPARSE_GUIDED, SPARSE_SIZES), options.seed,
            HISTORY_NIGHTS + 1, NIGHT, NIGHT_DAYS, lambda claims, lines: claims >= options.claims,
        )
        size = night_file.stat().st_size
        print(f"night: {NIGHT}, {claims:,} claims, {lines:,} lines, {size:,} bytes")
        rows, governed, before, after = measured_runs(
            options, plan, night_file, pristine, scratch
        )
        facts = {
            "date": today,
            "version": version,
            "machine": machine(),
            "build": build,
            "claims": claims,
            "lines": lines,
            "governed": governed,
            "before": before,
            "after": after,
            "bytes": size,
            "history_bytes": pristine.stat().st_size,
        }
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
