//! Remittances, 835: adjustment and remark codes as data, fee schedules.

mod code_lists;
pub mod codes;
pub mod fees;
mod fees_load;
