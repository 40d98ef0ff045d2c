/** What happened to a server and its peers: the latest, the oldest first. */
import type { OperatedPeer, Operator } from '../../godot/index.ts';
import type { EventRow } from '../protocol.ts';
import { oneLine } from './texts.ts';

/** See the head of this file. */
export class EventLog {
  readonly #rows: EventRow[] = [];
  readonly #end: () => void;
  /** Called for each connection, after it was noted. */
  onConnected: ((peer: OperatedPeer) => void) | undefined;

  /** @param ops `undefined` for what tells of nothing by itself. */
  constructor(ops: Pick<Operator, 'observe'> | undefined) {
    const peerOf = (peer: OperatedPeer): Pick<EventRow, 'peer' | 'address'> => ({
      peer: String(peer.peerId),
      ...(peer.remoteAddress !== '' && { address: peer.remoteAddress }),
    });
    this.#end =
      ops?.observe({
        started: (port) => this.add('started', port === 0 ? 'It listens.' : `It listens on port ${port}.`),
        stopped: () => this.add('stopped', 'It has stopped.'),
        connected: (peer) => {
          this.add('connected', `Peer ${peer.peerId} is connected.`, peerOf(peer));
          this.onConnected?.(peer);
        },
        authenticated: (peer) => this.add('authenticated', `Peer ${peer.peerId} was let in.`, peerOf(peer)),
        disconnected: (peer, reason, cause) => {
          const why = [reason, cause].filter((part) => part !== undefined && part !== '').join(', ');
          const seconds = Math.round(peer.getConnectionTime());
          const text = `Peer ${peer.peerId} is gone after ${seconds} s${why === '' ? '' : `: ${why}`}.`;
          this.add('disconnected', text, peerOf(peer));
        },
      }) ?? (() => undefined);
  }

  /** A copy. */
  get rows(): EventRow[] {
    return [...this.#rows];
  }

  /** Something happened now. */
  add(kind: EventRow['kind'], text: string, of: Pick<EventRow, 'peer' | 'address'> = {}): void {
    this.#rows.push({ timeMs: Date.now(), kind, text: oneLine(text), ...of });
    if (this.#rows.length > MAX_ROWS) this.#rows.shift();
  }

  /** Nothing is noted any more. */
  close(): void {
    this.onConnected = undefined;
    this.#end();
  }
}

const MAX_ROWS = 200;
