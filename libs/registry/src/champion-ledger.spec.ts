import type { MlflowClient } from 'mlflow-client-ts';
import { ChampionLedger } from './champion-ledger.js';

const claim = {
  version: '1',
  manifestDigest: 'm',
  verdictDigest: 'v',
  at: 'now',
  actor: 'ada',
  reason: 'test',
};

/** A server that has a ledger with the given params, and accepts writes without storing them. */
const forgetful = (params: Record<string, string>): MlflowClient =>
  ({
    experiments: { getByName: () => Promise.resolve({ tags: { 'assay.ledger_run_id': 'r1' } }) },
    runs: { get: () => Promise.resolve({ data: { params } }), logParam: () => Promise.resolve() },
  }) as unknown as MlflowClient; // the two things that a ledger needs

describe('ChampionLedger', () => {
  it('says so when the server accepted an entry and does not have it, instead of throwing nothing', async () => {
    await expect(new ChampionLedger(forgetful({}), 'toy').append(claim, undefined)).rejects.toMatchObject({
      code: 'MLFLOW_REJECTED',
      message: expect.stringContaining('accepted champion.1 and does not have it') as string,
    });
  });

  it('refuses an entry that it cannot read, so that nobody is promoted over an unknown champion', async () => {
    const ledger = new ChampionLedger(forgetful({ 'champion.1': '7', other: 'x' }), 'toy');
    await expect(ledger.entries()).rejects.toMatchObject({ code: 'MLFLOW_REJECTED' });
  });
});
