//! How fast a batch in memory is judged.
//!
//! `cargo bench --bench evaluate` measures; `cargo bench -- --test` only runs everything once.
//! With `CLAIMSTREAM_BENCH_SCALE=100` there are 20 million lines of a million members: it reads 15 GB
//! for each policy first.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

mod common;

use claimstream::adjudicate::adjudicate;
use claimstream::generate::{Options, Share};
use claimstream::policy::FactsTable;
use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};

use self::common::{ClaimsFile, POLICIES};

/// How many claims, with which share of injections, make some 20 lines that the policy governs
/// for each of the members. Of a file as it usually is, the second policy governs office visits
/// too; the first would need many times the lines, and gets a file that is full of injections.
const CLAIMS: [(u64, &str); 2] = [(191_000, "0.4"), (184_000, "0.03")];

/// How many members there are.
const MEMBERS: u64 = 10_000;

fn evaluate(criterion: &mut Criterion) {
    let facts = FactsTable::default();
    let mut group = criterion.benchmark_group("evaluate");
    group.sample_size(if common::scale() == 1 { 20 } else { 10 });
    group.sampling_mode(SamplingMode::Flat);
    for (policy, (claims, inject)) in POLICIES.into_iter().zip(CLAIMS) {
        let plans = common::plans(policy);
        let claims = common::claims(claims * common::scale());
        let options = Options {
            claims,
            members: Some(common::claims(MEMBERS * common::scale())),
            inject: inject.parse::<Share>().unwrap(),
            ..Options::default()
        };
        let batch = ClaimsFile::generate(options).read(&plans).batch;
        let governed = batch.lines.iter().filter(|line| batch.is_governed(line));
        group.throughput(Throughput::Elements(governed.count() as u64));
        group.bench_function(BenchmarkId::from_parameter(policy), |bencher| {
            bencher.iter(|| adjudicate(&batch, &plans, &facts));
        });
    }
    group.finish();
}

criterion_group!(benches, evaluate);
criterion_main!(benches);
