//! The texts that people and programs read, each case a session in `tests/cases`.
//!
//! `TRYCMD=overwrite cargo test -p trailhound-cli` brings the cases up to date; look at what changed.

use trycmd::TestCases;

#[test]
fn sessions_read_as_they_should() {
    TestCases::new()
        .register_bin("trailhound", std::path::Path::new(env!("CARGO_BIN_EXE_trailhound")))
        .env("NO_COLOR", "1")
        .case("tests/cases/*.trycmd")
        .case("tests/cases/*.toml");
}
