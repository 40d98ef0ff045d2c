/** Plays one process of a recorded session with our SceneMultiplayer, and says of both what can be compared. */
import type { Dialect } from '../../../codec/index.ts';
import { isDelta, readStates } from '../../../src/multiplayer/wire/statePacket.ts';
import { SessionGame, type SessionPut } from './sessionGame.ts';
import type { Session, SessionEvent } from './sessionRecord.ts';

/** What is the same however the frames fall. */
export interface Told {
  /** Everything but states, in order. */
  readonly events: readonly (readonly unknown[])[];
  /** States that differ from the one before, by synchronizer. */
  readonly states: Readonly<Record<string, readonly unknown[]>>;
  /** Packets without states, in order, by target, mode and channel; CONFIRM_PATH apart: the frame in which one is asked for is not known. */
  readonly packets: Readonly<Record<string, readonly string[]>>;
  /** Whole states (those that differ from the one before) and changes in packets, by target and synchronizer. */
  readonly sent: Readonly<Record<string, readonly string[]>>;
}

interface Item {
  readonly ms: number;
  /** Before the frame reads its packets, or after. */
  readonly isEarly: boolean;
  readonly run: () => void;
}

/** What the engine told and sent. */
export function recorded(session: Session, me: string, dialect: Dialect): Told {
  const side = me === 'server' ? 'server' : 'client';
  const puts = session.clients
    .filter(({ name, id }) => (me === 'server' ? hasMet(session, id) : name === me))
    .flatMap(({ id, packets }) =>
      packets
        .filter((packet) => packet.side === side)
        .map(({ mode, channel, bytes }): SessionPut => {
          const hex = Buffer.from(bytes).toString('hex');
          return [me === 'server' ? id : 1, mode, Math.max(0, channel - 1), hex];
        }),
    );
  const events = (session.events[me] ?? []).filter(([, what]) => !OWN.has(what));
  return told(
    events.map(([, ...event]) => event.map(bare)),
    puts,
    dialect,
  );
}

/** What ours tells and sends when it is given what the others sent. */
export function replayed(session: Session, me: string, dialect: Dialect): Told {
  const own = session.clients.find(({ name }) => name === me);
  const game = new SessionGame(me, own?.id ?? 1, session.plan, session.playerScene, dialect);
  const events = session.events[me] ?? [];
  const items = [...transportItems(session, me, game), ...actItems(events, game)];
  // What a process says in a frame is within a few milliseconds.
  const due = ({ ms, isEarly }: Item): number => (isEarly ? ms : ms - FRAME_MS / 2);
  items.sort((a, b) => due(a) - due(b));
  for (const ms of frames(events)) {
    const now = items.splice(0, items.findIndex((item) => due(item) > ms) >>> 0);
    for (const { isEarly, run } of now) if (isEarly) run();
    game.frame(ms);
    for (const { isEarly, run } of now) if (!isEarly) run();
    game.process();
  }
  return told(game.said, game.puts, dialect);
}

function transportItems(session: Session, me: string, game: SessionGame): Item[] {
  const { peer } = game;
  const isServer = me === 'server';
  return session.clients
    .filter(({ name, id }) => (isServer ? hasMet(session, id) : name === me))
    .flatMap(({ id, packets, end }) => {
      const from = isServer ? id : 1;
      const joined = (session.events[me] ?? []).find(
        ([, what, about]) =>
          (MET.has(what) && about === from) || (!isServer && what === 'connected_to_server'),
      );
      const items: Item[] = packets
        .filter(({ side }) => (side === 'server') !== isServer)
        .map(({ ms, mode, channel, bytes }) => ({
          ms,
          isEarly: true,
          run: () => peer.inject(from, mode, Math.max(0, channel - 1), Buffer.from(bytes).toString('hex')),
        }));
      const join = (): void => {
        peer.status = 2;
        peer.join(from);
      };
      // It is told in the frame in which the process says so; packets that were there before wait for that.
      if (joined !== undefined) {
        items.unshift({ ms: Math.min(joined[0], items[0]?.ms ?? joined[0]), isEarly: true, run: join });
      }
      const leave = (): void => {
        // Who has ended it hears nothing more.
        if (peer.status === 0) return;
        peer.leave(from);
        if (!isServer) peer.status = 0;
      };
      if (end !== undefined && (isServer || end.by === 'server'))
        items.push({ ms: end.by === 'server' && isServer ? end.ms + 10 : end.ms, isEarly: true, run: leave });
      return items;
    });
}

function actItems(events: readonly SessionEvent[], game: SessionGame): Item[] {
  return events
    .filter(([, what]) => what === 'do')
    .map(([ms, , text, ...args]) => ({
      ms,
      isEarly: false,
      run: () => game.act(JSON.parse(String(text)) as string, args.map(String)),
    }));
}

/** A frame where the process said something, and 60 in a second between. */
function frames(events: readonly SessionEvent[]): number[] {
  const list: number[] = [];
  let last = events[0]?.[0] ?? 0;
  for (const [ms] of [...events, [(events.at(-1)?.[0] ?? 0) + 100] as const]) {
    if (list.length > 0 && ms - last < FRAME_MS / 2) continue;
    for (; ms - last > FRAME_MS * 1.5; list.push(last)) last += FRAME_MS;
    last = ms;
    list.push(ms);
  }
  return list;
}

function hasMet({ events }: Session, id: number): boolean {
  return (events['server'] ?? []).some(([, what, about]) => MET.has(what) && about === id);
}

function told(events: readonly (readonly unknown[])[], puts: readonly SessionPut[], dialect: Dialect): Told {
  const result = {
    events: [] as (readonly unknown[])[],
    states: {} as Record<string, unknown[]>,
    packets: {} as Record<string, string[]>,
    sent: {} as Record<string, string[]>,
  };
  for (const event of events) {
    const [what, path, values] = event;
    if (!STATES.has(String(what))) result.events.push(event);
    else addOther(result.states, `${what} ${path}`, values);
  }
  for (const [target, mode, channel, hex] of puts) {
    const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
    // 12, row 6: 4.0 and 4.1 send everything on a channel in one mode.
    const sentAs = dialect < '4.2' && channel > 0 ? 'any' : mode;
    const isRelayed = bytes[0] === 7 && bytes[1] === 3;
    const inner = isRelayed ? bytes.subarray(6) : bytes;
    if (inner[0] !== 0x06 && inner[0] !== 0x16)
      add(result.packets, `${target} ${sentAs} ${channel}${bytes[0] === 0x02 ? ' confirm' : ''}`, hex);
    else {
      const to = isRelayed ? `${target}/${Buffer.from(bytes).readInt32LE(2)}` : String(target);
      for (const { id, mask, state } of readStates(inner, isDelta(inner))) {
        const values = Buffer.from(state).toString('hex');
        if (isDelta(inner)) add(result.sent, `${to} ${id} changes`, `${mask} ${values}`);
        else addOther(result.sent, `${to} ${id}`, values);
      }
    }
  }
  return result;
}

function add<T>(lists: Record<string, T[]>, key: string, value: T): void {
  const list = lists[key] ?? [];
  lists[key] = list;
  list.push(value);
}

function addOther<T>(lists: Record<string, T[]>, key: string, value: T): void {
  if (JSON.stringify(lists[key]?.at(-1)) !== JSON.stringify(value)) add(lists, key, value);
}

/** The hex of values that the recording has with their text. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  return typeof value === 'object' && value !== null && 'v' in value ? value.v : value;
}

/** What the process says of itself, and of its transport. */
const OWN = new Set(['do', 'create_server', 'create_client']);
const MET = new Set(['peer_authenticating', 'peer_connected']);
const STATES = new Set(['synchronized', 'input', 'delta_synchronized']);
const FRAME_MS = 1000 / 60;
