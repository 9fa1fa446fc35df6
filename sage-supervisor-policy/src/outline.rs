//! The one drawer of trees: branches in front of names, and columns behind them.
//!
//! ```text
//! app          one_for_one, 5 restarts in 1m
//! ├─ storage   transient  30s
//! │  └─ cache  temporary  10s  Recent answers.
//! └─ mailer    permanent   5s
//! ```

/// The indentation in front of the branches of one level: a line or three spaces for each level
/// above.
#[derive(Debug, Clone, Default)]
pub struct Indent(String);

impl Indent {
    /// An indentation that begins with this text.
    #[must_use]
    pub fn new(margin: &str) -> Self {
        Self(margin.to_owned())
    }

    /// The name of an entry behind its branch.
    #[must_use]
    pub fn branch(&self, name: &str, is_last: bool) -> String {
        let branch = if is_last { "└─" } else { "├─" };
        format!("{}{branch} {name}", self.0)
    }

    /// The indentation below an entry.
    #[must_use]
    pub fn below(&self, is_last: bool) -> Self {
        let line = if is_last { "   " } else { "│  " };
        Self(format!("{}{line}", self.0))
    }
}

/// A line of a drawing.
#[derive(Debug, Clone)]
pub struct Row<const N: usize> {
    /// The name, with its branch in front of it.
    pub name: String,
    /// The columns behind the name. Without them the text stands there, and counts for no column.
    pub cells: Option<[String; N]>,
    /// The text at the end of the line, which has any length.
    pub text: String,
}

/// The side of its column that a cell stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The cell is followed by spaces.
    Left,
    /// The cell is preceded by spaces.
    Right,
}

/// The rows as lines: two spaces between the columns, and none at the end of a line. A cell is padded
/// to the widest of its column, and a column that is empty in every row is left out.
#[must_use]
pub fn lines<const N: usize>(rows: &[Row<N>], sides: [Side; N]) -> Vec<String> {
    let names = rows.iter().map(|row| width_of(&row.name)).max().unwrap_or(0);
    // A row without cells, such as the root of a declared tree, has an influence on the width of
    // the names alone.
    let cells = || rows.iter().filter_map(|row| row.cells.as_ref());
    let mut widths = [0; N];
    for (column, width) in widths.iter_mut().enumerate() {
        *width = cells().map(|cells| width_of(&cells[column])).max().unwrap_or(0);
    }
    let line = |row: &Row<N>| {
        // The width in a format counts characters, exactly as `width_of` does.
        let mut line = format!("{:names$}", row.name);
        let cells = row.cells.iter().flatten().zip(widths).zip(sides);
        for ((cell, width), side) in cells.filter(|((_, width), _)| *width > 0) {
            line.push_str("  ");
            line += &match side {
                Side::Left => format!("{cell:width$}"),
                Side::Right => format!("{cell:>width$}"),
            };
        }
        line.push_str("  ");
        line.push_str(&row.text);
        // The last cells of a row may be empty, and leave their padding at the end of the line.
        line.truncate(line.trim_end().len());
        line
    };
    rows.iter().map(line).collect()
}

/// The number of columns of a text, with one for each character.
#[must_use]
pub const fn width_of(text: &str) -> usize {
    let mut width = 0;
    let mut next = 0;
    while next < text.len() {
        // Every byte of a character but its first one begins with the bits `10`.
        if text.as_bytes()[next] & 0xc0 != 0x80 {
            width += 1;
        }
        next += 1;
    }
    width
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: String, cells: [&str; 2], text: &str) -> Row<2> {
        Row { name, cells: Some(cells.map(str::to_owned)), text: text.to_owned() }
    }

    #[test]
    fn a_character_is_one_column() {
        for text in ["", "pool", "größe", "日本"] {
            assert_eq!(width_of(text), text.chars().count(), "{text}");
        }
    }

    #[test]
    fn names_have_branches_and_cells_are_in_columns() {
        let root = Indent::default();
        let rows = [
            Row { name: "app".to_owned(), cells: None, text: "a text of any length".to_owned() },
            row(root.branch("größe", false), ["up", "9s"], ""),
            row(root.below(false).branch("a", true), ["", "100s"], "text"),
            row(root.branch("b", true), ["down", ""], "more"),
            row(root.below(true).branch("c", true), ["", ""], ""),
        ];
        let drawn = "\
app       a text of any length
├─ größe  up      9s
│  └─ a         100s  text
└─ b      down        more
   └─ c";
        assert_eq!(lines(&rows, [Side::Left, Side::Right]).join("\n"), drawn);
    }

    #[test]
    fn a_column_without_any_text_is_left_out() {
        let rows = [row("a".to_owned(), ["", "1"], "b"), row("bc".to_owned(), ["", "10"], "")];
        let drawn = ["a    1  b", "bc  10"];
        assert_eq!(lines(&rows, [Side::Left, Side::Right]), drawn);
    }
}
