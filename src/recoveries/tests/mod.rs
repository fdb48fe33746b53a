//! What is proposed, night by night, and what is not.

mod cases;
mod in_sql;
mod properties;
mod script;
