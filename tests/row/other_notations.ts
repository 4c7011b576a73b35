/** Notations of values that are neither numbers nor moments. */
import fc from "fast-check";
import { jsons, urls, uuids } from "./near_values.ts";
import { column } from "./rows.ts";
import type { Notation } from "./notation.ts";

export const OTHERS: Readonly<Record<string, Notation>> = {
  "UUIDs": {
    rules: {},
    target: column("x", "uuid"),
    near: uuids(),
    certain: {
      "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      "A0EEBC999C0B4EF8BB6D6BB9BD380A11": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    },
  },
  "UUIDs in a text": { rules: { type: "uuid" }, near: uuids(), certain: {} },
  "JSON": {
    rules: {},
    target: column("x", "jsonb"),
    near: jsons(),
    certain: {
      '{"a": [1, -2.5e3, true, null], "é": {"b": "\\u00e9 x"}}':
        '{"a": [1, -2.5e3, true, null], "é": {"b": "\\\\u00e9 x"}}',
      "[]": "[]",
      '"x"': '"x"',
    },
  },
  "JSON in a text": {
    rules: { type: "json", min_length: 3 },
    target: column("x", "varchar", { maxLength: 12 }),
    near: jsons(),
    certain: { '["é"]': '["é"]' },
  },
  "URLs": {
    rules: { type: "url", max_length: 40 },
    near: urls(),
    certain: {
      "https://www.example.org/p/7?q=%20#top": "https://www.example.org/p/7?q=%20#top",
      "http://a-b.example:8080": "http://a-b.example:8080",
    },
  },
  "words for yes and no in a short text": {
    rules: { type: "boolean", true: ["ja", "x"], false: ["nein", "-"] },
    target: column("x", "varchar", { maxLength: 4 }),
    near: fc.constantFrom("ja", "JA", "x", "nein", "Nein", "-", "yes"),
    certain: { "JA": "true", "x": "true" },
  },
  "an address of limited length": {
    rules: { type: "email", min_length: 8, max_length: 12 },
    near: fc.constantFrom("a@b.co", "ada@b.co", "ada@example.com", "ada@exam.com"),
    certain: { "ada@exam.com": "ada@exam.com" },
  },
};
