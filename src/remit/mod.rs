//! Remittances, 835: whether one balances, adjustment and remark codes as data, fee schedules.

pub mod check;
mod code_lists;
pub mod codes;
pub mod fees;
mod fees_load;
