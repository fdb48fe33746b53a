#!/usr/bin/env python3
"""What remittances cost beside judging alone, and how much memory they take.

Makes up nights of two sizes and runs in each round, one after the other, `adjudicate` as it is,
with `--remit`, with a new `--history`, and with both, so that what else the machine does falls on
all of them alike.

    benches/remittance/run.py --out benches/runs/DATE-remittance
    benches/remittance/run.py --claims 100000 --rounds 1 --out /some/folder

Writes results.csv, one row for each run, and README.md with medians into --out. Needs Linux and
Python 3.11, and below --scratch three kilobytes for each claim.
"""

import argparse
import csv
import os
import platform
import subprocess
import tempfile
from collections import defaultdict
from datetime import date
from pathlib import Path
from statistics import median

REPOSITORY = Path(__file__).resolve().parents[2]
COMMANDS = {
    "`adjudicate`": [],
    "`--remit`": ["--remit", "paid.835"],
    "`--history`": ["--history", "claims.history"],
    "`--history --remit`": ["--history", "claims.history", "--remit", "paid.835"],
}


def run(command, folder):
    """CPU seconds, peak memory in KiB and the size of the 835 of a command."""
    with tempfile.TemporaryDirectory(dir=folder) as here:
        process = subprocess.Popen(command, cwd=here, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(status) != 0:
            raise SystemExit(f"failed: {command}")
        paid = Path(here) / "paid.835"
        size = paid.stat().st_size if paid.exists() else 0
    return used.ru_utime + used.ru_stime, used.ru_maxrss, size


def measure(options, folder):
    """One row for each run: claims, command, round, CPU, peak, bytes of the 835."""
    for claims in (options.claims // 4, options.claims):
        night = Path(folder) / "night.837"
        generate = [options.binary, "generate", "--claims", str(claims), "--out", night]
        subprocess.run(generate, check=True, stderr=subprocess.DEVNULL)
        for round_number in range(1, options.rounds + 1):
            for name, more in COMMANDS.items():
                command = [options.binary, "adjudicate", night, "--out", "decided.jsonl", *more]
                command += ["--plans", REPOSITORY / "fixtures/plans.toml"]
                yield claims, name.strip("`"), round_number, *run(command, folder)


def table(rows):
    """Medians of each command, and of its CPU beside that of `adjudicate` in the same round."""
    runs = defaultdict(dict)
    for claims, name, round_number, cpu, peak, size in rows:
        runs[claims, name][round_number] = (cpu, peak, size)
    yield "| claims | | CPU, s | of `adjudicate` | peak, MiB | 835, MB |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for (claims, name), own in runs.items():
        alone = runs[claims, "adjudicate"]
        ratio = median(own[one][0] / alone[one][0] for one in own)
        cpu, peak, size = (median(run[which] for run in own.values()) for which in range(3))
        yield (
            f"| {claims:,} | `{name}` | {cpu:.2f} | {ratio:.1f} | {peak / 1024:.0f} "
            f"| {size / 1e6:.0f} |"
        )


def processor():
    with open("/proc/cpuinfo", encoding="ascii") as lines:
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores" if names else platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--binary", type=Path, default=REPOSITORY / "target/release/claimstream")
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scratch", type=Path, default=None)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.binary = options.binary.resolve()
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        rows = list(measure(options, folder))
    options.out.mkdir(parents=True, exist_ok=True)
    with open(options.out / "results.csv", "w", newline="", encoding="ascii") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["claims", "command", "round", "cpu_s", "peak_kib", "bytes_of_835"])
        writer.writerows([*row[:3], f"{row[3]:.3f}", *row[4:]] for row in rows)
    lines = [
        "# What remittances cost",
        "",
        f"{date.today()}, {processor()}. Generated claims under `fixtures/plans.toml` (both "
        "policies, office visits",
        "governed under one of them); medians of "
        f"{options.rounds} rounds, in each of which all commands ran one after the other. CPU is",
        "user and system time of all threads, on as many threads as there are processors; each "
        "run with a history makes a new one.",
        "",
        *table(rows),
        "",
        "```sh",
        f"benches/remittance/run.py --claims {options.claims} --rounds {options.rounds} "
        "--out FOLDER",
        "```",
    ]
    (options.out / "README.md").write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
