import assert from "node:assert/strict";
import { parseAddress } from "../../../src/source/s3/address.ts";
import { S3Client } from "../../../src/source/s3/client.ts";
import { statObject } from "../../../src/source/s3/objects.ts";
import { KEYS, TestS3 } from "../../support/s3.ts";
import { findPlace, urlOf } from "../../../src/source/s3/place.ts";
import { elementsOf, textOf } from "../../../src/source/s3/xml.ts";

const QUIET = { AWS_EC2_METADATA_DISABLED: "true" };

function placeFor(environment: Record<string, string>) {
  const all: Record<string, string> = { ...QUIET, ...environment };
  return findPlace((name) => all[name]);
}

async function withHome(
  files: Record<string, string>,
  use: (home: string) => Promise<void>,
): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${home}/.aws`);
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${home}/.aws/${name}`, text);
    }
    await use(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

const FILES = {
  credentials: "[default]\naws_access_key_id = D\naws_secret_access_key=DS\n\n" +
    "[crm]\n# theirs\naws_access_key_id=C\naws_secret_access_key = CS==\naws_session_token=CT\n",
  config: "[default]\nregion = eu-west-1\ns3 =\n  addressing_style = path\n" +
    "[profile crm]\nregion=eu-central-1\nendpoint_url = https://s3.example.com\n" +
    "[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n",
};

Deno.test("credentials, region and endpoint are found as the AWS tools find them", async () => {
  await withHome(FILES, async (HOME) => {
    const read = async (environment: Record<string, string>) => {
      const { credentials, region, endpoint } = await placeFor({ HOME, ...environment });
      const { accessKeyId, secretAccessKey, sessionToken } = credentials;
      return [accessKeyId, secretAccessKey, sessionToken, region, endpoint?.href];
    };
    const keys = { AWS_ACCESS_KEY_ID: "E", AWS_SECRET_ACCESS_KEY: "ES" };
    const none = undefined;
    assert.deepEqual(await read({}), ["D", "DS", none, "eu-west-1", none]);
    assert.deepEqual(await read(keys), ["E", "ES", none, "eu-west-1", none]);
    const crm = ["eu-central-1", "https://s3.example.com/"];
    assert.deepEqual(await read({ AWS_PROFILE: "crm" }), ["C", "CS==", "CT", ...crm]);
    assert.deepEqual(
      await read({
        ...{ ...keys, AWS_SESSION_TOKEN: "ET", AWS_DEFAULT_REGION: "b", AWS_REGION: "a" },
        ...{ AWS_ENDPOINT_URL: "http://x", AWS_ENDPOINT_URL_S3: "http://y:1" },
      }),
      ["E", "ES", "ET", "a", "http://y:1/"],
    );
    assert.deepEqual(
      await read({ AWS_SHARED_CREDENTIALS_FILE: "/nonexistent", ...keys, AWS_REGION: " " }),
      ["E", "ES", none, "eu-west-1", none],
    );
  });
});

Deno.test("what is missing for signing in is told", async () => {
  await withHome(FILES, async (HOME) => {
    for (
      const [environment, message] of [
        [{ HOME: "/nonexistent" }, /there are no credentials\. Set AWS_ACCESS_KEY_ID and/u],
        [{ HOME, AWS_PROFILE: "nobody" }, /the profile nobody \(AWS_PROFILE\) has no keys/u],
        [
          { HOME, AWS_PROFILE: "role" },
          /profile role uses a role \(role_arn\), which ingest can't/u,
        ],
        [
          { HOME, AWS_ENDPOINT_URL: "s3.example.com" },
          /AWS_ENDPOINT_URL isn't an address such as/u,
        ],
        [{ HOME, AWS_ENDPOINT_URL: "https://a:b@c" }, /AWS_ENDPOINT_URL isn't an address/u],
      ] as const
    ) await assert.rejects(placeFor(environment), { name: "SourceError", message });
  });
});

Deno.test("the role of a container is asked for", async () => {
  const expires = new Date(Date.now() + 3_600_000).toISOString();
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) =>
      request.headers.get("authorization") === "let me"
        ? Response.json({
          ...{ AccessKeyId: "R", SecretAccessKey: "RS", Token: "RT", Expiration: expires },
        })
        : new Response("", { status: 403 }),
  );
  const { credentials } = await placeFor({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${server.addr.port}/role`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "let me",
  });
  assert.deepEqual(credentials, {
    ...{ accessKeyId: "R", secretAccessKey: "RS", sessionToken: "RT" },
    expires: Date.parse(expires),
  });
});

Deno.test("credentials that can't be renewed yet are used until they expire", async () => {
  await using s3 = await TestS3.start("data");
  await s3.write("data", "a", "hello");
  // A client renews them five minutes before.
  const expires = new Date(Date.now() + 299_000).toISOString();
  let asked = 0;
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () =>
      ++asked === 1
        ? Response.json({
          ...{ AccessKeyId: KEYS.AWS_ACCESS_KEY_ID, SecretAccessKey: KEYS.AWS_SECRET_ACCESS_KEY },
          Expiration: expires,
        })
        : new Response("", { status: 503 }),
  );
  const environment: Record<string, string> = {
    ...{ ...QUIET, HOME: "/nonexistent", AWS_ENDPOINT_URL: s3.endpoint },
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${server.addr.port}/role`,
  };
  const client = new S3Client((name) => environment[name]);
  for (let time = 1; time <= 3; time++) {
    assert.equal((await statObject(client, { bucket: "data", key: "a" })).size, 5);
    assert.equal(asked, time + 1);
  }
});

Deno.test("a bucket's address is the one that its server knows", () => {
  const aws = { endpoint: null, region: "eu-west-1" };
  const own = { endpoint: new URL("http://minio:9000/s3/"), region: "eu-west-1" };
  for (
    const [place, bucket, url] of [
      [aws, "my-data", "https://my-data.s3.eu-west-1.amazonaws.com/a%20b/c%2B.csv?x-y=%2F"],
      [aws, "my.data", "https://s3.eu-west-1.amazonaws.com/my.data/a%20b/c%2B.csv?x-y=%2F"],
      [own, "my-data", "http://minio:9000/s3/my-data/a%20b/c%2B.csv?x-y=%2F"],
    ] as const
  ) assert.equal(urlOf(place, bucket, "a b/c+.csv", { "x-y": "/" }).href, url);
});

Deno.test("addresses that could mean another place are none", () => {
  assert.deepEqual(parseAddress("s3://b-1.x/a/b?c#d"), { bucket: "b-1.x", key: "a/b?c#d" });
  assert.deepEqual(parseAddress("s3://bucket"), { bucket: "bucket", key: "" });
  for (
    const address of [
      ...["s3://", "s3:///key", "s3://b", "s3://user@host/x", "s3://b..c/x", "s3://b:80/x"],
      ...["s3://bucket/../other/x", "s3://bucket/a/./b", "http://bucket/x", "s3://bu cket/x"],
    ]
  ) assert.equal(parseAddress(address), null, address);
});

Deno.test("XML is read without following anything in it", () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>` +
    `<L xmlns="x"><Key a="1">&a;&b;&lt;&#65;&#x42;&amp;lt;</Key><Key/><KeyCount>3</KeyCount></L>`;
  assert.equal(textOf(bomb, "Key"), "&a;&b;<AB&lt;");
  assert.deepEqual(elementsOf(bomb, "KeyCount"), ["3"]);
  assert.equal(textOf("<A><B>1</B", "B"), null);
});
