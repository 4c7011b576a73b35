/** The limits of a number: the rule's and the column's range. */
import { type CheckCase, testChecks } from "./check_cases.ts";
import { column } from "./rows.ts";

const int2 = column("age", "int2");
const price = column("price", "numeric", { precision: 5, scale: 2, type: "numeric(5,2)" });

const CASES: readonly CheckCase[] = [
  {
    name: "min with max",
    rules: { min: 0, max: 150 },
    target: int2,
    code: "min",
    message: "The age field must be between 0 and 150.",
    bad: ["-1", "-40000", "-99999999999999999999"],
    good: ["0", "150"],
  },
  {
    name: "max with min",
    rules: { min: 0, max: 150 },
    target: int2,
    code: "max",
    message: "The age field must be between 0 and 150.",
    bad: ["151", "40000"],
    good: ["150"],
  },
  {
    name: "min alone",
    rules: { type: "numeric", min: 0 },
    code: "min",
    message: "The x field must be at least 0.",
    bad: ["-0.1", "-1e-9"],
    good: ["0", "0.00", "1e9", "-0"],
  },
  {
    name: "max alone",
    rules: { type: "integer", max: 9007199254740992 },
    code: "max",
    message: "The x field must be at most 9007199254740992.",
    bad: ["9007199254740993"],
    good: ["9007199254740992", "-1"],
  },
  {
    name: "min of a float that is no number",
    rules: { type: "float", min: 0 },
    code: "min",
    message: "The x field must be at least 0.",
    bad: ["NaN", "-Infinity"],
    good: ["Infinity"],
  },
  {
    name: "limits on a text column",
    rules: { max: 10 },
    code: "max",
    message: "The x field must be at most 10.",
    bad: ["11"],
    good: ["9.5"],
  },
  {
    name: "the range of smallint",
    rules: {},
    target: int2,
    code: "out_of_range",
    message: "The age field must be between -32768 and 32767.",
    bad: ["32768", "-32769", "99999999999999999999999"],
    good: ["32767", "-32768"],
  },
  {
    name: "the range of bigint",
    rules: {},
    target: column("x", "int8"),
    code: "out_of_range",
    message: "The x field must be between -9223372036854775808 and 9223372036854775807.",
    bad: ["9223372036854775808", "-9223372036854775809", "9".repeat(1000)],
    good: ["9223372036854775807", "-9223372036854775808"],
  },
  {
    name: "numeric(5,2)",
    rules: {},
    target: price,
    code: "out_of_range",
    message: "The price field must be between -999.99 and 999.99.",
    bad: ["1000", "999.995", "-999.995", "1e3", "12345678901234567890"],
    good: ["999.99", "999.994", "99999e-2", "0.001", "-999.9949999", "0e9", "0.00000000000000001"],
  },
  {
    name: "numeric(2,4)",
    rules: {},
    target: column("x", "numeric", { precision: 2, scale: 4 }),
    code: "out_of_range",
    message: "The x field must be between -0.0099 and 0.0099.",
    bad: ["0.01", "0.00995", "1"],
    good: ["0.0099", "0.00994", "0"],
  },
  {
    name: "numeric(2,-3)",
    rules: {},
    target: column("x", "numeric", { precision: 2, scale: -3 }),
    code: "out_of_range",
    message: "The x field must be between -99000 and 99000.",
    bad: ["99500", "100000"],
    good: ["99499", "0", "499"],
  },
  {
    name: "real",
    rules: {},
    target: column("x", "float4", { type: "real" }),
    code: "out_of_range",
    message: "The x field is out of range for real.",
    bad: ["1e39", "-1e39", "1e-60"],
    good: ["1e38", "1e-40", "0e-99", "NaN"],
  },
];

testChecks(CASES);
