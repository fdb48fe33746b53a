//! What the benches share: made-up claims, the embedded policies, reading.

#![allow(dead_code, reason = "each bench uses a part of it")]

use std::env;
use std::path::Path;

use claimstream::generate::{Generator, Options};
use claimstream::guide;
use claimstream::intake::{Beside, Intake, Observer, ReadOptions, Units, list_inputs, read_with};
use claimstream::output::Format;
use claimstream::payment::Noting;
use claimstream::policy::{Members, Plans, find_policy};
use claimstream::validate::Checks;
use claimstream::x12::Issue;
use tempfile::NamedTempFile;

/// The embedded policies.
pub const POLICIES: [&str; 2] = ["cigna-0139", "caresource-ar-passe-mm-1503"];

/// What determinations are written as.
pub const FORMATS: &[(&str, Format)] = &[
    ("json_lines", Format::JsonLines),
    ("csv", Format::Csv),
    #[cfg(feature = "parquet")]
    ("parquet", Format::Parquet),
];

/// How many claims there are where nothing is measured (`cargo bench -- --test`).
const CLAIMS_OF_A_TEST: u64 = 500;

/// So many claims, or some hundreds where nothing is measured.
pub fn claims(count: u64) -> u64 {
    let is_test = env::args().any(|argument| argument == "--test");
    if is_test { CLAIMS_OF_A_TEST } else { count }
}

/// How many times as much is measured: `CLAIMSTREAM_BENCH_SCALE`, 1 where it is not set.
pub fn scale() -> u64 {
    let scale = env::var("CLAIMSTREAM_BENCH_SCALE");
    scale.map_or(1, |scale| scale.parse().unwrap())
}

/// One plan that takes every claim under an embedded policy.
pub fn plans(policy: &str) -> Plans {
    Plans::single(find_policy(policy, Path::new("")).unwrap())
}

/// Made-up claims, in memory.
pub fn generate(options: Options) -> Vec<u8> {
    let mut bytes = Vec::new();
    Generator::new(options)
        .unwrap()
        .write_to(&mut bytes)
        .unwrap();
    bytes
}

/// Made-up claims in a file of their own, which is in the page cache and goes when dropped.
pub struct ClaimsFile {
    file: NamedTempFile,
    pub bytes: u64,
}

impl ClaimsFile {
    pub fn generate(options: Options) -> Self {
        let mut file = NamedTempFile::new().unwrap();
        let answers = Generator::new(options)
            .unwrap()
            .write_to(file.as_file_mut())
            .unwrap();
        Self {
            file,
            bytes: answers.bytes,
        }
    }

    /// Reads it as `claimstream adjudicate` does, with as many threads as there are processors.
    pub fn read(&self, plans: &Plans) -> Intake {
        self.read_with(plans, None, None)
    }

    /// The same, where somebody takes notes of claims.
    pub fn read_noting(&self, plans: &Plans, noting: &mut Noting) -> Intake {
        let checks = Checks::new(guide::professional().unwrap(), 0, &[]).unwrap();
        self.read_with(plans, Some(&checks.keeping_bytes()), Some(noting))
    }

    fn read_with(
        &self,
        plans: &Plans,
        checks: Option<&Checks>,
        units: Option<&mut Noting>,
    ) -> Intake {
        let inputs = list_inputs(&[self.file.path().to_owned()]).unwrap();
        let options = ReadOptions {
            plans,
            members: &Members::default(),
            all_lines: false,
            lenient_envelope: false,
            strict: false,
            checks,
        };
        let beside = Beside {
            recall: None,
            overflow: None,
            units: units.map(|units| units as &mut dyn Units),
        };
        read_with(&inputs.list, options, beside, &mut Deaf).unwrap()
    }
}

/// Hears nothing, and expects no faults.
struct Deaf;

impl Observer for Deaf {
    fn issue(&mut self, issue: Issue) {
        unreachable!("the input has no faults: {issue}");
    }

    fn progress(&mut self, _bytes: u64, _claims: u64) {}
}
