import assert from "node:assert/strict";
import { parseDefinition } from "../../src/importer/parse.ts";
import { problemsOf } from "./problems_of.ts";

/** Definitions that begin with `table: customers`, so that the rest starts on line 2. */
const BROKEN: readonly (readonly [string, string, ...string[]])[] = [
  [
    "an unknown key of the source",
    "source: {delimeter: ';'}",
    '2: source.delimeter: unknown key; did you mean "delimiter"?',
  ],
  ["an unknown key", "tabel: x", '2: tabel: unknown key; did you mean "table"?'],
  [
    "an unknown key unlike any other",
    "wibble: 1",
    "2: wibble: unknown key; expected one of slug, extends, table, tables, time_zone, description, source, " +
    "key, on_duplicate, on_missing, compare, identity, columns, on_absent, scope, many, nested, options, hooks",
  ],
  [
    "a strategy that doesn't exist",
    "key: [id]\non_duplicate: upadte",
    '3: on_duplicate: found "upadte", expected one of skip, update, update_if_newer, fail; ' +
    'did you mean "update"?',
  ],
  [
    "columns that are a list",
    "columns: [a, b]",
    "2: columns: found a list, expected a mapping from target columns to source columns",
  ],
  [
    "no columns at all",
    "columns: {}",
    "2: columns: found an empty mapping, expected at least one column; leave out `columns` " +
    "to match all columns by name",
  ],
  [
    "a key that isn't mapped",
    "key: [emial]\ncolumns:\n  email: E-Mail",
    '2: key[0]: "emial" is neither a source nor a target column under `columns`; ' +
    'did you mean "email"?',
  ],
  [
    "a key that is nearly a source",
    "key: EMail\ncolumns:\n  address: [E-Mail]\n  mail: {from: [E-Mail]}",
    '2: key: "EMail" is neither a source nor a target column under `columns`; ' +
    'did you mean "E-Mail"?',
    "4: columns.address: found a list, expected a source column or a mapping such as " +
    "{from: Age, type: integer}",
  ],
  ["a key named twice", "key: [id, id]", '2: key[1]: "id" is already in the key'],
  [
    "an empty key",
    "key: []",
    "2: key: found an empty list, expected a column or a list of columns",
  ],
  [
    "an update without a key",
    "on_duplicate: update",
    "2: on_duplicate: update needs a key; say which column identifies a row: key: [column]",
  ],
  [
    "skipping without a key",
    "on_duplicate: skip",
    "2: on_duplicate: skip needs a key; say which column identifies a row: key: [column]",
  ],
  [
    "on_missing without a key",
    "on_missing: fail",
    "2: on_missing: fail needs a key; say which column identifies a row: key: [column]",
  ],
  [
    "update_if_newer but nothing to compare",
    "key: id\non_duplicate: update_if_newer",
    "1: compare: is missing; expected {source, target}, the columns that tell which row is newer",
  ],
  [
    "a comparison that nothing uses",
    "key: id\non_duplicate: update\ncompare: {source: a, target: b}",
    "4: compare: is used only with on_duplicate: update_if_newer",
  ],
  [
    "half a comparison",
    "key: id\non_duplicate: update_if_newer\ncompare: {source: a}",
    "4: compare.target: is missing; expected text",
  ],
  [
    "a file without a path",
    "source: {type: file}",
    "2: source.path: is missing; expected the file that `type: file` reads",
  ],
  [
    "a path without a file",
    "source: {path: a.csv}",
    "2: source.path: needs `type: file`",
  ],
  [
    "a variable in a path",
    'source: {type: file, path: "${HOME}/a.csv"}',
    "2: source.path: ${HOME}: a variable here is not supported by this version of ingest",
  ],
  [
    "a delimiter that is a word",
    'source: {delimiter: "semicolon"}',
    '2: source.delimiter: found "semicolon", expected auto, tab, one character or several others ' +
    "than letters and digits, and no quote",
  ],
  [
    "a letter as an escape",
    "source: {escape: n}",
    '2: source.escape: found "n", expected one character that is no letter, digit or blank',
  ],
  [
    "a letter as a quote",
    "source: {quote: a}",
    '2: source.quote: found "a", expected auto, none or one character that is no letter or digit',
  ],
  [
    "a quote that is the delimiter",
    'source: {delimiter: "|", quote: "|"}',
    '2: source.quote: found "|", expected another character than the delimiter',
  ],
  [
    "a comment without quotes, which YAML takes for one",
    "source:\n  comment: #",
    '3: source.comment: found nothing, expected the text with which comments begin, such as "#"',
  ],
  [
    "a comment that begins with the delimiter",
    'source: {delimiter: ";", comment: ";;"}',
    '2: source.comment: found ";;", expected another beginning than the delimiter\'s or the quote',
  ],
  [
    "commas in a tsv",
    'source: {format: tsv, delimiter: ","}',
    '2: source.delimiter: found ",", expected tab, because `format` is tsv',
  ],
  [
    "a pattern of rows that is no regular expression",
    'source: {skip_rows: ["^a", "("]}',
    '2: source.skip_rows[1]: "(" is not a valid regular expression: Unterminated group',
  ],
  [
    "an encoding that doesn't exist",
    "source: {encoding: windows1252x}",
    '2: source.encoding: found "windows1252x", expected auto or an encoding such as utf-8; ' +
    'did you mean "windows-1252"?',
  ],
  [
    "a time zone that doesn't exist",
    "time_zone: Europe/Berln",
    '2: time_zone: found "Europe/Berln", expected a time zone such as Europe/Berlin or UTC; ' +
    'did you mean "Europe/Berlin"?',
  ],
  [
    // Postgres would read it as POSIX does: two hours to the west.
    "an offset instead of a time zone",
    'time_zone: "UTC+2"',
    '2: time_zone: found "UTC+2", expected a time zone such as Europe/Berlin or UTC',
  ],
  [
    "no header, but no names either",
    "source: {header: false}",
    "2: source.header: found false, expected true or a list of names",
  ],
  [
    "a size in unknown units",
    "options: {batch_bytes: 1XB}",
    '2: options.batch_bytes: found "1XB", expected a size from 1 B to 100 MB, such as 1MB',
  ],
  [
    "a batch larger than memory",
    "options: {batch_bytes: 20GB}",
    '2: options.batch_bytes: found "20GB", expected a size from 1 B to 100 MB, such as 1MB',
  ],
  [
    "a batch of too many rows",
    "options: {batch_rows: 2000000}",
    "2: options.batch_rows: found 2000000, expected a whole number from 1 to 1000000",
  ],
  [
    "batches without rows",
    "options: {batch_rows: 0}",
    "2: options.batch_rows: found 0, expected a whole number, 1 or more",
  ],
  [
    "an error limit of more than all rows",
    "options: {max_errors: 101%}",
    '2: options.max_errors: found "101%", expected a number of rows, a percentage up to 100%, ' +
    "or null",
  ],
  [
    "a key without its condition",
    "key: {columns: email}",
    "2: key.where: is missing; expected a condition such as deleted_at is null",
  ],
  [
    "an empty condition of a key",
    'key: {columns: email, where: " "}',
    '2: key.where: found "", expected a condition such as deleted_at is null',
  ],
  [
    "a key with something else than a condition",
    "key: {columns: email, when: deleted_at is null}",
    "2: key.where: is missing; expected a condition such as deleted_at is null",
    "2: key.when: unknown key; expected one of columns, where",
  ],
  [
    "a key that names a column twice",
    "key: {columns: [email, email], where: deleted_at is null}",
    '2: key.columns[1]: "email" is already in the key',
  ],
  [
    "an identity that is neither kept nor generated",
    "identity: keeps",
    '2: identity: found "keeps", expected one of keep, generate; did you mean "keep"?',
  ],
  [
    "sequences that are neither told nor advanced",
    "options: {sequences: reset}",
    '2: options.sequences: found "reset", expected one of warn, advance',
  ],
  [
    "an undo that remembers something else",
    "options: {undo: deletes}",
    '2: options.undo: found "deletes", expected one of updates, inserts, off',
  ],
  [
    "an age without a unit",
    "options: {undo_for: 7}",
    "2: options.undo_for: found 7, expected an age such as 7d, 12h or 4w",
  ],
  [
    "an age of another unit",
    "options: {undo_for: 1mo}",
    '2: options.undo_for: found "1mo", expected an age such as 7d, 12h or 4w',
  ],
  ...[
    ["90", "90"],
    ["90x", '"90x"'],
    ["-1d", '"-1d"'],
    ["0d", '"0d"'],
    ["1.5d", '"1.5d"'],
    ["9999y", '"9999y"'],
    ['""', '""'],
  ].map(([given, found]): readonly [string, string, string] => [
    `rows that are kept for ${given}`,
    `options: {keep: {failed_rows: ${given}}}`,
    `2: options.keep.failed_rows: found ${found}, expected an age such as 90d, 12h or 1y, or forever`,
  ]),
  ...[
    ["/etc/x.js", "/etc/x.js"],
    ["../x.js", "../x.js"],
    ["a/../../x.js", "a/../../x.js"],
    ["https://x.org/x.js", "https://x.org/x.js"],
    ["", ""],
  ].map(([given, found]): readonly [string, string, string] => [
    `hooks in ${JSON.stringify(given)}`,
    `hooks: ${JSON.stringify(given)}`,
    `2: hooks: found ${JSON.stringify(found)}, expected a file beside the definition, such as ` +
    "./customers.hooks.js",
  ]),
  [
    "hooks in Python",
    "hooks: x.py",
    '2: hooks: "x.py" is no JavaScript; expected a file beside the definition, such as ' +
    "./customers.hooks.js",
  ],
  [
    "a time for hooks without hooks",
    "options: {hook_timeout: 5s}",
    "2: options.hook_timeout: is for hooks, and the definition has none",
  ],
  ...["5", "500ms", "2h", "0s"].map((given): readonly [string, string, string] => [
    `a time for hooks of ${given}`,
    `hooks: x.js\noptions: {hook_timeout: "${given}"}`,
    `3: options.hook_timeout: found "${given}", expected a time from 1s to 1h, such as 10s`,
  ]),
  [
    "another thing to keep",
    "options: {keep: {failed_row: 90d}}",
    '2: options.keep.failed_row: unknown key; did you mean "failed_rows"?',
  ],
  ...[["-1", "-1"], ["1.5", "1.5"], ['"10%"', '"10%"'], ["1e99", "1e+99"]].map((
    [given, found],
  ): readonly [string, string, string] => [
    `${given} failed rows to keep`,
    `options: {max_failed_rows_logged: ${given}}`,
    `2: options.max_failed_rows_logged: found ${found}, expected a whole number of rows, 0 or more, or null`,
  ]),
  [
    "keep as a single age",
    "options: {keep: 90d}",
    '2: options.keep: found "90d", expected a mapping such as {failed_rows: 90d, runs: 1y}',
  ],
  [
    "a slug that doesn't fit into a URL",
    "slug: My Customers",
    '2: slug: "My Customers", expected lowercase letters, digits, `-` and `_`; ' +
    'did you mean "my-customers"?',
  ],
];

for (const [what, rest, ...expected] of BROKEN) {
  Deno.test(`a definition with ${what} is refused with its line`, () => {
    assert.deepEqual(problemsOf(`table: customers\n${rest}\n`), expected);
  });
}

const UNSUPPORTED: readonly (readonly [string, string])[] = [
  ["source: {type: ftp}", '2: source.type: "ftp"'],
];

for (const [rest, expected] of UNSUPPORTED) {
  Deno.test(`a feature that isn't supported yet is refused, not ignored: ${rest}`, () => {
    assert.deepEqual(problemsOf(`table: customers\n${rest}\n`), [
      `${expected} is not supported by this version of ingest`,
    ]);
  });
}

for (
  const [table, reason] of [
    ["pg_catalog.pg_class", "one of Postgres's own tables; an import can't write to it"],
    ["PG_Toast.x", "one of Postgres's own tables; an import can't write to it"],
    ["information_schema.tables", "one of Postgres's own tables; an import can't write to it"],
    ["ingest.runs", "one of ingest's own tables; an import can't write to it"],
    ['"ingest".runs', "one of ingest's own tables; an import can't write to it"],
  ]
) {
  Deno.test(`the table ${table} can't be a target`, () => {
    const name = JSON.stringify(table);
    assert.deepEqual(problemsOf(`table: '${table}'`), [`1: table: ${name} is ${reason}`]);
  });
}

for (const table of ["a.b.c", "my table", "", '"open', "1st", "a."]) {
  Deno.test(`${JSON.stringify(table)} is not a table name`, () => {
    assert.deepEqual(problemsOf(`table: '${table}'`), [
      `1: table: found ${JSON.stringify(table)}, expected a table such as customers or ` +
      "public.customers (other names need double quotes)",
    ]);
  });
}

Deno.test("ingest's own schema is the one in the options", () => {
  const ours = parseDefinition("table: loads.runs", "a.yaml", { ownSchema: "loads" });
  assert.ok("problems" in ours);
  const theirs = parseDefinition("table: ingest.runs", "a.yaml", { ownSchema: "loads" });
  assert.ok("definition" in theirs);
});

Deno.test("mistakes of different kinds are all shown, each with its line", () => {
  const text = [
    "# our customers",
    "table: customers",
    "key: [emial]",
    "columns:",
    "  email: E-Mail",
    "  age:",
    "    from: Age",
    "    typ: integer",
    "    min: 5",
    "    max: 1",
    "options:",
    "  batch_bytes: much",
  ].join("\n");
  assert.deepEqual(problemsOf(text), [
    '3: key[0]: "emial" is neither a source nor a target column under `columns`; ' +
    'did you mean "email"?',
    '8: columns.age.typ: unknown key; did you mean "type"?',
    "9: columns.age.min: found 5, expected at most `max`, which is 1",
    '12: options.batch_bytes: found "much", expected a size from 1 B to 100 MB, such as 1MB',
  ]);
});

Deno.test("several mistakes in one list of transforms don't hide mistakes elsewhere", () => {
  const text = [
    "table: customers",
    "columns:",
    "  name: {transform: [lowr, {prefx: a}, {replace: {pattern: a}}]}",
    "  age: {min: 5, max: 1}",
    "compare: {source: a}",
  ].join("\n");
  assert.deepEqual(problemsOf(text).map((problem) => problem.split(": ", 2).join(": ")), [
    "3: columns.name.transform[0]",
    "3: columns.name.transform[1].prefx",
    "3: columns.name.transform[2].replace.with",
    "4: columns.age.min",
    "5: compare.target",
  ]);
});

Deno.test("a mistyped `from` is not also reported as a key that isn't mapped", () => {
  const text = "table: c\nkey: E-Mail\ncolumns:\n  email:\n    form: E-Mail";
  assert.deepEqual(problemsOf(text), ['5: columns.email.form: unknown key; did you mean "from"?']);
});

Deno.test("a problem has the parts of its message as separate fields", () => {
  const result = parseDefinition("table: c\nkey: id\non_duplicate: updte", "importers/c.yaml");
  assert.ok("problems" in result);
  assert.deepEqual(result.problems, [{
    file: "importers/c.yaml",
    line: 3,
    path: "on_duplicate",
    found: '"updte"',
    expected: "one of skip, update, update_if_newer, fail",
    suggestion: "update",
    message: 'importers/c.yaml:3: on_duplicate: found "updte", expected one of skip, update, ' +
      'update_if_newer, fail; did you mean "update"?',
  }]);
});

Deno.test("a file that is empty or isn't a definition is refused", () => {
  assert.deepEqual(problemsOf("# later\n"), [
    "1: found nothing, expected a definition; the shortest is `table: customers`",
  ]);
  assert.deepEqual(problemsOf("hello"), [
    '1: found "hello", expected a mapping with the key `table`',
  ]);
  assert.deepEqual(problemsOf("- table: a"), [
    "1: found a list, expected a mapping with the key `table`",
  ]);
  assert.deepEqual(problemsOf("columns: {a: b}"), [
    "1: table: is missing; expected a table such as customers or public.customers",
  ]);
});

Deno.test("the file's name has to be a slug", () => {
  assert.deepEqual(problemsOf("table: a", "importers/My Customers.yaml"), [
    '1: the file\'s name gives the slug "My Customers", expected lowercase letters, digits, ' +
    '`-` and `_`; did you mean "my-customers"?',
  ]);
});
