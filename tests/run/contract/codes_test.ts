/** Each code of an error, with its message, its column, its value, and what Postgres says. */
import { contract, type Line } from "./line.ts";

/** One row of the file, which is wrong. */
function refused(
  code: string,
  table: string,
  column: string,
  [value, error]: readonly [string, string],
  more: Partial<Line> = {},
): Line {
  return {
    says: code,
    tables: `create table other (id int primary key); create table t (${table})`,
    definition: `columns: { a: ${column} }`,
    file: `a,more\n${value},1\n`,
    rows: [],
    outcomes: "failed",
    errors: [`1 ${error}`],
    ...more,
  };
}

/** Of a row that Postgres refused: SQLSTATE and constraint. */
const DATABASE = `select concat_ws(' ', errors #>> '{details,0,sqlstate}',
    errors #>> '{details,0,constraint}') from ingest.rows
  where status = 'failed' and run_id = (select max(id) from ingest.runs where not dry_run)`;

contract("each code of an error is told as it should be", [
  refused("required", "a text", "{ from: a, required: true }", [
    "",
    "required a: The a field is required.",
  ]),
  refused("type", "a int", "a", ["x", "type a x: The a field must be a whole number."]),
  refused("min", "a int", "{ from: a, min: 5 }", ["4", "min a 4: The a field must be at least 5."]),
  refused("max", "a int", "{ from: a, max: 5 }", ["6", "max a 6: The a field must be at most 5."]),
  refused("min_length", "a text", "{ from: a, min_length: 2 }", [
    "x",
    "min_length a x: The a field must have at least 2 characters.",
  ]),
  refused("max_length", "a text", "{ from: a, max_length: 2 }", [
    "xyz",
    "max_length a xyz: The a field must not be longer than 2 characters.",
  ]),
  refused("pattern", "a text", '{ from: a, pattern: "^x" }', [
    "y",
    "pattern a y: The a field has the wrong format.",
  ]),
  refused("one_of", "a text", "{ from: a, one_of: [x, y] }", [
    "z",
    "one_of a z: The a field must be one of x, y.",
  ]),
  refused("lookup", "a int", "{ from: a, lookup: { table: other, match: id } }", [
    "7",
    "lookup a 7: No other row has this id.",
  ]),
  refused("duplicate", "a int constraint t_a_key unique", "a", [
    "1",
    "duplicate a 1: Duplicate entry found for key 'a'.",
  ], {
    tables: "create table t (a int constraint t_a_key unique); insert into t values (1)",
    query: `${DATABASE} union all select a::text from t`,
    rows: ["23505 t_a_key", "1"],
  }),
  refused("duplicate_in_file", "a int unique", "a", ["1", ""], {
    file: "a,more\n1,1\n1,2\n",
    rows: ["(1)"],
    outcomes: "created failed",
    errors: ["2 duplicate_in_file a 1: Duplicate entry found for key 'a'."],
  }),
  refused("foreign_key", "a int constraint t_a_other references other", "a", [
    "7",
    "foreign_key a 7: The a field refers to a row that is not in other.",
  ], { query: DATABASE, rows: ["23503 t_a_other"] }),
  refused("not_null", "a text not null", "a", [
    "x",
    "not_null a x: The a field is required.",
  ], {
    tables: `create table t (a text not null);
      create function f() returns trigger language plpgsql as 'begin new.a := null; return new; end';
      create trigger t before insert on t for each row execute function f()`,
    query: DATABASE,
    rows: ["23502"],
  }),
  refused("check", "a int constraint balance_not_negative check (a >= 0)", "a", [
    "-1",
    "check a -1: The t table refuses this row: balance_not_negative.",
  ], { query: DATABASE, rows: ["23514 balance_not_negative"] }),
  refused("out_of_range", "a smallint", "a", [
    "40000",
    "out_of_range a 40000: The a field must be between -32768 and 32767.",
  ]),
  refused("too_long", "a text", "a", ["x", "too_long: A value is too long for its column in t."], {
    tables: `create table t (a text);
      create function f() returns trigger language plpgsql as
        'begin new.a := repeat(new.a, 9)::varchar(3); raise exception using errcode = ''22001''; end';
      create trigger t before insert on t for each row execute function f()`,
    query: DATABASE,
    rows: ["22001"],
  }),
  refused("malformed", "a text", "a", [
    "x,y",
    "malformed: The row has 3 fields where the header has 2.",
  ]),
  refused("encoding", "a text", "a", ["x", "encoding"], {
    definition: "source: { encoding: utf-8 }\ncolumns: { a: a }",
    file: Uint8Array.from("a,more\n\xfc,1\n", (letter) => letter.charCodeAt(0)),
    errors: ["1 encoding \\xfc: The row holds bytes that are not valid UTF-8."],
  }),
  refused("database", "a text", "a", [
    "bad",
    "database: The t table refuses this row: Not this one.",
  ], {
    tables: `create table t (a text);
      create function f() returns trigger language plpgsql as
        'begin if new.a = ''bad'' then raise exception ''Not this one.''; end if; return new; end';
      create trigger t before insert on t for each row execute function f()`,
    file: "a,more\nbad,1\ngood,2\n",
    query: DATABASE,
    rows: ["P0001"],
    outcomes: "failed created",
  }),
]);
