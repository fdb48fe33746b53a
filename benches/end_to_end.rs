//! How fast a file becomes determinations: read, judged, written; and remittances besides.
//!
//! `cargo bench --bench end_to_end` measures; `cargo bench -- --test` only runs everything once.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

mod common;

use std::io;
use std::path::Path;

use chrono::NaiveDate;
use claimstream::adjudicate::adjudicate;
use claimstream::generate::Options;
use claimstream::output::{Format, Run, write_determinations};
use claimstream::payment::{Noting, Paying, PaymentTerms};
use claimstream::policy::{FactsTable, Plans};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use self::common::{ClaimsFile, POLICIES};

/// Some 75 MB.
const CLAIMS: u64 = 100_000;

fn run(file: &ClaimsFile, plans: &Plans, facts: &FactsTable, format: Format) {
    let batch = file.read(plans).batch;
    let adjudication = adjudicate(&batch, plans, facts);
    let run = Run {
        batch: &batch,
        plans,
        adjudication: &adjudication,
        reversals: &[],
    };
    let mut out = io::sink();
    write_determinations(run, 0..batch.claims.len(), format, false, &mut out).unwrap();
}

/// The same with remittances: notes are taken while the file is read, and what is decided is paid.
fn remit(file: &ClaimsFile, plans: &Plans, facts: &FactsTable) {
    let folder = std::env::temp_dir();
    let mut noting = Noting::create(&folder).unwrap();
    let batch = file.read_noting(plans, &mut noting).batch;
    let adjudication = adjudicate(&batch, plans, facts);
    let run = Run {
        batch: &batch,
        plans,
        adjudication: &adjudication,
        reversals: &[],
    };
    let mut out = io::sink();
    write_determinations(
        run,
        0..batch.claims.len(),
        Format::JsonLines,
        false,
        &mut out,
    )
    .unwrap();
    let mut paying = Paying::new(plans, None, noting.finish().unwrap(), &folder);
    paying.take(run).unwrap();
    let terms = PaymentTerms {
        date: NaiveDate::from_ymd_opt(2027, 6, 1).unwrap(),
        method: "CHK",
        first_trace: None,
    };
    paying.write(&terms, None, &mut out).unwrap();
}

fn end_to_end(criterion: &mut Criterion) {
    let facts = FactsTable::default();
    let file = ClaimsFile::generate(Options {
        claims: common::claims(CLAIMS),
        ..Options::default()
    });
    let mut group = criterion.benchmark_group("end_to_end");
    group.throughput(Throughput::Bytes(file.bytes));
    group.sample_size(20);
    for (name, format) in common::FORMATS.iter().copied() {
        for policy in POLICIES {
            let plans = common::plans(policy);
            group.bench_function(BenchmarkId::new(name, policy), |bencher| {
                bencher.iter(|| run(&file, &plans, &facts, format));
            });
        }
    }
    for policy in POLICIES {
        let mut plans = common::plans(policy);
        plans.plans[0].payer = Plans::from_file(Path::new("fixtures/plans.toml"))
            .unwrap()
            .plans[0]
            .payer
            .clone();
        group.bench_function(BenchmarkId::new("json_lines_and_835", policy), |bencher| {
            bencher.iter(|| remit(&file, &plans, &facts));
        });
    }
    group.finish();
}

criterion_group!(benches, end_to_end);
criterion_main!(benches);
