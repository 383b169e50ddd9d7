import { AssayError, systemCodeOf } from '@assay/core';

interface Address {
  host: string;
  port: number;
}

/** Makes an error of ours of one that listening on an address gave; others stay as they are. */
export function listenError(error: unknown, { host, port }: Address): unknown {
  const options = { cause: error, details: { host, port } };
  switch (systemCodeOf(error)) {
    case 'EADDRINUSE':
      return new AssayError(
        'PORT_IN_USE',
        `Port ${port} of ${host} is taken by another process. Fix: stop it, or serve on another port (--port 0 takes any free one).`,
        options,
      );
    case 'EACCES':
      return new AssayError(
        'USAGE',
        `port is ${port}, on which this user may not listen. Fix: serve on a port of 1024 or more (--port 8080).`,
        options,
      );
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EAI_AGAIN':
    case 'EINVAL':
    case 'ENOTFOUND':
      return new AssayError(
        'USAGE',
        `host is '${host}', which is no address of this machine. Fix: serve on 127.0.0.1, or on 0.0.0.0 for every address.`,
        options,
      );
    case undefined:
    default:
      return error;
  }
}
