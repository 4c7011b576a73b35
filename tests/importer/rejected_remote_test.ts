/** What a definition may not say about a file that is fetched. */
import assert from "node:assert/strict";
import { accepted } from "./accepted.ts";
import { problemsOf } from "./problems_of.ts";

const READABLE = "which everybody who sees the definition could read; put it into an environment " +
  "variable, name that in `env`, and write ${NAME} here";
const BEGINS = "expected an address that begins with https:// or http://";

const REFUSED: readonly (readonly [string, ...string[]])[] = [
  [
    "{type: url}",
    "2: source.url: is missing; expected the address of the file that `type: url` fetches",
  ],
  ["{url: 'https://x/y'}", "2: source.url: needs `type: url`"],
  ["{type: file, path: a, env: [A]}", "2: source.env: needs `type: url`"],
  ["{type: upload, max_download: 1GB}", "2: source.max_download: needs `type: url`"],
  ["{type: url, url: x.csv}", `2: source.url: found no scheme, ${BEGINS}`],
  ["{type: url, url: 'FTP://x/y'}", `2: source.url: found ftp://, ${BEGINS}`],
  ["{type: url, url: 'file:///etc/passwd'}", `2: source.url: found file://, ${BEGINS}`],
  ["{type: url, url: 'https://u:p@x/y'}", `2: source.url: has a password in it, ${READABLE}`],
  [
    "{type: url, url: 'https://x/y', headers: {Authorization: Bearer x}}",
    `2: source.headers.Authorization: is a secret, ${READABLE}`,
  ],
  [
    "{type: url, url: 'https://x/y', headers: {Range: bytes=1-}}",
    "2: source.headers.Range: is a header that ingest sends itself; leave it out",
  ],
  [
    "{type: url, url: 'https://x/${TOKEM}', env: [TOKEN]}",
    "2: source.url: ${TOKEM} is not named in `source.env`; add it there: env: [TOKEM]; " +
    'did you mean "TOKEN"?',
  ],
  [
    "{type: url, url: 'https://x/${file.name}', env: [HOME]}",
    "2: source.url: ${file.name} is not named in `source.env`; add it there: env: [file.name]",
  ],
  [
    "{type: url, url: 'https://x/y', env: ['A-B']}",
    '2: source.env[0]: found "A-B", expected the name of an environment variable',
  ],
  [
    "{type: url, url: 'https://x/y', max_download: big}",
    '2: source.max_download: found "big", expected a size such as 20GB',
  ],
  ["{key: k}", "2: source.key: needs `type: sftp`"],
  ["{type: url, url: 'https://x/y', key: k}", "2: source.key: needs `type: sftp`"],
  [
    "{type: sftp, url: 'sftp://u:p@x/y'}",
    "2: source.url: has a password in it, which sftp doesn't take; name the file of a private key " +
    "in `key`",
  ],
  ["{type: sftp, url: 'sftp://x/y', headers: {A: b}}", "2: source.headers: needs `type: url`"],
  ["{type: url, url: 'https://x/y', path: a.csv}", "2: source.path: needs `type: file`"],
];

for (const [source, ...expected] of REFUSED) {
  Deno.test(`a source is refused with its line: ${source}`, () => {
    assert.deepEqual(problemsOf(`table: t\nsource: ${source}\n`), expected);
  });
}

Deno.test("an address and its headers are kept as they are written", () => {
  const { source } = accepted(
    "table: t\nsource:\n  type: url\n  url: https://u:${PW}@x/y?a=${KEY}\n" +
      "  headers: {X-Day: 2024.10, Authorization: 'Bearer ${KEY}'}\n  env: [PW, KEY]\n" +
      "  max_download: 2GB\n  override: true\n",
  );
  assert.equal(source.url, "https://u:${PW}@x/y?a=${KEY}");
  assert.deepEqual(source.headers, { "X-Day": "2024.10", Authorization: "Bearer ${KEY}" });
  assert.deepEqual([source.env, source.max_download, source.override], [["PW", "KEY"], 2e9, true]);
  assert.equal(
    accepted("table: t\nsource: {type: url, url: '${ALL}', env: [ALL]}").source.url,
    "${ALL}",
  );
});
