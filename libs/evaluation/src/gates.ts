import type { EvaluateConfig } from '@assay/config';
import { meanOf } from './metrics/mean-of.js';
import type { GateResult, PolicyReport, Report, Verdict } from './report.js';

/**
 * Applies the gates to the figures of the test split. It fails closed: without a gate, with a figure that the data do not
 * define, or with leaking data there is no pass.
 */
export function applyGates(
  gates: EvaluateConfig['gates'],
  policies: readonly PolicyReport[],
  mean: Report['mean'],
  leaky: boolean,
): Verdict {
  const results = gates.map(({ policy, metric, atLeast }): GateResult => {
    const value =
      policy === 'mean'
        ? meanOverPolicies(metric, policies, mean)
        : (policies.find((p) => p.policy === policy)?.[metric].value ?? null);
    return { policy, metric, atLeast, value, pass: value !== null && value >= atLeast };
  });
  const reasons = results.filter(({ pass }) => !pass).map(describeFailure);
  if (leaky) reasons.push('The data leak between splits, so no figure can be trusted.');
  if (gates.length === 0)
    reasons.push(
      'The pipeline has no gates (evaluate.gates), so nothing says that the model is good enough.',
    );
  return { verdict: reasons.length === 0 ? 'pass' : 'fail', leaky, gates: results, reasons };
}

function meanOverPolicies(
  metric: GateResult['metric'],
  policies: readonly PolicyReport[],
  mean: Report['mean'],
): number | null {
  if (metric === 'averagePrecision' || metric === 'auroc') return mean[metric].value;
  const values = policies.map((policy) => (metric === 'precision' ? policy.precision : policy.recall).value);
  return meanOf(values);
}

function describeFailure({ policy, metric, atLeast, value }: GateResult): string {
  return `${metric} of ${policy} is ${value === null ? 'not defined by the data' : value.toFixed(3)}; the gate asks for at least ${atLeast}.`;
}
