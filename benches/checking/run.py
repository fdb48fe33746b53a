#!/usr/bin/env python3
"""What checking and answering cost beside judging alone.

Makes up a night of claims, and then runs in each round, one after the other, `adjudicate` as it
is, with `--validate 5`, and with `--validate 5 --ack` as well, on one thread and on two, so that
what else the machine does falls on all of them alike.

    benches/checking/run.py --binary target/release/claimstream --out benches/runs/DATE-checking
    benches/checking/run.py --claims 100000 --rounds 3 --out /some/folder
    benches/checking/run.py --pyx12 venv/bin/python --out benches/runs/DATE-checking

With --pyx12, the Python of a virtual environment that has pyx12, its `x12valid` checks and answers
a small file beside `claimstream validate --ack`, in the same rounds.

Writes results.csv, one row for each run, and README.md with medians into --out. Needs Linux and
Python 3.11, and below --scratch a kilobyte and a half for each claim.
"""

import argparse
import csv
import os
import platform
import resource
import subprocess
import tempfile
from collections import defaultdict
from datetime import date
from pathlib import Path
from statistics import median

POLICIES = ("cigna-0139", "caresource-ar-passe-mm-1503")
COMMANDS = {
    "`adjudicate`": [],
    "`adjudicate --validate 5`": ["--validate", "5"],
    "`adjudicate --validate 5 --ack`": ["--validate", "5", "--ack", "answers"],
}


def cpu_of(command, folder):
    """User and system seconds of a command, with all its threads."""
    with tempfile.TemporaryDirectory(dir=folder) as here:
        os.mkdir(Path(here) / "answers")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=here, check=True, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime


def measure(options, night, folder):
    """One row for each run: policy, threads, command, round, user and system seconds."""
    for round_number in range(1, options.rounds + 1):
        for policy in POLICIES:
            for threads in (1, 2):
                for name, more in COMMANDS.items():
                    command = [options.binary, "adjudicate", night, "--policy", policy]
                    command += ["--threads", str(threads), "--out", "decided.jsonl", *more]
                    user, system = cpu_of(command, folder)
                    yield policy, threads, name.strip("`"), round_number, user, system


def measure_pyx12(options, folder):
    """Bytes of a small file, and CPU seconds by round of `validate --ack` and of pyx12 on it."""
    small = Path(folder) / "small.837"
    made_up = ["--claims", "1500", "--seed", str(options.seed)]
    generate = [options.binary, "generate", *made_up, "--out", small]
    subprocess.run(generate, check=True, stderr=subprocess.DEVNULL)
    ours = [options.binary, "validate", small, "--threads", "1", "--ack", "answers"]
    theirs = [options.pyx12, "-m", "pyx12.scripts.x12valid", "--quiet", small]
    rounds = range(options.rounds)
    return small.stat().st_size, [[sum(cpu_of(one, folder)) for one in (ours, theirs)] for _ in rounds]


def pyx12_table(size, rounds):
    """Medians of `validate --ack` and of pyx12, and of their ratio."""
    ours, theirs = (median(one[which] for one in rounds) for which in (0, 1))
    ratio = median(theirs / ours for ours, theirs in rounds)
    yield f"A file of 1,500 claims, {size:,} bytes, checked at level 5 and answered on one thread, beside"
    yield "`x12valid` of pyx12 4.0, which holds it against its map of the guide and writes a 999. Both figures"
    yield "have the start of the process in them."
    yield ""
    yield "| | CPU, s | MB/s of CPU |"
    yield "| --- | --- | --- |"
    yield f"| `claimstream validate --ack` | {ours:.3f} | {size / ours / 1e6:.1f} |"
    yield f"| `x12valid` | {theirs:.2f} | {size / theirs / 1e6:.2f} |"
    yield ""
    yield f"`x12valid` takes {ratio:,.0f} times the CPU."
    yield ""


def table(rows):
    """Medians of each command, and of its ratio to `adjudicate` in the same round."""
    runs = defaultdict(dict)
    for policy, threads, name, round_number, user, system in rows:
        runs[policy, threads, name][round_number] = (user, user + system)
    yield "| policy | threads | | user, s | CPU, s | of `adjudicate` |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for (policy, threads, name), own in runs.items():
        alone = runs[policy, threads, "adjudicate"]
        ratio = median(own[one][1] / alone[one][1] for one in own)
        user, cpu = (median(run[which] for run in own.values()) for which in (0, 1))
        yield f"| {policy} | {threads} | `{name}` | {user:.2f} | {cpu:.2f} | {ratio:.1f} |"


def processor():
    with open("/proc/cpuinfo", encoding="ascii") as lines:
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores" if names else platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--binary", type=Path, default=Path("target/release/claimstream"))
    parser.add_argument("--claims", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pyx12", type=Path, default=None)
    parser.add_argument("--scratch", type=Path, default=None)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.binary = options.binary.resolve()
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        night = Path(folder) / "night.837"
        made_up = ["--claims", str(options.claims), "--seed", str(options.seed)]
        generate = [options.binary, "generate", *made_up, "--out", night]
        subprocess.run(generate, check=True, stderr=subprocess.DEVNULL)
        size = night.stat().st_size
        rows = list(measure(options, night, folder))
        pyx12 = options.pyx12 and measure_pyx12(options, folder)
    options.out.mkdir(parents=True, exist_ok=True)
    with open(options.out / "results.csv", "w", newline="", encoding="ascii") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["policy", "threads", "command", "round", "user_s", "system_s"])
        writer.writerows([*row[:4], f"{row[4]:.3f}", f"{row[5]:.3f}"] for row in rows)
    lines = [
        "# What checking and answering cost",
        "",
        f"{date.today()}, {processor()}. One generated file of "
        f"{options.claims:,} claims,",
        f"{size:,} bytes; medians of {options.rounds} rounds, in each of which all commands ran "
        "one after the other. CPU is user",
        "and system time of all threads; the last column is the median of its ratio to "
        "`adjudicate` in the same round.",
        "",
        *table(rows),
        "",
        *(pyx12_table(*pyx12) if pyx12 else []),
        "```sh",
        f"benches/checking/run.py --claims {options.claims} --seed {options.seed} "
        f"--rounds {options.rounds} --out FOLDER",
        "```",
    ]
    (options.out / "README.md").write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
