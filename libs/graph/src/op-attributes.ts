import { AssayError } from '@assay/core';
import type { AttrMessage } from './graph-messages.js';
import type { NativeAttribute } from './native-backend.js';
import opTypesJson from './op-types.json';
import type { RecordedOperation } from './recording.js';

/** Per op, the attribute that types each input; a list input is [type attribute, length attribute]. */
const OP_TYPES = opTypesJson as Record<string, readonly (string | readonly string[])[]>; // each of 950 keys has a type of its own

/** `TF_ATTR_…` of the binding, in order. @see tensorflow/c/tf_attrtype.h */
const KINDS = ['s', 'i', 'f', 'b', 'type', 'shape'] as const;

/** Attributes of a recorded op as a graph needs them: those given, and the types that eager execution inferred. */
export function graphAttributes({ op, attributes, inputs }: RecordedOperation): Record<string, AttrMessage> {
  const attr = Object.fromEntries(
    attributes.map((attribute) => [attribute.name, attrMessage(op, attribute)]),
  );
  let position = 0;
  for (const type of OP_TYPES[op] ?? []) {
    const [typeName = '', lengthName] = typeof type === 'string' ? [type] : type;
    const dtype = inputs[position]?.dtype;
    if (typeName !== '' && attr[typeName] === undefined && dtype !== undefined)
      attr[typeName] = { type: dtype };
    position += lengthName === undefined || lengthName === '' ? 1 : (attr[lengthName]?.i ?? 0);
  }
  return attr;
}

function attrMessage(op: string, { name, type, value }: NativeAttribute): AttrMessage {
  const kind = KINDS[type];
  if (kind === 's' && typeof value === 'string') return { s: Buffer.from(value) };
  if (kind === 'shape' && Array.isArray(value))
    return { shape: { dim: value.map((length) => ({ size: Number(length) })) } };
  if (Array.isArray(value) && (kind === 'i' || kind === 'f' || kind === 'b'))
    return { list: { [kind]: value } };
  if (kind === 'b') return { b: Boolean(value) };
  if ((kind === 'i' || kind === 'f' || kind === 'type') && typeof value === 'number')
    return { [kind]: value };
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    `Attribute '${name}' of op '${op}' has a value that a graph cannot hold (kind ${type}). Fix: use another op.`,
  );
}
