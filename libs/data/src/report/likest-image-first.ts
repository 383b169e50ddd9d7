import { hammingDistance } from '@assay/preprocess';
import { readFingerprint, type PreparedRecord } from '../prepared-record.js';

type Hashes = Pick<ReturnType<typeof readFingerprint>, 'hash64' | 'mirrored64'>;

/**
 * The record with that of its images in front that is most like an image of the others, mirrored or not: what made them
 * duplicates is then what people see. Images without texture are like all others of that kind, and do not count.
 */
export function likestImageFirst(record: PreparedRecord, others: readonly PreparedRecord[]): PreparedRecord {
  const theirs = others
    .flatMap(({ fingerprints }) => fingerprints.map(readFingerprint))
    .filter(({ isFlat }) => !isFlat);
  const distances = record.fingerprints.map((recorded) =>
    recorded.isFlat ? Infinity : distanceTo(readFingerprint(recorded), theirs),
  );
  const likest = distances.indexOf(Math.min(...distances));
  if (likest <= 0 || likest >= record.imageDigests.length) return record;
  const first = <T>(items: readonly T[]): T[] => [
    ...items.slice(likest, likest + 1),
    ...items.slice(0, likest),
    ...items.slice(likest + 1),
  ];
  const { images, imageDigests, fingerprints } = record;
  return {
    ...record,
    images: first(images),
    imageDigests: first(imageDigests),
    fingerprints: first(fingerprints),
  };
}

const distanceTo = ({ hash64 }: Hashes, others: readonly Hashes[]): number =>
  others.reduce(
    (least, other) =>
      Math.min(least, hammingDistance(hash64, other.hash64), hammingDistance(hash64, other.mirrored64)),
    Infinity,
  );
