import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { AssayErrorCode } from '@assay/core';
import type { ConnectionError } from 'fastify';

const CODE: AssayErrorCode = 'REQUEST_INVALID';

const ANSWERS: Readonly<Record<string, { status: number; error: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, error: 'The request did not arrive in time.' },
  HPE_HEADER_OVERFLOW: { status: 431, error: 'The headers of the request are too large.' },
};

/** Answers what is no HTTP request at all, or not in time, as every other error is answered; then hangs up. */
export function answerClientError({ code }: ConnectionError, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, error } = ANSWERS[code] ?? { status: 400, error: 'The request is not valid HTTP.' };
  const body = JSON.stringify({ error, code: CODE });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${body.length}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
