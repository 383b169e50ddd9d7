import { pickInputs, type InputArray } from './model-input.js';

it('pickInputs gives the inputs that a model takes, and leaves out what a batch lacks', () => {
  const token: InputArray = { dtype: 'int32', shape: [1, 2], data: Int32Array.of(3, 4) };
  const numeric: InputArray = { dtype: 'float32', shape: [1, 1], data: Float32Array.of(5) };
  const wanted = { token_BL: 'any', image_BIHWC: 'any' };
  expect(pickInputs(wanted, { token_BL: token, numeric_BF: numeric })).toEqual({ token_BL: token });
});
