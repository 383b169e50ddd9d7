import { AssayError } from '@assay/core';
import type { MlflowClient } from 'mlflow-client-ts';
import { note } from './output.js';
import { assayHome } from './workspace.js';

interface Connection {
  client: MlflowClient;
  /** Address to show to people. */
  uri: string;
  /** Whether it is the server that assay starts, and that goes on running. */
  isLocal: boolean;
}

/**
 * The client of the MLflow server that `MLFLOW_TRACKING_URI` names, or of the local one, which is started when it does not run.
 *
 * @throws MLFLOW_START_FAILED when the local server does not come up
 */
export async function connectToMlflow(): Promise<Connection> {
  const { MlflowClient } = await import('mlflow-client-ts');
  const configured = process.env['MLFLOW_TRACKING_URI'];
  if (configured !== undefined && configured !== '') {
    const uri = withoutCredentials(configured);
    return { client: MlflowClient.fromEnvironment(process.env, deadline()), uri, isLocal: false };
  }
  const { ensureLocalServer } = await import('@assay/mlflow-server');
  const { uri, started } = await ensureLocalServer({ home: assayHome() });
  if (started) note(`mlflow: started the local server at ${uri}`);
  return { client: new MlflowClient({ baseUrl: uri, ...deadline() }), uri, isLocal: true };
}

/**
 * The address to show to people.
 *
 * @throws USAGE when it is none
 */
export function withoutCredentials(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new AssayError(
      'USAGE',
      'MLFLOW_TRACKING_URI is not the address of a server. Expected e.g. http://mlflow.example:5000; unset it to use a local server.',
    );
  }
  return `${url.origin}${url.pathname === '/' ? '' : url.pathname}`;
}

/** `ASSAY_MLFLOW_DEADLINE_MS` bounds how long a call waits for the server. */
function deadline(): { deadlineMs?: number } {
  const deadlineMs = Number(process.env['ASSAY_MLFLOW_DEADLINE_MS'] ?? Number.NaN);
  return Number.isFinite(deadlineMs) ? { deadlineMs } : {};
}
