//! The form in which the report shows figures.

/// A figure with three significant digits.
pub fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        big if big >= 100.0 => format!("{value:.0}"),
        big if big >= 10.0 => format!("{value:.1}"),
        big if big >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

/// A figure like that of [`number`], with a letter for thousands and millions.
pub fn scaled(value: f64) -> String {
    match value {
        big if big >= 1e6 => format!("{} M", number(big / 1e6)),
        big if big >= 1e3 => format!("{} k", number(big / 1e3)),
        small => number(small),
    }
}

pub fn rounded(children: u32) -> String {
    match children {
        million if million >= 1_000_000 => format!("{}M", million / 1_000_000),
        thousand if thousand >= 1_000 => format!("{}k", thousand / 1_000),
        few => few.to_string(),
    }
}
