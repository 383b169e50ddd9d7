import { KERNELS_WASM } from './kernels.wasm.js';

type Kernel = (...addressesAndSizes: number[]) => void;

/** The compiled loops; scripts/kernels.wat.mjs says what their parameters are. */
interface KernelExports {
  memory: { buffer: ArrayBuffer; grow(pages: number): number };
  horizontal1: Kernel;
  horizontal3: Kernel;
  horizontal4: Kernel;
  vertical: Kernel;
  grey: Kernel;
}

/** The part of WebAssembly's interface that is used; its types come with the browser's only. */
interface WebAssemblyInterface {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
}

const PAGE_BYTES = 65_536;
/** A larger memory is given back after use: it cannot shrink. */
const KEPT_BYTES = 2 ** 26;
const ALIGNMENT = 16;
/** Bytes that a loop may read or write behind a buffer. */
const SLACK = 32;

let compiled: object | undefined;
let kept: KernelExports | undefined;

/** The loops with a memory of at least this size, for use until the next call. */
export function kernelsWith(memoryBytes: number): KernelExports {
  const kernels = kept ?? instantiate();
  const missing = memoryBytes - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / PAGE_BYTES));
  kept = kernels.memory.buffer.byteLength > KEPT_BYTES ? undefined : kernels;
  return kernels;
}

function instantiate(): KernelExports {
  // every Node has it, which the type of globalThis does not say
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyInterface };
  compiled ??= new WebAssembly.Module(Buffer.from(KERNELS_WASM, 'base64'));
  return new WebAssembly.Instance(compiled).exports as KernelExports; // made from scripts/kernels.wat.mjs
}

/** Lays buffers out in a memory, one behind the other, with room for what the loops read and write too much. */
export class MemoryPlan {
  #bytes = 0;

  /** @returns where a buffer of this size begins */
  add(sizeBytes: number): number {
    const address = this.#bytes;
    this.#bytes += Math.ceil((sizeBytes + SLACK) / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  /** Size of all buffers. */
  get bytes(): number {
    return this.#bytes;
  }
}
