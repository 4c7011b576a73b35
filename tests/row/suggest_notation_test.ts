/** Which notation is suggested for values that a column refused. */
import { deepEqual, equal } from "node:assert/strict";
import { type RefusedKind, suggestNotation } from "../../src/row/suggest_notation.ts";

const CASES: readonly (readonly [RefusedKind, readonly string[], object | null, object | null])[] =
  [
    ["date", ["31.12.2024", "15.07.2024", "x"], { format: "dd.MM.yyyy" }, null],
    ["date", ["07/15/2024", "12/31/2024"], { format: "MM/dd/yyyy" }, null],
    ["date", ["01/02/2024", "03/04/2024"], { format: "dd/MM/yyyy" }, { format: "MM/dd/yyyy" }],
    ["date", ["1/2/2024", "15/7/2024"], { format: "d/M/yyyy" }, null],
    ["date", ["3 Jul 2024", "15 Dec 2024"], { format: "d MMM yyyy" }, null],
    ["date", ["03-JUL-24", "15-DEC-24"], { format: "dd-MMM-yy" }, null],
    ["date", ["July 3, 2024", "May 15, 2024"], { format: "MMM d, yyyy" }, null],
    ["date", ["45488", "45500", "45501"], { format: "excel" }, null],
    ["date", ["45488.5", "45500.25"], null, null],
    ["date", ["15.07.24", "16.07.24"], { format: "dd.MM.yy" }, null],
    ["date", ["soon", "never", "31.12.2024"], null, null],
    ["time", ["8:05", "12:30"], { format: "H:mm" }, null],
    ["time", ["8:05 PM", "12:30 AM"], { format: "h:mm a" }, null],
    ["timestamp", ["15.07.2024 08:30", "16.07.2024 23:59"], { format: "dd.MM.yyyy HH:mm" }, null],
    [
      "timestamp",
      ["7/15/2024 8:30:00 AM", "12/31/2024 12:00:00 PM"],
      { format: "M/d/yyyy h:mm:ss a" },
      null,
    ],
    [
      "timestamp",
      ["2024-07-15 08:30:00 Europe/Berlin", "2024-07-16 08:30:00 Europe/Berlin"],
      { format: "yyyy-MM-dd HH:mm:ss z" },
      null,
    ],
    ["timestamp", ["20240715123000", "20240716120000"], { format: "yyyyMMddHHmmss" }, null],
    ["timestamp", ["1721032200", "1721032201"], { format: "unix" }, null],
    ["timestamp", ["1721032200123"], { format: "unix_ms" }, null],
    [
      "timestamp",
      ["01/02/2024 10:00", "03/04/2024 11:00"],
      { format: "dd/MM/yyyy HH:mm" },
      { format: "MM/dd/yyyy HH:mm" },
    ],
    ["numeric", ["1.234,56", "12,50"], { decimal: ",", thousands: "." }, null],
    ["numeric", ["1,234.56", "12,345.00"], { thousands: "," }, null],
    ["numeric", ["$5", "$1.50"], { accept: ["currency"] }, null],
    ["numeric", ["(5.00)", "(1.50)"], { accept: ["parentheses"] }, null],
    ["numeric", ["12%", "5.5 %"], { accept: ["percent"] }, null],
    ["numeric", ["5-", "7.5-"], { accept: ["trailing_minus"] }, null],
    ["numeric", ["1.234,56 €", "2,50 €-"], {
      decimal: ",",
      thousands: ".",
      accept: ["currency", "trailing_minus"],
    }, null],
    ["numeric", ["1,234", "5,678"], { decimal: ",", thousands: "." }, { thousands: "," }],
    ["numeric", ["n/a", "unknown"], null, null],
    ["integer", ["1,234", "12,345"], { thousands: "," }, null],
    ["integer", ["1 234", "12 345"], { thousands: " " }, null],
  ];

Deno.test("the notation that most of the refused values have is suggested", () => {
  for (const [kind, values, notation, otherwise] of CASES) {
    const found = suggestNotation(kind, values);
    deepEqual(found?.notation ?? null, notation, values.join(" "));
    deepEqual(found?.otherwise ?? null, otherwise, values.join(" "));
  }
  equal(suggestNotation("date", ["31.12.2024", "15.07.2024", "x"])?.fits, 2);
});
