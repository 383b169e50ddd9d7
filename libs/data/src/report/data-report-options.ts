/** What a data report says beside what lies in the directory. */
export interface DataReportOptions {
  /** Heading. Default: the source. */
  title?: string | undefined;
  /** A sentence below the heading. */
  description?: string | undefined;
  /** The files of the source, as the config names them. */
  source: string;
  /** How the records were split, e.g. `time`. */
  strategy: string;
  /** Digests of what was read, by what it is. */
  digests: Readonly<Record<string, string>>;
  /** Chooses the records that are shown. */
  seed: number;
  /** Rows that were read. */
  numRows: number;
  /** Reads an image by its path in the records. Without it no image is shown or measured. */
  readImage?: ((path: string) => Promise<Uint8Array>) | undefined;
  /** Images with more pixels are not shown. Default: 50 million. */
  maxImagePixels?: number | undefined;
  signal?: AbortSignal | undefined;
}
