import assert from "node:assert/strict";
import { customers } from "../cli/customers.ts";
import { assertRefused, part, takingUploads, uploadText } from "./uploading.ts";

const FILE = part('; name="file"; filename="c.csv"', customers(2));
const DRY = part('; name="dry_run"', "true");
const END = "--x--\r\n";
/** More than one read takes, so that a refusal comes in the middle. */
const LONG = "a,b\n".repeat(100_000);

/** The form, the status and code of its refusal, and the message. */
const REFUSED: readonly (readonly [string, string, number, string, RegExp])[] = [
  ["nothing at all", "", 400, "malformed", /incomplete or malformed/],
  ["no form", "email,name\n1,2\n", 400, "malformed", /incomplete or malformed/],
  ["no part", END, 422, "validation", /file: expected a file, got none/],
  ["no file", DRY + END, 422, "validation", /file: expected a file, got none/],
  ["two files", FILE + FILE + END, 422, "validation", /expected one file, got several/],
  [
    "two files, the second large",
    FILE + part('; name="file"; filename="d.csv"', LONG) + END,
    422,
    "validation",
    /expected one file, got several/,
  ],
  [
    "an unknown field",
    FILE + part('; name="colour"', "red") + END,
    422,
    "validation",
    /colour: there is no such field/,
  ],
  [
    "an unknown field before a large file",
    part('; name="colour"', "red") + part('; name="file"; filename="c.csv"', LONG) + END,
    422,
    "validation",
    /colour: there is no such field/,
  ],
  ["a field without a name", FILE + part("", "x") + END, 422, "validation", /without a name/],
  [
    "a file without a field's name",
    part('; filename="c.csv"', LONG) + END,
    422,
    "validation",
    /a field without a name: expected the file in the field `file`/,
  ],
  [
    "a file in another field",
    part('; name="data"; filename="c.csv"', LONG) + END,
    422,
    "validation",
    /data: expected the file in the field `file`/,
  ],
  [
    "a file without a file's name",
    part('; name="file"', "email,name\n") + END,
    422,
    "validation",
    /file: expected a file with its name/,
  ],
  [
    "no file chosen in a browser",
    part('; name="file"; filename=""', "", "Content-Type: application/octet-stream") + END,
    422,
    "validation",
    /expected the file in the field `file`, with its name/,
  ],
  [
    "a value that is too long",
    FILE + part('; name="dry_run"', "t".repeat(10_000)) + END,
    422,
    "validation",
    /dry_run: the value is too long/,
  ],
  [
    "a value in no encoding",
    FILE + part('; name="dry_run"', "true", "Content-Type: text/plain; charset=nonsense") + END,
    422,
    "validation",
    /dry_run: the value's encoding is unknown/,
  ],
  ["a field twice", DRY.repeat(2) + FILE + END, 422, "validation", /dry_run: it was sent twice/],
  [
    "a name of a field of any length",
    FILE + part(`; name="${"n".repeat(5_000)}"`, "x") + END,
    422,
    "validation",
    /: n{100}: there is no such field\.$/,
  ],
  ["no end", FILE + DRY, 400, "malformed", /incomplete or malformed/],
  ["no end in the file", FILE.slice(0, -10), 400, "malformed", /incomplete or malformed/],
  [
    "no end in a large file",
    part('; name="file"; filename="c.csv"', LONG),
    400,
    "malformed",
    /incomplete or malformed/,
  ],
  [
    "headers without an end",
    FILE + "--x\r\n" + "Name: value\r\n".repeat(5_000),
    400,
    "malformed",
    /incomplete or malformed/,
  ],
  ["headers that are none", "--x\r\n\0\x01\r\n\r\nx\r\n" + END, 400, "malformed", /malformed/],
];

Deno.test("an unexpected form is refused with the reason, and leaves nothing", async () => {
  await using api = await takingUploads();
  for (const [what, text, status, code, says] of REFUSED) {
    const answer = await uploadText(api, text);
    await assertRefused(api, answer, status, code, what);
    assert.match(answer.body.message, says, what);
    if (status === 422) assert.equal(Object.keys(answer.body.errors).length, 1, what);
  }
});

Deno.test("a form without a usable boundary is malformed, and another type is not accepted", async () => {
  await using api = await takingUploads();
  for (
    const type of ["multipart/form-data", "multipart/form-data; boundary", "multipart/form-data;;="]
  ) {
    await assertRefused(api, await uploadText(api, FILE + END, type), 400, "malformed", type);
  }
  const others = [
    "application/pdf",
    "text/plain",
    "application/x-www-form-urlencoded",
    "image/png",
  ];
  for (
    const type of ["multipart/mixed; boundary=x", "multipart/form-datax; boundary=x", ...others]
  ) {
    const answer = await uploadText(api, FILE + END, type);
    await assertRefused(api, answer, 415, "unsupported_media_type", type);
  }
});

Deno.test("what surrounds the parts of a form counts as part of the body", async () => {
  await using api = await takingUploads({ maxUpload: 50_000 });
  const stuffing = "p".repeat(200_000);
  // Without a length nothing is known beforehand.
  for (const text of [`${stuffing}\r\n${FILE}${END}`, FILE + END + stuffing]) {
    const answer = await api.ask("/upload/customers", {
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=x" },
      body: ReadableStream.from([text.slice(0, 1_000), text.slice(1_000)].map(encode)),
    });
    await assertRefused(api, answer, 413, "too_large");
  }
});

Deno.test("all forms that the standards allow are accepted", async () => {
  await using api = await takingUploads();
  const taken: readonly (readonly [string, string, string?])[] = [
    ["a preamble and an epilogue", `Hello\r\n${FILE}${END}Bye`],
    ["a quoted boundary", FILE + END, 'Multipart/Form-Data; charset=utf-8; boundary="x"'],
    ["a file that has the boundary's beginning in it", FILE.replace("u0@", "--x@") + END],
    ["a field before the file", DRY + FILE + END],
    ["spaces after a boundary's field", FILE.replace("; name", " ;  name") + END],
  ];
  for (const [what, text, type] of taken) {
    const { status, body } = await uploadText(api, text, type);
    assert.equal(status, 202, `${what}: ${JSON.stringify(body)}`);
  }
});

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
