import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { copyRow, describeRefusal, type Refusal } from "../../../src/load/refusal/refusal.ts";
import type { Table } from "../../../src/load/catalog/table.ts";
import { column, table } from "../../row/rows.ts";

const index = {
  primary: false,
  partial: false,
  predicate: null,
  nullsNotDistinct: false,
  deferrable: false,
};

const CUSTOMERS: Table = table([
  column("id", "int4"),
  column("email"),
  column("age", "int4", { type: "smallint" }),
], {
  uniqueIndexes: [
    { ...index, name: "customers_pkey", primary: true, columns: ["id"] },
    { ...index, name: "customers_email_age", columns: ["email", "age"] },
    { ...index, name: "customers_lower", columns: null },
    { ...index, name: "customers_code", columns: ["email"], partitionNames: ["customers_1_code"] },
  ],
  foreignKeys: [{
    name: "customers_company_fkey",
    columns: ["company_id"],
    referencedRows: "only crm.companies",
    referencedColumns: ["id"],
    referencedName: "companies",
    toItself: false,
    opaque: false,
  }],
  checks: [
    { name: "age_positive", columns: ["age"], expression: "(age > 0)" },
    { name: "age_or_email", columns: ["age", "email"], expression: "(age > 0 or email <> '')" },
  ],
});

function refusal(code: string, more: Partial<Refusal> = {}): Refusal {
  return { code, message: "in the server's language", ...more };
}

function described(code: string, more: Partial<Refusal> = {}) {
  const { code: ours, message, column, value } = describeRefusal(refusal(code, more), CUSTOMERS);
  return { code: ours, message, column, value };
}

Deno.test("a unique violation names the index's columns, and the value", () => {
  deepStrictEqual(
    described("23505", {
      constraint_name: "customers_pkey",
      detail: "Schlüssel »(id)=(7)« existiert bereits.",
    }),
    {
      code: "duplicate",
      message: "Duplicate entry found for key 'id'.",
      column: "id",
      value: "7",
    },
  );
  deepStrictEqual(
    described("23505", {
      constraint_name: "customers_email_age",
      detail: "Key (email, age)=(a(b)@c.d, 7) already exists.",
    }),
    {
      code: "duplicate",
      message: "Duplicate entry found for key 'email, age'.",
      column: null,
      value: "a(b)@c.d, 7",
    },
  );
});

Deno.test("a unique violation in a partition names the columns of the table's index", () => {
  strictEqual(
    described("23505", { constraint_name: "customers_1_code" }).message,
    "Duplicate entry found for key 'email'.",
  );
});

Deno.test("a unique index on an expression is called by its name", () => {
  deepStrictEqual(described("23505", { constraint_name: "customers_lower" }), {
    code: "duplicate",
    message: "Duplicate entry found for key 'customers_lower'.",
    column: null,
    value: null,
  });
});

Deno.test("a CHECK of one column names that column", () => {
  strictEqual(described("23514", { constraint_name: "age_positive" }).column, "age");
  strictEqual(described("23514", { constraint_name: "age_or_email" }).column, null);
  strictEqual(described("23514", { constraint_name: "unknown" }).column, null);
});

Deno.test("constraints, lengths, ranges and types have their code and one sentence", () => {
  const messages: readonly (readonly [Refusal, string, string])[] = [
    [
      refusal("23503", { constraint_name: "customers_company_fkey" }),
      "foreign_key",
      "The company_id field refers to a row that is not in companies.",
    ],
    [refusal("23502", { column_name: "age" }), "not_null", "The age field is required."],
    [
      refusal("23514", { constraint_name: "age_positive" }),
      "check",
      "The customers table refuses this row: age_positive.",
    ],
    [refusal("23514"), "check", "The customers table has no partition for this row."],
    [
      refusal("22001", { where: 'COPY customers, line 2, column email: "abc"' }),
      "too_long",
      "The email field is too long for its column.",
    ],
    [refusal("22001"), "too_long", "A value is too long for its column in customers."],
    [
      refusal("22003", { where: "COPY ingest stage, Zeile 2, Spalte age: »70000«" }),
      "out_of_range",
      "The age field is out of range.",
    ],
    [refusal("22003"), "out_of_range", "A number is out of range for its column in customers."],
    [
      refusal("22P02", { where: 'COPY customers, line 1, column age: "x"' }),
      "type",
      "The age field must be a valid smallint.",
    ],
    [
      refusal("P0001", { message: "Too old.\n  Really" }),
      "database",
      "The customers table refuses this row: Too old. Really.",
    ],
    [
      refusal("22012", { message: "division by zero" }),
      "database",
      "The customers table refuses this row: division by zero.",
    ],
    // This constraint is unknown: it was created a moment ago.
    [
      refusal("23503", { constraint_name: "new_one", message: "no such thing" }),
      "database",
      "The customers table refuses this row: no such thing.",
    ],
  ];
  for (const [error, code, message] of messages) {
    const { code: ours, message: sentence, sqlstate } = describeRefusal(error, CUSTOMERS);
    deepStrictEqual([ours, sentence, sqlstate], [code, message, error.code]);
  }
});

Deno.test("the constraint is recorded where there is one", () => {
  const error = refusal("23514", { constraint_name: "age_positive" });
  strictEqual(describeRefusal(error, CUSTOMERS).constraint, "age_positive");
  strictEqual("constraint" in describeRefusal(refusal("23514"), CUSTOMERS), false);
});

Deno.test("long values and messages are cut", () => {
  const long = "x".repeat(1000);
  const error = refusal("P0001", { message: long, detail: `(a)=(${long})` });
  const { message, value } = describeRefusal(error, CUSTOMERS);
  strictEqual(value?.length, 200);
  strictEqual(message.length, "The customers table refuses this row: .".length + 200);
});

Deno.test("the row is read from COPY's context in any language", () => {
  const contexts = [
    "COPY customers, line 4",
    'COPY customers, line 4, column age: "x"',
    'COPY customers, line 4: "1,2, line 9, column x: 5"',
    "COPY customers, Zeile 4, Spalte age: »x«",
    "COPY customers, ligne 4, colonne age : « x »",
    'COPY customers, 行 4, 列 age: "x"',
    "customersのCOPY、行 4",
    'customersのCOPY、行 4、列 age: "x"',
    "customers 복사, 4번째 줄",
    'customers 복사, 4번째 줄, age 열: "x"',
    "COPY customers, 4행, age 열: null 입력",
    'COPY customers, строка 4, столбец age: "x"',
    'PL/pgSQL function check_age() line 3 at RAISE\nCOPY customers, line 4: "1\t2"',
    'SQL function "f" statement 1\nPL/pgSQL function g() line 7 at IF\nCOPY customers, line 4',
  ];
  for (const where of contexts) {
    strictEqual(copyRow(refusal("23505", { where }), "customers"), 3, where);
  }
});

Deno.test("commas and numbers in a table's name are not mistaken for the row", () => {
  const where = "COPY sales, Q3 2024, line 4";
  strictEqual(copyRow(refusal("23505", { where }), "sales, Q3 2024"), 3);
});

Deno.test("an error that names no row of this COPY names none", () => {
  const contexts = [
    undefined,
    "",
    "PL/pgSQL function check_age() line 3 at RAISE",
    'SQL statement "SELECT 1 FROM ONLY companies"',
    // A trigger's own COPY into another table.
    "COPY other, line 12",
    "other 복사, 4번째 줄",
    // A trigger's statement may contain a value, and the value such a line.
    `SQL statement "select 'x\nCOPY customers, line 1'"\nCOPY customers, line 4`,
    `SQL statement "select 'x\ncustomersのCOPY、行 1'"\nCOPY customers, line 4`,
  ];
  for (const where of contexts) {
    strictEqual(copyRow(refusal("23503", where === undefined ? {} : { where }), "customers"), null);
  }
});

Deno.test("a value's column is known even if its name has commas, colons and digits", () => {
  const names = ["a", "a, b", "a: b", "a: b, line 9", "a\nb"];
  const odd = table(names.map((name) => column(name, "int4", { type: "integer" })));
  for (const name of names) {
    for (const quoted of ['"x"', "« x »", "»x«"]) {
      const where = `COPY ${odd.name}, line 2, column ${name}: ${quoted}`;
      strictEqual(describeRefusal(refusal("XX000", { where }), odd).column, name);
    }
  }
});

Deno.test("the column and the value are read from COPY's context in any language", () => {
  const contexts: readonly (readonly [where: string, value: string | null])[] = [
    ["COPY customers, Zeile 4, Spalte age: »x«", "x"],
    ["COPY customers, ligne 4, colonne age\u00a0: «\u00a0x\u00a0»", "x"],
    ["COPY customers, línea 4, columna age: «x»", "x"],
    ['COPY customers, 行 4, 列 age: "x"', "x"],
    ["COPY customers, línea 4, columna age: entrada nula", null],
    ['customersのCOPY、行 4、列 age: "x"', "x"],
    ["customersのCOPY、行 4、列 age: null が入力されました", null],
    ['customers 복사, 4번째 줄, age 열: "x"', "x"],
    ['ingest stageのCOPY、行 4、列 age: "x"', "x"],
    ['ingest stage 0123abcd 복사, 4번째 줄, age 열: "x"', "x"],
    ['COPY customers, line 4, column age: "x\ny"', "x\ny"],
  ];
  for (const [where, value] of contexts) {
    const described = describeRefusal(refusal("XX000", { where }), CUSTOMERS);
    deepStrictEqual([described.column, described.value], ["age", value], where);
  }
});

Deno.test("a value that looks like a context is not mistaken for one", () => {
  const value = 'x\nCOPY customers, line 1, column email: "1';
  for (const relation of ["customers", "ingest stage"]) {
    const where = `COPY ${relation}, line 4, column age: "${value}"`;
    const described = describeRefusal(refusal("XX000", { where }), CUSTOMERS);
    deepStrictEqual([described.column, described.value], ["age", value]);
    strictEqual(copyRow(refusal("XX000", { where }), relation), 3);
  }
});

Deno.test("a value is shown even if its column's name has brackets and equals signs", () => {
  const detail = 'Key ("a=(b)", c)=(7, (x)=(y)) already exists.';
  strictEqual(described("23505", { detail }).value, "7, (x)=(y)");
});
