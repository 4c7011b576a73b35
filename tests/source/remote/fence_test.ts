/** Which machines ingest connects to, whatever names and redirects say. */
import assert from "node:assert/strict";
import { fetching } from "./fetching.ts";
import { rawServer, whole } from "./raw_server.ts";

const REFUSED = /in a private network or this machine itself.*INGEST_ALLOW_HOSTS=/u;

Deno.test("private hosts are refused in every notation, before anything is sent", async () => {
  await using folder = await fetching();
  await using server = await rawServer(() => whole("id\n"));
  const hosts = [
    "127.0.0.1",
    "127.1",
    "0177.0.0.1",
    "2130706433",
    "0x7f000001",
    "0.0.0.0",
    "[::1]",
  ];
  for (
    const host of [...hosts, "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "localhost"]
  ) {
    const address = `http://${host}:${server.port}/a.csv`;
    await assert.rejects(folder.fetch(address, { allowedHosts: [] }), REFUSED, host);
  }
  assert.deepEqual(server.requests, []);
});

Deno.test("addresses at which clouds tell credentials are refused, without advice to allow them", async () => {
  await using folder = await fetching();
  const named = "http://metadata.example/latest/meta-data";
  const reach = { lookUp: () => Promise.resolve(["169.254.169.254"]) };
  for (
    const [address, how] of [
      ["http://169.254.169.254/a.csv", {}],
      ["http://169.254.170.2/a.csv", {}],
      ["http://[::ffff:169.254.169.254]/a.csv", {}],
      ["http://[fd00:ec2::254]/a.csv", {}],
      ["http://100.100.100.200/a.csv", {}],
      ["http://168.63.129.16/a.csv", {}],
      [named, { reach }],
    ] as const
  ) {
    await assert.rejects(folder.fetch(address, { allowedHosts: [], ...how }), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /clouds tell machines their credentials there/u, address);
      assert.doesNotMatch(error.message, /allow/u);
      return true;
    });
  }
});

Deno.test("a name that is public at the first look and private at the second is reached where it was checked", async () => {
  await using folder = await fetching();
  await using server = await rawServer(() => whole("id\n1\n"));
  const looks: string[] = [];
  const reached: string[] = [];
  const reach = {
    lookUp: (host: string) => {
      looks.push(host);
      return Promise.resolve([looks.length === 1 ? "93.184.215.14" : "127.0.0.1"]);
    },
    connect: (address: string) => {
      reached.push(address);
      // There is no internet in a test: the public address is this server.
      return Deno.connect({ hostname: "127.0.0.1", port: server.port });
    },
  };
  const address = "http://rebinding.example/a.csv";
  const found = await folder.fetch(address, { allowedHosts: [], reach });
  assert.equal(found?.text, "id\n1\n");
  assert.deepEqual([looks, reached], [["rebinding.example"], ["93.184.215.14"]]);
  await assert.rejects(folder.fetch(address, { allowedHosts: [], reach }), REFUSED);
  assert.equal(reached.length, 1);
});

Deno.test("of several addresses only public ones are tried, one after the other", async () => {
  await using folder = await fetching();
  await using server = await rawServer(() => whole("id\n1\n"));
  const reached: string[] = [];
  const reach = {
    lookUp: () => Promise.resolve(["10.0.0.1", "8.8.8.8", "::1", "8.8.4.4"]),
    connect: (address: string) => {
      reached.push(address);
      return address === "8.8.4.4"
        ? Deno.connect({ hostname: "127.0.0.1", port: server.port })
        : Promise.reject(new Deno.errors.ConnectionRefused());
    },
  };
  await folder.fetch("http://two.example/a.csv", { allowedHosts: [], reach });
  assert.deepEqual(reached, ["8.8.8.8", "8.8.4.4"]);
});

Deno.test("redirects are checked like the first address, with their ports", async () => {
  await using folder = await fetching();
  await using inner = await rawServer(() => whole("id\n1\n"));
  await using outer = await rawServer(() =>
    `HTTP/1.1 302 Y\r\nLocation: http://127.0.0.1:${inner.port}/secret\r\n\r\n`
  );
  const address = `http://127.0.0.1:${outer.port}/a.csv`;
  await assert.rejects(
    folder.fetch(address, { allowedHosts: [`127.0.0.1:${outer.port}`] }),
    REFUSED,
  );
  assert.deepEqual([outer.requests.length, inner.requests.length], [1, 0]);
});

Deno.test("names that nobody knows and hosts that don't answer are said", async () => {
  await using folder = await fetching();
  const unknown = { lookUp: () => Promise.reject(new Error("getaddrinfo ENOTFOUND")) };
  await assert.rejects(
    folder.fetch("http://nowhere.invalid/a.csv", { reach: unknown }),
    /nowhere\.invalid\/a\.csv: the name nowhere\.invalid is unknown, at each of 4 attempts/u,
  );
  await assert.rejects(
    folder.fetch("http://127.0.0.1:1/", { variables: { HTTPS_PROXY: "http://p" } }),
    /refuses the connection, at each .*HTTPS_PROXY is set, but ingest doesn't use proxies\./u,
  );
});
