import assert from "node:assert/strict";
import { customers } from "../cli/customers.ts";
import { codes, formWith, takingUploads, UPLOAD, uploadForm, uploadRaw } from "./uploading.ts";

/** A name as it is sent, and as it is stored. */
const NAMES: readonly (readonly [string, string])[] = [
  ["customers.csv", "customers.csv"],
  ["../../x.csv", "x.csv"],
  ["/etc/passwd", "passwd"],
  ["C:\\x\\y.csv", "y.csv"],
  ["..", "upload"],
  ["../", "upload"],
  ["Kundenübersicht 2024 – «neu».csv", "Kundenübersicht 2024 – «neu».csv"],
  ["客户.csv", "客户.csv"],
  ["a\u001b[31m\u0007b\u007f.csv", "a[31mb.csv"],
  ["a\u202evsc.exe\u2066.csv", "avsc.exe.csv"],
  ["\u200e\u2069\ufeff", "upload"],
  [`${"n".repeat(300)}.csv`, `${"n".repeat(196)}.csv`],
  [`${"🙂".repeat(300)}.csv`, `${"🙂".repeat(196)}.csv`],
  ["a.csv.", "a.csv."],
  [".csv", ".csv"],
  ["a.C%2e%2e", "a.C%2e%2e"],
];

Deno.test("a name is only ever shown: its last part, readable, never too long", async () => {
  await using api = await takingUploads();
  for (const [sent, kept] of NAMES) {
    const raw = await uploadRaw(api, customers(1), `?filename=${encodeURIComponent(sent)}`);
    assert.equal(raw.status, 202, sent);
    assert.equal(raw.body.data.original_filename, kept);
    // A form's header can't hold control characters, and forms by fetch() escape them.
    // deno-lint-ignore no-control-regex -- those are meant
    if (/[\u0000-\u001f\u007f]/u.test(sent)) continue;
    const form = await uploadForm(api, formWith(customers(1), sent));
    assert.equal(form.status, 202, `${sent}: ${JSON.stringify(form.body)}`);
    assert.equal(form.body.data.original_filename, kept);
  }
  const nameless = await uploadRaw(api, customers(1), "?filename=");
  assert.equal(nameless.body.data.original_filename, "upload.csv");
  const stored = await api.database.session.query<{ processed_filepath: string }>(
    "select processed_filepath from ingest.runs",
  );
  for (const { processed_filepath } of stored) {
    assert.match(processed_filepath.slice(api.storage.length), /^\/[0-9a-f-]{36}(\.\w{1,10})?$/u);
  }
});

Deno.test("a form's file may have a name in RFC 5987 form, or in undecodable bytes", async () => {
  await using api = await takingUploads();
  const names: readonly (readonly [string, string])[] = [
    [`filename="x.csv"; filename*=UTF-8''M%C3%BCller%2F..%2F%E2%82%AC.csv`, "€.csv"],
    [`filename*=iso-8859-1'de'M%FCller.csv`, "Müller.csv"],
    [`filename="a\\"b.csv"`, `a"b.csv`],
    [`filename="tab\tnul.csv"`, "tabnul.csv"],
    [`filename=plain.csv`, "plain.csv"],
  ];
  for (const [name, kept] of names) {
    const { status, body } = await api.ask(UPLOAD, {
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=x" },
      body: `--x\r\nContent-Disposition: form-data; name="file"; ${name}\r\n\r\n` +
        `${customers(1)}\r\n--x--\r\n`,
    });
    assert.equal(status, 202, `${name}: ${JSON.stringify(body)}`);
    assert.equal(body.data.original_filename, kept);
  }
  const bytes = [...codes('--x\r\nContent-Disposition: form-data; name="file"; filename="')];
  bytes.push(0xff, 0xfe, ...codes(`.csv"\r\n\r\n${customers(1)}\r\n--x--\r\n`));
  const { body } = await api.ask(UPLOAD, {
    method: "POST",
    headers: { "content-type": "multipart/form-data; boundary=x" },
    body: Uint8Array.from(bytes),
  });
  assert.equal(body.data.original_filename, "\ufffd\ufffd.csv");
});
