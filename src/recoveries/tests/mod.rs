//! What is proposed, night by night, and what is not.

mod cases;
mod properties;
mod script;
