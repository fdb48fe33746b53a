//! How fast bytes become claims, on one thread, beside what merely looks for a byte.
//!
//! `cargo bench --bench parse` measures; `cargo bench -- --test` only runs everything once.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

mod common;

use claimstream::generate::Options;
use claimstream::p837::{Interest, Reader};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Some 75 MB.
const CLAIMS: u64 = 100_000;

/// How many bytes the reader is given at once, as many as `intake` gives it.
const PUSH_BYTES: usize = 1 << 16;

/// The claims that matter under a policy: those with a procedure that it governs.
fn interest_of(policy: &str) -> Interest {
    let plans = common::plans(policy);
    let policies = plans.plans.iter().map(|plan| &plan.policy);
    let roles = policies.flat_map(|policy| &policy.codes.roles);
    let codes = roles.flat_map(|(_, codes)| codes);
    Interest::in_procedures(codes.map(|code| code.code.as_bytes()))
}

/// Reads every event and keeps none. How many events there were, and claims and lines of
/// interest.
fn read_all(bytes: &[u8], interest: &Interest) -> [usize; 3] {
    let mut reader = Reader::new(interest);
    let mut seen = [0; 3];
    let mut look = |reader: &mut Reader<'_>| {
        let events = reader.events();
        seen[0] += events.list.len();
        seen[1] += events.claims.len();
        seen[2] += events.lines.len();
        reader.clear();
    };
    for bytes in bytes.chunks(PUSH_BYTES) {
        reader.push(bytes);
        look(&mut reader);
    }
    reader.finish();
    look(&mut reader);
    seen
}

fn parse(criterion: &mut Criterion) {
    let claims = common::claims(CLAIMS);
    let bytes = common::generate(Options {
        claims,
        ..Options::default()
    });
    let everything = Interest::in_everything();
    assert_eq!(read_all(&bytes, &everything)[1] as u64, claims);

    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.sample_size(20);
    group.bench_function("every_claim", |bencher| {
        bencher.iter(|| read_all(&bytes, &everything));
    });
    for policy in common::POLICIES {
        let interest = interest_of(policy);
        assert_ne!(read_all(&bytes, &interest)[1], 0);
        group.bench_function(BenchmarkId::new("claims_of", policy), |bencher| {
            bencher.iter(|| read_all(&bytes, &interest));
        });
    }
    group.bench_function("sum_positions_of_terminators", |bencher| {
        bencher.iter(|| memchr::memchr_iter(b'~', &bytes).sum::<usize>());
    });
    group.bench_function("count_line_feeds", |bencher| {
        bencher.iter(|| memchr::memchr_iter(b'\n', &bytes).count());
    });
    group.finish();
}

criterion_group!(benches, parse);
criterion_main!(benches);
