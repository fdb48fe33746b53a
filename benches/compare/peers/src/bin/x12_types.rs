//! Parses a file with the crate `x12-types` and prints how many claims it found.

use std::{env, error::Error, fs};

use x12_types::util::Parser;
use x12_types::v005010::{_837, Transmission};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("name a file")?;
    let text = fs::read_to_string(path)?;
    // The error is the rest of the file: too much to print.
    let parsed = Transmission::<_837>::parse(&text);
    let (rest, transmission) = parsed.map_err(|_| "the file cannot be parsed")?;
    if !rest.trim_ascii().is_empty() {
        return Err("a part of the file was not parsed".into());
    }
    let groups = transmission.functional_group.iter();
    let sets = groups.flat_map(|group| &group.segments);
    let levels = sets.flat_map(|set| &set.loop_2000);
    let claims: usize = levels.map(|level| level.loop_2300.len()).sum();
    println!("{claims} claims");
    Ok(())
}
