//! Each kind of proposal, and each way in which one could be wrong.

use super::script::{Nights, play};
use crate::policy::{Plans, find_policy};

/// A plan under a policy, with lines of a plans file.
fn plans(policy: &str, more: &str) -> Plans {
    let text =
        format!("[[plan]]\nid = \"plan\"\npayer_ids = [\"62308\"]\npolicy = \"{policy}\"\n{more}");
    let mut resolve = |name: &str| find_policy(name, env!("CARGO_MANIFEST_DIR").as_ref());
    Plans::from_toml("plans.toml", &text, &mut resolve).unwrap()
}

#[test]
fn a_late_injection_makes_guidance_and_visit_of_its_provider_not_payable() {
    play(
        "
        night
        G 2027-01-18 76942 pay
        V 2026-05-18 99213 pay member=P1
        night
        A 2027-01-18 20552 pay
        B 2026-05-18 20552 pay member=P1
        => recovery V.1 would be deny -100.00 by B
        => recovery G.1 would be deny -100.00 by A other-guided-unknown
        ",
    );
}

#[test]
fn the_visits_of_others_and_separate_ones_stay_paid() {
    play(
        "
        night
        O 2026-05-18 99213 pay member=P1 billing=2
        S 2026-05-18 99213-25 pay member=P1
        D 2026-05-19 99213 pay member=P1
        M 2026-05-18 99213 pay member=P2
        night
        B 2026-05-18 20552 pay member=P1
        ",
    );
}

#[test]
fn guidance_of_another_provider_would_wait_for_a_person() {
    play(
        "
        night
        G 2027-01-18 76942 pay billing=2
        R 2026-05-18 76881 pay member=P1
        night
        A 2027-01-18 20552 pay
        B 2026-05-18 20552 pay member=P1
        => review R.1 would be pend -100.00 by B
        => review G.1 would be pend -100.00 by A
        ",
    );
}

#[test]
fn an_injection_that_is_not_paid_takes_guidance_with_it_and_no_visit() {
    play(
        "
        night
        G 2026-05-18 76942 pay member=P1
        V 2026-05-18 99213 pay member=P1
        night
        A 2026-05-18 20552 deny member=P1 units=0
        => recovery G.1 would be deny -100.00 by A other-guided-unknown
        ",
    );
}

#[test]
fn an_injection_of_no_readable_member_or_billed_too_early_stands_nowhere() {
    play(
        "
        night
        G 2027-06-18 76942 deny
        H 2027-05-18 76942 pay
        night
        A 2027-06-18 20552 deny
        ",
    );
}

#[test]
fn guidance_beside_another_guided_procedure_is_known_where_all_lines_are_kept() {
    Nights::new().with_all_lines().play(
        "
        night
        G 2026-05-18 76942 pay member=P1
        G 2026-05-18 64405 pass member=P1
        H 2026-05-19 76942 pay member=P1
        H 2026-05-20 64405 pass member=P1
        night
        A 2026-05-18 20552 pay member=P1
        B 2026-05-19 20552 pay member=P1
        => review G.1 would be pend -100.00 by A
        => recovery H.1 would be deny -100.00 by B
        ",
    );
}

#[test]
fn a_void_frees_what_hung_on_its_claim() {
    play(
        "
        night
        A 2026-05-18 20552 pay member=P1
        G 2026-05-18 76942 deny member=P1
        V 2026-05-18 99213 deny member=P1
        R 2026-05-18 76881 pend member=P1
        E 2026-05-18 20552 deny member=P1
        night
        B 2026-05-18 20553 deny member=P1 billing=2
        night
        A 2026-05-18 20552 pass member=P1 freq=8
        => freed V.1 would be pay 100.00 by A
        => freed B.1 would be pay 100.00 by A documentation-not-asked
        ",
    );
}

#[test]
fn what_is_added_on_the_same_night_is_behind_what_it_stops_and_nothing_else() {
    play(
        "
        night
        A 2026-05-18 20552 pay member=P1
        V 2026-05-18 99213 deny member=P1
        U 2026-05-18 99214 pay member=P1 billing=2
        night
        A 2026-05-18 20552 pass member=P1 freq=8
        B 2026-05-18 20552 pay member=P1 billing=2
        => freed V.1 would be pay 100.00 by A
        => recovery U.1 would be deny -100.00 by B
        ",
    );
}

/// While other lines of the service stand on the date, guidance is not freed; the visit hangs on
/// paid ones alone.
#[test]
fn guidance_is_freed_when_nothing_stands_on_its_date_any_more() {
    play(
        "
        night
        A 2026-05-18 20552 pay member=P1
        G 2026-05-18 76942 deny member=P1 charge=90
        R 2026-05-18 76881 pend member=P1 charge=80
        night
        A 2026-05-18 20552 pass member=P1 freq=8
        => freed G.1 would be pay 90.00 by A
        => freed R.1 would be pay 80.00 by A
        ",
    );
}

#[test]
fn a_denial_that_still_has_a_reason_stays() {
    play(
        "
        night
        A 2027-01-04 20552 pay
        C 2027-01-14 20552 pay
        B 2027-01-09 20552 deny
        S 2027-01-18 76942 pay
        D 2027-01-18 76942 pend charge=90
        T 2027-01-25 20552 pay
        U 2027-01-25 76942 deny billing=1
        night
        A 2027-01-04 20552 pass freq=8
        night
        C 2027-01-14 20552 pass freq=8
        => freed B.1 would be pay 100.00 by C
        ",
    );
}

/// It was denied for two reasons, one of which pends: what is left is for a person.
#[test]
fn a_denial_of_which_a_pend_is_left_would_wait() {
    play(
        "
        night
        G 2026-05-18 76942 pay member=P1
        night
        A 2026-05-18 20552 pay member=P1
        H 2026-05-18 76942 deny member=P1 charge=90
        => recovery G.1 would be deny -100.00 by A other-guided-unknown
        night
        A 2026-05-18 20552 pass member=P1 freq=8
        => review H.1 would be pend 0.00 by A
        ",
    );
}

#[test]
fn a_rule_of_the_line_alone_keeps_it() {
    play(
        "
        night
        A 2027-01-04 20552 pay
        B 2027-01-04 20552 deny units=0
        night
        A 2027-01-04 20552 pass freq=8
        ",
    );
}

#[test]
fn documentation_that_was_missing_is_not_asked_for_again() {
    let more = "missing_documentation = \"pend\"\n[[plan.override]]\nrule = \"min-interval\"\nset = { diagnostic_days = 7 }\ncitation = \"Plan document\"\n";
    Nights::under(plans("cigna-0139", more)).play(
        "
        import 2027-01-04 20552 pcn=A
        night
        B 2027-01-09 20552 deny
        night
        A 2027-01-04 20552 pass freq=8
        ",
    );
}

/// As a therapeutic session it was not asked what a diagnostic one is.
#[test]
fn of_a_session_of_another_phase_other_documentation_is_asked() {
    play(
        "
        night
        A 2027-01-04 20552 pay
        B 2027-01-11 20552 pay
        C 2027-01-18 20552 pay
        D 2027-01-25 20552 pay
        E 2027-02-01 20552 pay
        F 2027-03-01 20552 deny
        night
        A 2027-01-04 20552 pass freq=8
        B 2027-01-11 20552 pass freq=8
        => freed F.1 would be pay 100.00 by A B documentation-not-asked
        ",
    );
}

#[test]
fn a_visit_of_another_kind_is_not_behind_a_recovery() {
    play(
        "
        night
        V 2026-05-18 99213 pay member=P1
        night
        B 2026-05-18 20552 pay member=P1
        S 2026-05-18 99213-25 pay member=P1
        O 2026-05-18 99213 pay member=P1 billing=2
        => recovery V.1 would be deny -100.00 by B
        ",
    );
}

#[test]
fn a_later_session_stands_in_the_way_of_a_denial() {
    play(
        "
        night
        A 2027-01-04 20552 pay
        B 2027-01-08 20552 deny
        night
        C 2027-01-11 20552 pay
        night
        A 2027-01-04 20552 pass freq=8
        night
        C 2027-01-11 20552 pass freq=8
        => freed B.1 would be pay 100.00 by C
        ",
    );
}

#[test]
fn of_two_denials_that_exclude_each_other_one_is_freed() {
    play(
        "
        night
        A 2027-01-04 20552 pay
        B 2027-01-08 20552 deny
        C 2027-01-09 20552 deny
        D 2027-01-08 20553 deny units=3 charge=100.01
        night
        A 2027-01-04 20552 pass freq=8
        => freed D.1 would be reduce 33.34 by A
        ",
    );
}

/// What was proposed once is not proposed again, whatever else happens to the member.
#[test]
fn a_proposal_that_nobody_follows_does_not_come_again() {
    play(
        "
        night
        G 2027-01-18 76942 pay
        A 2027-02-01 20552 pay
        B 2027-02-05 20552 deny
        night
        C 2027-01-18 20552 pay
        A 2027-02-01 20552 pass freq=8
        => recovery G.1 would be deny -100.00 by C other-guided-unknown
        => freed B.1 would be pay 100.00 by A
        night
        D 2027-03-01 20552 pay
        E 2027-01-18 20553 deny
        F 2027-02-05 76942 deny
        night
        C 2027-01-18 20552 pass freq=8
        => freed E.1 would be pay 100.00 by C documentation-not-asked
        ",
    );
}

/// The second injection stands on, so that the visit is proposed once.
#[test]
fn of_two_injections_the_second_brings_nothing_new() {
    play(
        "
        night
        V 2026-05-18 99213 pay member=P1
        night
        A 2026-05-18 20552 pay member=P1
        => recovery V.1 would be deny -100.00 by A
        night
        B 2026-05-18 20553 deny member=P1
        night
        A 2026-05-18 20552 pass member=P1 freq=8
        => freed B.1 would be pay 100.00 by A documentation-not-asked
        ",
    );
}

#[test]
fn a_late_session_turns_a_later_one_therapeutic() {
    play(
        "
        night
        A 2027-01-04 20552 pay
        B 2027-01-11 20552 pay
        C 2027-01-18 20552 pay
        D 2027-01-25 20552 pay
        night
        E 2027-02-15 20552 pay units=1 charge=120
        night
        L 2026-12-28 20552 pay
        => session-order E.1 would be deny -120.00 by L
        night
        M 2027-05-03 20552 pay
        ",
    );
}

/// Two months after 2026-12-31 is the last day of February: the later session stands on it.
#[test]
fn the_end_of_a_short_month_is_far_enough() {
    for (date, proposal) in [
        ("2027-02-28", ""),
        (
            "2027-02-27",
            "=> session-order E.1 would be deny -100.00 by L",
        ),
    ] {
        play(&format!(
            "
            night
            A 2026-12-10 20552 pay
            B 2026-12-17 20552 pay
            C 2026-12-24 20552 pay
            D 2026-12-31 20552 pay
            E {date} 20552 pay
            night
            L 2026-12-03 20552 pay
            {proposal}
            ",
        ));
    }
}

#[test]
fn the_ninth_of_a_year_is_freed_by_a_void_of_its_own_year() {
    let year = |pays: &str| {
        format!(
            "
            night
            A1 2026-12-30 20552 pay member=P1
            B1 2027-01-01 20552 pay member=P1
            B2 2027-01-02 20552 pay member=P1
            B3 2027-01-03 20552 pay member=P1
            B4 2027-01-04 20552 pay member=P1
            B5 2027-01-05 20552 pay member=P1
            B6 2027-01-06 20552 pay member=P1
            B7 2027-01-07 20552 pay member=P1
            B8 2027-01-08 20552 pay member=P1
            N1 2027-05-31 20552 deny member=P1
            N2 2027-05-30 20552 deny member=P1
            night
            {pays}
            "
        )
    };
    play(&year("A1 2026-12-30 20552 pass member=P1 freq=8"));
    play(&year(
        "B1 2027-01-01 20552 pass member=P1 freq=8
         => freed N2.1 would be pay 100.00 by B1",
    ));
}

#[test]
fn a_replacement_that_is_paid_in_its_place_frees_nothing() {
    play(
        "
        night
        A 2027-01-04 20552 pay
        B 2027-01-08 20552 deny
        G 2027-01-04 76942 deny
        E 2027-01-04 20552 deny
        night
        A 2027-01-04 20552 pay freq=7 charge=90
        night
        A 2027-01-20 20552 pay freq=7
        => freed E.1 would be pay 100.00 by A documentation-not-asked
        ",
    );
}

/// It stands where it stood: a higher code of its date does not take its place.
#[test]
fn a_late_line_of_a_higher_code_does_not_move_the_session() {
    play(
        "
        night
        A 2026-05-18 20552 pay member=P1
        V 2026-05-18 99213 deny member=P1
        night
        B 2026-05-18 20553 deny member=P1 billing=2
        C 2026-05-18 20553 deny member=P1
        ",
    );
}

#[test]
fn two_equal_lines_of_a_claim_are_no_duplicates_of_each_other() {
    play(
        "
        night
        A 2026-05-18 99213 pay member=P1
        A 2026-05-18 99213 pay member=P1
        B 2026-05-19 20552 pay member=P1
        B 2026-05-19 20552 deny member=P1
        night
        C 2026-05-25 20552 pay member=P1
        ",
    );
}

#[test]
fn a_duplicate_is_freed_with_the_line_that_it_repeats() {
    play(
        "
        night
        A 2026-05-18 99213 pay member=P1
        night
        B 2026-05-18 99213 deny member=P1
        C 2026-05-18 99213 pend member=P1 charge=80
        night
        A 2026-05-18 99213 pass member=P1 freq=8
        => freed B.1 would be pay 100.00 by A
        ",
    );
}

#[test]
fn what_repeats_a_paid_line_does_so_while_that_stands() {
    play(
        "
        night
        R 2026-05-18 76881 pay member=P1
        night
        D 2026-05-18 76881 deny member=P1
        night
        A 2026-05-18 20552 pay member=P1
        => review R.1 would be pend -100.00 by A
        night
        R 2026-05-18 76881 pass member=P1 freq=8
        => review D.1 would be pend 0.00 by R
        ",
    );
}

#[test]
fn what_a_reviewer_decided_is_proposed_with_that_said() {
    play(
        "
        night
        X 2026-05-18 99213 pay member=P1
        V 2026-05-18 99213 pend member=P1 charge=90
        Y 2026-05-19 99213 pay member=P1
        U 2026-05-19 99213 pend member=P1 charge=90
        A 2026-05-25 20552 pend member=P1 dx=I10
        W 2026-05-25 99213 pend member=P1
        review V.1 pay
        review U.1 deny
        review W.1 deny
        night
        B 2026-05-18 20552 pay member=P1
        Y 2026-05-19 99213 pass member=P1 freq=8
        A 2026-05-25 20552 pass member=P1 freq=8
        => recovery X.1 would be deny -100.00 by B
        => recovery V.1 would be deny -90.00 by B reviewed
        => freed U.1 would be pay 90.00 by Y reviewed
        => freed W.1 would be pay 100.00 by A reviewed
        ",
    );
}

#[test]
fn a_void_before_its_original_takes_nothing_back_and_proposes_nothing() {
    play(
        "
        night
        B 2027-01-04 20552 pay
        C 2027-01-08 20552 deny
        night
        B2 2027-01-04 20552 pass freq=8
        night
        B2 2027-01-18 20552 pay
        ",
    );
}

#[test]
fn an_imported_session_counts_and_is_never_proposed() {
    play(
        "
        import 2027-02-15 20552 pcn=X
        night
        A 2027-02-18 20552 deny
        G 2027-02-15 76942 deny
        night
        X 2027-02-15 20552 pass freq=8
        => freed G.1 would be pay 100.00 by X
        => freed A.1 would be pay 100.00 by X
        ",
    );
}

#[test]
fn an_encounter_says_so() {
    play(
        "
        night
        G 2027-01-18 76942 pay type=RP
        night
        A 2027-01-18 20552 pay
        => recovery G.1 would be deny -100.00 by A encounter other-guided-unknown
        ",
    );
}

#[test]
fn an_add_on_follows_its_code() {
    Nights::under(plans("fixtures/acupuncture.toml", "")).play(
        "
        night
        A 2027-01-04 97810 pay dx=M542
        B 2027-01-04 97811 pay dx=M542 charge=40
        C 2027-01-12 97811 deny dx=M542
        E 2027-01-12 97811 deny dx=M542 billing=2
        night
        D 2027-01-12 97810 pay dx=M542
        A 2027-01-04 97810 pass dx=M542 freq=8
        => recovery B.1 would be deny -40.00 by A
        => freed C.1 would be pay 100.00 by D
        ",
    );
}

#[test]
fn a_member_whose_key_changed_has_one_timeline() {
    Nights::new().with_members("old_key,new_key\nW1,W9\n").play(
        "
        night
        G 2027-01-18 76942 pay member=W1
        A 2027-02-01 20552 pay member=W9
        B 2027-02-03 20552 deny member=W1
        night
        C 2027-01-18 20552 pay member=W9
        A 2027-02-01 20552 pass member=W9 freq=8
        => recovery G.1 would be deny -100.00 by C other-guided-unknown
        => freed B.1 would be pay 100.00 by A
        ",
    );
}
