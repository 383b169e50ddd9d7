import { parse, type Type } from 'protobufjs';

/**
 * The messages of a SavedModel, reduced to the fields that are written here.
 * Enumerations are int32, which has the same encoding.
 *
 * @see tensorflow/core/protobuf/{saved_model,meta_graph}.proto and tensorflow/core/framework/{graph,node_def,attr_value,tensor,tensor_shape}.proto
 */
const SCHEMA = `
syntax = "proto3";
message TensorShapeProto {
  message Dim { int64 size = 1; string name = 2; }
  repeated Dim dim = 2;
  bool unknown_rank = 3;
}
message TensorProto { int32 dtype = 1; TensorShapeProto tensor_shape = 2; bytes tensor_content = 4; repeated bytes string_val = 8; }
message ListValue { repeated bytes s = 2; repeated int64 i = 3; repeated float f = 4; repeated bool b = 5; repeated int32 type = 6; }
message AttrValue {
  oneof value {
    ListValue list = 1;
    bytes s = 2;
    int64 i = 3;
    float f = 4;
    bool b = 5;
    int32 type = 6;
    TensorShapeProto shape = 7;
    TensorProto tensor = 8;
  }
}
message NodeDef { string name = 1; string op = 2; repeated string input = 3; string device = 4; map<string, AttrValue> attr = 5; }
message VersionDef { int32 producer = 1; int32 min_consumer = 2; }
message GraphDef { repeated NodeDef node = 1; VersionDef versions = 4; }
message TensorInfo { string name = 1; int32 dtype = 2; TensorShapeProto tensor_shape = 3; }
message SignatureDef { map<string, TensorInfo> inputs = 1; map<string, TensorInfo> outputs = 2; string method_name = 3; }
message MetaInfoDef { repeated string tags = 4; string tensorflow_version = 5; }
message SaverDef { string filename_tensor_name = 1; string save_tensor_name = 2; string restore_op_name = 3; int32 version = 7; }
message MetaGraphDef { MetaInfoDef meta_info_def = 1; GraphDef graph_def = 2; SaverDef saver_def = 3; map<string, SignatureDef> signature_def = 5; }
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraphDef meta_graphs = 2; }

// The same file read without its graph, which may hold hundreds of megabytes of weights.
message MetaGraphOutline { MetaInfoDef meta_info_def = 1; map<string, SignatureDef> signature_def = 5; }
message SavedModelOutline { int64 saved_model_schema_version = 1; repeated MetaGraphOutline meta_graphs = 2; }
`;

const { root } = parse(SCHEMA, { keepCase: true });

export interface ShapeMessage {
  /** −1 is an unknown length; axes of one name have one length. */
  dim: { size: number; name?: string }[];
  unknown_rank?: boolean;
}

/** Exactly one member is set. */
export interface AttrMessage {
  list?: { i?: readonly number[]; f?: readonly number[]; b?: readonly boolean[]; type?: readonly number[] };
  s?: Uint8Array;
  i?: number;
  f?: number;
  b?: boolean;
  type?: number;
  shape?: ShapeMessage;
  tensor?: {
    dtype: number;
    tensor_shape: ShapeMessage;
    tensor_content?: Uint8Array;
    string_val?: readonly Uint8Array[];
  };
}

export interface NodeMessage {
  name: string;
  op: string;
  input: string[];
  /** Empty leaves the placement to TensorFlow. */
  device: string;
  attr: Record<string, AttrMessage>;
}

export interface TensorInfoMessage {
  name: string;
  dtype: number;
  tensor_shape: ShapeMessage;
}

export interface SignatureMessage {
  inputs: Record<string, TensorInfoMessage>;
  outputs: Record<string, TensorInfoMessage>;
  method_name: string;
}

/** How a loader of the format finds the values of variables. Restoring is version 2: a tensor bundle. */
export interface SaverMessage {
  filename_tensor_name: string;
  save_tensor_name: string;
  restore_op_name: string;
  version: number;
}

interface MetaGraphOutline {
  meta_info_def: { tags: string[] } | null;
  signature_def: Record<string, SignatureMessage>;
}

export interface SavedModelMessage {
  saved_model_schema_version: number;
  meta_graphs: {
    meta_info_def: { tags: string[]; tensorflow_version: string };
    graph_def: { node: NodeMessage[]; versions: { producer: number; min_consumer: number } };
    saver_def?: SaverMessage;
    signature_def: Record<string, SignatureMessage>;
  }[];
}

const typeOf = (name: string): Type => root.lookupType(name);

/** Bytes of a `saved_model.pb`. Each tensor is copied once, into the result. */
export function encodeSavedModel(message: SavedModelMessage): Uint8Array {
  return typeOf('SavedModel').encode(message).finish();
}

/**
 * Tags and signatures of a `saved_model.pb`; the graph is skipped.
 *
 * @throws whatever protobufjs throws when the bytes are not such a message
 */
export function decodeSavedModelOutline(bytes: Uint8Array): { meta_graphs: MetaGraphOutline[] } {
  const type = typeOf('SavedModelOutline');
  const plain: unknown = type.toObject(type.decode(bytes), { defaults: true, longs: Number });
  return plain as { meta_graphs: MetaGraphOutline[] }; // the schema above is what the decoder enforces
}

/** @param shape null or a name is an axis of unknown length */
export const shapeMessage = (shape: readonly (number | string | null)[]): ShapeMessage => ({
  dim: shape.map((length) =>
    typeof length === 'string' ? { size: -1, name: length } : { size: length ?? -1 },
  ),
});
