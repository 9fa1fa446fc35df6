//! The items on sale, and the text form of an order: one line, such as `ann-0007 tea 2`.

use std::fmt;

/// An order of a customer. The customer chooses the id, so an order that is sent twice is still one
/// order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) item: String,
    pub(crate) quantity: u64,
}

/// An order with its price, delivery included.
#[derive(Debug, Clone)]
pub(crate) struct Sale {
    pub(crate) order: Order,
    pub(crate) cents: u64,
}

impl Order {
    /// Reads `id item quantity`.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let (id, item) = (words.next()?.to_owned(), words.next()?.to_owned());
        let quantity =
            words.next()?.parse().ok().filter(|quantity| (1..=1000).contains(quantity))?;
        words.next().is_none().then_some(Self { id, item, quantity })
    }

    /// The price without delivery, or `None` if the shop does not sell the item.
    pub(crate) fn cents(&self) -> Option<u64> {
        let each = match self.item.as_str() {
            "tea" => 450,
            "coffee" => 780,
            "cocoa" => 520,
            _ => return None,
        };
        Some(each * self.quantity)
    }
}

impl Sale {
    /// Reads the form that `Display` writes: `id item quantity cents`.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (order, cents) = line.rsplit_once(' ')?;
        Some(Self { order: Order::parse(order)?, cents: cents.parse().ok()? })
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.id, self.item, self.quantity)
    }
}

impl fmt::Display for Sale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.order, self.cents)
    }
}
