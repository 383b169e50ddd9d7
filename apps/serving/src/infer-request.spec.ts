import { parseInferRequest } from './infer-request.js';
import { SumRunner, toyModel } from './served-model.fixture.js';

const model = toyModel(new SumRunner());
const token = { name: 'token_BL', shape: [2, 3], datatype: 'INT32', data: [1, 2, 3, 4, 5, 6] };
const image = {
  name: 'image_BIHWC',
  shape: [2, 1, 2, 1, 3],
  datatype: 'UINT8',
  data: Array.from({ length: 12 }, (_, i) => i),
};
const numeric = {
  name: 'numeric_BF',
  shape: [2, 2],
  datatype: 'FP32',
  data: [
    [0.5, -1],
    [2, 3e10],
  ],
};
const request = (changes: Record<string, unknown> = {}): unknown => ({
  inputs: [{ ...token, ...changes }, image, numeric],
});
const problem = (body: unknown): unknown => {
  try {
    return parseInferRequest(body, model);
  } catch (error) {
    return error;
  }
};

describe('parseInferRequest', () => {
  it('reads flat and nested values row-major', () => {
    const { inputs, outputs, id } = parseInferRequest({ id: 'r1', inputs: [token, image, numeric] }, model);
    expect(inputs.token_BL).toEqual({ dtype: 'int32', shape: [2, 3], data: Int32Array.of(1, 2, 3, 4, 5, 6) });
    expect(inputs.numeric_BF?.data).toEqual(Float32Array.of(0.5, -1, 2, 3e10));
    expect(inputs.image_BIHWC?.data).toBeInstanceOf(Uint8Array);
    expect({ outputs, id }).toEqual({ outputs: ['logit_BK'], id: 'r1' });
  });

  it.each([
    [
      'another width',
      { shape: [2, 4], data: [1, 2, 3, 4, 5, 6, 7, 8] },
      'SHAPE_MISMATCH',
      'inputs[0].shape: is [2, 4]; token_BL must be [B, 3]',
    ],
    ['another rank', { shape: [6] }, 'SHAPE_MISMATCH', 'must be [B, 3]'],
    [
      'too few values',
      { data: [1, 2, 3, 4, 5] },
      'SHAPE_MISMATCH',
      'has at level 1 of its nesting a list of 5; expected a list of 6',
    ],
    [
      'too many values',
      { data: [1, 2, 3, 4, 5, 6, 7] },
      'SHAPE_MISMATCH',
      'a list of 7; expected a list of 6',
    ],
    [
      'another number of rows',
      { shape: [1, 3], data: [1, 2, 3] },
      'SHAPE_MISMATCH',
      'All must share the axis B',
    ],
    ['another datatype', { datatype: 'FP32' }, 'DTYPE_MISMATCH', 'token_BL must be INT32'],
    [
      'rows of unequal length',
      {
        data: [
          [1, 2],
          [3, 4, 5, 6],
        ],
      },
      'SHAPE_MISMATCH',
      'at level 2 of its nesting a list of 2; expected a list of 3',
    ],
    [
      'the transposed nesting',
      {
        data: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      },
      'SHAPE_MISMATCH',
      'at level 1 of its nesting a list of 3; expected a list of 2',
    ],
    [
      'a value in place of a row',
      { data: [[1, 2, 3], 4] },
      'SHAPE_MISMATCH',
      'no list; expected a list of 3',
    ],
    [
      'a list in place of a value',
      {
        data: [
          [1, 2, 3],
          [4, 5, [6]],
        ],
      },
      'SHAPE_MISMATCH',
      'at level 3 of its nesting a list; expected a value',
    ],
    [
      'a list within a flat list',
      { data: [1, 2, 3, 4, 5, [6]] },
      'SHAPE_MISMATCH',
      'a list; expected a value',
    ],
    ['a fraction', { data: [1, 2, 3, 4, 5, 6.5] }, 'DTYPE_MISMATCH', 'inputs[0].data: value 5'],
    ['a text', { data: [1, 2, 3, 4, 5, 'secret'] }, 'DTYPE_MISMATCH', 'value 5'],
    ['an id outside the table', { data: [1, 2, 3, 4, 5, 100] }, 'DTYPE_MISMATCH', 'value 5'],
    ['a negative id', { data: [-1, 2, 3, 4, 5, 6] }, 'DTYPE_MISMATCH', 'value 0'],
    ['too many records', { shape: [5, 3], data: [] }, 'REQUEST_INVALID', 'at most 4'],
    [
      'a foreign name',
      { name: 'tokens' },
      'REQUEST_INVALID',
      'the model takes token_BL, image_BIHWC, numeric_BF',
    ],
    ['a missing datatype', { datatype: undefined }, 'REQUEST_INVALID', 'inputs[0].datatype'],
    [
      'a misspelt field',
      { dataype: 'INT32' },
      'REQUEST_INVALID',
      "unknown field 'inputs[0].dataype'; did you mean 'datatype'?",
    ],
  ])('refuses %s', (_what, changes, code, message) => {
    const error = problem(request(changes)) as Error;
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('secret');
  });

  it('refuses a missing input and an unknown output', () => {
    expect(problem({ inputs: [token, image] })).toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringContaining('numeric_BF is missing') as string,
    });
    expect(problem({ inputs: [token, image, numeric], outputs: [{ name: 'x' }] })).toMatchObject({
      message: expect.stringContaining('outputs[0].name') as string,
    });
    expect(problem({ inputs: [token, token, image, numeric] })).toMatchObject({
      message: expect.stringContaining('a name twice') as string,
    });
  });

  it('reads an image that is nested as its shape says', () => {
    const nested = { ...image, data: [[[[[0, 1, 2]], [[3, 4, 5]]]], [[[[6, 7, 8]], [[9, 10, 11]]]]] };
    const { inputs } = parseInferRequest({ inputs: [token, nested, numeric] }, model);
    expect(Array.from(inputs.image_BIHWC?.data ?? [])).toEqual(image.data);
  });

  it('answers with all outputs when none is asked for', () => {
    const two = toyModel(new SumRunner(), { outputShapes: { logit_BK: [2], embedding_BF: [5] } });
    const ask = (outputs?: unknown): string[] =>
      parseInferRequest({ inputs: [token, image, numeric], outputs }, two).outputs;
    expect(ask()).toEqual(['logit_BK', 'embedding_BF']);
    expect(ask([{ name: 'embedding_BF' }])).toEqual(['embedding_BF']);
  });

  it.each(['toString', '__proto__', 'constructor'])('knows no output named %s', (name) => {
    expect(problem({ inputs: [token, image, numeric], outputs: [{ name }] })).toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringContaining('outputs[0].name') as string,
    });
  });

  it.each(['mask_BL', 'imageMask_BI', 'present_BM'])('takes only 0 and 1 for %s', (name) => {
    const flags = toyModel(new SumRunner(), { inputSpecs: { [name]: { dtype: 'float32', shape: [3] } } });
    const parse = (data: number[]): unknown =>
      parseInferRequest({ inputs: [{ name, shape: [1, 3], datatype: 'FP32', data }] }, flags);
    expect(parse([0, 1, 1])).toBeDefined();
    for (const value of [0.5, -1, 2, 1e30]) {
      expect(() => parse([0, value, 1])).toThrow('value 1 is no FP32 in the range of this input');
    }
  });

  it('refuses numbers that float32 cannot hold', () => {
    const large = { ...numeric, data: [1, 2, 3, 1e39] };
    expect(problem({ inputs: [token, image, large] })).toMatchObject({ code: 'DTYPE_MISMATCH' });
  });

  it.each([[null], [[]], ['text'], [{}], [{ inputs: [] }]])('refuses the body %j', (body) => {
    expect(problem(body)).toMatchObject({ code: 'REQUEST_INVALID' });
  });
});
