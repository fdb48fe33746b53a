//! How fast what was decided becomes bytes: determinations of a batch in memory, written to nowhere.
//!
//! `cargo bench --bench output` measures; `cargo bench -- --test` only runs everything once.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

mod common;

use std::io;

use claimstream::adjudicate::adjudicate;
use claimstream::generate::{Options, Share};
use claimstream::output::{Run, write_determinations};
use claimstream::policy::FactsTable;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use self::common::{ClaimsFile, POLICIES};

/// How many claims, with which share of injections, make some 50,000 determinations.
const CLAIMS: [(u64, &str); 2] = [(45_000, "0.4"), (45_000, "0.03")];

fn output(criterion: &mut Criterion) {
    let facts = FactsTable::default();
    let mut group = criterion.benchmark_group("output");
    group.sample_size(20);
    for (policy, (claims, inject)) in POLICIES.into_iter().zip(CLAIMS) {
        let plans = common::plans(policy);
        let options = Options {
            claims: common::claims(claims),
            inject: inject.parse::<Share>().unwrap(),
            ..Options::default()
        };
        let batch = ClaimsFile::generate(options).read(&plans).batch;
        let adjudication = adjudicate(&batch, &plans, &facts);
        let run = Run {
            batch: &batch,
            plans: &plans,
            adjudication: &adjudication,
            reversals: &[],
        };
        let claims = 0..batch.claims.len();
        let written = run.determinations(claims.clone(), false).count();
        group.throughput(Throughput::Elements(written as u64));
        for (name, format) in common::FORMATS.iter().copied() {
            group.bench_function(BenchmarkId::new(name, policy), |bencher| {
                bencher.iter(|| {
                    let mut out = io::sink();
                    write_determinations(run, claims.clone(), format, false, &mut out).unwrap();
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, output);
criterion_main!(benches);
