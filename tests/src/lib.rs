//! What the project's end-to-end tests share, the generator of the example logs, and that of the page about
//! the detections.
//!
//! Nothing here is part of the product: no other member of the workspace depends on it.

pub mod detections;
pub mod examples;
