import { throwIfInterrupted, createProgress } from '@assay/core';
import { ImageFiles } from './image-files.js';
import type { PrepareStageOptions } from './prepare-options.js';
import { readCsvRecords } from './read-csv-records.js';

export interface SurveyedSource {
  numRows: number;
  /** Images that the model will look at; none when the pipeline has no image input. */
  images: ImageFiles;
}

/** Reads the source once, counts its rows and hashes the images that the model will look at. */
export async function surveySource({
  loaded,
  signal,
  progress: mode,
}: Pick<PrepareStageOptions, 'loaded' | 'signal' | 'progress'>): Promise<SurveyedSource> {
  const { data, preprocess } = loaded.config;
  const images = new ImageFiles(loaded.dataRoot, data.columns.images?.directory ?? '.');
  using progress = createProgress({ label: 'read source', unit: 'rows', mode });
  let numRows = 0;
  for await (const row of readCsvRecords(data, loaded.dataRoot)) {
    throwIfInterrupted(signal);
    progress.update(++numRows, `${images.size} images`);
    if (row.kind === 'record')
      for (const path of row.record.images.slice(0, preprocess.image?.maxImages ?? 0)) await images.add(path);
  }
  progress.finish(`${images.size} images`);
  return { numRows, images };
}
