/** Notations of numbers. */
import fc from "fast-check";
import { numbers } from "./near_values.ts";
import { column } from "./rows.ts";
import type { Notation } from "./notation.ts";

const NUMERIC = column("x", "numeric", { precision: 12, scale: 2 });

export const NUMBERS: Readonly<Record<string, Notation>> = {
  "plain numbers": {
    rules: { min: -1000 },
    target: NUMERIC,
    near: numbers(".", ","),
    certain: { "007": "7", "+1.50": "1.50", ".5": "0.5", "5.": "5", "-00.5": "-0.5", "00": "0" },
  },
  "plain integers": {
    rules: { max: 999_999 },
    target: column("x", "int4"),
    near: numbers(".", ","),
    certain: { "007": "7", "+12": "12", "-0099": "-99" },
  },
  "long integers": {
    rules: { max: 2 ** 53 },
    target: column("x", "int8"),
    near: fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }).map(String),
    certain: {
      "9007199254740990": "9007199254740990",
      "-123456789012345678": "-123456789012345678",
    },
  },
  "integers as long as they get": {
    rules: {},
    target: column("x", "int8"),
    near: fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
    certain: { "999999999999999999": "999999999999999999" },
  },
  "decimals as long as they get": {
    rules: {},
    target: column("x", "numeric", { precision: 20, scale: 2 }),
    near: fc.tuple(
      fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }),
      fc.constantFrom("", ".5", ".995"),
    )
      .map((parts) => parts.join("")),
    certain: { "99999999999999999.995": "99999999999999999.995" },
  },
  "decimal comma": {
    rules: { type: "numeric", decimal: ",", thousands: "." },
    target: NUMERIC,
    near: numbers(",", "."),
    certain: { "1.234,56": "1234.56", "-1234567,8": "-1234567.8", "12": "12", ",5": "0.5" },
  },
  "decimal comma into a text": {
    rules: { type: "numeric", decimal: ",", thousands: " ", min: 0, max: 5000 },
    target: column("x", "varchar", { maxLength: 6 }),
    near: numbers(",", " ", "\u00a0", "\u2008", "\u2009", "\u202f"),
    certain: { "1 234,5": "1234.5", "1\u00a0234": "1234", "2\u202f500": "2500" },
  },
  "apostrophes between thousands": {
    rules: { type: "float", thousands: "'" },
    target: column("x", "float4"),
    near: numbers(".", "'", "\u2019"),
    binary: /^-?\d{1,5}(?:\.\d{1,6})?$/,
    certain: { "1'234.56": "1234.56", "1\u2019234'567": "1234567" },
  },
  "exponents": {
    rules: {},
    target: column("x", "float8"),
    near: numbers(".", ""),
    binary: /^-?\d{1,7}(?:\.\d{1,8})?(?:e-?\d)?$/,
    certain: { "1.50E-05": "1.50e-5", "-2e+10": "-2e10", "7e0": "7", "1.e3": "1e3" },
  },
  "exponents of a numeric": {
    rules: {},
    target: column("x", "numeric"),
    near: numbers(".", ""),
    certain: { "1.50E-05": "1.50e-5" },
  },
  "whole numbers with thousands": {
    rules: { type: "integer", thousands: ".", decimal: "," },
    target: column("x", "int8"),
    near: numbers(",", "."),
    certain: { "1.234.567": "1234567", "+12": "12" },
  },
  "decimals for a column of integers": {
    rules: { type: "numeric", decimal: ",", thousands: ".", max: 5_000_000 },
    target: column("x", "int4"),
    near: numbers(",", "."),
    certain: { "1.234": "1234", "007": "7" },
  },
  "decimals of a limited length for a column of integers": {
    rules: { type: "numeric", decimal: ",", thousands: ".", max_length: 5 },
    target: column("x", "int4"),
    near: numbers(",", "."),
    certain: {},
  },
};
