import type { PreparedDescription } from './describe-prepared.js';
import { print, table } from './output.js';
import { splitTable } from './report-prepared.js';

/** Prints what a folder of prepared data holds. */
export function reportDescription(description: PreparedDescription): void {
  const { digest, labels, rows, purged, leaks, splits, inputs, rejected, preprocessorDigest } = description;
  const { notCompared } = description;
  const numRejected = rejected.reduce((sum, { count }) => sum + count, 0);
  print(`manifest ${digest.slice(0, 12)}, preprocessor ${preprocessorDigest.slice(0, 12)}`);
  print(`labels: ${labels.kind}`);
  print(`rows: ${rows} (purged ${purged}, rejected ${numRejected})`);
  print(`leaky: ${leaks.leaky}`);
  for (const note of notCompared) print(`note: ${note}`);
  print();
  print(splitTable({ splits: splits as never, classes: leaks.classes }, labels.names)); // one for every split
  print(`\nshared by splits\n${leakTable(description)}`);
  if (rejected.length > 0) print(`\nrejected\n${rejectedTable(description)}`);
  const shapes = Object.entries(inputs).map(([name, { dtype, shape }]) => [
    name,
    dtype,
    `[B, ${shape.join(', ')}]`,
  ]);
  print(`\nmodel inputs\n${table([['input', 'dtype', 'shape'], ...shapes])}`);
}

function leakTable({ leaks }: PreparedDescription): string {
  const orNone = (count: number | null): string => (count === null ? '–' : String(count)); // not looked for
  return table([
    ['splits', 'ids', 'groups', 'equal texts', 'near texts', 'equal images', 'near images', 'times overlap'],
    ...leaks.pairs.map(({ between, timesOverlap, ...pair }) => [
      between.join(' and '),
      ...[
        pair.sharedIds,
        pair.sharedGroups,
        pair.equalTexts,
        pair.nearTexts,
        pair.equalImages,
        pair.nearImages,
      ].map(orNone),
      timesOverlap === null ? '–' : timesOverlap ? 'yes' : 'no',
    ]),
  ]);
}

const rejectedTable = ({ rejected }: PreparedDescription): string =>
  table([
    ['rows', 'code', 'column', 'first'],
    ...rejected.map(({ count, code, column, firstLine, message }) => [
      String(count),
      code,
      column ?? '(row)',
      `line ${firstLine}: ${message}`,
    ]),
  ]);
