import { classNames, type PipelineConfig } from '@assay/config';
import type { Lineage, Verdict } from './bundle-schemas.js';

interface ModelCardFacts {
  config: PipelineConfig;
  lineage: Lineage;
  verdict: Verdict;
  /** Version of each policy text, by policy. */
  policyVersions: Record<string, string>;
  /** Facts of the prepared data: rows and rows per split. */
  dataSummary: Record<string, unknown>;
}

/** Text of `model-card.md`: what the model is for, what it learnt from, and where its limits lie. */
export function modelCardText({
  config,
  lineage,
  verdict,
  policyVersions,
  dataSummary,
}: ModelCardFacts): string {
  const modalities = (['text', 'image', 'tabular'] as const).filter(
    (name) => config.model[name] !== undefined,
  );
  const policies = classNames(config.data.labels).map(
    (name) => `- \`${name}\`, version ${policyVersions[name] ?? '1'}`,
  );
  const { commit, dirty } = lineage.git;
  return `# ${config.name}

${config.description}

## Intended use
${config.publish.intendedUse}

It gives a score and a band (act, review, pass) for each of these ${config.data.labels.kind === 'multi-label' ? 'policies' : 'classes'}:

${policies.join('\n')}

## Licence
${config.publish.licence}

## Inputs
${modalities.join(', ')}; a record may lack any of them. Texts are turned into hashed n-grams, so there is no vocabulary
and no \`tokenizer.json\`; \`preprocessor.json\` holds everything that was fitted.

## Data
Split by ${config.data.split.strategy}.

\`\`\`json
${JSON.stringify(dataSummary, null, 2)}
\`\`\`

## Evaluation
Verdict of the gates: **${verdict.verdict}**.${verdict.reasons.map((reason) => `\n- ${reason}`).join('')}

Figures with intervals, slices and errors: \`evaluation/report.html\`.

## Limits
- It was measured on records like those of its test split; other sources, languages or years may give other figures.
- A score is a probability only as far as the calibration on the validation split holds.
- A policy without an act threshold never leads to an automatic action.

## Provenance
- Commit: ${commit ?? 'unknown'}${dirty === true ? ' with uncommitted changes' : ''}
- Engine: ${lineage.engine ?? 'unknown'}, Node ${lineage.nodeVersion}, seed ${lineage.seed}
${Object.entries(lineage.stages)
  .map(([stage, { digest }]) => `- ${stage}: \`${digest}\``)
  .join('\n')}
`;
}
