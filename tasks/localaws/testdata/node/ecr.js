// Pushes an image over the ECR API alone, pages, deletes, and tells errors by their class. It prints "ok", or fails.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as ecr from "@aws-sdk/client-ecr";

const client = new ecr.ECRClient({ endpoint: process.env.AWS_ENDPOINT_URL, region: process.env.AWS_REGION });
const call = (name, input = {}) => client.send(new ecr[`${name}Command`](input));
const repositoryName = "node/app";
const digestOf = (bytes) => "sha256:" + createHash("sha256").update(bytes).digest("hex");

async function upload(bytes) {
  const { uploadId, partSize } = await call("InitiateLayerUpload", { repositoryName });
  for (let first = 0; first < bytes.length; first += partSize) {
    const part = bytes.subarray(first, first + partSize);
    const { lastByteReceived } = await call("UploadLayerPart", {
      repositoryName, uploadId, partFirstByte: first, partLastByte: first + part.length - 1, layerPartBlob: part,
    });
    assert.equal(lastByteReceived, first + part.length - 1);
  }
  const { layerDigest } = await call("CompleteLayerUpload", { repositoryName, uploadId, layerDigests: [digestOf(bytes)] });
  return { digest: layerDigest, size: bytes.length };
}

const { repository } = await call("CreateRepository", { repositoryName, imageTagMutability: "IMMUTABLE" });
assert.ok(repository.createdAt instanceof Date && Date.now() - repository.createdAt < 60_000);
assert.ok(process.env.AWS_ENDPOINT_URL.endsWith(repository.repositoryUri.split("/")[0]));

const { authorizationData } = await call("GetAuthorizationToken");
assert.equal(Buffer.from(authorizationData[0].authorizationToken, "base64").toString().split(":")[0], "AWS");
assert.ok(authorizationData[0].expiresAt - Date.now() > 11 * 3600_000);

const layer = await upload(Buffer.alloc(11 << 20, "layer"));
const config = await upload(Buffer.from(JSON.stringify({ os: "linux", architecture: "arm64", rootfs: { type: "layers", diff_ids: [layer.digest] } })));
const imageManifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
  layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", ...layer }],
});
for (const imageTag of ["v1", "v2", "v3"]) {
  const { image } = await call("PutImage", { repositoryName, imageManifest, imageTag });
  assert.equal(image.imageId.imageDigest, digestOf(imageManifest));
}
await assert.rejects(call("PutImage", { repositoryName, imageManifest: imageManifest + " ", imageTag: "v1" }), ecr.ImageTagAlreadyExistsException);
await assert.rejects(call("PutImage", { repositoryName, imageManifest, imageTag: "v1" }), ecr.ImageAlreadyExistsException);

const tags = [];
for await (const page of ecr.paginateListImages({ client, pageSize: 2 }, { repositoryName })) {
  assert.ok(page.imageIds.length <= 2);
  tags.push(...page.imageIds.map((id) => id.imageTag));
}
assert.deepEqual(tags.sort(), ["v1", "v2", "v3"]);

const { imageDetails: [detail] } = await call("DescribeImages", { repositoryName });
assert.equal(detail.imageSizeInBytes, layer.size + config.size);
const { images, failures } = await call("BatchGetImage", { repositoryName, imageIds: [{ imageTag: "v2" }, { imageTag: "v9" }] });
assert.equal(images[0].imageManifest, imageManifest);
assert.equal(failures[0].failureCode, "ImageNotFound");

await assert.rejects(call("DeleteRepository", { repositoryName }), ecr.RepositoryNotEmptyException);
await call("BatchDeleteImage", { repositoryName, imageIds: [{ imageDigest: detail.imageDigest }] });
await call("DeleteRepository", { repositoryName });
await assert.rejects(call("DescribeRepositories", { repositoryNames: [repositoryName] }), ecr.RepositoryNotFoundException);
await assert.rejects(call("DescribePullThroughCacheRules"), /DescribePullThroughCacheRules/);
console.log("ok");
