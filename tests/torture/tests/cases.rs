//! Every case table in every world, and the list of rows against the table it was read from.

use std::collections::BTreeSet;
use std::fs;

use harness::cases;
use torture::rows;

#[test]
fn every_case_ends_as_written_in_every_world() {
    let tables = cases::tables("");
    torture::run(&tables).assert_clean();
}

#[test]
fn every_table_of_a_row_belongs_to_a_listed_row_and_bears_its_name() {
    let listed = rows::listed().unwrap();
    for table in cases::tables("").iter().filter(|table| table.row.is_some()) {
        let row = listed.iter().find(|row| Some(&row.id) == table.row.as_ref());
        assert_eq!(row.map(|row| &row.name), Some(&table.name), "{}", table.file.display());
    }
}

#[test]
fn a_row_that_is_shown_does_not_wait() {
    let shown: BTreeSet<String> = cases::tables("").into_iter().filter_map(|table| table.row).collect();
    for row in rows::listed().unwrap().iter().filter(|row| row.waits.is_some()) {
        assert!(
            !shown.contains(&row.id) && torture::staged::of(&row.id).is_none(),
            "{} is shown and still waits",
            row.id
        );
    }
}

/// The table lies beside the repository, not in it: a bare clone passes without, CI must have it.
#[test]
fn the_rows_are_those_of_the_table() {
    let Ok(text) = fs::read_to_string(rows::table_file()) else {
        assert!(std::env::var_os("CI").is_none(), "CI needs {}", rows::table_file().display());
        eprintln!("not compared: there is no {}", rows::table_file().display());
        return;
    };
    let listed = rows::listed().unwrap();
    let table = rows::of_table(&text).unwrap();
    let line = |row: &rows::Row| format!("- {{id: {}, name: {}, digest: \"{}\"}}", row.id, row.name, row.digest);
    let changed: Vec<_> =
        table.iter().filter(|row| !listed.iter().any(|own| line(own) == line(row))).map(line).collect();
    assert!(
        changed.is_empty(),
        "new or changed in the table; read them, then update rows.yaml:\n{}",
        changed.join("\n")
    );
    assert_eq!(listed.len(), table.len(), "rows.yaml lists rows that the table has no more");
}
