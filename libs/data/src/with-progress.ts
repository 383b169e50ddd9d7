import { createProgress, type ProgressMode } from '@assay/core';

interface Work {
  label: string;
  /** Rows that the work is about; how far it has come is not known before its end. */
  total: number;
  mode: ProgressMode | undefined;
}

/** Says what is being done and, once it is done, how long it took. */
export async function withProgress<T>({ label, total, mode }: Work, work: () => Promise<T>): Promise<T> {
  using progress = createProgress({ label, unit: 'rows', total, ...(mode && { mode }) });
  const result = await work();
  progress.update(total);
  progress.finish();
  return result;
}
