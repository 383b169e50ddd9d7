export type { ContentRecord, LabelledRecord, RecordMetadata } from './record.js';
export { MODALITIES, type InputArray, type InputDtype, type InputName, type InputSpec, type InputSpecs, type Modality, type ModelInputs } from './model-input.js';
