import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectLikeEager } from './program/compare.fixture.js';
import {
  batchOf,
  FIRST_GRADIENT_ONLY,
  modelOf,
  nameOf,
  OWN_OPS,
  TFJS_OPS,
  type UseOfOp,
} from './supported-ops.fixture.js';

const FILE = join(__dirname, '../OPS.md');
const SIZES = [4, 1, 3, 6, 4, 5, 4, 9, 2, 4, 7, 1, 3, 4, 4, 8, 5, 4, 3, 6];
const BATCHES = SIZES.map((size, i) => batchOf(size, 7 * i));
/** The model around the ops alone. */
const AROUND = 'no op';

const GROUPS: Readonly<Record<string, Readonly<Record<string, UseOfOp>>>> = {
  'Of this package': OWN_OPS,
  ...TFJS_OPS,
};
const cases: [string, UseOfOp][] = [
  [AROUND, (h) => h],
  ...Object.values(GROUPS).flatMap((uses) =>
    Object.entries(uses).map(([name, use]): [string, UseOfOp] => [nameOf(uses, name), use]),
  ),
];

/** Nodes by op, by case. */
const nodesOf = new Map<string, Record<string, number>>();

describe('20 compiled steps give the losses of eager ones to 1e-5 with', () => {
  it.each(cases)('%s', (name, use) => {
    const options = { optimizer: { kind: 'sgd' } } as const;
    nodesOf.set(
      name,
      expectLikeEager({ model: modelOf(use), options, batches: BATCHES, learningRate: 0.02 }),
    );
  });
});

const PLUMBING = new Set([
  'Const',
  'Identity',
  'Pack',
  'Placeholder',
  'L2Loss',
  'AddN',
  'ResourceApplyGradientDescent',
]);

/** Ops that a use brings into step and evaluation, beside those of the model around it. */
function addedBy(name: string): string {
  const nodes = nodesOf.get(name);
  if (nodes === undefined) throw new Error(`'${name}' was not run before: run the whole file`);
  const around = nodesOf.get(AROUND) ?? {};
  return Object.keys(nodes)
    .filter(
      (op) =>
        (nodes[op] ?? 0) > (around[op] ?? 0) &&
        !PLUMBING.has(op) &&
        !op.includes('Variable') &&
        op !== 'VarHandleOp',
    )
    .map((op) => `\`${op}\``)
    .sort()
    .join(', ');
}

function document(): string {
  const tables = Object.entries(GROUPS).map(([group, uses]) => {
    const isOwn = uses === OWN_OPS;
    const names = Object.keys(uses).map((name) => nameOf(uses, name));
    const rows = names.map((name) => `| \`${name}\` | ${addedBy(name)} |`);
    const head = ['| op | nodes that its use adds, with the backward pass |', '| --- | --- |'];
    return `## ${isOwn ? group : `tfjs: ${group}`}\n\n${[...head, ...rows].join('\n')}`;
  });
  return [
    '# Ops of compiled programs',
    'Generated from `src/supported-ops.fixture.ts` by `src/supported-ops.spec.ts` (`ASSAY_UPDATE_DOCS=1` writes it). Every op is compared with eager execution over 20 steps at batch sizes from 1 to 9: losses agree to 1e-5. Its gradient is compared with differences of the loss, as that of tfjs itself is wrong for some.',
    ...tables,
    `## Gradients of gradients\n\nOf every op above the gradient of its gradient, as of a penalty on slopes, is compared with differences too, but of these, where it is refused: ${firstOnly()}; and of \`embeddingLookup\` and \`embeddingBag\` where the slope is that of the table.`,
    '## Refused\n\nOps whose result has a length that depends on values (`tf.unique`, `tf.whereAsync`, `tf.booleanMaskAsync`, non-maximum suppression), ops that read values on the host (`tf.gather` with ids of the batch: use `embeddingLookup`; with constant ids it works), random numbers made in JavaScript (`tf.randomUniform`, `tf.dropout`) or by an op with a state of its own (`tf.multinomial`; instead of all of these: the `dropout`, `noise` and `seed` of the context), strings and complex numbers.',
  ].join('\n\n');
}

const firstOnly = (): string => [...FIRST_GRADIENT_ONLY].map((name) => `\`${name}\``).join(', ');

/** Without the padding of columns, in which formatters differ. */
const plain = (text: string): string => text.replace(/ {2,}/g, ' ').replace(/-{3,}/g, '---').trim();

it('OPS.md lists the ops that are tested', () => {
  const expected = document();
  if (process.env.ASSAY_UPDATE_DOCS === '1') writeFileSync(FILE, `${expected}\n`);
  expect(plain(readFileSync(FILE, 'utf8'))).toBe(plain(expected));
});
