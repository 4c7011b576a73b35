import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { CopyMessages } from "../../src/db/copy_messages.ts";
import { Session } from "../../src/db/session.ts";
import { testDatabase } from "../support/database.ts";

interface Message {
  readonly letter: string;
  readonly content: Uint8Array;
}

function encoded({ letter, content }: Message): Buffer {
  const header = Buffer.alloc(5);
  header.write(letter, "latin1");
  header.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([header, content]);
}

Deno.test("of messages in any pieces, the content of CopyData is taken, and the rest passed on", () => {
  const message = fc.record({
    letter: fc.constantFrom("d", "d", "H", "c", "C", "Z", "E", "N"),
    content: fc.uint8Array({ maxLength: 40 }),
  });
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      (messages, lengths) => {
        const data: Uint8Array[] = [];
        const others: Uint8Array[] = [];
        const taker = new CopyMessages((piece) => data.push(piece), (piece) => others.push(piece));
        const sent = Buffer.concat(messages.map(encoded));
        for (let at = 0, turn = 0; at < sent.length; turn++) {
          const end = at + lengths[turn % lengths.length];
          taker.take(sent.subarray(at, end));
          at = end;
        }
        const [rows, rest] = [true, false].map((isData) =>
          messages.filter(({ letter }) => (letter === "d") === isData)
        );
        assert.deepEqual(Buffer.concat(data), Buffer.concat(rows.map(({ content }) => content)));
        assert.deepEqual(Buffer.concat(others), Buffer.concat(rest.map(encoded)));
      },
    ),
    { seed: 1, numRuns: 1000 },
  );
});

Deno.test("a COPY TO STDOUT gets its rows while the server sends notices and notifications", async () => {
  await using db = await testDatabase();
  const heard: string[] = [];
  await using session = await Session.open(db.config, { onNotify: (text) => heard.push(text) });
  await session.query("listen here");
  await session.query(
    `create function said(n int) returns int language plpgsql as
       $$ begin raise notice 'row %', n; return n; end $$`,
  );
  for (let round = 0; round < 10; round++) {
    await db.session.query(`select pg_notify('here', '${round}')`);
    const copied = await session.copyOut(
      "copy (select said(n) from generate_series(1, 200) n) to stdout",
    );
    const lines = Array.from({ length: 200 }, (_, i) => `${i + 1}\n`).join("");
    assert.equal(new TextDecoder().decode(copied), lines);
    assert.deepEqual(await session.query("select 1 as one"), [{ one: 1 }]);
  }
  assert.deepEqual(heard, Array.from({ length: 10 }, (_, i) => `${i}`));
});
