import { createConnection } from 'node:net';

/** What a server says of itself before it asks anything (docs.nats.io/reference/reference-protocols/nats-protocol#info). */
export interface ServerInfo {
  readonly server_name: string;
  readonly version: string;
}

/** Connects to a port of 127.0.0.1, reads a nats-server's first line and hangs up. Rejects when none answers. */
export async function readServerInfo(port: number): Promise<ServerInfo> {
  const socket = createConnection({ host: '127.0.0.1', port, timeout: 1_000 }).setEncoding('utf8');
  socket.once('timeout', () => socket.destroy(new Error('no answer')));
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.includes('\r\n')) break;
  }
  const [, info] = /^INFO (\{.*\})\s*\r\n/.exec(text) ?? [];
  if (info === undefined) throw new Error(`port ${port} does not speak NATS`);
  return JSON.parse(info) as ServerInfo;
}
