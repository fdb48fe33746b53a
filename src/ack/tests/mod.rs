//! Events in, files out.

mod counts;
mod exact;
mod pyx12;
mod readback;
mod script;
