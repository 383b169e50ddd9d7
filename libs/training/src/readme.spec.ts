import { expectReadmeShows } from '@assay/testing';
import { describeEpoch, train } from './index.js';
import { tinyOptions } from './tiny-task.fixture.js';

describe('README', () => {
  it('shows an example that works', async () => {
    const options = tinyOptions({ maxEpochs: 2 });
    // example
    const lines: string[] = [];
    for await (const log of train(options)) lines.push(describeEpoch(log));
    expect(lines).toHaveLength(options.config.maxEpochs); // fewer when it stops early
    expect(lines[0]).toMatch(/^loss \d\.\d{4}, validation loss \d\.\d{4}, AP /);
    // end
    expectReadmeShows(__filename);
  });
});
