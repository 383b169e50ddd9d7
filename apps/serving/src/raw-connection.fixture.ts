import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

export interface RawAnswer {
  status: number;
  headers: string;
  body: Record<string, unknown>;
}

/** A connection on which a test writes what it likes, also half of a request. */
export class RawConnection implements Disposable {
  readonly #socket: Socket;
  #received = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => (this.#received += chunk.toString()));
    socket.on('error', () => undefined); // a server that hangs up is seen as the end of the answer
  }

  static async open(service: FastifyInstance): Promise<RawConnection> {
    const { address, port } = service.server.address() as AddressInfo;
    const socket = connect(port, address);
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  /** Waits for one whole answer. */
  async answer(): Promise<RawAnswer> {
    for (;;) {
      const [headers = '', body = ''] = this.#received.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(headers)?.[1] ?? Number.NaN);
      if (body.length >= length) {
        this.#received = '';
        return {
          status: Number(headers.split(' ')[1]),
          headers,
          body: JSON.parse(body) as Record<string, unknown>,
        };
      }
      if (this.#socket.closed) throw new Error(`the connection ended with '${this.#received}'`);
      await Promise.race([once(this.#socket, 'data'), once(this.#socket, 'close')]);
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** The head of a JSON request and whatever of its body is sent with it. */
export function head(method: string, path: string, announcedBytes: number): string {
  return `${method} ${path} HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: ${announcedBytes}\r\n\r\n`;
}

/** Settles when `bytes` bytes of the body of the next request have arrived; `left` settles when its caller has gone. */
export function nextBody(service: FastifyInstance, bytes: number): Promise<{ left: Promise<unknown> }> {
  return new Promise((resolve) => {
    service.server.once('request', (request: IncomingMessage, response: ServerResponse) => {
      const left = once(response, 'close');
      let received = 0;
      request.on('data', (chunk: Buffer) => (received += chunk.length) >= bytes && resolve({ left }));
    });
  });
}
