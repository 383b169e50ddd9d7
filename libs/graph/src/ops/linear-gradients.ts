import { tf } from '@assay/tensorflow';
import { DATA_TYPE } from '../data-types.js';
import { asFloat } from './as-float.js';
import { boolAttribute, intVector, nativeOp, stringAttribute, typeAttribute } from './native-op.js';
import { replaceGradient } from './replace-gradient.js';
import { rowsById } from './table-rows.js';

type Linear = (x: tf.Tensor) => tf.Tensor;

/** A linear op and its transpose: each is the gradient of the other, however often a gradient is taken. */
const transposed = (transpose: Linear, op: Linear): Linear =>
  tf.customGrad((...args) => {
    const [x] = args as [tf.Tensor]; // what customGrad passes for one input
    return { value: transpose(x), gradFunc: (gradient) => transposed(op, transpose)(gradient) };
  });

/** tfjs cuts the padding off, as if it were not made of the tensor's own values. */
function registerMirrorPad(): void {
  replaceGradient({
    kernelName: 'MirrorPad',
    gradFunc: (gradient, _, attributes) => {
      const { paddings, mode } = attributes as unknown as {
        paddings: [number, number][];
        mode: 'reflect' | 'symmetric';
      }; // what tf.mirrorPad sets
      const attrs = [
        typeAttribute('T'),
        typeAttribute('Tpaddings', DATA_TYPE.int32),
        stringAttribute('mode', mode.toUpperCase()),
      ];
      const backward: Linear = (slope) =>
        nativeOp('MirrorPadGrad', attrs, [slope, tf.tensor2d(paddings, undefined, 'int32')]);
      return {
        x: () => transposed(backward, (x) => tf.mirrorPad(x, paddings, mode))(gradient as tf.Tensor), // one output
      };
    },
  });
}

/** What the image ops of tfjs set. */
interface Resizing {
  size: [number, number];
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

/** tfjs forgets the half-pixel centres. */
function registerResizing(kind: 'Bilinear' | 'NearestNeighbor'): void {
  replaceGradient({
    kernelName: `Resize${kind}`,
    inputsToSave: ['images'],
    gradFunc: (gradient, saved, attributes) => {
      const [images] = saved as [tf.Tensor4D]; // inputsToSave
      const { size, alignCorners, halfPixelCenters } = attributes as unknown as Resizing;
      const attrs = [
        typeAttribute('T'),
        boolAttribute('align_corners', alignCorners),
        boolAttribute('half_pixel_centers', halfPixelCenters),
      ];
      const backward: Linear = (slope) =>
        nativeOp(`Resize${kind}Grad`, attrs, [
          slope,
          kind === 'Bilinear' ? asFloat(images) : intVector(images.shape.slice(1, 3)), // only its shape counts
        ]);
      const forward: Linear = (x) =>
        tf.image[`resize${kind}`](x as tf.Tensor4D, size, alignCorners, halfPixelCenters); // like the images
      return { images: () => transposed(backward, forward)(gradient as tf.Tensor) }; // one output
    },
  });
}

/** tfjs transposes the sum along any axis but the last. */
function registerCumsum(): void {
  replaceGradient({
    kernelName: 'Cumsum',
    gradFunc: (gradient, _, attributes) => {
      const { axis, exclusive, reverse } = attributes as unknown as {
        axis: number;
        exclusive: boolean;
        reverse: boolean;
      }; // what tf.cumsum sets
      return { x: () => tf.cumsum(gradient as tf.Tensor, axis, exclusive, !reverse) }; // one output
    },
  });
}

/** tfjs adds the copies one by one, which is another graph for every number of them. */
function registerTile(): void {
  replaceGradient({
    kernelName: 'Tile',
    inputsToSave: ['x'],
    gradFunc: (gradient, saved, attributes) => {
      const [x] = saved as [tf.Tensor]; // inputsToSave
      const reps = attributes.reps as unknown as number[]; // what tf.tile sets
      const shape: number[] = [];
      const axes: number[] = [];
      x.shape.forEach((length, axis) => {
        if (reps[axis] !== 1) axes.push(shape.push(reps[axis] ?? 1) - 1);
        shape.push(length);
      });
      return {
        x: () =>
          axes.length === 0
            ? (gradient as tf.Tensor).clone()
            : (gradient as tf.Tensor).reshape(shape).sum(axes), // one output
      };
    },
  });
}

/** tfjs reads the ids on the host. It leaves rows with an id below 0 out. */
function registerSegmentSum(): void {
  replaceGradient({
    kernelName: 'UnsortedSegmentSum',
    inputsToSave: ['segmentIds'],
    gradFunc: (gradient, saved, attributes) => {
      const [id_N] = saved as [tf.Tensor1D]; // inputsToSave
      const numSegments = attributes.numSegments as number; // what tf.unsortedSegmentSum sets
      const backward: Linear = (slope) => {
        const zero = tf.scalar(0, 'int32');
        const ones = slope.shape.slice(1).map(() => 1);
        const isKept = id_N.greaterEqual(zero).toFloat();
        return rowsById(slope, id_N.maximum(zero)).mul(isKept.reshape([-1, ...ones]));
      };
      const forward: Linear = (x) => tf.unsortedSegmentSum(x, id_N, numSegments);
      return { x: () => transposed(backward, forward)(gradient as tf.Tensor) }; // one output
    },
  });
}

/** Replaces gradients of linear ops that tfjs gets wrong, unrolls or reads values for. Doing it twice changes nothing. */
export function registerLinearGradients(): void {
  registerMirrorPad();
  registerResizing('Bilinear');
  registerResizing('NearestNeighbor');
  registerCumsum();
  registerTile();
  registerSegmentSum();
}
