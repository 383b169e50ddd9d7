import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { MlflowClient } from './index.js';

const API = '/api/2.0/mlflow/';
const RUN = { info: { run_id: 'r1', experiment_id: '7', run_name: 'first', status: 'RUNNING' } };
const ANSWERS: Record<string, unknown> = {
  'experiments/create': { experiment_id: '7' },
  'runs/create': { run: RUN },
  'runs/log-batch': {},
  'runs/update': {},
};

describe('README', () => {
  let server: Server;
  let baseUrl: string;
  const received: [path: string, body: unknown][] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const path = (request.url ?? '').replace(API, '');
        received.push([path, JSON.parse(body)]);
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(ANSWERS[path]));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('shows an example that works', async () => {
    // example
    const client = new MlflowClient({ baseUrl }); // e.g. http://127.0.0.1:5000
    const { experimentId } = await client.experiments.getOrCreate('listings');
    const run = await client.runs.create({ experimentId, runName: 'first' });
    await client.runs.logBatch(run.info.runId, {
      metrics: [{ key: 'loss', value: 0.5, step: 1, timestamp: Date.now() }],
    });
    await client.runs.update(run.info.runId, { status: 'FINISHED' });
    // end
    expect(received).toMatchObject([
      ['experiments/create', { name: 'listings' }],
      ['runs/create', { experiment_id: '7', run_name: 'first' }],
      ['runs/log-batch', { run_id: 'r1', metrics: [{ key: 'loss', value: 0.5, step: 1 }] }],
      ['runs/update', { run_id: 'r1', status: 'FINISHED' }],
    ]);
    const shown = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(join(__dirname, '../README.md'), 'utf8'));
    const ran = /^ *\/\/ example\n([\s\S]*?)^ *\/\/ end$/m.exec(readFileSync(__filename, 'utf8'));
    expect(ran?.[1]?.replace(/^ {4}/gm, '')).toBe(shown?.[1]);
    expect(shown?.[1]).toContain('MlflowClient');
  });
});
