//! How fast a batch in memory is judged.
//!
//! `cargo bench --bench evaluate` measures; `cargo bench -- --test` only runs everything once.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

mod common;

use claimstream::adjudicate::adjudicate;
use claimstream::generate::{Options, Share};
use claimstream::policy::FactsTable;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use self::common::{ClaimsFile, POLICIES};

/// How many claims, with which share of injections, make some 20 lines that the policy governs
/// for each of the members. Of a file as it usually is, the second policy governs office visits
/// too; the first would need many times the lines, and gets a file that is full of injections.
const CLAIMS: [(u64, &str); 2] = [(200_000, "0.4"), (187_000, "0.03")];

/// How many members there are for 100 claims.
const MEMBERS_PER_CLAIMS: (u64, u64) = (5, 100);

fn evaluate(criterion: &mut Criterion) {
    let facts = FactsTable::default();
    let mut group = criterion.benchmark_group("evaluate");
    group.sample_size(20);
    for (policy, (claims, inject)) in POLICIES.into_iter().zip(CLAIMS) {
        let plans = common::plans(policy);
        let claims = common::claims(claims * common::scale());
        let options = Options {
            claims,
            members: Some((claims * MEMBERS_PER_CLAIMS.0 / MEMBERS_PER_CLAIMS.1).max(1)),
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
