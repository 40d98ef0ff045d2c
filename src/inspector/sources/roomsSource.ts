/** A `RoomServer`, or the node of a cluster that it belongs to, as the console sees it: players, rooms and their trees. */
import type { ClusterNode } from '../../cluster/index.ts';
import type { MultiplayerPeerReport } from '../../multiplayer/index.ts';
import { type Player, type Room, RoomError, type RoomServer } from '../../rooms/index.ts';
import { roomServerAccess } from '../../rooms/internal.ts';
import type { ActionName, DiagnosisRow, NumberRow, PeerRow, RoomRow, ServerSection } from '../protocol.ts';
import { CallLog } from './CallLog.ts';
import { flowOf } from './flow.ts';
import { connectionRow, diagnosesOf, dissectorOf, type SendMessage } from './multiplayerSource.ts';
import { OperatorSource } from './OperatorSource.ts';
import {
  ActionError,
  type FlowNumbers,
  type LinkNumbers,
  type PlacedParty,
  type SourceStatus,
  type SourceTree,
  type TickNumbers,
} from './Source.ts';
import { optionalData } from './serverSource.ts';
import { dataText, oneLine } from './texts.ts';

/** See the head of this file. */
export class RoomsSource<
  Server extends RoomServer | ClusterNode = RoomServer,
> extends OperatorSource<Server> {
  readonly sections: readonly ServerSection[] = ['overview', 'peers', 'rooms', 'calls', 'charts', 'scene'];
  readonly actions: readonly ActionName[] = [
    'kick',
    'ban',
    'unban',
    'message',
    'move',
    'closeRoom',
    'lockRoom',
    'door',
    'call',
  ];
  readonly payload = 'multiplayer';
  readonly calls: CallLog;
  protected readonly roomServer: RoomServer;
  readonly #event: string;
  readonly #send: SendMessage | undefined;

  /** @param event name of the event that a message is for those who speak events. @param send how the others are told. */
  constructor(server: Server, rooms: RoomServer, event: string, send: SendMessage | undefined) {
    super(server);
    this.roomServer = rooms;
    this.#event = event;
    this.#send = send;
    this.calls = new CallLog(() =>
      rooms.rooms.map((room) => ({
        id: room.id,
        ops: room.multiplayer.ops,
        keyOf: (peerId) => room.playerOf(peerId)?.seat,
      })),
    );
    const { events } = this;
    const putOut = (player: Player): void => {
      if (this.isBanned(player.connection?.address)) setImmediate(() => player.kick());
    };
    this.#on('playerJoined', putOut);
    this.#on('playerReturned', putOut);
    this.#on('roomOpened', (room) => events.add('room', `Room ${room.id} (${room.kind}) takes players.`));
    this.#on('roomEnded', (room) => events.add('room', `Room ${room.id} (${room.kind}) has ended.`));
    this.#on('roomFailed', (room, error) =>
      events.add('room', `Room ${room.id} (${room.kind}) has thrown: ${String(error)}`),
    );
  }

  override status(): SourceStatus {
    return { ...super.status(), rooms: this.roomServer.rooms.length };
  }

  override diagnoses(): DiagnosisRow[] {
    return this.roomServer.rooms
      .flatMap((room) => diagnosesOf(room.multiplayer, (peerId) => room.playerOf(peerId)?.seat))
      .sort((a, b) => a.timeMs - b.timeMs)
      .slice(-MAX_DIAGNOSES);
  }

  peers(): PeerRow[] {
    const reports = new Map<number, MultiplayerPeerReport>();
    for (const { multiplayer } of this.roomServer.rooms)
      for (const report of multiplayer.ops.peers()) reports.set(report.id, report);
    return this.roomServer.players.map((player) =>
      this.#row(
        player,
        player.protocol === 'scene' && !player.isAway ? reports.get(player.peerId) : undefined,
      ),
    );
  }

  /** Each second, also while nobody looks: without what only rows show. */
  override *links(): Iterable<LinkNumbers> {
    for (const { connection } of this.roomServer.players) {
      const { roundTripMs, loss } = connectionRow(connection);
      yield { roundTripMs, loss };
    }
  }

  override details(key: string): { readonly data?: string; readonly numbers: readonly NumberRow[] } {
    const player = this.#playerOf(key);
    return player === undefined
      ? { numbers: [] }
      : { ...optionalData(this.#dataOf(player), false), numbers: [] };
  }

  *parties(): Iterable<PlacedParty> {
    for (const player of this.roomServer.players) {
      const place = player.connection;
      if (place === undefined || place.address === '') continue;
      const dissector = player.room && dissectorOf(player.room.multiplayer);
      const kind = player.protocol === 'events' ? 'value' : 'multiplayer';
      yield {
        address: place.address,
        port: place.port,
        party: { key: player.seat, peerId: player.peerId, kind, dissector },
      };
    }
  }

  rooms(): RoomRow[] {
    return this.roomServer.rooms.map((room) => {
      const members = [...room.players.values()];
      const spectators = members.filter((player) => room.isSpectator(player)).length;
      const { p99Ms, skippedTicks } = room.lateness();
      const { p99Ms: tickMs } = room.tickTimes();
      return {
        id: room.id,
        kind: room.kind,
        players: members.length - spectators,
        maxPlayers: room.maxPlayers,
        spectators,
        away: members.filter(({ isAway }) => isAway).length,
        isLocked: room.isLocked,
        isPrivate: room.isPrivate,
        ...(Object.keys(room.metadata).length > 0 && { data: oneLine(JSON.stringify(room.metadata), 300) }),
        tickHz: room.tickHz,
        tickMs,
        lateMs: p99Ms,
        skippedTicks,
      };
    });
  }

  override flow(): FlowNumbers {
    const { transport, eventServer } = roomServerAccess.partsOf(this.roomServer);
    return flowOf([transport, eventServer]);
  }

  override ticks(): TickNumbers {
    let [tickMs, lateMs] = [0, 0];
    for (const room of this.roomServer.rooms) {
      tickMs = Math.max(tickMs, room.tickTimes().p99Ms);
      lateMs = Math.max(lateMs, room.lateness().p99Ms);
    }
    return { tickMs, lateMs };
  }

  override methods(): readonly {
    readonly method: string;
    readonly received: number;
    readonly sent: number;
  }[] {
    const all = new Map<string, { method: string; received: number; sent: number }>();
    for (const { multiplayer } of this.roomServer.rooms)
      for (const { method, received, sent } of multiplayer.ops.methods()) {
        const known = all.get(method) ?? { method, received: 0, sent: 0 };
        all.set(method, { method, received: known.received + received, sent: known.sent + sent });
      }
    return [...all.values()];
  }

  override trees(): readonly SourceTree[] {
    return this.roomServer.rooms.map((room) => ({
      id: room.id,
      kind: room.kind,
      mirror: room.mirror,
      multiplayer: room.multiplayer,
      keyOf: (peerId) => room.playerOf(peerId)?.seat,
    }));
  }

  kick(key: string): void {
    this.#mustFind(key).kick();
  }

  override message({ peer, room }: { readonly peer?: string; readonly room?: string }, text: string): void {
    const players =
      peer === undefined
        ? room === undefined
          ? this.roomServer.players
          : [...this.#roomOf(room).players.values()]
        : [this.#mustFind(peer)];
    let reached = 0;
    for (const player of players) {
      if (player.isAway || player.room === undefined) continue;
      if (player.protocol === 'events') player.room.sendEvent(player, this.#event, { text });
      else if (this.#send === undefined) continue;
      else this.#send(text, { peerId: player.peerId, room: player.room.id });
      reached++;
    }
    if (reached === 0)
      throw new ActionError(
        409,
        'nobody can be told: players who speak RPCs are told by the option "message" of watch()',
      );
  }

  override async move(key: string, room: string): Promise<void> {
    await this.#mustFind(key)
      .moveTo(this.#roomOf(room))
      .catch((error: unknown) => {
        throw error instanceof RoomError ? new ActionError(409, error.message) : error;
      });
  }

  override async closeRoom(room: string): Promise<void> {
    await this.#roomOf(room).end();
  }

  override lockRoom(room: string, isLocked: boolean): void {
    this.#roomOf(room).isLocked = isLocked;
  }

  override close(): void {
    this.calls.isWatched = false;
    for (const end of this.#ends.splice(0)) end();
    super.close();
  }

  protected override port(): number {
    return this.roomServer.ops.getLocalPort();
  }

  protected override banish(peerId: number): void {
    // Who has not logged in yet is put out as soon as it has.
    const player = this.roomServer.playerOf(peerId);
    if (player !== undefined) setImmediate(() => player.kick());
  }

  readonly #ends: (() => void)[] = [];

  #on<Name extends 'playerJoined' | 'playerReturned' | 'roomOpened' | 'roomEnded' | 'roomFailed'>(
    name: Name,
    listener: Parameters<typeof this.roomServer.on<Name>>[1],
  ): void {
    this.roomServer.on(name, listener);
    this.#ends.push(() => this.roomServer.off(name, listener));
  }

  #row(player: Player, report: MultiplayerPeerReport | undefined): PeerRow {
    const { room } = player;
    return {
      ...connectionRow(player.connection),
      key: player.seat,
      ...(!player.isAway && { peerId: player.peerId }),
      name: player.id,
      ...optionalData(this.#dataOf(player)),
      class: player.constructor.name,
      ...(report?.dialect !== undefined && { godot: report.dialect }),
      state: player.isAway ? 'away' : room === undefined ? 'waiting' : 'connected',
      ...(report && {
        bytesIn: report.bytesReceived,
        bytesOut: report.bytesSent,
        callsIn: report.callsReceived,
        callsOut: report.callsSent,
        seconds: report.seconds,
      }),
      ...(room && { room: room.id, roomKind: room.kind, isSpectator: room.isSpectator(player) }),
    };
  }

  #dataOf({ user, data }: Player): string {
    return [user, data.size === 0 ? undefined : data]
      .map((one) => dataText(one))
      .filter((text) => text !== '')
      .join('\n');
  }

  #playerOf(key: string): Player | undefined {
    return this.roomServer.players.find(({ seat }) => seat === key);
  }

  #mustFind(key: string): Player {
    const player = this.#playerOf(key);
    if (player === undefined) throw new ActionError(404, `there is no player ${oneLine(key, 60)}`);
    return player;
  }

  #roomOf(id: string): Room {
    const room = this.roomServer.get(id);
    if (room === undefined) throw new ActionError(404, `there is no room ${oneLine(id, 60)}`);
    return room;
  }
}

const MAX_DIAGNOSES = 50;
