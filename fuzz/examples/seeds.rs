//! Writes the seeds of every target below `corpus/`: `cargo run --example seeds`, before the first run.

use std::{fs, io, path::Path};

use trailhound_fuzz::seeds;

fn main() -> io::Result<()> {
    let seeds = seeds::all();
    for (target, inputs) in [("parse", seeds.parse), ("evaluate", seeds.evaluate), ("agreement", seeds.agreement)] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        for (number, input) in inputs.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:04}")), input)?;
        }
        println!("{target}: {} seeds", inputs.len());
    }
    Ok(())
}
