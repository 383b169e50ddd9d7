import { listenError } from './listen-error.js';

describe('listenError', () => {
  it.each([
    ['EADDRINUSE', 'PORT_IN_USE', 'Port 80 of shop.test is taken'],
    ['EACCES', 'USAGE', 'port is 80, on which this user may not listen'],
    ['EADDRNOTAVAIL', 'USAGE', "host is 'shop.test', which is no address of this machine"],
    ['ENOTFOUND', 'USAGE', "host is 'shop.test'"],
  ])('explains %s', (systemCode, code, message) => {
    const cause = Object.assign(new Error('listen'), { code: systemCode });
    expect(listenError(cause, { host: 'shop.test', port: 80 })).toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
      cause,
    });
  });

  it('leaves other errors as they are', () => {
    const error = new Error('other');
    expect(listenError(error, { host: 'shop.test', port: 80 })).toBe(error);
  });
});
