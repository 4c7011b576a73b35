/** What is wrong with JSON, in sentences for the owner of the file. They contain no values. */

export const PROBLEMS = {
  ends: "The row's JSON ends in the middle.",
  key: "The row is not valid JSON: a key in double quotes is expected.",
  colon: "The row is not valid JSON: there is no colon after a key.",
  comma: "The row is not valid JSON: a comma or a closing bracket is missing.",
  trailingComma: "The row is not valid JSON: a comma has nothing after it.",
  bracket: "The row is not valid JSON: a closing bracket doesn't fit the opening one.",
  value: "The row is not valid JSON: a value is expected.",
  apostrophe: "The row is not valid JSON: text is in single quotes instead of double ones.",
  comment: "The row is not valid JSON: it has a comment.",
  word: "The row is not valid JSON: NaN, Infinity, None and undefined are no values; write null.",
  number: "The row is not valid JSON: a number is not written as JSON has it.",
  lineBreak: "The row is not valid JSON: a line ends inside a text, whose quote is not closed.",
  control: "The row is not valid JSON: a text has a control character that is not escaped.",
  escape: "The row is not valid JSON: a text has a backslash that begins no escape.",
  after: "The row has text after its object.",
  arrayEnd: "The array ends before this text.",
} as const;

export type Problem = keyof typeof PROBLEMS;
