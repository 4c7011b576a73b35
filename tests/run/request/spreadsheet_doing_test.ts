/** Which changes of a cell are a spreadsheet's doing, and which are a person's. */
import { equal } from "node:assert/strict";
import { spreadsheetDoing } from "../../../src/run/request/spreadsheet_doing.ts";

const DOINGS: readonly (readonly [string, string, string])[] = [
  ["00123", "123", "leading zeros gone"],
  ["0049", "49", "leading zeros gone"],
  ["007.50", "7.5", "leading zeros gone"],
  ["123456789012", "1.23457E+11", "a number in exponent form"],
  ["123456789012", "1,23457E+11", "a number in exponent form"],
  ["4006381333931", "4.00638E+12", "a number in exponent form"],
  ["999999999999", "1E+12", "a number in exponent form"],
  ["1E5", "1.00E+05", "a number in exponent form"],
  ["1234567890123456789", "1234567890123450000", "a long number rounded"],
  ["1234567890123456789", "1234567890123460000", "a long number rounded"],
  ["12.50", "12.5", "a number re-written"],
  ["1.234", "1,234", "a number re-written"],
  ["+4930123", "4930123", "a number re-written"],
  ["1,234.50", "1234.5", "a number re-written"],
  ["$5", "$5.00", "a number re-written"],
  ["2024-07-15", "15.07.2024", "a date re-written"],
  ["2024-07-15", "7/15/2024", "a date re-written"],
  ["2024-07-15", "15/07/24", "a date re-written"],
  ["2024-07-15", "15. Jul. 24", "a date re-written"],
  ["15-Jul-2024", "2024-07-15", "a date re-written"],
  ["2024-07-15 08:30:00", "15.07.2024 08:30", "a date re-written"],
  ["2024-07-15T08:30:00Z", "7/15/2024 8:30 AM", "a date re-written"],
  ["2024-07-15 08:30:00", "15.07.2024", "a date re-written"],
  ["2024-07-15", "45488", "a date that became a number"],
  ["1-2", "02. Jan", "a date re-written"],
  ["1/2", "2-Jan", "a date re-written"],
  ["SEPT2", "02. Sep", "a date re-written"],
  ["MARCH1", "1-Mar", "a date re-written"],
  ["12-24", "Dec-24", "a date re-written"],
  ["2024-07", "Jul-24", "a date re-written"],
  ["07/2024", "Jul 24", "a date re-written"],
  ["(1,234)", "-1234", "a number re-written"],
  ["8:05", "08:05:00", "a time re-written"],
  ["true", "TRUE", "true or false re-written"],
  ["true", "WAHR", "true or false re-written"],
  ["=1+x", "#NAME?", "the error of a formula"],
  ["2024-07-15", "########", "a cell that was too narrow"],
  ["Łódź", "?ód?", "letters that became question marks"],
  ["x".repeat(40_000), "x".repeat(32_767), "a long text cut off"],
];

const REPAIRS: readonly (readonly [string, string])[] = [
  ["bad", "good"],
  ["", "123"],
  ["123", ""],
  ["123", "124"],
  ["1,5", "15"],
  ["2024-07-15", "2024-07-16"],
  ["2024-07-15 08:30", "2024-07-15 09:30"],
  ["2024-02-30", "2024-02-28"],
  ["ann(at)x.de", "ann@x.de"],
  ["12345678", "123456789"],
  ["what?", "what!"],
  ["Łódź", "Lodz"],
  [" 12", "12"],
  ["abc", "abcd"],
  ["030-1234567", "030-7654321"],
  ["yes", "true"],
];

Deno.test("what a spreadsheet does to a cell is told from what a person does", () => {
  for (const [before, after, doing] of DOINGS) {
    equal(spreadsheetDoing(before, after), doing, `${before.slice(0, 40)} → ${after.slice(0, 40)}`);
  }
  for (const [before, after] of REPAIRS) {
    equal(spreadsheetDoing(before, after), null, `${before} → ${after}`);
  }
});
