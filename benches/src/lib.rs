//! Nothing of its own: `benches/compare` and `cargo bench -p trailhound-benches` are what is here.
