// What the JavaScript SDK, version 3, does with a bucket and its caller; one line for each step.
import { createRequire } from "node:module";

const require = createRequire(`${process.env.CLIENTS}/node/`);
const { S3Client, PutObjectCommand, GetObjectCommand, ListObjectsV2Command, CopyObjectCommand, DeleteObjectCommand, GetBucketReplicationCommand } =
  require("@aws-sdk/client-s3");
const { STSClient, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");

const s3 = new S3Client({});
const [Bucket, Key] = ["shop-artifacts", "site/ü b.html"];
const step = async (name, work) => {
  try {
    console.log(name, await work());
  } catch (error) {
    console.log(name, error.name, `attempts: ${error.$metadata?.attempts}`);
  }
};
await step("caller", async () => (await new STSClient({}).send(new GetCallerIdentityCommand({}))).Account);
await step("put", async () => (await s3.send(new PutObjectCommand({ Bucket, Key, Body: "shop" }))).ETag);
await step("get", async () => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body.transformToString());
await step("copy", async () => (await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: encodeURI(`${Bucket}/${Key}`) }))).CopyObjectResult.ETag);
await step("list", async () => (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents.map((object) => object.Key).join(", "));
await step("delete", async () => (await s3.send(new DeleteObjectCommand({ Bucket, Key }))).$metadata.httpStatusCode);
await step("gone", async () => (await s3.send(new GetObjectCommand({ Bucket, Key }))).ETag);
await step("nobody answers", async () => (await s3.send(new GetBucketReplicationCommand({ Bucket }))).ReplicationConfiguration);
