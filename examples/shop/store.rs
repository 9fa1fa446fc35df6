//! The embedded database, which holds each order exactly once in a file.
//!
//! The `Store` is opened once and shared; the children that use it may be restarted. Every call here
//! blocks, so the children call it through `spawn_blocking`.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::Arc;

use redb::{Database, ReadableTable, ReadableTableMetadata, TableDefinition};
use sage_supervisor::BoxError;

use crate::order::Sale;

/// The table from the number of an order, counted from 1, to the sale as text.
const SALES: TableDefinition<'_, u64, &str> = TableDefinition::new("sales");
/// The table from the id of an order to its number.
const NUMBERS: TableDefinition<'_, &str, u64> = TableDefinition::new("numbers");

#[derive(Clone)]
pub(crate) struct Store(Arc<Database>);

/// A sale as it is in the file.
pub(crate) struct Stored {
    pub(crate) number: u64,
    pub(crate) sale: Sale,
    /// `true` if the sale was in the file before, because the customer has repeated the order.
    pub(crate) again: bool,
}

impl Store {
    pub(crate) fn open(path: &Path) -> Result<Self, BoxError> {
        let database = Database::create(path)?;
        let transaction = database.begin_write()?;
        transaction.open_table(SALES)?;
        transaction.open_table(NUMBERS)?;
        transaction.commit()?;
        Ok(Self(Arc::new(database)))
    }

    /// Writes sales in one transaction. When the call returns, the sales are on disk.
    ///
    /// `before_commit` is called when everything is written and nothing is committed. The tour makes the
    /// writer panic there.
    pub(crate) fn append(
        &self,
        sales: &[Sale],
        before_commit: impl FnOnce(),
    ) -> Result<Vec<Stored>, BoxError> {
        let transaction = self.0.begin_write()?;
        let written = catch_unwind(AssertUnwindSafe(|| {
            let mut by_number = transaction.open_table(SALES)?;
            let mut numbers = transaction.open_table(NUMBERS)?;
            let mut stored = Vec::with_capacity(sales.len());
            for sale in sales {
                stored.push(insert(&mut by_number, &mut numbers, sale)?);
            }
            before_commit();
            Ok::<_, BoxError>(stored)
        }));
        match written {
            Ok(Ok(stored)) => {
                transaction.commit()?;
                Ok(stored)
            }
            Ok(Err(error)) => Err(error),
            Err(panic) => {
                // The database does not roll back a transaction that is dropped by a panic, and the
                // database stays in use after this panic. Therefore abort the transaction first.
                transaction.abort()?;
                resume_unwind(panic)
            }
        }
    }

    /// Returns all sales from this number on.
    pub(crate) fn since(&self, number: u64) -> Result<Vec<Stored>, BoxError> {
        let table = self.0.begin_read()?.open_table(SALES)?;
        let mut sales = Vec::new();
        for entry in table.range(number..)? {
            let (number, text) = entry?;
            sales.push(stored(number.value(), text.value(), false)?);
        }
        Ok(sales)
    }
}

fn insert(
    by_number: &mut redb::Table<'_, u64, &str>,
    numbers: &mut redb::Table<'_, &str, u64>,
    sale: &Sale,
) -> Result<Stored, BoxError> {
    let id = sale.order.id.as_str();
    let known = numbers.get(id)?.map(|number| number.value());
    if let Some(number) = known {
        let text = by_number.get(number)?.ok_or_else(|| corrupted(number))?;
        return stored(number, text.value(), true);
    }
    let number = by_number.len()? + 1;
    by_number.insert(number, sale.to_string().as_str())?;
    numbers.insert(id, number)?;
    Ok(Stored { number, sale: sale.clone(), again: false })
}

fn stored(number: u64, text: &str, again: bool) -> Result<Stored, BoxError> {
    let sale = Sale::parse(text).ok_or_else(|| corrupted(number))?;
    Ok(Stored { number, sale, again })
}

fn corrupted(number: u64) -> BoxError {
    format!("sale {number} cannot be read").into()
}
