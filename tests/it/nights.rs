//! Small nights of claims.

use std::fmt::Write as _;

/// A line of a night: member, patient control number with the frequency code and the original
/// reference, date, procedure.
pub type Line<'l> = (&'l str, &'l str, &'l str, &'l str);

/// An interchange of these claims, each of one line, billed on 2027-06-01; a member whose key
/// begins with `P` is of the other plan.
pub fn night(control_number: u32, lines: &[Line<'_>]) -> String {
    let mut set = String::from(
        "ST*837*0001*005010X222A1~BHT*0019*00*R*20270601*0600*CH~HL*1**20*1~\
         NM1*85*2*CLINIC*****XX*1234567893~",
    );
    for (index, (member, claim, date, procedure)) in lines.iter().enumerate() {
        let mut parts = claim.split(' ');
        let number = parts.next().unwrap();
        let frequency = parts.next().unwrap_or("1");
        let original = parts.next().map(|text| format!("REF*F8*{text}~"));
        let _ = write!(
            set,
            "HL*{}*1*22*0~SBR*P*18*******CI~NM1*IL*1*DOE*PAT****MI*{member}~\
             NM1*PR*2*PAYER*****PI*{}~CLM*{number}*100***11:B:{frequency}*Y*A*Y*Y~{}\
             HI*ABK:M7918~LX*1~SV1*HC:{procedure}*100*UN*1***1~DTP*472*D8*{}~REF*6R*{number}L1~",
            index + 2,
            if member.starts_with('P') {
                "CSPASSE"
            } else {
                "62308"
            },
            original.unwrap_or_default(),
            date.replace('-', "")
        );
    }
    let segments = set.matches('~').count() + 1;
    format!(
        "ISA*00*          *00*          *ZZ*S              *ZZ*R              *270601*0600*^*00501*{control_number:09}*0*P*:~\
         GS*HC*S*R*20270601*0600*1*X*005010X222A1~{set}SE*{segments}*0001~GE*1*1~IEA*1*{control_number:09}~"
    )
}
