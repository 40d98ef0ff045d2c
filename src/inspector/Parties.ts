/** Who is at which address, at all servers together: read anew each second, and only when somebody asks. */
import { canonicalIp } from '../enet/internal.ts';
import { MultiplayerDissector } from '../multiplayer/index.ts';
import type { Source } from './sources/Source.ts';
import type { Party } from './traffic/DatagramReader.ts';

/** See the head of this file. */
export class Parties {
  readonly #servers: ReadonlyMap<number, { readonly source: Source }>;
  #known: ReadonlyMap<string, Party> | undefined;

  /** @param servers by number; they may become more. */
  constructor(servers: ReadonlyMap<number, { readonly source: Source }>) {
    this.#servers = servers;
  }

  /** They may be others now. */
  refresh(): void {
    this.#known = undefined;
  }

  /** Who is at an address; somebody without a name for nobody. */
  at(ip: string, port: number): Party {
    this.#known ??= this.#read();
    return this.#known.get(`${ip} ${port}`) ?? this.#nobody();
  }

  /** The UDP port towards an address: that of the server where it is known, or of the first; 0 for none. */
  portTowards(ip: string, port: number): number {
    const { server } = this.at(ip, port);
    const own = server === undefined ? undefined : this.#servers.get(server)?.source.status().port;
    if (own !== undefined) return own;
    for (const { source } of this.#servers.values()) {
      const first = source.status().port;
      if (first !== undefined) return first;
    }
    return 0;
  }

  #read(): ReadonlyMap<string, Party> {
    const parties = new Map<string, Party>();
    for (const [server, { source }] of this.#servers)
      try {
        for (const { address, port, party } of source.parties()) {
          const place = `${canonicalIp(address) ?? address} ${port}`;
          // What is over a transport says more of it than the transport itself.
          if (party.kind !== 'bytes' || !parties.has(place)) parties.set(place, { ...party, server });
        }
      } catch {
        // A server of the application's own: its list of peers tells what it throws.
      }
    return parties;
  }

  #nobody(): Party {
    const kinds = new Set(Array.from(this.#servers.values(), ({ source }) => source.payload));
    if (kinds.has('multiplayer')) return NOBODY_OF_SCENE;
    return kinds.size === 1 && kinds.has('bytes') ? NOBODY_OF_BYTES : NOBODY;
  }
}

const NOBODY: Party = { key: undefined, peerId: 0, kind: 'value', dissector: undefined };
const NOBODY_OF_BYTES: Party = { ...NOBODY, kind: 'bytes' };
const NOBODY_OF_SCENE: Party = { ...NOBODY, kind: 'multiplayer', dissector: new MultiplayerDissector() };
