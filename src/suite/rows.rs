//! The rows of a case: one, a written table, or a grid of columns whose rows are made when they are asked for.

use std::sync::Arc;

use minijinja::Value;
use serde_json::{Number, Value as Json};

use super::cover::Cover;
use super::error::RenderError;
use super::expect::Expect;
use super::number::{template_number, template_value};
use super::scope::{Bindings, Column, Scope};
use super::template::Text;
use super::tree::Tree;

/// The rows of a case. A range of any length costs no more memory than its two ends.
#[derive(Debug, Clone)]
pub struct Rows(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Single,
    Table(Vec<Row>),
    Grid(Vec<Axis>),
}

/// One row.
#[derive(Debug, Clone)]
pub struct Row {
    /// What stands in brackets in the row's full id (`Suite::row_id`); `None` where the case has no table.
    pub id: Option<String>,
    /// 0-based, in the order of the table.
    pub number: u64,
    /// Where the row is written, 1-based, if it has a line of its own.
    pub line: Option<u32>,
    /// Names and values for templates.
    pub columns: Vec<(Arc<str>, Cell)>,
    /// Overrides the case's title.
    pub title: Option<Arc<Text>>,
    /// Overrides what the last step expects.
    pub expect: Option<Arc<Expect>>,
    /// Overrides what the last step covers.
    pub covers: Option<Arc<[Cover]>>,
    /// Overrides what the case needs.
    pub needs: Option<Arc<[String]>>,
}

/// The value of a column.
#[derive(Debug, Clone)]
pub enum Cell {
    /// As written.
    Value(Value),
    /// A number, with its spelling.
    Number(Number),
    /// Rendered once a row, with variables and secrets.
    Template(Arc<Tree>),
}

/// One column of a grid.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    pub(super) column: Arc<str>,
    pub(super) values: AxisValues,
}

#[derive(Debug, Clone)]
pub(super) enum AxisValues {
    /// Both ends included.
    Range(i64, i64),
    /// Each with its part of the row's id.
    List(Vec<(String, Cell)>),
}

impl Axis {
    fn len(&self) -> u64 {
        match &self.values {
            AxisValues::Range(first, last) => {
                let count = i128::from(*last) - i128::from(*first) + 1;
                u64::try_from(count.max(0)).unwrap_or(u64::MAX)
            }
            AxisValues::List(values) => values.len() as u64,
        }
    }

    fn at(&self, position: u64) -> Option<(String, Cell)> {
        match &self.values {
            AxisValues::Range(first, _) => {
                let number = first.checked_add_unsigned(position)?;
                Some((number.to_string(), Cell::Value(Value::from(number))))
            }
            AxisValues::List(values) => values.get(usize::try_from(position).ok()?).cloned(),
        }
    }
}

impl Rows {
    /// A case without a table.
    pub(super) fn single() -> Self {
        Self(Kind::Single)
    }

    /// Rows as written; their numbers are given here.
    pub(super) fn table(mut rows: Vec<Row>) -> Self {
        for (number, row) in rows.iter_mut().enumerate() {
            row.number = number as u64;
        }
        Self(Kind::Table(rows))
    }

    /// All combinations, the last column changing fastest.
    pub(super) fn grid(axes: Vec<Axis>) -> Self {
        Self(Kind::Grid(axes))
    }

    /// How many there are; saturates.
    pub fn len(&self) -> u64 {
        match &self.0 {
            Kind::Single => 1,
            Kind::Table(rows) => rows.len() as u64,
            Kind::Grid(axes) => axes.iter().fold(1, |product, axis| product.saturating_mul(axis.len())),
        }
    }

    /// Whether there is none; the loader refuses such tables.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the case has no table at all.
    pub fn is_single(&self) -> bool {
        matches!(self.0, Kind::Single)
    }

    /// The names of the columns that templates may use, of all rows together.
    pub fn columns(&self) -> Vec<Arc<str>> {
        match &self.0 {
            Kind::Single => Vec::new(),
            Kind::Grid(axes) => axes.iter().map(|axis| Arc::clone(&axis.column)).collect(),
            Kind::Table(rows) => {
                let mut names: Vec<Arc<str>> = Vec::new();
                for (name, _) in rows.iter().flat_map(|row| &row.columns) {
                    if !names.contains(name) {
                        names.push(Arc::clone(name));
                    }
                }
                names
            }
        }
    }

    /// The row of that number.
    pub fn row(&self, number: u64) -> Option<Row> {
        match &self.0 {
            Kind::Single => (number == 0).then(Row::only),
            Kind::Table(rows) => rows.get(usize::try_from(number).ok()?).cloned(),
            Kind::Grid(axes) => grid_row(axes, number),
        }
    }

    /// All rows, each made when it is asked for.
    pub fn iter(&self) -> impl Iterator<Item = Row> {
        (0..self.len()).map_while(|number| self.row(number))
    }
}

impl Scope {
    /// The scope of one row; `row_id` is the row's full id. Columns that are templates are rendered here, once.
    ///
    /// # Errors
    /// A column whose template fails.
    pub fn for_row(bindings: &Bindings, seed: u64, row_id: &str, row: &Row) -> Result<Self, RenderError> {
        let scope = Self::new(bindings, seed, row_id);
        let columns = row.columns.iter().map(|(name, cell)| {
            let (value, number) = match cell {
                Cell::Value(value) => (value.clone(), None),
                Cell::Number(number) => (template_number(number), Some(Json::Number(number.clone()))),
                Cell::Template(tree) => (template_value(&tree.render(&scope)?), None),
            };
            Ok(Column { name: Arc::clone(name), value, number })
        });
        let columns = columns.collect::<Result<_, RenderError>>()?;
        Ok(scope.with_columns(row.number, columns))
    }
}

impl Row {
    /// The row of a case without a table.
    pub fn only() -> Self {
        Self::plain(None, 0, Vec::new())
    }

    pub(super) fn plain(id: Option<String>, number: u64, columns: Vec<(Arc<str>, Cell)>) -> Self {
        Self { id, number, line: None, columns, title: None, expect: None, covers: None, needs: None }
    }
}

fn grid_row(axes: &[Axis], number: u64) -> Option<Row> {
    let mut left = number;
    let mut parts = Vec::with_capacity(axes.len());
    let mut columns = Vec::with_capacity(axes.len());
    for axis in axes.iter().rev() {
        let size = axis.len();
        let (part, cell) = axis.at(left.checked_rem(size)?)?;
        left /= size;
        parts.push(part);
        columns.push((Arc::clone(&axis.column), cell));
    }
    if left > 0 {
        return None;
    }
    parts.reverse();
    columns.reverse();
    Some(Row::plain(Some(parts.join(",")), number, columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(column: &str, first: i64, last: i64) -> Axis {
        Axis { column: column.into(), values: AxisValues::Range(first, last) }
    }

    #[test]
    fn a_range_of_a_hundred_thousand_rows_makes_its_rows_when_asked() {
        let rows = Rows::grid(vec![range("n", 1, 100_000)]);
        assert_eq!(rows.len(), 100_000);
        assert_eq!(rows.row(41).and_then(|row| row.id), Some("42".into()));
        assert!(rows.row(100_000).is_none());
    }

    #[test]
    fn a_product_changes_its_last_column_fastest() {
        let rows = Rows::grid(vec![range("a", 1, 2), range("b", -1, 0)]);
        let ids: Vec<_> = rows.iter().filter_map(|row| row.id).collect();
        assert_eq!(ids, ["1,-1", "1,0", "2,-1", "2,0"]);
    }

    #[test]
    fn the_widest_range_does_not_overflow() {
        let rows = Rows::grid(vec![range("a", i64::MIN, i64::MAX), range("b", 0, 9)]);
        assert_eq!(rows.len(), u64::MAX);
    }
}
