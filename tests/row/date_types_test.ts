/** Dates and times: ISO 8601, and by format. */
import { testTypes, type TypeCase } from "./type_cases.ts";

const CASES: readonly TypeCase[] = [
  {
    type: "date",
    rule: { type: "date" },
    message: "The x field must be a date (yyyy-MM-dd).",
    bad: [
      "2024-02-30",
      "2023-02-29",
      "1900-02-29",
      "2024-13-01",
      "2024-00-10",
      "2024-04-31",
      "0000-01-01",
      "24-01-01",
      "2024-1-1",
      "01/02/2024",
      "20240102",
      "2024-01-02 12:30:00",
      "today",
      "2024/01/02",
    ],
    good: {
      "2024-02-29": "2024-02-29",
      "2000-02-29": "2000-02-29",
      "0001-01-01": "0001-01-01",
      "9999-12-31": "9999-12-31",
      "2024-01-02T00:00:00Z": "2024-01-02",
      "2024-01-02 00:00": "2024-01-02",
    },
  },
  {
    type: "date with formats",
    rule: { type: "date", format: ["yyyy-MM-dd", "dd.MM.yyyy", "d/M/yy"] },
    message: "The x field must be a date (yyyy-MM-dd or dd.MM.yyyy or d/M/yy).",
    bad: ["31.02.2024", "1.2.2024", "2024-01-02T00:00:00", "13/13/20", "1/2/2024"],
    good: {
      "02.01.2024": "2024-01-02",
      "2024-01-02": "2024-01-02",
      "3/4/69": "2069-04-03",
      "13/12/70": "1970-12-13",
    },
  },
  {
    type: "time",
    rule: { type: "time" },
    message: "The x field must be a time (HH:mm:ss).",
    bad: ["24:00", "12:60", "12:30:60", "1:30", "12", "12:30 PM"],
    good: { "12:30": "12:30:00", "00:00:00": "00:00:00", "23:59:59.120": "23:59:59.12" },
  },
  {
    type: "time with formats",
    rule: { type: "time", format: ["h:mm a", "HH'h'mm"] },
    message: "The x field must be a time (h:mm a or HH'h'mm).",
    bad: ["13:00 PM", "0:30 am", "12:30", "25h00"],
    good: {
      "12:05 am": "00:05:00",
      "12:05 PM": "12:05:00",
      "1:05 p.m.": "13:05:00",
      "07h30": "07:30:00",
    },
  },
  {
    type: "timestamp",
    rule: { type: "timestamp" },
    message: "The x field must be a date and time (yyyy-MM-dd HH:mm:ss).",
    bad: [
      "2024-02-30 12:00:00",
      "2024-01-02 25:00",
      "2024-01-02T12",
      "2024-01-02 12:00 +25:00",
      "2024-01-02 12:00 CET",
      "1700000000",
      "02/01/2024 12:00",
      "2024-01-02+02:00",
    ],
    good: {
      "2024-01-02 03:04:05": "2024-01-02 03:04:05",
      "2024-01-02T03:04:05": "2024-01-02 03:04:05",
      "2024-01-02T03:04:05.120Z": "2024-01-02 03:04:05.12+00",
      "2024-01-02 03:04 UTC": "2024-01-02 03:04:00+00",
      "2024-01-02T03:04:05+0230": "2024-01-02 03:04:05+02:30",
      "2024-01-02 03:04:05-05": "2024-01-02 03:04:05-05:00",
      "2024-01-02": "2024-01-02 00:00:00",
    },
  },
  {
    type: "timestamp with a format",
    rule: { type: "timestamp", format: ["dd.MM.yyyy HH:mm:ss.SSSZ", "dd.MM.yyyy HH:mm"] },
    message: "The x field must be a date and time (dd.MM.yyyy HH:mm:ss.SSSZ or dd.MM.yyyy HH:mm).",
    bad: ["2024-01-02 03:04:05", "02.01.2024 24:00"],
    good: {
      "02.01.2024 03:04": "2024-01-02 03:04:00",
      "02.01.2024 03:04:05.060+01:00": "2024-01-02 03:04:05.06+01:00",
    },
  },
];

testTypes(CASES);
