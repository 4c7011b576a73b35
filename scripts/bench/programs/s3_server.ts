/** `s3_server.ts <folder>`: an S3 server on this machine, in a process of its own. Says its port. */
import S3rver from "s3rver";

const server = new S3rver({
  ...{ port: 0, address: "127.0.0.1", silent: true, directory: Deno.args[0] },
  configureBuckets: [{ name: "bench", configs: [] }],
});
const { port } = await server.run();
console.log(port);
