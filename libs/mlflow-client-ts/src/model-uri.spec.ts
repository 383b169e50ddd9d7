import { MlflowClient, parseModelUri } from './index.js';

test('an address is a version, an alias or a logged model', () => {
  expect(parseModelUri('models:/listings/7')).toEqual({ kind: 'version', name: 'listings', version: '7' });
  expect(parseModelUri('models:/listings@champion')).toEqual({
    kind: 'alias',
    name: 'listings',
    alias: 'champion',
  });
  expect(parseModelUri('models:/a@b@c')).toEqual({ kind: 'alias', name: 'a@b', alias: 'c' });
  expect(parseModelUri('models:/m-0a1b')).toEqual({ kind: 'logged-model', modelId: 'm-0a1b' });
});

test.each([
  'listings@champion',
  'models:/listings',
  'models:/listings/Production',
  'models:/listings/latest',
  'runs:/x/y',
  'models:/a:b@c',
])('%s is refused', (uri) =>
  expect(() => parseModelUri(uri)).toThrow(expect.objectContaining({ kind: 'invalid-argument' }) as Error),
);

test('an address of a server must be http, and the environment must name one', () => {
  expect(() => new MlflowClient({ baseUrl: 'sqlite:///x.db' })).toThrow('no http or https address');
  expect(() => MlflowClient.fromEnvironment({})).toThrow('MLFLOW_TRACKING_URI is not set');
});
