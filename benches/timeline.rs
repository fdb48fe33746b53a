//! How fast a file becomes a batch: read, checked, routed, and kept where it can matter.
//!
//! `cargo bench --bench timeline` measures; `cargo bench -- --test` only runs everything once.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

mod common;

use claimstream::generate::Options;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use self::common::{ClaimsFile, POLICIES};

/// Some 75 MB.
const CLAIMS: u64 = 100_000;

fn timeline(criterion: &mut Criterion) {
    let claims = common::claims(CLAIMS);
    let several_sets = Options {
        claims,
        ..Options::default()
    };
    let one_set = Options {
        claims_per_set: u32::try_from(claims).unwrap(),
        ..several_sets.clone()
    };
    let mut group = criterion.benchmark_group("timeline");
    group.sample_size(20);
    for (name, options) in [("several_sets", several_sets), ("one_set", one_set)] {
        let file = ClaimsFile::generate(options);
        group.throughput(Throughput::Bytes(file.bytes));
        for policy in POLICIES {
            let plans = common::plans(policy);
            assert!(!file.read(&plans).batch.lines.is_empty());
            group.bench_function(BenchmarkId::new(name, policy), |bencher| {
                bencher.iter(|| file.read(&plans));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, timeline);
criterion_main!(benches);
