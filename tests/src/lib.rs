//! What the project's end-to-end tests share, and the generator of the example logs.
//!
//! Nothing here is part of the product: no other member of the workspace depends on it.

pub mod examples;
