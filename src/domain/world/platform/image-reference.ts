import { parseVersion } from '../../kubernetes/version.ts';

/** Where an image comes from, without tag and digest: `quay.io/cilium/cilium`. */
export function imageRepository(image: string): string {
  const name = withoutDigest(image);
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

/** The version that the image's tag is; undefined for a digest alone and for a tag that is no version, as `latest`. */
export function imageVersion(image: string): string | undefined {
  const name = withoutDigest(image);
  const colon = name.lastIndexOf(':');
  const tag = colon > name.lastIndexOf('/') ? name.slice(colon + 1) : '';
  return parseVersion(tag) === undefined ? undefined : tag;
}

function withoutDigest(image: string): string {
  const at = image.indexOf('@');
  return at < 0 ? image : image.slice(0, at);
}
