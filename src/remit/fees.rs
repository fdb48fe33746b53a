//! stub
use crate::claim::Cents;
use chrono::NaiveDate;
/// stub
#[derive(Debug, Clone, Default)]
pub struct Fees;
impl Fees {
    /// stub
    #[must_use]
    pub fn allowed(
        &self,
        _p: &str,
        _m: &[String],
        _place: &str,
        _l: &str,
        _d: NaiveDate,
    ) -> Option<Cents> {
        None
    }
}
