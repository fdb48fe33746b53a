//! The engine as its users meet it: whole inputs, the binary, the fixtures.

mod cli;
mod corpus;
mod defects;
mod layers;
mod overnight;
mod properties;
mod reading;
