/** Which rows are the same, and what becomes of them: each line about `key` and duplicates. */
import { contract } from "./line.ts";

const TABLES = `create table t (email text primary key, name text, updated_at timestamptz);
  insert into t values ('ann@x', 'Old', '2026-01-02Z')`;
const COLUMNS = "columns: { email: { from: [E-Mail, Mail] }, name: Name }";
const FILE = "E-Mail,Name\nann@x,New\nbob@x,Bob\n";
const DUPLICATE = "Duplicate entry found for key 'email'.";
const MANY = 10_000;
/** One more than are named. */
const ADDRESSES = Array.from({ length: MANY + 1 }, (_, i) => `a${i}@x,x`);

contract("each line about keys and duplicates holds", [
  {
    says: "a key is a column of the table; on_duplicate: skip is the default",
    tables: TABLES,
    definition: `key: [email]\n${COLUMNS}`,
    file: FILE,
    rows: ['(ann@x,Old,"2026-01-02 00:00:00+00")', "(bob@x,Bob,)"],
    outcomes: "skipped created",
  },
  ...["E-Mail", "Mail"].map((alias) => ({
    says: `a key may be a source column, by any alias: ${alias}`,
    tables: TABLES,
    definition: `key: [${alias}]\non_duplicate: update\n${COLUMNS}`,
    file: FILE,
    rows: ['(ann@x,New,"2026-01-02 00:00:00+00")', "(bob@x,Bob,)"],
    outcomes: "updated created",
  })),
  {
    says: "on_duplicate: fail",
    tables: TABLES,
    definition: `key: [email]\non_duplicate: fail\n${COLUMNS}`,
    file: FILE,
    rows: ['(ann@x,Old,"2026-01-02 00:00:00+00")', "(bob@x,Bob,)"],
    outcomes: "failed created",
    errors: [`1 duplicate email ann@x: ${DUPLICATE}`],
  },
  {
    says: "on_duplicate: update_if_newer compares two columns",
    tables: `${TABLES}, ('bob@x', 'Old', '2026-01-02Z')`,
    definition: `key: [email]
on_duplicate: update_if_newer
compare: { source: last_modified, target: updated_at }
time_zone: UTC
columns: { email: Mail, name: Name, updated_at: last_modified }`,
    file: `Mail,Name,last_modified
ann@x,New,2026-01-02T00:00:01Z
bob@x,New,2026-01-02T00:00:00Z
cid@x,New,2026-01-01T00:00:00Z
`,
    query: "select email || ' ' || name from t order by 1",
    rows: ["ann@x New", "bob@x Old", "cid@x New"],
    outcomes: "updated skipped created",
  },
  {
    says: "on_missing: skip",
    tables: TABLES,
    definition: `key: [email]\non_duplicate: update\non_missing: skip\n${COLUMNS}`,
    file: FILE,
    rows: ['(ann@x,New,"2026-01-02 00:00:00+00")'],
    outcomes: "updated skipped",
  },
  {
    says: "on_missing: fail",
    tables: TABLES,
    definition: `key: [email]\non_duplicate: update\non_missing: fail\n${COLUMNS}`,
    file: FILE,
    rows: ['(ann@x,New,"2026-01-02 00:00:00+00")'],
    outcomes: "updated failed",
    errors: ["2 lookup email bob@x: No t row has this email."],
  },
  ...["batch_rows: 1", "transaction: run"].flatMap((options) => [
    {
      says: `the same key twice in the file: with update, the later row wins (${options})`,
      tables: TABLES,
      definition: `key: [email]\non_duplicate: update\n${COLUMNS}`,
      options,
      file: "E-Mail,Name\nbob@x,First\nx@x,x\nbob@x,Last\n",
      query: "select name from t where email = 'bob@x'",
      rows: ["Last"],
      outcomes: "created created updated",
    },
    {
      says: `the same key twice in the file: with skip, the first row wins (${options})`,
      tables: TABLES,
      definition: `key: [email]\n${COLUMNS}`,
      options,
      file: "E-Mail,Name\nbob@x,First\nx@x,x\nbob@x,Last\n",
      query: "select name from t where email = 'bob@x'",
      rows: ["First"],
      outcomes: "created created skipped",
    },
  ]),
  {
    says: "the same key twice in the file: with fail, the later row fails, and names the first",
    tables: TABLES,
    definition: `key: [email]\non_duplicate: fail\n${COLUMNS}`,
    options: "batch_rows: 1",
    file: "E-Mail,Name\nbob@x,First\nx@x,x\nbob@x,Last\n",
    query: `select name from t where email = 'bob@x' union all
      select errors #>> '{details,0,first_row}' from ingest.rows
      where status = 'failed' and run_id = (select max(id) from ingest.runs where not dry_run)`,
    rows: ["First", "1"],
    outcomes: "created created failed",
    errors: [`3 duplicate_in_file email bob@x: ${DUPLICATE}`],
  },
  {
    says: "if the first row with a key fails, the next one that is loaded is named by the others",
    tables: TABLES.replace("name text", "name text check (name <> 'Bad')"),
    definition: `key: [email]\non_duplicate: fail\n${COLUMNS}`,
    file: "E-Mail,Name\nbob@x,Bad\nbob@x,Bad\nbob@x,Good\nbob@x,Late\nx@x,x\nbob@x,Later\n",
    query: `select concat_ws(' ', row_number, errors #>> '{details,0,first_row}')
      from ingest.rows where errors #>> '{details,0,code}' like 'duplicate%'
        and run_id = (select max(id) from ingest.runs where not dry_run) order by row_number`,
    rows: ["4 3", "6 3"],
    outcomes: "failed failed created failed created failed",
    errors: [
      "1 check name Bad: The t table refuses this row: t_name_check.",
      "2 check name Bad: The t table refuses this row: t_name_check.",
      `4 duplicate_in_file email bob@x: ${DUPLICATE}`,
      `6 duplicate_in_file email bob@x: ${DUPLICATE}`,
    ],
  },
  {
    says: "the first one's row number is told of the first 10,000 rows that repeat a key",
    tables: TABLES,
    definition: `key: [email]\non_duplicate: fail\n${COLUMNS}`,
    options: "log_rows: failed",
    file: ["E-Mail,Name", ...ADDRESSES, ...ADDRESSES, ""].join("\n"),
    query: `select concat_ws(' ', count(*), row_number - (errors #>> '{details,0,first_row}')::int)
      from ingest.rows
      where status = 'failed' and run_id = (select max(id) from ingest.runs where not dry_run)
      group by row_number - (errors #>> '{details,0,first_row}')::int order by count(*) desc`,
    rows: [`${MANY} ${MANY + 1}`, "1"],
    outcomes: ADDRESSES.map(() => "failed").join(" "),
    errors: ADDRESSES.map((line, i) => {
      const code = i < MANY ? "duplicate_in_file" : "duplicate";
      return `${i + MANY + 2} ${code} email ${line.replace(",x", "")}: ${DUPLICATE}`;
    }),
  },
]);
