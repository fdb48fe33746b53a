//! How fast claims are read, judged and written.
//!
//! `cargo bench` measures; `cargo bench -- --test` only runs everything once.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

use std::fmt::Write as _;
use std::io;
use std::io::Write as _;

use claimstream::adjudicate::adjudicate;
use claimstream::intake::{Intake, Observer, ReadOptions, list_inputs, read};
use claimstream::output::{Format, Run, write_determinations};
use claimstream::policy::{FactsTable, Members, Plans};
use claimstream::x12::Issue;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tempfile::NamedTempFile;

/// Claims in the file that is read.
const CLAIMS: u32 = 20_000;

struct Deaf;

impl Observer for Deaf {
    fn issue(&mut self, issue: Issue) {
        unreachable!("the input has no faults: {issue}");
    }

    fn progress(&mut self, _bytes: u64, _claims: u64) {}
}

/// One transaction set of made-up claims: three lines each, one line in thirty an injection.
fn claims_file() -> NamedTempFile {
    let mut set = String::from(
        "ST*837*0001*005010X222A1~\nBHT*0019*00*R1*20270101*0600*CH~\nHL*1**20*1~\n\
         NM1*85*2*CLINIC*****XX*1234567893~\nN3*1 MAIN ST~\nN4*LITTLE ROCK*AR*722010000~\n\
         REF*EI*123456789~\n",
    );
    for claim in 0..CLAIMS {
        let member = claim.wrapping_mul(2_654_435_761) % (CLAIMS / 2);
        let level = claim + 2;
        write!(
            set,
            "HL*{level}*1*22*0~\nSBR*P*18*******CI~\nNM1*IL*1*DOE*PAT****MI*W{member:08}~\n\
             N3*2 ELM ST~\nN4*LITTLE ROCK*AR*722010000~\nDMG*D8*19800101*F~\n\
             NM1*PR*2*PAYER*****PI*62308~\nCLM*P{claim}*360***11:B:1*Y*A*Y*Y~\n\
             REF*D9*1234567890~\nHI*ABK:M7918*ABF:M542~\nNM1*82*1*ROE*RAY****XX*1497758544~\n\
             PRV*PE*PXC*208100000X~\n"
        )
        .unwrap();
        for line in 1..=3 {
            let is_injection = (claim * 3 + line).is_multiple_of(30);
            let code = if is_injection { "20552" } else { "99213" };
            let (month, day) = (claim % 12 + 1, claim % 28 + 1);
            write!(
                set,
                "LX*{line}~\nSV1*HC:{code}*120*UN*1***1:2~\nDTP*472*D8*2026{month:02}{day:02}~\n\
                 REF*6R*P{claim}L{line}~\n"
            )
            .unwrap();
        }
    }
    let segments = set.matches('~').count() + 1;
    let mut file = NamedTempFile::new().unwrap();
    write!(
        file,
        "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*CLAIMSTREAM    \
         *270101*0600*^*00501*000000001*0*P*:~\n\
         GS*HC*CLINIC*CLAIMSTREAM*20270101*0600*1*X*005010X222A1~\n\
         {set}SE*{segments}*0001~\nGE*1*1~\nIEA*1*000000001~\n"
    )
    .unwrap();
    file
}

fn read_file(file: &NamedTempFile, plans: &Plans) -> Intake {
    let inputs = list_inputs(&[file.path().to_owned()]).unwrap();
    let options = ReadOptions {
        plans,
        members: &Members::default(),
        all_lines: false,
        lenient_envelope: false,
    };
    read(&inputs.list, options, &mut Deaf).unwrap()
}

fn engine(criterion: &mut Criterion) {
    let file = claims_file();
    let bytes = file.as_file().metadata().unwrap().len();
    let plans = Plans::embedded().unwrap();
    let facts = FactsTable::default();
    let batch = read_file(&file, &plans).batch;
    let lines = batch.lines.len() as u64;
    assert!(lines > 0);

    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::Bytes(bytes));
    group.bench_function("one_transaction_set", |bencher| {
        bencher.iter(|| read_file(&file, &plans));
    });
    group.finish();

    let mut group = criterion.benchmark_group("judge");
    group.throughput(Throughput::Elements(lines));
    group.bench_function("members", |bencher| {
        bencher.iter(|| adjudicate(&batch, &plans, &facts));
    });
    group.finish();

    let adjudication = adjudicate(&batch, &plans, &facts);
    let run = Run {
        batch: &batch,
        plans: &plans,
        adjudication: &adjudication,
        reversals: &[],
    };
    let mut group = criterion.benchmark_group("write");
    group.throughput(Throughput::Elements(lines));
    for (name, format) in [("json_lines", Format::JsonLines), ("csv", Format::Csv)] {
        group.bench_function(name, |bencher| {
            let all = || 0..batch.claims.len();
            let write = || write_determinations(run, all(), format, false, &mut io::sink());
            bencher.iter(|| write().unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, engine);
criterion_main!(benches);
