//! Remittances, 835: adjustment and remark codes as data.

mod code_lists;
pub mod codes;
