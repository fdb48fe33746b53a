//! Code lists. Codes alone: what they mean stands in the code sets of their owners.

/// A procedure and what it costs usually, in whole cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Procedure {
    pub(super) code: &'static [u8; 5],
    pub(super) cents: u32,
}

const fn procedure(code: &'static [u8; 5], cents: u32) -> Procedure {
    Procedure { code, cents }
}

/// The two injections.
pub(super) const INJECTIONS: [Procedure; 2] =
    [procedure(b"20552", 15_000), procedure(b"20553", 18_000)];

/// Guidance, as both policies know it.
pub(super) const GUIDANCE: Procedure = procedure(b"76942", 21_000);

/// A procedure that guidance can be for, beside an injection.
pub(super) const GUIDED: Procedure = procedure(b"64405", 24_000);

/// Dry needling.
pub(super) const DRY_NEEDLING: [Procedure; 2] =
    [procedure(b"20560", 4500), procedure(b"20561", 6500)];

/// A visit that takes no doctor.
pub(super) const NURSE_VISIT: Procedure = procedure(b"99211", 3000);

/// Office visits, the usual ones several times.
pub(super) const OFFICE_VISITS: [Procedure; 12] = [
    procedure(b"99213", 11_000),
    procedure(b"99214", 16_000),
    procedure(b"99213", 11_000),
    procedure(b"99214", 16_000),
    procedure(b"99213", 11_000),
    procedure(b"99214", 16_000),
    procedure(b"99212", 7000),
    procedure(b"99203", 14_500),
    procedure(b"99204", 21_500),
    procedure(b"99215", 22_500),
    NURSE_VISIT,
    procedure(b"99202", 9500),
];

/// Anything else; a prime number of them, so that steps of any width meet each once.
pub(super) const OTHERS: [Procedure; 31] = [
    procedure(b"36415", 1200),
    procedure(b"80053", 3500),
    procedure(b"85025", 2500),
    procedure(b"83036", 3200),
    procedure(b"81003", 1000),
    procedure(b"87880", 3000),
    procedure(b"93000", 4500),
    procedure(b"71046", 7500),
    procedure(b"73030", 7000),
    procedure(b"72100", 8500),
    procedure(b"97110", 6000),
    procedure(b"97140", 5500),
    procedure(b"97112", 6200),
    procedure(b"97530", 6800),
    procedure(b"97035", 3000),
    procedure(b"96372", 4000),
    procedure(b"90471", 3500),
    procedure(b"90686", 3000),
    procedure(b"80061", 4200),
    procedure(b"84443", 4800),
    procedure(b"82947", 1500),
    procedure(b"87426", 5500),
    procedure(b"94760", 900),
    procedure(b"94640", 4000),
    procedure(b"20610", 17_500),
    procedure(b"17110", 16_500),
    procedure(b"11102", 19_000),
    procedure(b"69210", 9000),
    procedure(b"J1885", 1500),
    procedure(b"J3301", 2200),
    procedure(b"G0008", 3500),
];

/// Diagnoses that both policies list.
pub(super) const LISTED: [&[u8]; 8] = [
    b"M7918", b"M542", b"M5450", b"M546", b"M62830", b"M5489", b"M7912", b"M533",
];

/// Diagnoses that neither policy lists, on claims with an injection.
pub(super) const UNLISTED: [&[u8]; 4] = [b"G43909", b"M25511", b"M7501", b"M797"];

/// Diagnoses of other claims.
pub(super) const USUAL: [&[u8]; 23] = [
    b"I10", b"E119", b"E785", b"J069", b"Z0000", b"R0789", b"K219", b"F411", b"N390", b"J0190",
    b"M25511", b"M1711", b"R519", b"L309", b"H6691", b"J209", b"E039", b"G4700", b"R109", b"Z23",
    b"J45909", b"M7918", b"M5450",
];

/// What a practice is called, after its place.
pub(super) const PRACTICES: [&[u8]; 8] = [
    b"PAIN CLINIC",
    b"FAMILY MEDICINE",
    b"PHYSICAL MEDICINE",
    b"SPINE CENTER",
    b"INTERNAL MEDICINE",
    b"ORTHOPEDICS",
    b"HEALTH GROUP",
    b"MEDICAL ASSOCIATES",
];

/// Taxonomy codes of the practices, in their order.
pub(super) const TAXONOMIES: [&[u8; 10]; 8] = [
    b"208VP0014X",
    b"207Q00000X",
    b"208100000X",
    b"208VP0000X",
    b"207R00000X",
    b"207X00000X",
    b"208D00000X",
    b"207Q00000X",
];
