export { ensureLocalServer, localServerStatus, stopLocalServer, type LocalServer } from './local-server.js';
