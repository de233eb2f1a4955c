/** Starts a nats-server, says where it is, and stays until it is killed: `start-server.test.ts` does that. */
import { startNatsServer } from '../../src/nats/start-server.ts';

process.on('SIGINT', () => undefined);
const { url, pid, storeDir } = await startNatsServer();
process.stdout.write(`${JSON.stringify({ url, pid, storeDir })}\n`);
setInterval(() => undefined, 60_000);
