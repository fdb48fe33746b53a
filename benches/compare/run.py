#!/usr/bin/env python3
"""How fast and how large the whole program is, beside wc -l, zcat and other readers of X12.

On a fresh machine it builds the engine, makes up claims with it, and measures in turn, each
round in the opposite order of the one before:

    a file of several transaction sets: wc -l, claimstream (two policies, one and two threads)
    the same file:                      claimstream judging, and checking and answering it
    a file of one transaction set:      the same
    the first file, gzipped:            zcat, claimstream
    a small file:                       wc -l, claimstream, edi, x12-types, pyx12, x12sdk
    files of 1 MB, 10 MB, 100 MB, ...:  claimstream

    benches/compare/run.py
    benches/compare/run.py --bytes 200000000 --rounds 2
    benches/compare/run.py --large                          with a file of 10 GiB as well

The other readers are installed from PyPI and crates.io, in versions that are fixed here and in
benches/compare/peers/Cargo.lock, into a folder below --scratch that is deleted at the end, or into
--peers, where the next run finds them; --no-peers leaves them out. All names and ids in the
claims are made up.

Writes results.csv (one row for each measured run) and README.md (medians, ratios, machine)
into --out. Needs Linux, Python 3.11 or later with venv, Rust, gzip, and below --scratch five
times --bytes, or 30 GB with --large.
"""

import argparse
import csv
import hashlib
import os
import platform
import shlex
import subprocess
import sys
import tempfile
import textwrap
import time
from collections import namedtuple
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
POLICIES = {"Cigna": "cigna-0139", "CareSource": "caresource-ar-passe-mm-1503"}
THREADS = (1, 2)
MIB, GIB = 1 << 20, 1 << 30
# Files that show how time and memory grow; --large adds 10 GiB.
SIZES = {"1 MB": 10**6, "10 MB": 10**7, "100 MB": 10**8, "1 GiB": GIB}
PYTHON_PEERS = ["pyx12==4.0.0", "x12sdk==2.2.0"]

# What each of the other readers does and does not do.
WORK = {
    "edi": "`edi` 0.4.0 (Rust) takes the whole file as text and cuts every segment into elements, "
    "in interchanges, groups and sets; it knows no loop and no claim.",
    "x12-types": "`x12-types` 0.12.0 (Rust) takes the whole file as text and makes typed "
    "structures of its segments, in loops that all kinds of 837 share; it does not check envelope "
    "counts or whose claim is whose, and takes no second CAS in Loop 2320.",
    "pyx12, segments": "`pyx12` 4.0.0 (Python), its segment reader, cuts segments into elements "
    "one after the other and checks counts and control numbers of envelopes; it makes no loops or "
    "claims.",
    "pyx12, x12valid": "`pyx12` 4.0.0, its command `x12valid`, holds every segment, element and "
    "code against a map of 005010X222A1 and writes a 999; it keeps "
    "no claims.",
    "x12sdk": "`x12sdk` 2.2.0 (Python) makes a checked model of each transaction set, all of its "
    "segments in their loops; it passes over ISA, GS, GE and IEA.",
}

# A command that is measured on a file; its printed words must contain `prints`.
Case = namedtuple("Case", "group name file command reference prints", defaults=[None, None])
File = namedtuple("File", "path bytes claims")  # bytes before compression
Measure = namedtuple("Measure", "wall cpu peak")  # seconds, seconds, MiB


def say(text):
    print(text, flush=True)


# --- what is measured on, and with --------------------------------------------------------


def build_engine(options):
    if options.binary:
        return options.binary.resolve()
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=REPOSITORY, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", "target"))
    return REPOSITORY / target / "release/claimstream"


class Generator:
    """Makes files of a wanted number of bytes, nearly: claims differ in length."""

    def __init__(self, binary, seed, folder):
        self.binary, self.seed, self.folder = binary, seed, folder
        claims = 20_000
        pilot = self.make("pilot.837", claims)
        self.claim_bytes = pilot.bytes / claims
        pilot.path.unlink()

    def make(self, name, claims, one_set=False):
        path = self.folder / name
        command = [self.binary, "generate", "--claims", str(claims), "--seed", str(self.seed)]
        if one_set:
            command += ["--claims-per-set", str(claims)]
        subprocess.run(command + ["--out", path], check=True, stderr=subprocess.DEVNULL)
        return File(path, path.stat().st_size, claims)

    def claims_of(self, size):
        return max(1, round(size / self.claim_bytes))


def without_other_payers(file, path):
    """A copy without Loop 2320, with SE01 as it must then be."""
    with open(file.path, "rb") as lines, open(path, "wb") as out:
        segments, in_claim, is_dropped = 0, False, False
        for line in lines:
            tag, _, rest = line.partition(b"*")
            if tag in (b"CLM", b"HL", b"LX", b"SE"):
                in_claim = tag == b"CLM"
                is_dropped = False
            elif tag == b"SBR" and in_claim:
                is_dropped = True
            if is_dropped:
                continue
            segments = 1 if tag == b"ST" else segments + 1
            if tag == b"SE":
                line = b"SE*%d*" % segments + rest.partition(b"*")[2]
            out.write(line)
    return File(path, path.stat().st_size, file.claims)


def gzipped(file):
    path = file.path.with_suffix(".837.gz")
    with open(path, "wb") as out:
        subprocess.run(["gzip", "-c", file.path], stdout=out, check=True)
    return File(path, file.bytes, file.claims)


def peer_commands(folder):
    """Installs the other readers in a folder; their commands, before the file."""
    venv = folder / "venv"
    if not venv.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    subprocess.run([venv / "bin/pip", "install", "--quiet", *PYTHON_PEERS], check=True)
    peers, target = HERE / "peers", folder / "peers"
    build = ["cargo", "build", "--release", "--locked", "--target-dir", target]
    subprocess.run(build, cwd=peers, check=True)
    python = venv / "bin/python"
    return {
        "edi": [target / "release/edi"],
        "x12-types": [target / "release/x12_types"],
        "pyx12, segments": [python, peers / "pyx12_segments.py"],
        # The installed command ends with status 1 whatever it found; the module does not.
        "pyx12, x12valid": [python, "-m", "pyx12.scripts.x12valid", "--quiet"],
        "x12sdk": [python, peers / "x12sdk_models.py"],
    }


# --- the runs -----------------------------------------------------------------------------


def measure(case):
    """Runs a case to its end; exits where it fails."""
    with tempfile.TemporaryFile() as words:
        is_heard = case.prints is not None
        start = time.perf_counter()
        child = subprocess.Popen(
            list(map(str, case.command)),
            stdin=subprocess.DEVNULL,
            stdout=words if is_heard else subprocess.DEVNULL,
            stderr=words,
        )
        _, waited, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(waited)
        words.seek(0)
        said = words.read(1 << 20).decode(errors="replace")
    if child.returncode != 0 or (is_heard and case.prints not in said):
        sys.stderr.write(said)
        sys.exit(f"status {child.returncode}: {shlex.join(map(str, case.command))}")
    return Measure(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Bench:
    """Runs cases and keeps what was measured."""

    def __init__(self, rounds, binary, out):
        self.rounds, self.binary, self.out = rounds, binary, out
        self.rows, self.digests, self.written = [], {}, {}

    def engine(self, group, file, reference=None, threads=THREADS):
        """The engine's cases on a file."""
        return [
            Case(
                group, name_of(policy, count), file,
                [self.binary, "adjudicate", file.path, "--policy", POLICIES[policy]]
                + ["--threads", count, "--out", self.out],
                reference,
            )
            for policy in POLICIES
            for count in threads
        ]

    def answered(self, group, file, reference=None):
        """A file checked at level 5 and answered with a 999 and a 277CA."""
        answers = self.out.parent / "answers"
        answers.mkdir(exist_ok=True)
        command = [self.binary, "validate", file.path, "--ack", answers, "--threads", 1]
        return Case(group, ANSWERED, file, command, reference)

    def judged(self, group, file):
        """A file judged under both policies."""
        command = [self.binary, "adjudicate", file.path, "--threads", 1, "--out", self.out]
        return Case(group, JUDGED, file, command, None)

    def run(self, cases):
        for number in range(1, self.rounds + 1):
            for case in cases if number % 2 else reversed(cases):
                self.out.unlink(missing_ok=True)
                os.sync()  # so that nothing written before is written during the run
                run = measure(case)
                written = self.look_at_output(case) if self.out.exists() else ""
                row = {
                    "group": case.group, "case": case.name, "round": number,
                    "file_bytes": case.file.bytes, "claims": case.file.claims,
                    "wall_s": f"{run.wall:.4f}", "cpu_s": f"{run.cpu:.4f}",
                    "peak_mib": f"{run.peak:.1f}", "written_bytes": written,
                }
                self.rows.append(row)
                took = f"{run.wall:.3f} s, {run.cpu:.3f} s of CPU"
                say(f"{number}, {case.group}: {case.name}, {took}")
        self.out.unlink(missing_ok=True)

    def look_at_output(self, case):
        """Its size; any number of threads must write the same bytes."""
        key = case.file.path, case.name.partition(",")[0]
        if self.digests.setdefault(key, digest(self.out)) != digest(self.out):
            sys.exit(f"{case.name} wrote other determinations than before")
        with open(self.out, "rb") as file:
            blocks = iter(lambda: file.read(MIB), b"")
            self.written[key] = sum(block.count(b"\n") for block in blocks)
        return self.out.stat().st_size

    def values(self, group, name, column):
        """By round."""
        rows = [row for row in self.rows if (row["group"], row["case"]) == (group, name)]
        return [float(row[column]) for row in sorted(rows, key=lambda row: row["round"])]

    def middle(self, group, name, column):
        return median(self.values(group, name, column))

    def ratio(self, one, other, column):
        """The median of the ratios that two cases have to each other in the same rounds."""
        pairs = zip(self.values(*one, column), self.values(*other, column), strict=True)
        return median(left / right for left, right in pairs)


JUDGED = "claimstream adjudicate, both policies, 1 thread"
ANSWERED = "claimstream validate --level 5 --ack, 1 thread"


def name_of(policy, threads):
    return f"claimstream {policy}, {threads} thread{'s' if threads > 1 else ''}"


def wc(group, file):
    return Case(group, "wc -l", file, ["wc", "-l", file.path])


def peer_cases(bench, file, commands):
    cases = [wc("peers", file), *bench.engine("peers", file, threads=[1])]
    cases.append(bench.answered("peers", file))
    for name, command in commands.items():
        prints = "OK" if name == "pyx12, x12valid" else f"{file.claims} claims"
        cases.append(Case("peers", name, file, [*command, file.path], prints=prints))
    return cases


def measured(options, binary, scratch):
    """Measures everything; the bench, and the file of several sets."""
    generator = Generator(binary, options.seed, scratch)
    bench = Bench(options.rounds, binary, scratch / "out.jsonl")
    claims = options.claims or generator.claims_of(options.bytes)
    small = generator.make("small.837", generator.claims_of(options.peer_bytes))
    commands = {} if options.no_peers else peer_commands((options.peers or scratch).resolve())
    if commands:
        small = without_other_payers(small, scratch / "peers.837")

    several = generator.make("several.837", claims)
    bench.run([wc("several", several), *bench.engine("several", several, "wc -l")])
    bench.run([bench.judged("answers", several), bench.answered("answers", several, JUDGED)])
    if commands:
        bench.run(peer_cases(bench, small, commands))
    packed = gzipped(several)
    zcat = Case("gzip", "zcat", packed, ["zcat", packed.path])
    bench.run([zcat, *bench.engine("gzip", packed, "zcat")])
    packed.path.unlink()
    several.path.unlink()

    one = generator.make("one.837", claims, one_set=True)
    bench.run([wc("one", one), *bench.engine("one", one, "wc -l")])
    one.path.unlink()

    sizes = {name: size for name, size in SIZES.items() if size <= 1.1 * several.bytes}
    if options.large:
        sizes |= SIZES | {"10 GiB": 10 * GIB}
    for name, size in sizes.items():
        file = generator.make(f"scale-{size}.837", generator.claims_of(size))
        bench.run(bench.engine(f"scale {name}", file))
        file.path.unlink()
    return bench, several, commands


# --- the report ---------------------------------------------------------------------------


def machine():
    def first(path, key):
        lines = Path(path).read_text().splitlines()
        values = (line.split(":", 1)[1].strip() for line in lines if line.startswith(key))
        return next(values, "unknown")

    memory = int(first("/proc/meminfo", "MemTotal").split()[0]) / MIB
    cores = len(os.sched_getaffinity(0))
    return (
        f"{first('/proc/cpuinfo', 'model name')}, {cores} cores, {memory:.1f} GiB of memory, "
        f"Linux {platform.release()}"
    )


def versions(binary):
    def of(*command):
        return subprocess.check_output(list(map(str, command)), text=True).splitlines()[0]

    tools = [of(binary, "--version"), of("rustc", "--version")]
    return ", ".join([*tools, of("wc", "--version"), of("gzip", "--version")])


def mib(bench, peak):
    """A peak in whole MiB; nothing can be told below those of `wc -l` and `zcat`."""
    small = [row for row in bench.rows if row["case"] in ("wc -l", "zcat")]
    floor = max(float(row["peak_mib"]) for row in small)
    return f"{peak:.0f}" if peak > 1.05 * floor else f"≤ {peak:.0f}"


def table(bench, group, reference):
    """A group in medians, with ratios of the same rounds."""
    names = list(dict.fromkeys(row["case"] for row in bench.rows if row["group"] == group))
    size = next(row["file_bytes"] for row in bench.rows if row["group"] == group)
    lines = [
        f"| | wall, s | CPU, s | MB/s of CPU | peak memory, MiB | wall, × `{reference}` "
        f"| CPU, × `{reference}` |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in names:
        wall, cpu, peak = (
            bench.middle(group, name, column) for column in ("wall_s", "cpu_s", "peak_mib")
        )
        ratios = (
            bench.ratio((group, name), (group, reference), column) for column in ("wall_s", "cpu_s")
        )
        shown = f"`{name}`" if name == reference else name
        lines.append(
            f"| {shown} | {wall:.3f} | {cpu:.3f} | {size / 1e6 / cpu:,.0f} | {mib(bench, peak)} | "
            + " | ".join(f"{ratio:.2f}" for ratio in ratios)
            + " |"
        )
    return "\n".join(lines)


def peer_table(bench, several):
    """Per byte, beside `wc -l` of the large file in the same run."""
    rows = [row for row in bench.rows if row["group"] == "peers"]
    size = rows[0]["file_bytes"]
    a_byte_of_wc = bench.middle("several", "wc -l", "cpu_s") / several.bytes
    lines = [
        "| | CPU, s | MB/s of CPU | peak memory, MiB | CPU a byte, × `wc -l` |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in dict.fromkeys(row["case"] for row in rows):
        cpu, peak = (bench.middle("peers", name, column) for column in ("cpu_s", "peak_mib"))
        if name == "wc -l":  # of so small a file, the cost of starting a process
            continue
        lines.append(
            f"| {name} | {cpu:.3f} | {size / 1e6 / cpu:,.2f} | {mib(bench, peak)} "
            f"| {cpu / size / a_byte_of_wc:,.1f} |"
        )
    return "\n".join(lines)


def scale_table(bench):
    lines = [
        "| file | | wall, ns/byte | CPU, ns/byte | peak memory, MiB |",
        "| --- | --- | --- | --- | --- |",
    ]
    groups = dict.fromkeys(row["group"] for row in bench.rows if row["group"].startswith("scale"))
    for group in groups:
        size = next(row["file_bytes"] for row in bench.rows if row["group"] == group)
        for policy in POLICIES:
            for threads in THREADS:
                name = name_of(policy, threads)
                wall, cpu, peak = (
                    bench.middle(group, name, column) for column in ("wall_s", "cpu_s", "peak_mib")
                )
                lines.append(
                    f"| {group.removeprefix('scale ')} | {name} | {wall / size * 1e9:.2f} "
                    f"| {cpu / size * 1e9:.2f} | {mib(bench, peak)} |"
                )
    return "\n".join(lines)


def peers_section(bench, several):
    rows = [row for row in bench.rows if row["group"] == "peers"]
    size, claims = rows[0]["file_bytes"], rows[0]["claims"]
    sentences = "\n".join(
        textwrap.fill(f"- {sentence}", 98, subsequent_indent="  ") for sentence in WORK.values()
    )
    return f"""
## Other readers

{claims:,} claims, {size / 1e6:,.1f} MB. The claims have no Loop 2320 here, because `x12-types` does
not take two CAS in one; SE01 is as it must then be. All that count claims found as many as there
are, and `x12valid` accepted the file.

{peer_table(bench, several)}

`wc -l` of so small a file is mostly the start of a process, so the last column compares CPU time
a byte with `wc -l` of the large file above, in the same run. What each of them does:

- claimstream, judging, checks envelopes and hierarchy, makes claims, judges what the policy governs and
  writes determinations; with `validate` it holds every segment against the implementation guide, checks
  balances, situations and values as well, and writes a 999 and a 277CA.
{sentences}

None of the others knows a policy or decides anything.
"""


def report(options, bench, binary, several, commands):
    """The text of README.md."""
    flags = [f"--claims {several.claims}", f"--rounds {options.rounds}", f"--seed {options.seed}"]
    flags += [f"--peer-bytes {options.peer_bytes}"]
    flags += ["--large"] if options.large else []
    flags += [] if commands else ["--no-peers"]
    governed = " and ".join(
        f"{bench.written[several.path, f'claimstream {policy}']:,} under `{identity}`"
        for policy, identity in POLICIES.items()
    )
    return f"""# claimstream beside `wc -l`, `zcat` and other readers

{options.date}. {versions(binary)}, Python {platform.python_version()}.
{machine()}.

Medians of {options.rounds} rounds; in each, all commands of a table ran in turn, every second
round in the opposite order. Ratios are medians of the ratios within a round. CPU is user and
system time of the whole process, MB are 1,000,000 bytes. The peak is the largest resident set, as
the kernel reports it when a process ends; it is never below that of the script that starts it,
so the figures for `wc -l` and `zcat` are the floor of the measure, and what is near it is given as
`≤`. Files are in the page cache; determinations are written to a file and synced, as always. Any
number of threads wrote the same bytes.

## A file of several transaction sets

{several.claims:,} claims, {several.bytes / 1e6:,.1f} MB, 5,000 claims a set.
Governed lines, each a determination:
{governed}.

{table(bench, "several", "wc -l")}

The same file checked at level 5 and answered with a 999 and a 277CA takes
{bench.ratio(("answers", ANSWERED), ("answers", JUDGED), "cpu_s"):.2f} times the CPU of judging it under both
policies ({bench.middle("answers", ANSWERED, "cpu_s"):.2f} s and
{bench.middle("answers", JUDGED, "cpu_s"):.2f} s; at most
{bench.middle("answers", ANSWERED, "peak_mib"):.0f} MiB).

## The same claims in one transaction set

{table(bench, "one", "wc -l")}

## The first file, gzipped

MB are those after decompression.

{table(bench, "gzip", "zcat")}
{peers_section(bench, several) if commands else ""}
## From small to large

{scale_table(bench)}

## Again

```sh
benches/compare/run.py {" ".join(flags)}
```

Everything is made up, from seed {options.seed}, by `claimstream generate`; the command measured is
`claimstream adjudicate FILE --policy POLICY --threads N --out out.jsonl`. `results.csv` has one row
for each measured run.
"""


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--binary", type=Path, help="the engine; None: it is built")
    add("--bytes", type=int, default=GIB, help="size of the large files, about")
    add("--claims", type=int, help="claims of the large files, instead of their size")
    add("--peer-bytes", type=int, default=5_000_000, help="size of the other readers' file, about")
    add("--rounds", type=int, default=5, help="measured runs of each command")
    add("--seed", type=int, default=1, help="same seed, same claims")
    add("--large", action="store_true", help="a file of 10 GiB as well")
    add("--no-peers", action="store_true", help="leave other readers out, and install nothing")
    add("--peers", type=Path, help="where other readers are kept; None: deleted at the end")
    add("--scratch", type=Path, default=Path(tempfile.gettempdir()), help="where files are made")
    add("--out", type=Path, help="folder of the report; None: benches/runs/DATE-compare")
    options = parser.parse_args()
    if min(options.bytes, options.peer_bytes, options.rounds, options.claims or 1) < 1:
        parser.error("--bytes, --claims, --peer-bytes and --rounds are at least 1")
    options.date = time.strftime("%Y-%m-%d", time.gmtime())
    return options


def main():
    options = parse_options()
    binary = build_engine(options)
    options.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="claimstream-compare-", dir=options.scratch) as scratch:
        bench, several, commands = measured(options, binary, Path(scratch))
    out = options.out or REPOSITORY / "benches/runs" / f"{options.date}-compare"
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "results.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, bench.rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(bench.rows)
    (out / "README.md").write_text(report(options, bench, binary, several, commands))
    say(f"written: {out}")


if __name__ == "__main__":
    main()
