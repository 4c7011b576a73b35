/** Notations of dates and times. */
import fc from "fast-check";
import { isoMoments, moments } from "./near_values.ts";
import { column } from "./rows.ts";
import type { Notation } from "./notation.ts";

export const MOMENTS: Readonly<Record<string, Notation>> = {
  "formats of a date": {
    rules: { type: "date", format: ["dd.MM.yyyy", "d.M.yy", "yyyy-MM-dd"] },
    target: column("x", "date"),
    near: fc.oneof(moments("dd.MM.yyyy"), moments("d.M.yy"), moments("yyyy-MM-dd")),
    certain: {
      "29.02.2024": "2024-02-29",
      "1.2.69": "2069-02-01",
      "01.12.70": "1970-12-01",
      "2024-12-31": "2024-12-31",
    },
  },
  "formats that could be either": {
    rules: { type: "date", format: ["MM/dd/yyyy", "dd/MM/yyyy", "yyyyMMdd"] },
    target: column("x", "date"),
    near: fc.oneof(moments("MM/dd/yyyy"), moments("yyyyMMdd")),
    certain: { "03/04/2024": "2024-03-04", "13/04/2024": "2024-04-13", "20240229": "2024-02-29" },
  },
  "a format with names behind one without": {
    rules: { type: "date", format: ["d.M.yyyy", "d MMM yyyy"] },
    target: column("x", "date"),
    near: fc.oneof(moments("d.M.yyyy"), fc.constantFrom("3 Mai 2024", "3 May 2024", "31 Feb 2024")),
    certain: { "3.5.2024": "2024-05-03" },
  },
  "dates in a text": {
    rules: { type: "date", format: ["d.M.yyyy"] },
    target: column("x", "varchar", { maxLength: 10 }),
    near: moments("d.M.yyyy"),
    certain: { "3.5.2024": "2024-05-03" },
  },
  "formats of a timestamp": {
    rules: { type: "timestamp", format: ["dd.MM.yyyy HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSSZ"] },
    target: column("x", "timestamptz"),
    near: fc.oneof(moments("dd.MM.yyyy HH:mm:ss"), moments("yyyy-MM-dd'T'HH:mm:ss.SSSZ")),
    certain: {
      "29.02.2024 12:30:00": "2024-02-29 12:30:00",
      "2024-02-29T12:30:00.120Z": "2024-02-29 12:30:00.12+00",
      "2024-02-29T12:30:00.000-0530": "2024-02-29 12:30:00-05:30",
    },
  },
  "dates for a column of timestamps": {
    rules: { type: "date", format: ["dd.MM.yyyy"] },
    target: column("x", "timestamp"),
    near: moments("dd.MM.yyyy"),
    certain: { "29.02.2024": "2024-02-29 00:00:00" },
  },
  "twelve hours": {
    rules: { type: "timestamp", format: ["M/d/yyyy h:mm a"] },
    target: column("x", "timestamp"),
    near: moments("M/d/yyyy h:mm a"),
    certain: {
      "2/9/2024 12:05 AM": "2024-02-09 00:05:00",
      "12/31/2024 1:05 pm": "2024-12-31 13:05:00",
    },
  },
  "seconds since 1970": {
    rules: { type: "timestamp", format: ["unix", "yyyy-MM-dd HH:mm"] },
    target: column("x", "timestamptz"),
    near: fc.oneof(
      fc.bigInt({ min: -70_000_000_000n, max: 300_000_000_000n }).map(String),
      fc.constantFrom("0", "253402300799", "253402300800", "1709164800.5", "951782400"),
      moments("yyyy-MM-dd HH:mm"),
    ),
    binary: /\+00$/,
    certain: {
      "0": "1970-01-01 00:00:00+00",
      "951782399": "2000-02-28 23:59:59+00",
      "951782400": "2000-02-29 00:00:00+00",
      "253402300799": "9999-12-31 23:59:59+00",
      "2024-02-29 12:30": "2024-02-29 12:30:00",
    },
  },
  "milliseconds since 1970": {
    rules: { type: "timestamp", format: ["unix_ms"] },
    target: column("x", "timestamptz"),
    near: fc.oneof(
      fc.bigInt({ min: -1_000_000_000_000n, max: 300_000_000_000_000n }).map(String),
      fc.constantFrom("1", "999", "1000", "1709164800500.25", "253402300799999", "253402300800000"),
    ),
    certain: { "1709164800500": "2024-02-29 00:00:00.5+00", "1000": "1970-01-01 00:00:01+00" },
  },
  "dates in microseconds since 1970": {
    rules: { type: "date", format: ["unix_us"] },
    target: column("x", "date"),
    near: fc.bigInt({ min: -1_000_000_000n, max: 300_000_000_000_000_000n }).map(String),
    certain: { "1709164800000000": "2024-02-29" },
  },
  "formats of a time": {
    rules: { type: "time", format: ["H'h'mm", "HHmmss"] },
    target: column("x", "time"),
    near: fc.oneof(moments("H'h'mm"), moments("HHmmss")),
    certain: { "7h05": "07:05:00", "235959": "23:59:59" },
  },
  "formats whose parts run into each other": {
    rules: { type: "timestamp", format: ["dMMyyyy HHmm", "yyyyMMdd HHmm"] },
    target: column("x", "timestamp"),
    near: fc.oneof(moments("dMMyyyy HHmm"), moments("yyyyMMdd HHmm")),
    certain: {},
  },
  "ISO dates": {
    rules: {},
    target: column("x", "date"),
    near: isoMoments(),
    certain: { "2024-02-29T00:00:00": "2024-02-29", "2024-02-29 00:00:00.000Z": "2024-02-29" },
  },
  "ISO dates in a text": { rules: { type: "date" }, near: isoMoments(), certain: {} },
  "ISO times": {
    rules: {},
    target: column("x", "time"),
    near: isoMoments(),
    binary: /^[\d:]{8}(?:\.\d{1,6})?$/,
    certain: { "12:30": "12:30:00", "12:30:00.250": "12:30:00.25" },
  },
  "ISO timestamps": {
    rules: {},
    target: column("x", "timestamp"),
    near: isoMoments(),
    certain: {
      "2024-02-29": "2024-02-29 00:00:00",
      "2024-02-29T12:30:00": "2024-02-29 12:30:00",
      "2024-02-29 12:30": "2024-02-29 12:30:00",
      "2024-02-29 12:30:00.123450": "2024-02-29 12:30:00.12345",
      "2024-02-29T12:30:00Z": "2024-02-29 12:30:00+00",
    },
  },
  "ISO timestamps with offsets": {
    rules: {},
    target: column("x", "timestamptz"),
    near: isoMoments(),
    binary: /^\d{4}-.{14}(?:\.\d{1,6})?[+-]\d\d(?::\d\d)*$/,
    certain: {
      "2024-02-29T12:30:00+02:00": "2024-02-29 12:30:00+02:00",
      "2024-02-29 12:30:00.5-05": "2024-02-29 12:30:00.5-05:00",
      "2024-02-29 12:30:00 +0545": "2024-02-29 12:30:00+05:45",
      "2024-02-29t12:30:00z": "2024-02-29 12:30:00+00",
    },
  },
  "ISO timestamps in a text": {
    rules: { type: "timestamp" },
    target: column("x", "varchar", { maxLength: 24 }),
    near: isoMoments(),
    certain: {},
  },
};
