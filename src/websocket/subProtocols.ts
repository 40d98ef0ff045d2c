/** Sub-protocols (RFC 6455, 1.9), and what makes handshakes on a server. */
import type { WsModule, WsServer } from './wsModule.ts';

/** The first of the client's sub-protocols that the server knows. */
function chosenOf(offers: Iterable<string>, known: readonly string[]): string | undefined {
  for (const offer of offers) if (known.includes(offer)) return offer;
  return undefined;
}

/** Whether what a client asks for, in its header, goes with what a server speaks; the engine's rule. */
export function isAgreeable(header: string | undefined, known: readonly string[]): boolean {
  if (known.length === 0) return header === undefined;
  const offers = (header ?? '').split(',').map((name) => name.trim());
  return chosenOf(offers, known) !== undefined;
}

/** @param lines more header lines for the answer. */
export function newHandshaker(
  ws: WsModule,
  socketOptions: Readonly<Record<string, unknown>>,
  protocols: readonly string[],
  lines: readonly string[],
): WsServer {
  const server = new ws.WebSocketServer({
    ...socketOptions,
    noServer: true,
    clientTracking: false,
    handleProtocols: (offers: Set<string>) => chosenOf(offers, protocols) ?? false,
  });
  if (lines.length > 0) server.on('headers', (headers) => headers.push(...lines));
  return server;
}
