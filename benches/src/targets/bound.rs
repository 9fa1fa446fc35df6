//! The bound of a target: the least or the greatest figure that meets it.

use crate::digits;

#[derive(Clone, Copy)]
pub enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    pub fn is_met_by(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(bound) => figure >= bound,
            Self::AtMost(bound) => figure <= bound,
        }
    }

    /// A figure with as many digits as show whether it meets the bound.
    pub fn exactly(self, figure: f64) -> String {
        let (Self::AtLeast(bound) | Self::AtMost(bound)) = self;
        if (figure - bound).abs() > 0.02 {
            return digits::number(figure);
        }
        let mut told = (3..=6).map(|digits| format!("{figure:.digits$}"));
        let looks_so = |told: &String| {
            told.parse().is_ok_and(|told| self.is_met_by(told) == self.is_met_by(figure))
        };
        told.find(looks_so).unwrap_or_else(|| figure.to_string())
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtLeast(bound) => write!(f, "≥ {bound}"),
            Self::AtMost(bound) => write!(f, "≤ {bound}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bound::{AtLeast, AtMost};

    #[test]
    fn what_is_near_its_bound_has_a_digit_more() {
        assert_eq!(AtLeast(0.9).exactly(0.8971), "0.897");
        assert_eq!(AtMost(1.1).exactly(1.1049), "1.105");
        assert_eq!(AtLeast(0.9).exactly(0.89996), "0.89996");
        assert_eq!(AtLeast(0.9).exactly(0.8), "0.80");
    }
}
