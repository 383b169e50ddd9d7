/** Tags by which assay finds its things in MLflow. */
export const TAGS = {
  /** On versions, logged models and runs: digest of the bundle's manifest. */
  manifestDigest: 'assay.manifest_sha256',
  /** On versions: `pass` or `fail`. */
  verdict: 'assay.verdict',
  /** On versions: SHA-256 of `evaluation/verdict.json`. */
  verdictDigest: 'assay.verdict_digest',
  /** On versions and runs: name of the pipeline. */
  pipeline: 'assay.pipeline',
  /** On a ledger's pointer experiment: id of the run whose params are the ledger. */
  ledgerRun: 'assay.ledger_run_id',
  /** On the registered model: prefix of one entry for each move of an alias. */
  aliasHistory: 'assay.alias_history.',
} as const;

export const ALIASES = { candidate: 'candidate', champion: 'champion', previous: 'previous' } as const;
