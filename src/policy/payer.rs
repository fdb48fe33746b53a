//! Who pays under a plan: what an 835 says of the payer.

use serde::{Deserialize, Serialize};

use super::section::Section;

/// A payer (`[plan.payer]`), as its remittances name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Payer {
    /// 1000A N102.
    pub name: String,
    /// Its federal tax id: nine digits. BPR10 and TRN03 are `1` and these.
    pub tax_id: String,
    /// 1000A N301.
    pub address: String,
    /// 1000A N401.
    pub city: String,
    /// 1000A N402: two letters.
    pub state: String,
    /// 1000A N403: five or nine digits.
    pub zip: String,
    /// Whom to ask about its files (1000A PER*BL): a telephone number of ten digits.
    pub phone: String,
    /// Who receives its remittances: ISA08 and GS03.
    pub receiver_id: String,
    /// CLP06 of claims whose own filing indicator an 835 does not have.
    pub filing_indicator: String,
    /// Where its payments by ACH come from.
    pub bank: Option<Bank>,
}

/// A bank account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bank {
    /// BPR07: the nine digits of an ABA routing number.
    pub routing_number: String,
    /// BPR09.
    pub account_number: String,
}

/// The filing indicators that CLP06 has.
const FILING_INDICATORS: [&str; 19] = [
    "12", "13", "14", "15", "16", "17", "AM", "CH", "DS", "HM", "LM", "MA", "MB", "MC", "OF", "TV",
    "VA", "WC", "ZZ",
];

/// Whether CLP06 may be that.
#[must_use]
pub fn is_filing_indicator(code: &str) -> bool {
    FILING_INDICATORS.contains(&code)
}

/// Reads `[plan.payer]`.
pub(super) fn payer(section: &Section<'_, '_>) -> Option<Payer> {
    let text = |key, most: usize| {
        let (text, offset) = section.required(key, section.string(key))?;
        let is_plain = |text: &str| {
            let length = text.chars().count();
            (1..=most).contains(&length)
                && text.trim() == text
                && text
                    .chars()
                    .all(|letter| matches!(letter, ' '..='}') && !matches!(letter, '*' | ':' | '^'))
        };
        if !is_plain(text) {
            section.fault(
                offset,
                format!("`{key}` must be 1 to {most} characters of ASCII text without * : ^ ~"),
            );
        }
        Some(text.to_owned())
    };
    let digits = |key, lengths: &[usize]| {
        let (text, offset) = section.required(key, section.string(key))?;
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || !lengths.contains(&text.len()) {
            let lengths: Vec<String> = lengths.iter().map(ToString::to_string).collect();
            let message = format!("`{key}` must be {} digits", lengths.join(" or "));
            section.fault(offset, message);
        }
        Some(text.to_owned())
    };
    let name = text("name", 60);
    let tax_id = digits("tax_id", &[9]);
    let (address, city) = (text("address", 55), text("city", 30));
    let state = text("state", 2);
    let zip = digits("zip", &[5, 9]);
    let phone = digits("phone", &[10]);
    let receiver_id = text("receiver_id", 15);
    let filing_indicator = section.string("filing_indicator");
    if let Some((code, offset)) = filing_indicator.filter(|(code, _)| !is_filing_indicator(code)) {
        let known = FILING_INDICATORS.join(", ");
        let message = format!("`{code}` is no filing indicator of an 835; known are {known}");
        section.fault(offset, message);
    }
    let has_bank = section.has("routing_number") || section.has("account_number");
    let bank = has_bank.then(|| (digits("routing_number", &[9]), text("account_number", 35)));
    let bank = match bank {
        Some((routing_number, account_number)) => Some(Bank {
            routing_number: routing_number?,
            account_number: account_number?,
        }),
        None => {
            section.string("routing_number");
            section.string("account_number");
            None
        }
    };
    section.finish();
    Some(Payer {
        name: name?,
        tax_id: tax_id?,
        address: address?,
        city: city?,
        state: state?,
        zip: zip?,
        phone: phone?,
        receiver_id: receiver_id?,
        filing_indicator: filing_indicator.map_or("ZZ", |(code, _)| code).to_owned(),
        bank,
    })
}
