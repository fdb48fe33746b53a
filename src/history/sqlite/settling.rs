//! Small rows of lists are put together, so that few wait in a part to be read.
//!
//! The rows of a part ascend in age, and each run adds one. Those that are put together become a
//! row that is several times as large as any of them was, so that an item of a list is written again
//! a few times in the life of a history, however many runs there are and whatever their sizes.
//! A run looks at a share of all parts, and those beside one another: the rows that go stand on few pages.

use ahash::AHashSet;
use rusqlite::{Connection, params};

use super::lists::{Key, Letters, MemberHash, Prefix, Timeline, joined};

/// Into how many shares the parts are cut. Two letters of a claim control
/// number are one of 32 times 32, and so many are the parts of hashes.
const SHARES: i64 = 1024;

/// How many shares a run looks at.
const SHARES_A_RUN: i64 = SHARES / 8;

/// Rows are put together that are together so many times as large as the largest of them.
const GROWTH: i64 = 4;

/// The letters of claim control numbers, in their order in the database.
const LETTERS: &[u8; 32] = b"234567ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Puts small rows of the next shares of all parts together.
pub(super) fn settle(connection: &Connection) -> rusqlite::Result<()> {
    let first: i64 =
        connection.query_row("SELECT next_part FROM settling", [], |row| row.get(0))?;
    let end = (first + SHARES_A_RUN).min(SHARES);
    let parts: i64 = connection.query_row(
        "SELECT coalesce(max(part), 0) + 1 FROM timeline_lists",
        [],
        |row| row.get(0),
    )?;
    let part = |share: i64| parts.saturating_mul(share) / SHARES;
    settle_parts::<Timeline>(connection, part(first), part(end))?;
    settle_parts::<MemberHash>(connection, first, end)?;
    settle_parts::<Prefix>(connection, letters(first), letters(end))?;
    connection
        .execute("UPDATE settling SET next_part = ?1", [end % SHARES])
        .map(drop)
}

/// Puts small rows of parts together, up to the part of `end`.
fn settle_parts<K: Key>(
    connection: &Connection,
    first: K::Part,
    end: K::Part,
) -> rusqlite::Result<()> {
    let mut rows = connection.prepare(&format!(
        "SELECT part, id, octet_length(lists) FROM {}
         WHERE part >= ?1 AND part < ?2 ORDER BY part, id",
        K::TABLE
    ))?;
    let rows: Vec<(K::Part, i64, i64)> = rows
        .query_map(params![first, end], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<_, _>>()?;
    for rows in rows.chunk_by(|(left, ..), (right, ..)| left == right) {
        let newest = newest(rows.iter().map(|(.., size)| *size));
        let (_, rows) = rows.split_at(rows.len() - newest);
        if let [(part, ..), ..] = rows {
            let ids: Vec<i64> = rows.iter().map(|(_, id, _)| *id).collect();
            put_together::<K>(connection, part, &ids)?;
        }
    }
    Ok(())
}

/// How many of the newest rows are put together, by the sizes of all rows from the oldest on.
fn newest(sizes: impl DoubleEndedIterator<Item = i64>) -> usize {
    let (mut together, mut largest, mut newest) = (0, 0, 0);
    for (count, size) in (1..).zip(sizes.rev()) {
        together += size;
        largest = size.max(largest);
        if together >= GROWTH * largest {
            newest = count;
        }
    }
    newest
}

/// Makes one row of the newest ones of a part.
fn put_together<K: Key>(
    connection: &Connection,
    part: &K::Part,
    ids: &[i64],
) -> rusqlite::Result<()> {
    let table = K::TABLE;
    let mut find =
        connection.prepare_cached(&format!("SELECT lists FROM {table} WHERE id = ?1"))?;
    let texts: Vec<String> = ids
        .iter()
        .map(|id| find.query_row([id], |row| row.get(0)))
        .collect::<Result<_, _>>()?;
    let text = joined::<K>(texts.iter().map(|text| &**text), &AHashSet::new())?;
    let mut delete = connection.prepare_cached(&format!("DELETE FROM {table} WHERE id = ?1"))?;
    for id in ids {
        delete.execute([id])?;
    }
    // At the end of the table, where the rows of this run follow: they are newer still.
    connection
        .prepare_cached(&format!(
            "INSERT INTO {table} (part, lists) VALUES (?1, ?2)"
        ))?
        .execute(params![part, text])
        .map(drop)
}

/// The first two letters of the claim control numbers of a share; past all of them after the last.
fn letters(share: i64) -> Letters {
    let count = LETTERS.len() as i64;
    let letter = |index: i64| {
        let index = usize::try_from(index).unwrap_or_default();
        LETTERS.get(index).copied().unwrap_or(b'a')
    };
    Letters([letter(share / count), letter(share % count)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_claim_control_numbers_follow_one_another() {
        let all: Vec<[u8; 2]> = (0..=SHARES).map(|share| letters(share).0).collect();
        assert!(all.is_sorted_by(|left, right| left < right));
        assert_eq!((&all[0], &all[33]), (b"22", b"33"));
        assert!(all[1024] > *b"ZZ");
    }

    #[test]
    fn the_newest_rows_are_put_together_that_make_a_much_larger_one() {
        let check = |sizes: &[i64], expected: usize| {
            assert_eq!(newest(sizes.iter().copied()), expected, "{sizes:?}");
        };
        check(&[], 0);
        check(&[9], 0);
        check(&[900, 1, 1, 1], 0);
        check(&[900, 1, 1, 1, 1], 4);
        // One that is larger than the others waits for its like.
        check(&[900, 3, 1, 1, 1], 0);
        check(&[900, 3, 1, 1, 1, 1], 4);
        check(&[900, 3, 3, 3, 1, 1, 1], 6);
        // As many as will.
        check(&[16, 16, 16, 4, 4, 4, 1, 1, 1, 1], 10);
        check(&[1000, 1000, 1000, 1000], 4);
        // A large run after many small ones.
        check(&[1, 1, 1, 1, 1000], 0);
    }

    #[test]
    fn after_many_runs_few_rows_wait_and_each_was_written_again_a_few_times() {
        let mut sizes: Vec<i64> = vec![1 << 20];
        let mut written_again = 0;
        for run in 0..10_000_i64 {
            if run % 8 == 0 {
                let newest = newest(sizes.iter().copied());
                let together: i64 = sizes.drain(sizes.len() - newest..).sum();
                sizes.extend(Some(together).filter(|size| *size > 0));
                written_again += together;
            }
            sizes.push(50 + run * 7 % 100);
            assert!(sizes.len() <= 25, "{}", sizes.len());
        }
        assert!(written_again <= 5 * 10_000 * 100, "{written_again}");
    }
}
