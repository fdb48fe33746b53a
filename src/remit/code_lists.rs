//! Reading the tables of codes; [`super::codes`] describes their notation.

use chrono::NaiveDate;

use super::codes::{Carc, CodeList, Group, GroupBasis, InUse, Rarc};

/// A bit for every group.
const EVERY_GROUP: u8 = 0b1111;

/// The reasons of a table.
pub(super) fn reasons(text: &'static str) -> CodeList<Carc> {
    read(
        text,
        |carc: &Carc| carc.code,
        |words, carcs| match words {
            ["code", from, until, codes @ ..] => {
                let in_use = in_use(from, until)?;
                carcs.extend(codes.iter().map(|&code| Carc {
                    code,
                    in_use,
                    groups: EVERY_GROUP,
                    group_basis: None,
                    needs_remark: false,
                }));
                Some(())
            }
            ["groups", basis, groups, codes @ ..] => {
                let basis = match *basis {
                    "list" => GroupBasis::List,
                    "ours" => GroupBasis::Ours,
                    _ => return None,
                };
                let groups = group_bits(groups)?;
                codes.iter().try_for_each(|code| {
                    let carc = carcs.iter_mut().find(|carc| carc.code == *code)?;
                    (carc.groups, carc.group_basis) = (groups, Some(basis));
                    Some(())
                })
            }
            ["remark", codes @ ..] => codes.iter().try_for_each(|code| {
                let carc = carcs.iter_mut().find(|carc| carc.code == *code)?;
                carc.needs_remark = true;
                Some(())
            }),
            _ => None,
        },
    )
}

/// The remarks of a table.
pub(super) fn remarks(text: &'static str) -> CodeList<Rarc> {
    read(
        text,
        |rarc: &Rarc| rarc.code,
        |words, rarcs| match words {
            [kind @ ("remark" | "alert"), from, until, codes @ ..] => {
                let in_use = in_use(from, until)?;
                rarcs.extend(codes.iter().map(|&code| Rarc {
                    code,
                    in_use,
                    is_alert: *kind == "alert",
                }));
                Some(())
            }
            _ => None,
        },
    )
}

/// Reads each line of a table by its words.
fn read<C>(
    text: &'static str,
    code: impl Fn(&C) -> &'static str,
    line: impl Fn(&[&'static str], &mut Vec<C>) -> Option<()>,
) -> CodeList<C> {
    let (mut codes, mut unread) = (Vec::new(), Vec::new());
    for (index, text) in text.lines().enumerate() {
        let words: Vec<&'static str> = text.split_ascii_whitespace().collect();
        let says_nothing = words.first().is_none_or(|first| first.starts_with('#'));
        if !says_nothing && line(&words, &mut codes).is_none() {
            unread.push(index + 1);
        }
    }
    let mut codes: Vec<(&'static str, C)> = codes
        .into_iter()
        .map(|known| (code(&known), known))
        .collect();
    codes.sort_by_key(|(code, _)| *code);
    CodeList { codes, unread }
}

fn in_use(from: &str, until: &str) -> Option<InUse> {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    Some(InUse {
        from: day(from)?,
        until: match until {
            "-" => None,
            until => Some(day(until)?),
        },
    })
}

fn group_bits(groups: &str) -> Option<u8> {
    groups.split(',').try_fold(0, |bits, group| {
        Some(bits | 1 << Group::parse(group)? as u8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_not_in_the_notation_are_told() {
        let list = reasons(
            "# a comment\n\
             code 2001-01-01 - 7 8\n\
             \n\
             groups list CO,PR 7\n\
             groups else CO 8\n\
             groups list XX 8\n\
             remark 9\n\
             code 2001-13-01 - 10\n\
             what 1\n",
        );
        assert_eq!(list.unread, [5, 6, 7, 8, 9]);
        let seven = list.find("7").unwrap();
        assert!(seven.takes(Group::Pr) && !seven.takes(Group::Oa));
        assert_eq!(list.find("8").unwrap().group_basis, None);
    }
}
