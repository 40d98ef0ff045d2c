/** A `SceneMultiplayer` as the console sees it, over whatever transport. */
import type { TransportPeer } from '../../godot/index.ts';
import { MultiplayerDissector, type SceneMultiplayer } from '../../multiplayer/index.ts';
import { sceneMultiplayerAccess } from '../../multiplayer/internal.ts';
import type { ActionName, DiagnosisRow, PeerRow, ServerSection } from '../protocol.ts';
import { CallLog } from './CallLog.ts';
import { flowOf } from './flow.ts';
import { OperatorSource } from './OperatorSource.ts';
import {
  ActionError,
  type FlowNumbers,
  type PlacedParty,
  type SourceTree,
  type TickNumbers,
} from './Source.ts';
import { oneLine } from './texts.ts';

/** How a game is told a text of an operator. */
export type SendMessage = (text: string, to: { readonly peerId?: number; readonly room?: string }) => void;

/** See the head of this file. */
export class MultiplayerSource extends OperatorSource<SceneMultiplayer & OperatedMultiplayer> {
  readonly sections: readonly ServerSection[] = ['overview', 'peers', 'calls', 'charts', 'scene'];
  readonly actions: readonly ActionName[];
  readonly payload = 'multiplayer';
  readonly calls: CallLog;
  readonly #send: SendMessage | undefined;

  constructor(multiplayer: SceneMultiplayer, send: SendMessage | undefined) {
    super(multiplayer as SceneMultiplayer & OperatedMultiplayer);
    this.#send = send;
    this.actions = [
      'kick',
      'ban',
      'unban',
      'door',
      'call',
      ...(send === undefined ? [] : ['message' as const]),
    ];
    this.calls = new CallLog(() => [{ id: undefined, ops: multiplayer.ops, keyOf: String }]);
  }

  override diagnoses(): DiagnosisRow[] {
    return diagnosesOf(this.server, String);
  }

  peers(): PeerRow[] {
    const className = classOf(this.server);
    return this.server.ops.peers().map(({ id, isAdmitted, dialect, connection, seconds, ...traffic }) => ({
      ...connectionRow(connection),
      key: String(id),
      peerId: id,
      ...(className !== undefined && { class: className }),
      ...(dialect !== undefined && { godot: dialect }),
      state: isAdmitted ? 'connected' : 'authenticating',
      bytesIn: traffic.bytesReceived,
      bytesOut: traffic.bytesSent,
      callsIn: traffic.callsReceived,
      callsOut: traffic.callsSent,
      seconds,
    }));
  }

  *parties(): Iterable<PlacedParty> {
    const dissector = dissectorOf(this.server);
    for (const id of [...this.server.getPeers(), ...this.server.getAuthenticatingPeers()]) {
      const place = this.server.multiplayerPeer?.transportPeer(id);
      if (place !== undefined)
        yield {
          address: place.address,
          port: place.port,
          party: { key: String(id), peerId: id, kind: 'multiplayer', dissector },
        };
    }
  }

  override methods(): readonly {
    readonly method: string;
    readonly received: number;
    readonly sent: number;
  }[] {
    return this.server.ops.methods();
  }

  override trees(): readonly SourceTree[] {
    const { mirror } = this.server;
    return [{ id: undefined, kind: 'scene', mirror, multiplayer: this.server, keyOf: String }];
  }

  override flow(): FlowNumbers {
    return flowOf([this.server.multiplayerPeer]);
  }

  override ticks(): TickNumbers {
    return { tickMs: this.server.tickTimes().p99Ms };
  }

  kick(key: string): void {
    this.server.disconnectPeer(this.#idOf(key, this.server.getAuthenticatingPeers()));
  }

  override message({ peer }: { readonly peer?: string }, text: string): void {
    if (this.#send === undefined) super.message({}, text);
    else this.#send(text, peer === undefined ? {} : { peerId: this.#idOf(peer) });
  }

  override close(): void {
    this.calls.isWatched = false;
    super.close();
  }

  protected override port(): number {
    return this.server.ops.getLocalPort();
  }

  /** @param others who counts beside those who are admitted. @throws ActionError 404 */
  #idOf(key: string, others: readonly number[] = []): number {
    const id = Number(key);
    if (!this.server.getPeers().includes(id) && !others.includes(id))
      throw new ActionError(404, `there is no peer ${oneLine(key, 40)}`);
    return id;
  }
}

/** What `OperatedServer` asks for besides. */
interface OperatedMultiplayer {
  [Symbol.asyncDispose](): Promise<void>;
}

/** The numbers of a connection, whatever it is; nothing for none. */
export function connectionRow(connection: TransportPeer | undefined): Partial<PeerRow> {
  if (connection === undefined) return {};
  const {
    transport,
    address,
    port,
    roundTripMs,
    roundTripVarianceMs,
    lossRatio,
    throttleRatio,
    queuedBytes,
    dtlsSuite,
  } = connection;
  return {
    transport,
    ...(address !== '' && { address }),
    ...(port !== 0 && { port }),
    ...(roundTripMs !== undefined && { roundTripMs }),
    ...(roundTripVarianceMs !== undefined && { roundTripVarianceMs }),
    ...(lossRatio !== undefined && { loss: lossRatio }),
    ...(throttleRatio !== undefined && { throttle: throttleRatio }),
    ...(queuedBytes !== undefined && { queuedBytes }),
    ...(dtlsSuite !== undefined && { dtlsSuite }),
  };
}

/** What was found when a peer and a SceneMultiplayer do not agree. */
export function diagnosesOf(
  { ops }: SceneMultiplayer,
  keyOf: (peerId: number) => string | undefined,
): DiagnosisRow[] {
  const [now, wall] = [ops.now(), Date.now()];
  return ops.diagnoses().map(({ code, peer, detail, remedy, timeMs, nodePath, method }) => {
    const key = keyOf(peer);
    const place = [nodePath, method].filter((part) => part !== undefined).join('.');
    return {
      timeMs: wall - ((now - timeMs) >>> 0),
      code,
      text: place === '' || detail.includes(place) ? detail : `${place}: ${detail}`,
      ...(remedy !== '' && { help: remedy }),
      ...(key !== undefined && { peer: key }),
    };
  });
}

/** Reads the packets of a SceneMultiplayer; who speaks is a number of a peer, negative for what goes to it. */
export function dissectorOf(multiplayer: SceneMultiplayer): MultiplayerDissector {
  const known = DISSECTORS.get(multiplayer);
  if (known !== undefined) return known;
  const made = new MultiplayerDissector({
    mirror: multiplayer.mirror,
    rootPath: multiplayer.rootPath === '' ? '/root' : multiplayer.rootPath,
    pathOf: (speaker, id) =>
      typeof speaker === 'number'
        ? sceneMultiplayerAccess.pathOf(multiplayer, Math.abs(speaker), id, speaker < 0)
        : undefined,
  });
  DISSECTORS.set(multiplayer, made);
  return made;
}

function classOf({ multiplayerPeer }: SceneMultiplayer): string | undefined {
  return multiplayerPeer?.constructor.name;
}

const DISSECTORS = new WeakMap<SceneMultiplayer, MultiplayerDissector>();
