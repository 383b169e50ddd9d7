// From single measurements to a table. A side's numbers are the medians over its rounds, but for minima and peaks.

const rounded = (x) => Math.round(x * 1000) / 1000;

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/**
 * Numbers of each side of one case.
 *
 * @param runs what the sides printed, with their `side` and `round`, or `failed` in place of numbers
 * @returns { side: { medianMs, …, timesOwn } }, where `timesOwn` is the peer's median over that of `own`, given when both
 * computed on the same kind of device
 */
export function summarise(runs) {
  const names = [...new Set(runs.map(({ side }) => side))].sort();
  const sides = Object.fromEntries(
    names.map((name) => [name, summariseSide(runs.filter(({ side }) => side === name))]),
  );
  const { own } = sides;
  for (const side of Object.values(sides))
    if (own?.medianMs !== undefined && side.medianMs !== undefined && side.device === own.device)
      side.timesOwn = rounded(side.medianMs / own.medianMs);
  return sides;
}

function summariseSide(runs) {
  const failed = runs.find((run) => run.failed !== undefined)?.failed;
  const good = runs.filter((run) => run.failed === undefined).toSorted((a, b) => a.round - b.round);
  if (good.length === 0) return { failed };
  const mediansMs = good.map((run) => rounded(median(run.millisecondsPerStep)));
  const [first] = good;
  return {
    device: first.device,
    parameters: first.parameters,
    medianMs: rounded(median(mediansMs)),
    minimumMs: Math.min(...good.flatMap((run) => run.millisecondsPerStep)),
    cpuMsPerStep: rounded(median(good.map((run) => run.cpuMillisecondsPerStep))),
    peakMemoryMb: Math.max(...good.map((run) => run.peakMemoryMb)),
    firstStepSeconds: first.firstStepSeconds,
    firstLoss: first.losses[0],
    lastLoss: first.lastLoss,
    mediansMs,
    ...(failed === undefined ? {} : { failed }),
  };
}

const COLUMNS = {
  'median ms': 'medianMs',
  'minimum ms': 'minimumMs',
  'CPU ms': 'cpuMsPerStep',
  'peak MB': 'peakMemoryMb',
  'first step s': 'firstStepSeconds',
  '× own': 'timesOwn',
};

/** A table in Markdown, the fastest side first. */
export function tableOf(title, sides) {
  const head = ['side', ...Object.keys(COLUMNS)];
  const cell = (value) => (value === undefined ? '–' : value < 10 ? value.toFixed(2) : value.toFixed(0));
  const rows = Object.entries(sides)
    .toSorted(([, a], [, b]) => (a.medianMs ?? Infinity) - (b.medianMs ?? Infinity))
    .map(([name, side]) => [
      side.failed === undefined ? name : `${name} (failed)`,
      ...Object.values(COLUMNS).map((key) => cell(side[key])),
    ]);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const failures = Object.entries(sides).flatMap(([name, { failed }]) =>
    failed === undefined ? [] : [`${name} failed: ${failed}`],
  );
  return [`\n${title}\n`, line(head), line(head.map(() => '---')), ...rows.map(line), ...failures].join('\n');
}
