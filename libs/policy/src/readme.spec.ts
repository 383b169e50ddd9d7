import { expectReadmeShows } from '@assay/testing';
import { decide, parseOperatingPoints } from './index.js';

const act = { threshold: 0.5, precision: 0.95, minPrecision: 0.9, confidence: 0.95, recall: 0.5 };
const text = JSON.stringify({
  schemaVersion: 1,
  kind: 'multi-label',
  policies: [
    {
      policy: 'weapons',
      policyVersion: '1',
      temperature: 1,
      act: { ...act, predicted: 40, correct: 38 },
      noActReason: null,
      review: null,
    },
  ],
});

describe('README', () => {
  it('shows an example that works', () => {
    // example
    const operatingPoints = parseOperatingPoints(JSON.parse(text)); // one policy, which acts from 0.5
    const [decision] = decide({ logit_K: [0] }, operatingPoints);
    expect(decision).toMatchObject({ score: 0.5, threshold: 0.5, band: 'act' }); // at the threshold it acts
    // end
    expectReadmeShows(__filename);
  });
});
