import { openAsBlob } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { fileInfoSchema, type FileInfo } from './entities.js';
import { MlflowError, refuse } from './mlflow-error.js';
import type { Transport } from './transport.js';
import { encodeArtifactPath } from './validate.js';

const ROOT = '/api/2.0/mlflow-artifacts/artifacts';
const SCHEME = 'mlflow-artifacts:/';
const filesSchema = z.object({ files: z.array(fileInfoSchema).default([]) });

/** Files of runs and logged models, through the server's artifact proxy. */
export class Artifacts {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Uploads one file and checks that the server lists it with the same size: some versions answer 200 for an empty upload.
   *
   * @param artifactUri root of a run or logged model, `mlflow-artifacts:/…`
   * @param path below the root
   */
  async uploadFile(artifactUri: string, localPath: string, path: string): Promise<void> {
    const { size: sizeBytes } = await onDisk(localPath, () => stat(localPath));
    const body = async (): Promise<{ data: Blob; sizeBytes: number }> => ({
      data: await onDisk(localPath, () => openAsBlob(localPath)),
      sizeBytes,
    });
    await this.#transport.send({
      method: 'PUT',
      path: addressOf(artifactUri, path),
      body,
      read: (response) => response.text(),
    });
    const listed = (await this.list(artifactUri, dirname(path) === '.' ? '' : dirname(path))).find(
      (file) => file.path === path,
    );
    if (listed?.sizeBytes !== sizeBytes) {
      throw new MlflowError(
        `${path} was uploaded with ${sizeBytes} bytes, and the server lists ${listed?.sizeBytes ?? 'no such file'}.`,
        { kind: 'invalid-response' },
      );
    }
  }

  /** Uploads every file below a folder, keeping relative paths. */
  async uploadDirectory(artifactUri: string, localDir: string, path = ''): Promise<void> {
    const entries = await readdir(localDir, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      const local = join(entry.parentPath, entry.name);
      await this.uploadFile(artifactUri, local, join(path, relative(localDir, local)));
    }
  }

  /** Files and folders directly below a path; their paths are relative to the artifact root. */
  async list(artifactUri: string, path = ''): Promise<FileInfo[]> {
    const folder = [rootOf(artifactUri), ...(path === '' ? [] : [path])].join('/');
    const answer = filesSchema.safeParse(
      await this.#transport.send({ method: 'GET', path: ROOT, query: { path: folder } }),
    );
    if (!answer.success)
      throw new MlflowError(
        `The list of ${folder} has an unexpected shape: ${z.prettifyError(answer.error)}`,
        { kind: 'invalid-response', cause: answer.error },
      );
    return answer.data.files.map((file) => ({
      ...file,
      path: path === '' ? file.path : `${path}/${file.path}`,
    }));
  }

  /** Every file below a path, at any depth. */
  async listRecursively(artifactUri: string, path = ''): Promise<FileInfo[]> {
    const found: FileInfo[] = [];
    for (const file of await this.list(artifactUri, path)) {
      if (file.isDirectory) found.push(...(await this.listRecursively(artifactUri, file.path)));
      else found.push(file);
    }
    return found;
  }

  /** Downloads one file to a temporary name and renames it when it is complete. */
  async downloadFile(artifactUri: string, path: string, localPath: string): Promise<void> {
    await onDisk(localPath, () => mkdir(dirname(localPath), { recursive: true }));
    const temporary = `${localPath}.part-${process.pid}`;
    try {
      await this.#transport.send({
        method: 'GET',
        path: addressOf(artifactUri, path),
        read: (response, progress) => writeBody(response, temporary, progress),
      });
      await onDisk(localPath, () => rename(temporary, localPath));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Downloads every file below a path into a folder, keeping relative paths. */
  async downloadDirectory(artifactUri: string, localDir: string, path = ''): Promise<void> {
    for (const file of await this.listRecursively(artifactUri, path)) {
      const below = path === '' ? file.path : relative(path, file.path);
      encodeArtifactPath(below); // a server must not be able to write outside the folder
      await this.downloadFile(artifactUri, file.path, join(localDir, below));
    }
  }
}

async function writeBody(response: Response, path: string, progress: () => void): Promise<void> {
  const file = await onDisk(path, () => open(path, 'w'));
  let received = 0;
  try {
    for await (const chunk of response.body ?? []) {
      const bytes = chunk as Uint8Array; // a fetch body yields bytes
      progress();
      await onDisk(path, () => file.writeFile(bytes)); // unlike write, it goes on after a short write
      received += bytes.byteLength;
    }
    await onDisk(path, () => file.sync());
    const { size } = await onDisk(path, () => file.stat());
    const encoded = response.headers.get('content-encoding') !== null;
    const promised = encoded ? null : response.headers.get('content-length');
    const expected = promised === null ? received : Number(promised);
    if (size !== expected)
      throw new MlflowError(`${path} has ${size} bytes; the download has ${expected}.`, {
        kind: 'invalid-response',
      });
  } finally {
    await file.close();
  }
}

/** Runs an operation on a local file; it is never tried again, and its error names the file. */
async function onDisk<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new MlflowError(`The file ${path} could not be read or written (${String(error)}).`, {
      kind: 'file',
      cause: error,
    });
  }
}

/** Path of a proxied root, without its scheme. */
function rootOf(artifactUri: string): string {
  if (!artifactUri.startsWith(SCHEME))
    refuse(
      `'${artifactUri}' is not served by the artifact proxy; this client needs a server that proxies artifacts (mlflow-artifacts:).`,
    );
  return artifactUri.slice(SCHEME.length).replace(/^\/+/, '');
}

const addressOf = (artifactUri: string, path: string): string =>
  `${ROOT}/${encodeArtifactPath(`${rootOf(artifactUri)}/${path}`)}`;
