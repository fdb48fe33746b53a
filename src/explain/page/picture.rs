//! A member's timeline as a picture: a lane for each standing, and the windows of limits.

use std::io::{self, Write};

use super::super::explanation::{Explanation, Shown};
use super::super::limit::{Window, WindowKind};
use super::super::line::{Line, Standing};
use super::super::sentences::{counted, heading};
use super::calendar::{Calendar, LEFT};
use super::escape::Escaped;
use super::shape::{Shape, class};

/// Below the names of months.
const TOP: i64 = 34;

/// How high a row of shapes is.
const ROW: i64 = 22;

/// How high a window with its name is.
const WINDOW: i64 = 36;

/// How wide a shape is, and a digit of its number.
const SHAPE: i64 = 19;
const DIGIT: i64 = 7;

/// How wide a letter of a window's name is, rather too wide than too narrow.
const LETTER: i64 = 7;

/// The most windows, and the most guides, that are drawn.
const MOST: usize = 24;

/// The most lines that a window names.
const MOST_NUMBERS: usize = 6;

/// A line at its place.
struct Mark<'a> {
    number: usize,
    line: &'a Line,
    x: i64,
    /// Its row in its lane.
    row: usize,
}

/// Marks under one name.
struct Lane<'a> {
    name: &'static str,
    marks: Vec<Mark<'a>>,
    rows: usize,
}

/// Writes the picture, and says where windows have no room in it.
pub(super) fn write_picture(
    explanation: &Explanation<'_>,
    id: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let windows = explanation.windows();
    let drawn = &windows[..windows.len().min(MOST)];
    let lines = explanation.timeline.lines.iter();
    let dates = lines.filter_map(|line| line.decided.service_date);
    let of_windows = drawn
        .iter()
        .flat_map(|shown| [shown.window.first, shown.window.last]);
    let Some(calendar) = Calendar::over(dates.chain(of_windows)) else {
        return writeln!(
            out,
            "<p>No line has a date of service: there is no picture.</p>"
        );
    };
    let lanes = lanes(explanation, &calendar);
    let rows: i64 = lanes.iter().map(|lane| lane_height(lane)).sum();
    let height = TOP + rows + drawn.len() as i64 * WINDOW + 12;
    let width = calendar.width();
    writeln!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Picture, scrolls sideways\">\n\
         <svg class=\"picture\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\" xmlns=\"http://www.w3.org/2000/svg\">\n\
         <title id=\"{id}-title\">Timeline of the member's lines</title>\n\
         <desc id=\"{id}-desc\">{}</desc>\n\
         <defs><pattern id=\"{id}-hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
         <path class=\"hatch\" d=\"M0 6L6 0\"/></pattern></defs>",
        Escaped(description(explanation, windows.len()))
    )?;
    write_ticks(&calendar, height, out)?;
    write_guides(explanation, &calendar, height, out)?;
    let mut y = TOP;
    for lane in &lanes {
        write_lane(lane, y, width, out)?;
        y += lane_height(lane);
    }
    for shown in drawn {
        write_window(shown, &calendar, (id, y), out)?;
        y += WINDOW;
    }
    writeln!(out, "</svg>\n</div>")?;
    match windows.len() - drawn.len() {
        0 => Ok(()),
        more => writeln!(
            out,
            "<p>{more} more windows are not drawn; each stands with its line below.</p>"
        ),
    }
}

fn description(explanation: &Explanation<'_>, windows: usize) -> String {
    let counts = explanation.timeline.counts();
    let counts: Vec<String> = counts
        .iter()
        .map(|(standing, count)| format!("{count} {}", standing.as_str()))
        .collect();
    format!(
        "Lines by date of service, from left to right: {}. Windows and intervals of limits drawn below \
         them: {windows}. The table that follows has the same lines, by their numbers, in words.",
        counts.join(", ")
    )
}

/// The lanes that have a line: of the limited service one for each standing, then the other
/// lines.
fn lanes<'a>(explanation: &Explanation<'a>, calendar: &Calendar) -> Vec<Lane<'a>> {
    let numbered = || (1..).zip(&explanation.timeline.lines);
    let mut lanes: Vec<Lane<'_>> = Standing::ALL
        .into_iter()
        .map(|standing| {
            let lines =
                numbered().filter(|(_, line)| line.is_session_line && line.standing == standing);
            Lane::new(lane_name(standing), lines, calendar)
        })
        .collect();
    let others = numbered().filter(|(_, line)| !line.is_session_line);
    lanes.push(Lane::new("Other lines", others, calendar));
    lanes.retain(|lane| !lane.marks.is_empty());
    lanes
}

fn lane_name(standing: Standing) -> &'static str {
    match standing {
        Standing::Paid => "Paid sessions",
        Standing::Reduced => "Reduced",
        Standing::Pended => "Pended",
        Standing::Denied => "Denied",
        Standing::TakenBack => "Taken back",
        Standing::Passed => "Not judged",
    }
}

impl<'a> Lane<'a> {
    /// Marks in as many rows as they need to stand apart.
    fn new(
        name: &'static str,
        lines: impl Iterator<Item = (usize, &'a Line)>,
        calendar: &Calendar,
    ) -> Self {
        let mut ends: Vec<i64> = Vec::new();
        let mut marks = Vec::new();
        for (number, line) in lines {
            let Some(date) = line.decided.service_date else {
                continue;
            };
            let x = calendar.x(date);
            let end = x + SHAPE + DIGIT * number.to_string().len() as i64;
            let row = ends.iter().position(|end| *end <= x);
            let row = row.unwrap_or_else(|| {
                ends.push(i64::MIN);
                ends.len() - 1
            });
            ends[row] = end;
            marks.push(Mark {
                number,
                line,
                x,
                row,
            });
        }
        Self {
            name,
            marks,
            rows: ends.len(),
        }
    }
}

fn lane_height(lane: &Lane<'_>) -> i64 {
    lane.rows as i64 * ROW + 8
}

fn write_ticks(calendar: &Calendar, height: i64, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<g class=\"ticks\">")?;
    for tick in calendar.ticks() {
        let class = if tick.is_year { "year" } else { "month" };
        writeln!(
            out,
            "<path class=\"{class}\" d=\"M{x} 20V{height}\"/><text class=\"{class}\" x=\"{at}\" \
             y=\"15\">{}</text>",
            Escaped(tick.label),
            x = tick.x,
            at = tick.x + 2
        )?;
    }
    writeln!(out, "</g>")
}

/// Dotted lines through the lines told that are not paid, to be followed into the windows.
fn write_guides(
    explanation: &Explanation<'_>,
    calendar: &Calendar,
    height: i64,
    out: &mut dyn Write,
) -> io::Result<()> {
    let told = explanation.told.iter();
    let with_window = told.filter(|told| told.reasons.iter().any(|told| told.window.is_some()));
    let dates = with_window.filter_map(|told| told.line.decided.service_date);
    for date in dates.take(MOST) {
        let x = calendar.x(date);
        writeln!(out, "<path class=\"guide\" d=\"M{x} {TOP}V{height}\"/>")?;
    }
    Ok(())
}

fn write_lane(lane: &Lane<'_>, top: i64, width: i64, out: &mut dyn Write) -> io::Result<()> {
    let bottom = top + lane_height(lane);
    writeln!(
        out,
        "<path class=\"lane\" d=\"M0 {bottom}H{width}\"/><text class=\"name\" x=\"4\" y=\"{}\">{}</text>",
        top + 19,
        lane.name
    )?;
    for mark in &lane.marks {
        let (x, y) = (mark.x, top + 15 + mark.row as i64 * ROW);
        let Mark { number, line, .. } = mark;
        let standing = line.standing;
        writeln!(
            out,
            "<g class=\"mark\" data-line=\"{number}\"><title>{number}: {}, {}</title>{}\
             <text class=\"number {}\" x=\"{}\" y=\"{}\">{number}</text></g>",
            standing.as_str(),
            Escaped(heading(line)),
            Shape { standing, x, y },
            class(standing),
            x + 9,
            y + 4
        )?;
    }
    Ok(())
}

fn write_window(
    shown: &Shown,
    calendar: &Calendar,
    (id, top): (&str, i64),
    out: &mut dyn Write,
) -> io::Result<()> {
    let window = &shown.window;
    let (left, right) = (calendar.x(window.first), calendar.end(window.last));
    let name = window_name(shown);
    let (bar, text) = (top + 20, top + 13);
    let fits = left + LETTER * name.chars().count() as i64 <= calendar.width();
    let (at, anchor) = if fits {
        (left.max(LEFT), "start")
    } else {
        (right, "end")
    };
    let (class, fill) = match window.kind {
        WindowKind::Rolling => ("window rolling", format!(" fill=\"url(#{id}-hatch)\"")),
        WindowKind::Year => ("window calendar", String::new()),
        WindowKind::Course => ("window course", String::new()),
        WindowKind::Interval => ("window interval", String::new()),
    };
    writeln!(
        out,
        "<g class=\"{class}\"><title>{name}</title><rect{fill} x=\"{left}\" y=\"{bar}\" width=\"{}\" \
         height=\"10\"/><path d=\"M{left} {}v16M{right} {}v16\"/><text x=\"{at}\" y=\"{text}\" \
         text-anchor=\"{anchor}\">{name}</text></g>",
        (right - left).max(1),
        bar - 3,
        bar - 3,
        name = Escaped(name)
    )
}

fn window_name(shown: &Shown) -> String {
    let Shown {
        window,
        sessions,
        lines,
    } = shown;
    let Window { kind, first, last } = window;
    let mut name = format!("{}, {first} to {last}", window.name());
    if *kind != WindowKind::Interval {
        name += &format!(": {}", counted(*sessions, "session"));
    }
    let numbers: Vec<String> = lines
        .iter()
        .take(MOST_NUMBERS)
        .map(ToString::to_string)
        .collect();
    let (numbers, more) = (numbers.join(", "), lines.len() > MOST_NUMBERS);
    name + &match lines.len() {
        0 => " (of the last session)".to_owned(),
        1 => format!(" (line {numbers})"),
        _ if more => format!(" (lines {numbers} and more)"),
        _ => format!(" (lines {numbers})"),
    }
}
