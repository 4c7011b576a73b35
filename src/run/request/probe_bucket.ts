/** For a server, when it starts. */
export { probeBucket } from "../../source/s3/stored_copies.ts";
