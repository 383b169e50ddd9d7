/** One listing, item or message as the sources give it, before it becomes model input. */
export interface ContentRecord {
  id: string;
  /** Text fields by name; a missing field is the empty text. */
  text: Record<string, string>;
  /** Encoded images (JPEG, PNG, WebP, …) in the order of the source. */
  images: Uint8Array[];
  /** Numbers by column; null is missing. */
  numeric: Record<string, number | null>;
  /** Categories by column; null and blank are missing. */
  categorical: Record<string, string | null>;
}

/** A record whose images are read when it is their turn to be decoded, so that few of them lie in memory at a time. */
export interface UnreadRecord extends Omit<ContentRecord, 'images'> {
  images: (() => Promise<Uint8Array>)[];
}

/** What a record carries beside its content: for splitting, training and measuring, never for deciding. */
export interface RecordMetadata {
  /** Probability per class on the axis K, in [0, 1]; null is unknown and is neither trained on nor measured. */
  labels: (number | null)[];
  /** Weight of the record in the loss and in metrics, ≥ 0. */
  weight: number;
  /** Value that must stay in one split, or null when the record stands alone. */
  group: string | null;
  /** Milliseconds since 1970-01-01 UTC, or null. */
  timeMs: number | null;
  /** Slice values by column. */
  slices: Record<string, string>;
}

/** A record with its metadata, as a source yields it. */
export interface LabelledRecord extends ContentRecord, RecordMetadata {}
