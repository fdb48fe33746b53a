//! Parses a file with the crate `edi` and prints how many segments and claims it found.

use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("name a file")?;
    let text = fs::read_to_string(path)?;
    let document = edi::parse(&text).map_err(|error| format!("{error:?}"))?;
    let groups = document
        .interchanges
        .iter()
        .flat_map(|each| &each.functional_groups);
    let sets = groups.flat_map(|group| &group.transactions);
    let (mut segments, mut claims) = (0, 0);
    for segment in sets.flat_map(|set| &set.segments) {
        segments += 1;
        claims += usize::from(segment.segment_abbreviation == "CLM");
    }
    println!("{segments} segments, {claims} claims");
    Ok(())
}
