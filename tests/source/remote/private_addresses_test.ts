import assert from "node:assert/strict";
import { allowsHost } from "../../../src/source/remote/network/allowed_hosts.ts";
import { isPublicAddress } from "../../../src/source/remote/network/private_addresses.ts";

Deno.test("addresses that only mean something near this machine are private", () => {
  const close = [
    ...["0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255"],
    ...["127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255"],
    ...["192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7"],
    ...["203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"],
    ...["::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "fec0::1"],
    ...["::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:a9fe:a9fe", "::10.0.0.1"],
    ...["64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:db8::1"],
    ...["2001::1", "100::1", "4000::1"],
    // Notations that programs read in different ways.
    ...["0177.0.0.1", "2130706433", "0x7f.1", "127.1", "010.8.8.8", "8.8.8", "", "localhost"],
  ];
  assert.deepEqual(close.filter(isPublicAddress), []);
});

Deno.test("addresses of the internet are public, also where they carry an IPv4 address", () => {
  const open = [
    ...["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"],
    ...["172.15.255.255", "172.32.0.0", "192.167.1.1", "192.169.0.1", "223.255.255.255"],
    ...["2606:4700::1111", "2a00:1450:4001::8a", "::ffff:8.8.8.8", "64:ff9b::808:808"],
  ];
  assert.deepEqual(open.filter((address) => !isPublicAddress(address)), []);
});

Deno.test("a host is allowed by its name or address, and only at its port if there is one", () => {
  const allows = (entry: string, host: string, port = 80) => allowsHost([entry], host, port);
  assert.ok(allows("files.local", "files.local"));
  assert.ok(allows("FILES.local", "files.Local."));
  assert.ok(allows("files.local:8080", "files.local", 8080));
  assert.ok(allows(".corp.example", "a.b.corp.example"));
  assert.ok(allows("[::1]:80", "::1"));
  assert.ok(allows("::1", "[::1]"));
  assert.ok(!allows("files.local:8080", "files.local", 80));
  assert.ok(!allows("files.local", "x.files.local"));
  assert.ok(!allows(".corp.example", "corp.example"));
  assert.ok(!allows(".corp.example", "notcorp.example"));
  assert.ok(!allows("10.0.0.5", "10.0.0.50"));
  assert.ok(!allowsHost([], "localhost", 80));
});
