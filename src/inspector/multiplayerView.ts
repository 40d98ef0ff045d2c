/** What the page shows of a SceneMultiplayer: numbers always, calls only while somebody looks. */
import type { MultiplayerOps, ObservedCall } from '../multiplayer/index.ts';
import { describeArgument } from '../ops/internal.ts';
import { REFUSAL_TEXT } from './sources/refusalTexts.ts';

/** A `SceneMultiplayer`, as far as the page looks at it. */
export interface InspectedMultiplayer {
  /** Its operator's side. */
  readonly ops: MultiplayerOps;
}

/** One line of the page's list of calls. */
interface CallRow {
  readonly timeMs: number;
  readonly direction: 'in' | 'out';
  readonly peer: number;
  readonly text: string;
}

/** See the head of this file. */
export class MultiplayerView {
  readonly #ops: MultiplayerOps;
  readonly #limit: number;
  readonly #calls: CallRow[] = [];
  #skipped = 0;
  #endWatch: (() => void) | undefined;

  /** @param limit how many calls are kept between two snapshots. */
  constructor({ ops }: InspectedMultiplayer, limit: number) {
    this.#ops = ops;
    this.#limit = limit;
  }

  /** Whether calls are kept at all. */
  set isWatched(isWatched: boolean) {
    if (isWatched) this.#endWatch ??= this.#ops.watchCalls((call) => this.#keep(call));
    else {
      this.#endWatch?.();
      this.#endWatch = undefined;
      this.#calls.length = 0;
    }
  }

  /** The port of its transport. */
  get port(): number {
    return this.#ops.getLocalPort();
  }

  /** How many peers it has. */
  get peerCount(): number {
    return this.#ops.metrics().peers;
  }

  /** What has changed, as the page takes it. */
  take(maxPeers: number): object {
    const { refusals, ...numbers } = this.#ops.metrics();
    const now = this.#ops.now();
    const calls = this.#calls.splice(0);
    const skipped = this.#skipped;
    this.#skipped = 0;
    return {
      numbers,
      refusals: Array.from(refusals, ([reason, times]) => ({
        reason,
        times,
        text: REFUSAL_TEXT[reason],
      })).filter(({ times }) => times > 0),
      diagnoses: this.#ops
        .diagnoses()
        .map(({ timeMs, ...diagnosis }) => ({ ...diagnosis, agoMs: (now - timeMs) >>> 0 })),
      methods: this.#ops
        .methods()
        .sort((a, b) => b.received + b.sent - a.received - a.sent)
        .slice(0, MAX_METHODS),
      peers: this.#ops
        .peers()
        .slice(0, maxPeers)
        .map(({ connection, ...peer }) => ({
          ...peer,
          transport: connection?.transport,
          address: connection && placeOf(connection.address, connection.port),
          roundTripMs: connection?.roundTripMs,
        })),
      calls,
      skipped,
    };
  }

  #keep({ direction, peer, node, method, args }: ObservedCall): void {
    if (this.#calls.length >= this.#limit) {
      this.#skipped++;
      return;
    }
    const path = node.getPath().toString() || node.name;
    const text = `${path}.${method}(${args.slice(0, MAX_ARGUMENTS).map(describeArgument).join(', ')}${args.length > MAX_ARGUMENTS ? ', …' : ''})`;
    this.#calls.push({ timeMs: this.#ops.now(), direction, peer, text });
  }
}

function placeOf(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

const MAX_METHODS = 40;
/** Of a call in one line. */
const MAX_ARGUMENTS = 8;
